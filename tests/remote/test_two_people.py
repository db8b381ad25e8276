"""Ada works in her clone, Bob reads and decides in his: share, inbox, status, approve, reject and resume, as typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.worlds.approval_world import BOB, EVE, Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.two_people import POLICY, At, TwoPeople
from tests.worlds.workspaces import git
from workflow.doors.git.tips import read_tip
from workflow.service import claim_run
from workflow.service.meeting_place import place_of

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> TwoPeople:
    return TwoPeople(tmp_path, keys)


def audited(place: Path) -> dict[str, object]:
    done = phasegate(place, "audit", "--json")
    (run,) = json.loads(done.stdout)["runs"]
    return dict(run)


@pytest.mark.parametrize("below", ["", "ops"], ids=["at the top", "in a workspace below"])
def test_a_run_is_approved_and_rejected_from_another_clone_and_audited_from_a_third(
    tmp_path: Path, keys: Keys, below: str
) -> None:
    world = TwoPeople(tmp_path, keys, below=below)
    run = world.waits()
    assert world.refs() == [f"refs/heads/phasegate/{run}", f"refs/phasegate/waiting/{run}"]
    found = world.waiting()
    assert (found["run"], found["may"], found["remote"]) == (run, True, "origin")
    assert set(found) == {"run", "task", "digest", "expires_at", "may", "remote"}
    page = world.bob("status", run, "--remote", "--review")
    assert f"Digest {found['digest']}" in page and "### Commit (5 files)" in page
    said = world.bob("approve", run, "--remote", "--digest", world.digest, "--comment", "as agreed")
    assert "approve pushed to remote origin, signed" in said
    assert "not taken in yet" in world.bob("inbox")
    world.ada("resume", code=3)
    assert world.refs() == [f"refs/heads/phasegate/{run}", f"refs/phasegate/stopped/{run}"]
    world.ada("done", "--no-files")
    world.bob("reject", run, "--remote", "--digest", world.digest, "--reason", "not on a Friday")
    assert "attempt 1 rejected by Bob <bob@example.com>: not on a Friday" in world.ada("resume", code=3)
    world.ada("done", "--no-files")
    world.bob("approve", "--remote", "--digest", world.digest)
    assert "complete, 2 tasks in 2 commits" in world.ada("resume")
    assert world.refs() == [f"refs/heads/phasegate/{run}"]

    git(tmp_path, "clone", "-q", "--bare", "-b", f"phasegate/{run}", f"file://{world.origin}", "third.git")
    audit = audited(tmp_path / "third.git")
    tasks = audit["tasks"]
    assert isinstance(tasks, list) and audit["findings"] == []
    assert [(task["via"], task["signed"], task["approved_by"]) for task in tasks] == [("remote", True, [BOB])] * 2


def test_a_run_is_gone_on_with_in_another_clone(world: TwoPeople) -> None:
    run = world.waits()
    world.bob("approve", run, "--remote", "--digest", world.digest)
    eve = world.eve()
    eve("resume", run, code=3)  # takes Bob's verdict in, commits, and stands at the second task
    assert eve.git("log", "--format=%s", "-1").strip() == "release task 1: Build it"
    eve("done", "--no-files")
    world.bob("approve", run, "--remote", "--digest", world.digest)
    assert "complete" in world.ada("resume", run)  # the first clone goes on from there, its branch forward
    assert world.ada.git("log", "--reverse", "--format=%s").splitlines()[1:] == [
        "release task 1: Build it",
        "release task 2: Ship it",
    ]
    assert world.refs() == [f"refs/heads/phasegate/{run}"]


def test_a_clone_with_events_that_it_never_shared_is_refused_and_keeps_them(world: TwoPeople) -> None:
    run = world.waits()
    shared = world.ada.root / f".git/phasegate/{run}.shared"
    kept = shared.read_bytes()
    shared.unlink()
    world.ada("note", run, "only here")
    shared.write_bytes(kept)
    world.bob("approve", run, "--remote", "--digest", world.digest)
    world.eve()("resume", run, code=3)
    journal = world.ada.root / f".phasegate/{run}/journal.jsonl"
    before = journal.read_bytes()
    said = world.ada("resume", run, code=6)
    assert "went on in another clone" in said and "clone URL DIR && phasegate -C DIR resume" in said
    assert f"refs/phasegate/stopped/{run}" in world.refs()  # given back at once
    assert journal.read_bytes() == before and b"only here" in before


def test_where_nobody_signs_nothing_is_decided_at_a_remote(tmp_path: Path, keys: Keys) -> None:
    world = TwoPeople(tmp_path, keys, policy=POLICY.replace("signed: true", "signed: false"))
    run = world.waits()
    assert world.waiting()["may"] is False
    said = world.bob("approve", run, "--remote", "--digest", world.digest, code=2)
    assert "asks for no signature" in said and not [ref for ref in world.refs() if "verdicts" in ref]


def test_who_may_not_approve_pushes_nothing(world: TwoPeople) -> None:
    run = world.waits()
    told = world.bob("status", run, "--remote")
    assert re.search(r"waits for approval until \d{4}-\d\d-\d\d \d\d:\d\d UTC$", told, re.MULTILINE)
    said = world.ada("approve", run, "--remote", "--digest", world.digest, code=2)
    assert "ran this task, and the policy asks for somebody else's approval" in said
    said = world.bob("approve", run, "--remote", "--digest", "0000000", code=2)
    assert "what waits on remote origin is" in said
    said = world.bob("approve", run, "--remote", "--digest", world.digest, "--key", str(world.keys.file(EVE)), code=2)
    assert "which is not a key of bob@example.com" in said
    assert not [ref for ref in world.refs() if "verdicts" in ref]


def test_sharing_ends_where_nobody_can_meet(world: TwoPeople) -> None:
    run = world.waits()
    world.bob("approve", run, "--remote", "--digest", world.digest)
    assert "not taken in yet" in world.ada("share", run, "--stop", code=2)
    world.ada("resume", run, code=3)
    world.ada("share", run, "--stop")
    assert world.refs() == [f"refs/heads/phasegate/{run}"]
    world.ada("done", "--no-files")  # goes on alone
    assert world.refs() == [f"refs/heads/phasegate/{run}"]


def test_a_run_that_is_not_shared_tells_how(world: TwoPeople) -> None:
    assert "no run is on remote origin" in world.bob("approve", "--remote", "--digest", "0000000", code=2)
    assert world.bob("inbox").strip() == "nothing waits on remote origin"
    world.ada("run", "release.md", code=3)
    world.ada.git("config", "--unset", "user.signingkey")
    assert "there is no SSH key to sign with" in world.ada("share", code=2)
    assert world.refs() == []


def test_without_runners_nothing_is_shared(tmp_path: Path, keys: Keys) -> None:
    world = TwoPeople(tmp_path, keys, policy=POLICY.replace("runners: runners\n", ""))
    world.ada("run", "release.md", code=3)
    assert "names no runners" in world.ada("share", code=2)
    assert world.refs() == [] and not list((world.ada.root / ".git/phasegate").glob("*.shared"))


def test_with_a_remote_in_the_policy_runs_are_shared_from_the_start(tmp_path: Path, keys: Keys) -> None:
    world = TwoPeople(tmp_path, keys, policy=POLICY.replace("{lease: 1s}", "{remote: origin, lease: 1s}"))
    world.ada("run", "release.md", code=3)
    (run,) = [ref.rpartition("/")[2] for ref in world.refs() if "stopped" in ref]
    world.ada("done", "--no-files")
    world.bob("approve", run, "--remote", "--digest", world.digest)
    world.ada("resume", code=3)
    assert world.ada.git("log", "--format=%s", "-1").strip() == "release task 1: Build it"


def test_anybody_sees_what_waits_by_git_alone(world: TwoPeople) -> None:
    run = world.waits()
    listed = world.bob.git("ls-remote", "origin", "refs/phasegate/waiting/*")
    assert listed.split("\t")[1].strip() == f"refs/phasegate/waiting/{run}"
    world.bob.git("fetch", "-q", "origin", f"refs/phasegate/waiting/{run}")
    changed = world.bob.git("diff", "--name-only", "FETCH_HEAD^2", "FETCH_HEAD").split()
    assert f".phasegate/{run}/page.md" in changed and f".phasegate/{run}/journal.jsonl" in changed
    assert f"Digest {world.waiting()['digest']}" in world.bob.git("show", f"FETCH_HEAD:.phasegate/{run}/page.md")
    message = world.bob.git("log", "-1", "--format=%B", "FETCH_HEAD")
    assert re.search(r"Phasegate-Digest: [0-9a-f]{64}", message) and "Phasegate-Because: waits" in message


def test_a_shallow_clone_reads_what_waits_once_it_has_all_commits(world: TwoPeople) -> None:
    world.ada.git("commit", "-q", "--allow-empty", "-m", "Another")
    world.ada.git("push", "-q", "origin", "main")
    run = world.waits()
    git(world.root, "clone", "-q", "--depth", "1", f"file://{world.origin}", "shallow")
    shallow = At(world.root / "shallow")
    said = shallow("status", run, "--remote", "--review", code=2)
    assert "cannot be laid out to be read in this shallow clone" in said and "fetch --unshallow" in said
    shallow.git("fetch", "-q", "--unshallow")
    assert "Task 1 of 2" in shallow("status", run, "--remote", "--review")


def test_a_clone_whose_clock_is_behind_waits_or_is_refused_and_claims_nothing(
    world: TwoPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.waits()
    world.bob("approve", run, "--remote", "--digest", world.digest)
    place = place_of(world.ada.root)
    before = place.standing(run)
    at = read_tip(world.ada.root, before.tip).at
    waited: list[float] = []
    monkeypatch.setattr(claim_run, "wait", waited.append)
    monkeypatch.setattr(claim_run, "now", lambda: at - 600.0)
    said = world.ada("resume", run, code=2)
    assert f"run {run} was left 600 s later than it is here, by the clock of Ada" in said and "date -u" in said
    assert (place.standing(run), waited) == (before, [])
    monkeypatch.setattr(claim_run, "now", lambda: at - 2.0)
    claim_run._require_later(run, read_tip(world.ada.root, before.tip))
    assert waited == [2.0]
    world.ada("resume", run, code=3)
