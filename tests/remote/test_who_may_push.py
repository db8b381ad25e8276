"""Who is in no list of runners takes no run over: each command is refused before its push, and nothing has changed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.approval_world import ADA, BOB, CAROL, EVE, Keys
from tests.worlds.two_people import At, TwoPeople
from tests.worlds.workspaces import environment, git

pytestmark = pytest.mark.slow

THREE = "# Release\n\n- [ ] 1. Build it\n- [ ] 2. Ship it\n- [ ] 3. Tell it\n"
POLICY = """default: {signed: true, operator_may_approve: false, allowed_signers: signers}
runners: runners
meeting: {lease: 1s}
"""


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> TwoPeople:
    """Ada operates and runs, Bob approves and runs, Carol approves, Eve does neither."""
    return TwoPeople(tmp_path, keys, policy=POLICY, runbook=THREE, signers=(BOB, CAROL), runners=(ADA, BOB))


def everything(world: TwoPeople) -> str:
    """What each ref of the bare repository is at."""
    return git(world.origin, "for-each-ref")


def with_the_run(at: At, run: str) -> At:
    at.git("fetch", "-q", "origin", f"refs/phasegate/waiting/{run}")
    at.git("merge", "-q", "--ff-only", f"origin/phasegate/{run}")
    return at


OUTSIDERS: dict[str, Callable[[TwoPeople, str], object]] = {
    "eve resumes": lambda world, run: world.eve()("resume", run, code=2),
    "carol resumes": lambda world, run: world.carol()("resume", run, code=2),
    "eve works at it": lambda world, run: world.eve()("worker", "--once", code=2),
    "carol's share of what she took over": lambda world, run: world.carol()("resume", run, code=2),
    "ada, by a key of nobody's": lambda world, run: _with_another_key(world, "resume", run),
    "ada, by a key of nobody's, shares": lambda world, run: _with_another_key(world, "share", run),
    "ada, by a key of nobody's, hands in": lambda world, run: _with_another_key(world, "note", run, "a word"),
}


def _with_another_key(world: TwoPeople, *words: str) -> None:
    world.ada.git("config", "user.signingkey", str(world.keys.file(EVE)))
    world.ada(*words, code=2)


@pytest.mark.parametrize("who", OUTSIDERS, ids=str)
def test_who_is_no_runner_is_refused_before_the_push(world: TwoPeople, who: str) -> None:
    run = world.waits()
    before = everything(world)
    kept = (world.ada.root / f".git/phasegate/{run}.shared").read_bytes()
    OUTSIDERS[who](world, run)
    assert everything(world) == before
    assert (world.ada.root / f".git/phasegate/{run}.shared").read_bytes() == kept
    assert world.waiting()["run"] == run  # everybody reads it as before
    for clone in ("eve", "carol"):
        assert not list(world.root.glob(f"{clone}/.git/phasegate/*.shared"))


def test_the_refusal_says_which_key_and_where_runners_are_named(world: TwoPeople) -> None:
    run = world.waits()
    said = world.eve()("resume", run, code=2)
    assert "this clone's key is not one of the runners, so nothing was pushed" in said
    assert "SHA256:" in said and " config user.signingkey FILE" in said


def test_the_key_of_a_verdict_signs_the_verdict_and_no_tip(world: TwoPeople) -> None:
    run = world.waits()
    carol = str(world.keys.file(CAROL))
    world.ada("reject", run, "--reason", "no", "--key", carol, code=2)  # Carol's by its key, Ada's by its name
    assert world.waiting()["run"] == run
    world.ada.git("config", "user.email", "carol@example.com")
    world.ada("approve", run, "--digest", str(world.waiting()["digest"]), "--key", carol)
    assert f"{run}: stopped on remote origin, approved" in world.bob("status", run, "--remote")
    world.ada.git("config", "user.email", "ada@example.com")
    world.ada("resume", run, code=3)
    assert world.ada.git("log", "-1", "--format=%s").strip() == "release task 1: Build it"


def test_nothing_is_begun_shared_or_ordered_by_who_is_no_runner(tmp_path: Path, keys: Keys) -> None:
    policy = POLICY.replace("{lease: 1s}", "{remote: origin, lease: 1s}")
    world = TwoPeople(tmp_path, keys, policy=policy, runbook=THREE, signers=(BOB,), runners=(ADA, BOB))
    carol = world.carol()
    assert "not one of the runners" in carol("run", "release.md", code=2)
    assert world.refs() == [] and not list((carol.root / ".phasegate").iterdir())


def as_before_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another release, or git by hand, pushes: nobody looks at the key."""
    monkeypatch.setattr("workflow.service.runner_key.why_not_signed", lambda *_given: "")


