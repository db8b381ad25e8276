"""Whole sessions at 40, 80 and 200 columns, as a person sees them: tests/screens/. `WRITE_SCREENS=1` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.screen import Screen, compare_with_kept
from tests.worlds.workspaces import git, workspace

pytestmark = pytest.mark.slow
WIDTHS = [80, 200]
ENTER, DOWN, CTRL_C = "\r", "\x1b[B", "\x03"
TASKS = ["1.1", "1.2", "1.3", "1.4", "2.1", "3.1", "3.2", "3.3", "4.1", "4.2", "5.1", "5.2", "5.3"]

QUESTIONS = [
    "Which AWS region",
    "Which project",
    "Which environment",
    "Which e-mail",
    "What shall the CloudFormation stack",
]


def nothing_is_cut(screen: Screen, width: int) -> None:
    """Each line has room, and none ends as one that was cut."""
    lines = screen.lines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line.endswith(("…", "..."))]


def approve(screen: Screen, task: str) -> None:
    """Its key, then Enter, once the cursor is there."""
    screen.until(f"Approve {task}?")
    screen.until("p) pause")
    screen.press("a")
    screen.until("» a)")
    screen.press(ENTER)


@pytest.mark.parametrize("width", WIDTHS)
def test_stage_06_from_start_to_end(width: int, tmp_path: Path) -> None:
    with workspace(tmp_path / "shop") as place:
        screen = Screen(place, "run", "stage-06", "--sandbox", width=width)
        for task in TASKS:
            for question in QUESTIONS if task == "3.1" else ():
                screen.until(question)
                screen.press(ENTER)
            approve(screen, f"task {task}")
        approve(screen, '"Output Validation Checklist"')
        screen.until("next: phasegate")
        assert screen.ended() == 0
        assert git(place, "log", "--format=%s").count("\n") == 15
    nothing_is_cut(screen, width)
    compare_with_kept(f"stage_06_{width}", screen)


def say_done(screen: Screen, task: str) -> None:
    screen.asked(f"Is {task} done?")
    screen.press("d")


def box(screen: Screen, number: int, key: str) -> None:
    screen.asked(f"box {number} of")
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


@pytest.mark.parametrize("width", [40, *WIDTHS])
def test_a_cut_over_box_by_box(width: int, tmp_path: Path) -> None:
    (tmp_path / "cut-over.md").write_text(CUT_OVER)
    (tmp_path / "green").touch()
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "cut-over.md", width=width)
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
    screen.until("Is this the case")
    screen.until("p) pause")
    screen.press("n")
    approve(screen, '"Roll back (only if no-go)"')
    screen.until("next: phasegate")
    assert screen.ended() == 0
    nothing_is_cut(screen, width)
    runbook = (tmp_path / "cut-over.md").read_text()
    assert [line[:5] for line in runbook.splitlines() if line.startswith("- [")] == [
        *("- [x]", "- [x]", "- [ ]", "- [x]", "- [ ]", "- [ ]")
    ]
    compare_with_kept(f"cut_over_{width}", screen)


RELEASE = """# Release

- [ ] 1. Build it

  ```bash
  VERSION=$(cat VERSION)
  echo "building $VERSION"
  test -e "dist-$VERSION" && echo built > dist.txt
  ```

