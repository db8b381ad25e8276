"""`phasegate approve --policy`: the whole change is shown before anybody says yes, and named by who has no terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from unittest import mock

import pexpect
import pytest

from tests.worlds.command_world import CommandWorld, Told
from tests.worlds.golden_run import GoldenRun, unpack
from tests.worlds.journals import journal_bytes
from tests.worlds.typed_commands import typed, until
from workflow.service.follow import watch
from workflow.service.status import status

pytestmark = pytest.mark.slow
WEAKER = "phasegate.yaml at HEAD is weaker than what this run began with; the old one judges"
BOB = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """A run of which task 1.1 waits for approval by two, and a commit by which one would do."""
    made = CommandWorld(tmp_path)
    commits_policy(made, "default: {approvers: 2, who: ['*@example.com']}\n# the end\n")
    assert made("run", "tasks.md").code == 3
    made.hand_in()
    one = "default: {approvers: 1, who: ['*@example.com', eve@example.org]}\n"
    commits_policy(made, f"{one}# the end\n## next: \u202e\n")
    return made


def commits_policy(world: CommandWorld, text: str) -> None:
    (world.root / "phasegate.yaml").write_text(text)
    world.git("add", "phasegate.yaml")
    world.git("commit", "-q", "-m", "A policy")


def as_bob(world: CommandWorld, *arguments: str) -> Told:
    with mock.patch.dict(os.environ, BOB):
        return world(*arguments)


def test_without_a_terminal_the_change_is_shown_and_its_digest_asked_for(world: CommandWorld) -> None:
    before = world.files()
    status = world("status")
    assert WEAKER in status.out
    assert f"phasegate -C {world.root} approve {world.run_id} --policy" in status.out
    told = as_bob(world, "approve", "--policy")
    assert (told.code, world.files()) == (3, before)
    assert "### Gates 1.1, 1.2, 2.1" in told.out
    expected = (
        "> -approvers: 2",
        "> +approvers: 1",
        "> +who: eve@example.org",
        ">  # the end",
        ">  who: *@example.com",
    )
    for line in expected:
        assert line in told.out.splitlines(), told.out
    assert "\u202e" not in told.out
    digest = re.findall(r"^Digest ([0-9a-f]{64})$", told.out, re.MULTILINE)[0]
    assert told.next == f"phasegate approve {world.run_id} --policy --digest {digest[:7]}"
    assert as_bob(world, "approve", "--policy", "--digest", "0" * 64).code == 2
    assert world.files() == before
    assert as_bob(world, "approve", "--policy", "--digest", digest[:7]).code == 0
    assert WEAKER not in world("status").out
    assert "policy-approved" in world("log").out
    assert world("audit").code == 0


def test_the_list_of_runs_and_a_watch_warn_of_it_as_status_does(world: CommandWorld) -> None:
    assert f"  {WEAKER}" in world("runs").out.splitlines()
    assert f"    {WEAKER}" in world("runs", "--below", ".").out.splitlines()
    looked = watch(world.root, world.run_id, lambda _seconds: pytest.fail("it was to be seen at once"))
    assert next(looked).lines() == status(world.root, world.run_id).lines()
    assert WEAKER in status(world.root, world.run_id).lines()


def test_with_no_input_nobody_is_asked_at_a_terminal_either(world: CommandWorld) -> None:
    before = world.files()
    child = typed(world.root, "--no-input", "approve", "--policy")
    shown = until(child, pexpect.EOF)
    child.close()
    assert (child.exitstatus, world.files()) == (3, before)
    assert "Does the weaker policy count" not in shown
    assert "approve " + world.run_id + " --policy --digest" in shown


def test_whoever_did_the_work_is_told_before_that_it_is_not_theirs_to_approve(world: CommandWorld) -> None:
    robot = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}
    with mock.patch.dict(os.environ, robot):
        told = world("approve", "--policy")
        digest = re.findall(r"^Digest ([0-9a-f]{64})$", told.out, re.MULTILINE)[0]
        assert "You cannot approve this: Robot" in told.out
        before = world.files()
        refused = world("approve", "--policy", "--digest", digest)
    assert (refused.code, world.files()) == (2, before)
    assert "did work of this run" in refused.error


def test_a_refusal_at_the_gate_names_the_weaker_policy(world: CommandWorld) -> None:
    told = world("resume")
    assert told.code == 3
    assert WEAKER in told.error
    assert f"phasegate approve {world.run_id} --policy" in told.error


def test_a_digest_is_asked_for_where_evidence_is_approved(world: CommandWorld) -> None:
    told = world("approve")
    assert told.code == 2
    assert "--digest is missing" in told.error


def test_a_run_of_format_1_cannot_record_it_and_goes_on_as_it_began(tmp_path: Path) -> None:
    packed = Path(__file__).parents[2] / "golden/runs-0.1/in-review/workspace.tar.gz"
    with GoldenRun(unpack(packed, tmp_path / "run")).here() as old:
        run_id, before = old.journal.parent.name, journal_bytes(old.journal)
        told = old.type("approve", "--policy")
        assert (told.code, journal_bytes(old.journal)) == (2, before)
        assert f"run {run_id} is of format 1, which cannot record approve --policy; it goes on as it" in told.error
        assert told.next == f"phasegate -C {old.root} resume {run_id}"


def test_what_waits_is_shown_again_and_nothing_of_it_is_asked_or_run_again(tmp_path: Path) -> None:
    text = b"# Ship\n\n## Build\n- [ ] Told\n- [ ] Built (`mkdir out`)\n\n## Ship\n- [ ] Go\n"
    made = CommandWorld(tmp_path, runbook=text)
    commits_policy(made, "default: {approvers: 2}\n")
    assert made("run", "tasks.md").code == 3
    robot = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}
    with mock.patch.dict(os.environ, robot):
        assert made("done", "--no-files", "--run", "all", "--box", "1=yes").code == 0
    before = journal_bytes(made.journal)
    shown = digest_of(made)
    commits_policy(made, "default: {approvers: 1}\n")
    digest = re.findall(r"^Digest ([0-9a-f]{64})$", as_bob(made, "approve", "--policy").out, re.MULTILINE)[0]
    assert as_bob(made, "approve", "--policy", "--digest", digest).code == 0
    told = as_bob(made, "approve", "--digest", shown)
    assert (told.code, "is shown again" in told.error) == (2, True), told.error
    assert made("resume").code == 3
    more = journal_bytes(made.journal).removeprefix(before).splitlines()
    assert [re.findall(rb'"type":"([a-z-]+)"', line)[0] for line in more] == [b"policy-approved", b"worked"]
    assert digest_of(made) != shown
    assert as_bob(made, "approve", "--digest", digest_of(made)).code == 0
    assert made("resume").code == 3
    assert made("audit").code == 0


def digest_of(world: CommandWorld) -> str:
    return re.findall(r"waiting for approval of ([0-9a-f]+)", world("status").out)[0]