def typed(at: At, said: str, words: str) -> None:
    """Type the command with these words, as it was printed."""
    (line,) = (line for line in said.splitlines() if words in line)
    subprocess.run(["bash", "-c", line[line.index("git ") :]], cwd=at.root, env=environment(), check=True)


def pushes(world: TwoPeople, monkeypatch: pytest.MonkeyPatch, run: str) -> None:
    with monkeypatch.context() as patched:
        as_before_the_guard(patched)
        world.eve()("resume", run, code=3)


def works_on(world: TwoPeople, monkeypatch: pytest.MonkeyPatch, run: str) -> None:
    world.bob("approve", run, "--remote", "--digest", str(world.waiting()["digest"]))
    pushes(world, monkeypatch, run)  # and commits task 1: the branch has moved, too


def overwrites(world: TwoPeople, _monkeypatch: pytest.MonkeyPatch, run: str) -> None:
    world.bob.git("push", "-q", "--force", "origin", f"main:refs/phasegate/waiting/{run}")


@pytest.mark.parametrize("outsider", [pushes, works_on, overwrites])
def test_a_run_that_an_outsider_left_unreadable_comes_back_by_what_is_printed(
    world: TwoPeople, monkeypatch: pytest.MonkeyPatch, outsider: Callable[[TwoPeople, pytest.MonkeyPatch, str], None]
) -> None:
    run = world.waits()
    before = everything(world)
    outsider(world, monkeypatch, run)
    said = world.ada("status", run, "--remote", code=2)
    assert ("is not signed by anybody in runners" in said) == (outsider is not overwrites)
    assert "the last one that a runner signed is" in said and "waits, by Ada <ada@example.com>" in said
    (problem,) = world.ada.json("inbox")["problems"]
    assert problem["run"] == run and "git push --atomic" in problem["next"]
    assert "--remote   # the way back" in world.ada("inbox")
    assert "the last one that a runner signed" in world.ada("resume", run, code=2)
    typed(world.ada, said, "push --atomic")
    assert everything(world) == before
    world.bob("approve", run, "--remote", "--digest", str(world.waiting()["digest"]))
    world.ada("resume", run, code=3)
    assert world.ada.git("log", "-1", "--format=%s").strip() == "release task 1: Build it"


def test_a_foreign_commit_on_the_branch_is_named_with_who_made_it_and_the_way_back(world: TwoPeople) -> None:
    run = world.waits()
    before = everything(world)
    eve = world.eve()
    eve.git("commit", "-q", "--allow-empty", "-m", "Mine", "--no-gpg-sign")
    eve.git("push", "-q", "origin", f"main:refs/heads/phasegate/{run}")
    for at, words in ((world.bob, ("status", run, "--remote")), (world.ada, ("resume", run))):
        said = at(*words, code=2)
        assert "'Mine', committed by Eve <eve@example.com>" in said and "without the run" in said
    typed(world.ada, said, "push --atomic")
    assert everything(world) == before
    assert world.waiting()["run"] == run


def test_the_doctor_says_whether_this_clone_may_push_runs(world: TwoPeople) -> None:
    eve = world.eve()
    for words, area, name in (
        (("doctor",), "policy", "runners"),
        (("doctor", "--remote", "origin"), "remote", "this clone may push runs"),
    ):
        for at, health in ((world.ada, "ok"), (eve, "warn")):
            (found,) = (each for each in at.json(*words)["looked"] if (each["area"], each["name"]) == (area, name))
            assert found["health"] == health and bool(found["fix"]) == (health == "warn")
