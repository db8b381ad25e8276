"""Whole sessions at 80 columns, kept as a person sees them: tests/screens/. `WRITE_SCREENS=1` writes them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.repositories import first_commit
from tests.worlds.screen import Screen, compare_with_kept
from tests.worlds.workspaces import git, phasegate, workspace

pytestmark = pytest.mark.slow
ENTER, DOWN, CTRL_C = "\r", "\x1b[B", "\x03"
TASKS = ["1.1", "1.2", "1.3", "1.4", "2.1", "3.1", "3.2", "3.3", "4.1", "4.2", "5.1", "5.2", "5.3"]

QUESTIONS = [
    "Which AWS region",
    "Which project",
    "Which environment",
    "Which e-mail",
    "What shall the CloudFormation stack",
]


def approve(screen: Screen, task: str) -> None:
    """Its key, then Enter, once the cursor is there."""
    screen.until(f"Approve {task}?")
    screen.until("p) pause")
    screen.press("a")
    screen.until("» a)")
    screen.press(ENTER)


def test_stage_06_from_start_to_end(tmp_path: Path) -> None:
    with workspace(tmp_path / "shop") as place:
        screen = Screen(place, "run", "stage-06", "--sandbox")
        for task in TASKS:
            for question in QUESTIONS if task == "3.1" else ():
                screen.until(question)
                screen.press(ENTER)
            approve(screen, f"task {task}")
        approve(screen, '"Output Validation Checklist"')
        screen.until("next: phasegate")
        assert screen.ended() == 0
        assert git(place, "log", "--format=%s").count("\n") == 15
        assert max(map(len, screen.lines())) <= 80
    compare_with_kept("stage_06", screen)


def say_done(screen: Screen, task: str) -> None:
    screen.until(f"Is {task} done?")
    screen.until("p) pause")
    screen.press("d")
    screen.until("» d)")
    screen.press(ENTER)


def box(screen: Screen, number: int, key: str) -> None:
    screen.until(f"box {number} of")
    screen.until("[p] pause")
    screen.press(key)


CUT_OVER = """# Cut over to the new shop

## T-24h

- [ ] Freeze announced in the channel of the releases, and to everybody who works on the days before it
- [ ] All unit tests passing (`test -e green`)
- [ ] Frontend rebuilt

## T-0

- [ ] DNS switched

## Roll back (only if no-go)

- [ ] DNS switched back
- [ ] Everybody told
"""


def test_a_cut_over_box_by_box(tmp_path: Path) -> None:
    (tmp_path / "cut-over.md").write_text(CUT_OVER)
    (tmp_path / "green").touch()
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "cut-over.md")
    say_done(screen, '"T-24h"')
    box(screen, 1, "y")  # in the order of the file
    screen.until("Run `test -e green`?")
    screen.press(ENTER)  # it only reads
    box(screen, 3, "x")
    screen.until("Why?")
    screen.press("nothing of it changed" + ENTER)
    approve(screen, '"T-24h"')
    say_done(screen, '"T-0"')
    box(screen, 1, "y")
    approve(screen, '"T-0"')
    screen.until("(nothing chosen yet)")
    screen.press(DOWN * 2)
    screen.until("» no")
    screen.press(ENTER)
    approve(screen, '"Roll back (only if no-go)"')
    screen.until("next: phasegate")
    assert screen.ended() == 0
    assert max(map(len, screen.lines())) <= 80
    runbook = (tmp_path / "cut-over.md").read_text()
    assert [line[:5] for line in runbook.splitlines() if line.startswith("- [")] == [
        *("- [x]", "- [x]", "- [ ]", "- [x]", "- [ ]", "- [ ]")
    ]
    compare_with_kept("cut_over", screen)


RELEASE = """# Release

- [ ] 1. Build it

  ```bash
  VERSION=$(cat VERSION)
  echo "building $VERSION"
  test -e "dist-$VERSION" && echo built > dist.txt
  ```

- [ ] 2. Announce it
"""


def test_a_release_whose_command_fails_once(tmp_path: Path) -> None:
    (tmp_path / "release.md").write_text(RELEASE)
    (tmp_path / "VERSION").write_text("1.2\n")
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "release.md", "--until", "1")
    say_done(screen, "task 1")
    screen.until("(nothing chosen yet)")
    screen.press(DOWN)
    screen.until("» run")
    screen.press(ENTER)
    screen.until("» (nothing chosen yet)")
    (tmp_path / "dist-1.2").touch()  # what was missing
    screen.press(DOWN)
    screen.until("» again")
    screen.press(ENTER)
    screen.until("Which of these belong to it")
    screen.press(ENTER)
    approve(screen, "task 1")
    screen.until("next: phasegate")
    assert screen.ended() == 0
    assert (tmp_path / "dist.txt").read_text() == "built\n"
    assert max(map(len, screen.lines())) <= 80
    compare_with_kept("release", screen)


def test_a_wrong_region_is_taken_back(tmp_path: Path) -> None:
    with workspace(tmp_path / "shop") as place:
        assert phasegate(place, "run", "stage-06", "--sandbox", "--yes", "--until", "2.1").returncode == 0
        screen = Screen(place, "resume")
        screen.until("Which AWS region")
        screen.press("\x15eu-wst-1" + ENTER)
        screen.until("no such region")
        screen.press("\x15eu-west-1" + ENTER)
        screen.until("Which project")
        screen.press(CTRL_C)
        assert screen.ended() == 130
        screen_again = Screen(place, "resume", "--ask-again", "region")
        screen_again.until("Which AWS region")
        screen_again.press("\x15us-west-2" + ENTER)
        screen_again.until("Which project")
        screen_again.press(CTRL_C)
        assert screen_again.ended() == 130
    compare_with_kept("wrong_region", screen)
    compare_with_kept("region_taken_back", screen_again)


PHASES = """# Move the shop

## Phase 1: Look

- [ ] The inventory is written

### Exit Criteria

- Somebody else has read it

## Phase 2: Move

- [ ] The data are moved
"""


def test_phases_with_exit_criteria(tmp_path: Path) -> None:
    (tmp_path / "move.md").write_text(PHASES)
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "move.md")
    for phase in ("Phase 1", "Phase 2"):
        say_done(screen, phase)
        box(screen, 1, "y")
        if phase == "Phase 1":  # the criterion stands below its boxes
            screen.until("(nothing chosen yet)")
            screen.press(DOWN)
            screen.until("» yes")
            screen.press(ENTER)
        approve(screen, phase)
    screen.until("next: phasegate")
    assert screen.ended() == 0
    compare_with_kept("phases", screen)
