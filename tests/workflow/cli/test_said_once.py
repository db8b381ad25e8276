"""What a person reads of a task that failed, or went through without a pass, and of a case: each thing once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.cli.main import run

pytestmark = pytest.mark.slow

TESTS = b"# R\n\n- [ ] 1. Checkpoint - ensure all tests pass\n- [ ] 2. Publish\n"
EARLY = b"""# R

- [ ] 1. Contain

  ```bash
  set -u
  echo shop > mode.txt
  exit 0
  cat mode.txt
  ```
- [ ] 2. Tell

  ```sh
  echo told
  ```
"""
CUT = b"""# Cut

NO-GO if any of these is true:

- [ ] An incident is open

## T-0

- [ ] Data is copied

If the new site is slow:

- [ ] Add two nodes

## Roll back (only if no-go)

- [ ] DNS points at the old site

## Sign-off

Lead: ____

- [ ] Told
"""


def approved(world: CommandWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = world("status").out.partition("waiting for approval of ")[2][:7]
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bob")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "bob@example.com")
    told = world("approve", "--digest", digest)
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    assert told.code == 0, told.error


def test_tests_that_failed_are_told_once_and_what_asks_for_another_command(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=TESTS)
    (world.root.parent / "a.yaml").write_text('test-command: "false"\n')
    told = world("run", "tasks.md", "--answers", str(world.root.parent / "a.yaml"))
    again = f"phasegate resume {world.run_id} --ask-again test-command   # where that is not the command\n"
    assert told.code == 5
    assert "\n  tests: expected exit 0, seen exit 1" in told.error
    assert told.error.endswith(f"      {again}")
    status = world("status").out.replace(f" -C {world.root}", "")
    assert status.count("exit 1") == 1
    assert "failed: task 1: 1 of 1 checks failed\n  tests: expected exit 0, seen exit 1" in status
    assert "\n  $ false\n" in status and status.endswith(f"      {again}")


def test_a_test_command_of_the_settings_is_not_asked_again(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=TESTS)
    (world.root / "phasegate.yaml").write_text("tests: 'false'\n")
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Tests")
    told = world("run", "tasks.md")
    assert (told.code, "--ask-again" in told.error + world("status").out) == (5, False)


def test_what_did_not_pass_is_told_at_the_end_and_by_the_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = CommandWorld(tmp_path, runbook=EARLY)
    assert world("run", "tasks.md").code == 3
    assert world("done", "--path", "mode.txt", "--run", "1").code == 0
    review = world("status", "--review").out
    assert "`command 1: echo shop > mode.txt`: " in review  # not `set -u`, which says nothing of it
    approved(world, monkeypatch)
    assert world("resume").code == 3
    assert world("done", "--no-files").code == 0
    approved(world, monkeypatch)
    told = world("resume")
    assert told.code == 0, told.error
    early = "before its end: line 9 (`cat mode.txt`) was not reached"
    assert f"  not passed: 1 Contain: command 1: exit 0 after 0.0 s, {early}\n" in told.out
    assert "  not passed: 2 Tell: command 1: not run" in told.out
    assert "  artifacts: 3 files: artifacts/tasks (2), the top directory (1)\n" in told.out
    audit = world("audit").out
    assert f"      not passed      command 1: exit 0 after 0.0 s, {early}\n" in audit
    assert audit.count("not passed") == 2


def test_a_plan_lists_a_no_go_item_once_and_a_case_once(tmp_path: Path) -> None:
    planned = CommandWorld(tmp_path, runbook=CUT)("plan", "tasks.md").out
    assert planned.count("An incident is open") == 2  # the finding, and the line that it quotes
    assert "note: done only in this case: the new site is slow [conditional-section]" in planned
    assert "note: done only in this case: no-go [conditional-section]" in planned


def test_a_command_that_has_its_answers_file_is_told_of_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = CommandWorld(tmp_path, runbook=b"# R\n\n## Sign-off\n\nLead: ____\n\n- [ ] Told\n")
    answers = tmp_path / "a.yaml"
    answers.write_text("sign-off-field-1: Ada\n")
    assert run(["-C", str(world.root), "run", "tasks.md", "--answers", str(answers)]) == 3
    (typed,) = [line for line in capsys.readouterr().err.splitlines() if " --path FILE" in line]
    assert f" --answers {answers} " in typed
    assert typed.count("--answers") == 1
    assert "and --answers FILE for its fields" in world("status").out
