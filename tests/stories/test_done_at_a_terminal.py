"""`done` at a terminal offers the task's commands as a guided run does; elsewhere it says which were not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.journals import journal_events
from tests.worlds.repositories import first_commit
from tests.worlds.screen import Screen

pytestmark = pytest.mark.slow
RUNBOOK = """# Release

- [ ] 1. Tag it

  ```sh
  echo tagged > tag.txt
  ```
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "release.md").write_text(RUNBOOK)
    first_commit(tmp_path)
    assert phasegate(tmp_path, "run", "release.md").returncode == 3
    return tmp_path


def worked(place: Path) -> dict[str, object]:
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    (found,) = [event for event in journal_events(journal) if event["type"] == "worked"]
    return found["data"]["commands"][0]  # type: ignore[no-any-return]


def test_at_a_terminal_each_command_is_offered(place: Path) -> None:
    screen = Screen(place, "done", "--path", "tag.txt")
    screen.until("Run `echo tagged > tag.txt`?")
    screen.until("p) pause")
    screen.press("r")
    screen.until("waits for approval")
    assert screen.ended() == 0
    assert worked(place)["ending"] == "pass"
    assert "not run" not in screen.text()


def test_a_command_that_is_named_is_not_asked_about(place: Path) -> None:
    screen = Screen(place, "done", "--path", "tag.txt", "--run", "1")
    screen.until("waits for approval")
    assert screen.ended() == 0
    assert "Run `" not in screen.text()


def test_elsewhere_what_was_not_run_is_named(place: Path) -> None:
    told = phasegate(place, "done", "--no-files")
    assert told.returncode == 0
    assert "--take-back   # command 1 not run; to run it after all, then" in told.stderr
    assert worked(place)["ending"] == "skipped"