- [ ] 2. Announce it
"""


@pytest.mark.parametrize("width", WIDTHS)
def test_a_release_whose_command_fails_once(width: int, tmp_path: Path) -> None:
    (tmp_path / "release.md").write_text(RELEASE)
    (tmp_path / "VERSION").write_text("1.2\n")
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "release.md", "--until", "1", width=width)
    say_done(screen, "task 1")
    screen.until("Run these 3 lines")
    screen.until("p) pause")
    screen.press(ENTER)  # takes nothing: it may write
    screen.press("r")
    screen.until("Command 1 of task 1")
    screen.until("p) pause")
    (tmp_path / "dist-1.2").touch()  # what was missing
    screen.press(DOWN)
    screen.until("» a) again")
    screen.press(ENTER)  # arrow keys do the same
    screen.until("Which of these belong to it")
    screen.press(ENTER)
    approve(screen, "task 1")
    screen.until("next: phasegate")
    assert screen.ended() == 0
    assert (tmp_path / "dist.txt").read_text() == "built\n"
    nothing_is_cut(screen, width)
    compare_with_kept(f"release_{width}", screen)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wrong_region_is_taken_back(width: int, tmp_path: Path) -> None:
    with workspace(tmp_path / "shop") as place:
        assert phasegate(place, "run", "stage-06", "--sandbox", "--yes", "--until", "2.1").returncode == 0
        screen = Screen(place, "resume", width=width)
        screen.until("Which AWS region")
        screen.press("\x15eu-wst-1" + ENTER)
        screen.until("no such region")
        screen.press("\x15eu-west-1" + ENTER)
        screen.until("Which project")
        screen.press(CTRL_C)
        assert screen.ended() == 130
        screen_again = Screen(place, "resume", "--ask-again", "region", width=width)
        screen_again.until("Which AWS region")
        screen_again.press("\x15us-west-2" + ENTER)
        screen_again.until("Which project")
        screen_again.press(CTRL_C)
        assert screen_again.ended() == 130
    for name, seen in (("wrong_region", screen), ("region_taken_back", screen_again)):
        nothing_is_cut(seen, width)
        compare_with_kept(f"{name}_{width}", seen)


MISSED_KEY = """# Cut over

## T-0

- [ ] Freeze announced
- [ ] DNS switched
- [ ] Everybody told

## T+1

- [ ] Old shop off
"""


def test_a_key_that_was_hit_by_mistake_is_gone_back_to(tmp_path: Path) -> None:
    (tmp_path / "cut-over.md").write_text(MISSED_KEY)
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "cut-over.md", "--until", "T-0")
    say_done(screen, '"T-0"')
    box(screen, 1, "y")
    box(screen, 2, "n")
    box(screen, 3, "y")
    screen.asked("send the task back to work")
    screen.press("b")
    box(screen, 3, "b")
    box(screen, 2, "y")
    box(screen, 3, "y")
    approve(screen, '"T-0"')
    screen.until("next: phasegate")
    assert screen.ended() == 0
    nothing_is_cut(screen, 80)
    assert (tmp_path / "cut-over.md").read_text() == MISSED_KEY.replace("[ ]", "[x]", 3)
    compare_with_kept("key_by_mistake_80", screen)


PHASES = """# Move the shop

## Phase 1: Look

- [ ] The inventory is written

### Exit Criteria

- Somebody else has read it

## Phase 2: Move

- [ ] The data are moved
"""


@pytest.mark.parametrize("width", WIDTHS)
def test_phases_with_exit_criteria(width: int, tmp_path: Path) -> None:
    (tmp_path / "move.md").write_text(PHASES)
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "move.md", width=width)
    for phase in ("Phase 1", "Phase 2"):
        say_done(screen, phase)
        box(screen, 1, "y")
        if phase == "Phase 1":  # the criterion stands below its boxes
            screen.until("Is it met")
            screen.until("p) pause")
            screen.press("y")
        approve(screen, phase)
    screen.until("next: phasegate")
    assert screen.ended() == 0
    nothing_is_cut(screen, width)
    compare_with_kept(f"phases_{width}", screen)


@pytest.mark.parametrize("width", [40, 80])
def test_what_is_wrong_with_an_answer_is_said_whole(width: int, tmp_path: Path) -> None:
    (tmp_path / "t.md").write_text("# T\n\n## A\n\nDeployed by: ____\n\n- [ ] Deployed\n")
    first_commit(tmp_path)
    screen = Screen(tmp_path, "run", "t.md", width=width)
    screen.until("p) pause")
    screen.press("d")
    screen.until("leaves it")
    screen.press("x___" + ENTER)
    screen.until("more here")
    said = " ".join(line.strip() for line in screen.lines(4))
    assert "expected a value without ___, backticks, <!-- and a backslash at its end: they would mean more here" in said
    screen.press("\x03")
    screen.until("next: phasegate resume")
