"""What is shown of a run is so: skipped tasks, rollbacks under way, attestations, a sandbox that did not run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import journal_bytes

OPTIONAL = b"# Shed\n\n- [ ] 1. Paint it (optional)\n- [ ] 2. Let it dry\n"
CRITERIA = (
    b"# Ship\n\n## Phase 1: Build\n\n- [ ] `true`\n\n### Exit Criteria\n- It is short\n\n## Phase 2: End\n\n- [ ] End\n"
)

pytestmark = pytest.mark.slow


def approved(world: CommandWorld) -> None:
    waiting = json.loads(world("status", "--json").out)["waiting_for"]
    world.git("config", "user.email", "bob@example.com")
    assert world("approve", "--digest", waiting["digest"]).code == 0
    world.git("config", "user.email", "ada@example.com")


def test_a_skipped_task_is_skipped_and_counts_as_done(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=OPTIONAL)
    world("run", "tasks.md")
    assert world("done", "--skip", "it rains").code == 0
    approved(world)
    world("resume")
    assert "  skipped " in world("status").out
    assert json.loads(world("status", "--json").out)["tasks"][0]["status"] == "done"


def test_a_rollback_is_done_only_when_it_is(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    world("rollback", "--reason", "it leaks")
    assert "is being rolled back because it leaks" in world("status").out
    world("abort", "--reason", "enough")
    shown = world("status").out
    assert "its rollback, which was not finished, was begun because it leaks" in shown
    assert "\nrolled back" not in shown


def test_what_an_option_said_is_not_said_by_an_answers_file(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=CRITERIA)
    world("run", "tasks.md")
    told = world("done", "--no-files", "--attest", "all", "--box", "1=yes")
    assert told.code == 0, told.error
    page = world("status", "--review").out
    assert "(command)" in page
    assert "answers-file" not in page
    assert '"via": "command"' in journal_bytes(world.journal).decode().replace('"via":"', '"via": "')


def test_what_an_answers_file_said_stays_its_own(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=CRITERIA)
    world("run", "tasks.md")
    question = "phase-1-it-is-short"
    (tmp_path / "answers.yaml").write_text(f'{question}: "yes"\n')
    told = world("done", "--no-files", "--attest", "all", "--box", "1=yes", "--answers", str(tmp_path / "answers.yaml"))
    assert told.code == 0, told.error
    assert "(answers-file)" in world("status", "--review").out


def test_a_sandbox_that_did_not_run_was_not_stopped(tmp_path: Path) -> None:
    assert CommandWorld(tmp_path)("sandbox", "stop").out == "sandbox was not running, its state is kept\n"


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md")
    error = world("done", "--path", "color.txt").error
    assert "color.txt: is not there" in error
    assert "nothing was changed since it began" in error


def test_a_detached_head_goes_back_to_the_branch_of_the_run(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    world.git("switch", "-q", "--detach")
    told = world("resume")
    assert (told.code, told.next) == (2, "git switch main")
    world.type(told.next)
    world.goes_on_to_the_end()
