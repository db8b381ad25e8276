"""A release by its runbook, at a terminal: a fence is filled in, run, fails, is looked into, and goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pexpect
import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.typed_commands import DOWN, ENTER, UP, ask, ended, typed, until
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow

RUNBOOK = """# Release

- [ ] 1. Build it

  ```bash
  OUT=dist
  mkdir -p "$OUT"
  echo "<VERSION>" > "$OUT/version.txt"
  test -f notes.md
  echo done >> "$OUT/version.txt"
  ```

- [ ] 2. Tell them
"""
BLOCKED = """# Release

- [ ] 1. Build it

  ```sh
  echo begun >> ran.txt
  cat < told
  touch whole.txt
  ```

- [ ] 2. Tell them
"""
RUN = "Run these [0-9] lines"


def place_of(directory: Path, runbook: str) -> Path:
    place = directory / "shop"
    place.mkdir()
    (place / "release.md").write_text(runbook)
    first_commit(place, "A runbook")
    return place


def choose(child: pexpect.spawn[str], question: str, down: int) -> str:
    """Wait for the question and its choices, go down and press Enter; returns what was shown before it."""
    shown = until(child, f"{question}[^\\n]*a key, or")
    child.send(DOWN * down + ENTER)
    return shown


def work_is_done(child: pexpect.spawn[str]) -> None:
    until(child, r"Is [^\n]* done\?[^\n]*a key, or")
    child.expect("pause: go on later")
    child.send("d")


def test_a_release_with_a_fence_that_fails_once(tmp_path: Path) -> None:
    place = place_of(tmp_path, RUNBOOK)
    child = typed(place, "run", "release.md")
    work_is_done(child)
    choose(child, RUN, 1)  # "run", behind "nothing chosen yet"
    until(child, r"What is <VERSION>\?")
    child.send("1.2" + ENTER)
    assert 'echo "1.2" > "$OUT/version.txt"' in choose(child, RUN, 1)  # what is shown is what runs
    shown = until(child, "exit 1 at line 9[^\\n]*a key, or")
    child.expect("pause")
    child.send(ENTER)  # alone it settles nothing
    child.send(DOWN * 5 + ENTER)
    assert shown.index("$ OUT=dist") < shown.index('$ mkdir -p "$OUT"') < shown.index("$ test -f notes.md")
    assert "$ echo done" not in shown
    until(child, "paused: command 1 of task 1: exit 1 at line 9")
    assert ended(child) == 3
    assert (place / "dist/version.txt").read_text() == "1.2\n"

    (place / "notes.md").write_text("Notes\n")
    child = typed(place, "resume")
    until(child, "resume [^\n]* --ask-again t1-is-done")  # said once
    choose(child, "exit 1 at line 9", 1)
    picked = until(child, "Which of these belong to it[^\\n]*")
    assert "Run these" not in picked  # it has passed
    child.expect("notes.md")
    child.send(ENTER)
    page = ask(child)
    assert "t1_commands.md" in page
    child.send(UP + ENTER)
    until(child, "1 committed as")
    child.sendcontrol("c")
    ended(child)
    assert "Run 2" in (place / "artifacts/release/t1_commands.md").read_text()
    held = git(place, "show", "--name-only", "--format=", "HEAD").split()
    assert {"dist/version.txt", "notes.md", "artifacts/release/t1_commands.md"} <= set(held)
    assert (place / "dist/version.txt").read_text() == "1.2\ndone\n"


def test_a_fence_that_was_killed_is_not_run_again_by_enter(tmp_path: Path) -> None:
    place = place_of(tmp_path, BLOCKED)
    os.mkfifo(place / "told")
    (place / ".git" / "info" / "exclude").write_text("told\n")
    child = typed(place, "run", "release.md")
    work_is_done(child)
    choose(child, RUN, 1)
    until(child, r"\$ cat < told")
    child.kill(signal.SIGKILL)
    child.expect(pexpect.EOF)
    told = os.open(place / "told", os.O_RDWR)  # the command that was left goes on to its end, and nothing behind it
    os.write(told, b"x\n")
    os.close(told)

    child = typed(place, "resume")
    choose(child, "interrupted, and nothing can tell how far it came", 3)
    until(child, "Why is command 1 left as it is")
    child.send("a slip of the hand" + ENTER)
    choose(child, "Go on, or take one of these back", 1)  # is taken back
    choose(child, "interrupted, and nothing can tell how far it came", 3)
    until(child, "Why is command 1 left as it is")
    child.send("I looked: it was begun" + ENTER)
    choose(child, "Go on, or take one of these back", 0)
    until(child, "Which of these belong to it[^\\n]*")
    child.expect("ran.txt")
    child.send(ENTER)
    assert "I looked: it was begun" in ask(child)
    child.sendcontrol("c")
    assert ended(child) == 130
    assert (place / "ran.txt").read_text() == "begun\n"
    assert not (place / "whole.txt").exists()


def test_without_a_terminal_every_next_command_leads_on(tmp_path: Path) -> None:
    place = place_of(tmp_path, RUNBOOK)
    robot = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}
    assert phasegate(place, "run", "release.md").returncode == 3
    answers = place / ".git" / "answers.yaml"
    answers.write_text("")

    def done(*lines: str) -> str:
        answers.write_text(answers.read_text() + "".join(f"{line}\n" for line in lines))
        told = phasegate(place, "done", "--no-files", "--run", "1", "--answers", str(answers), **robot)
        assert told.returncode == 3, told.stderr
        return told.stderr

    assert "What is <VERSION>?" in done()
    failed = done("fill-version: '1.2'")
    assert "exit 1 at line 9" in failed
    assert "each with its answer: t1-command-1-failed-1: again or edit or fill or skip or pause" in failed
    assert "Why is command 1 left as it is?" in done("t1-command-1-failed-1: skip")
    answers.write_text(answers.read_text() + "t1-command-1-left: no notes this time\n")
    told = phasegate(place, "done", "--path", "dist", "--run", "1", "--answers", str(answers), **robot)
    assert told.returncode == 0, told.stderr
    assert "no notes this time" in phasegate(place, "status", "--review").stdout
