"""A task is answered in part by a file, where no terminal is, the rest at a prompt: who did so cannot approve it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.journals import journal_events
from tests.worlds.repositories import first_commit
from tests.worlds.screen import Screen

pytestmark = pytest.mark.slow
ENTER, CTRL_C = "\r", "\x03"
CUT = """# Cut over

## T-0

- [ ] DNS switched
- [ ] Old shop read-only

## After

- [ ] Everybody told
"""


def begun_at_a_prompt(place: Path) -> Path:
    """It is done, as somebody says at the terminal, who pauses at the first box; returns an answers file for that."""
    (place / "cut.md").write_text(CUT)
    first_commit(place)
    screen = Screen(place, "run", "cut.md")
    screen.until("p) pause")
    screen.press("d")
    screen.until("box 1 of 2")
    screen.until("p) pause")
    screen.press(CTRL_C)
    assert screen.ended() == 130
    answers = place / ".git" / "answers.yaml"
    answers.write_text('t-0-box-1: "yes"\n')
    return answers


def ends_at_a_prompt(screen: Screen) -> str:
    """The second box is answered there; returns what the page says."""
    screen.until("box 2 of 2")
    screen.until("p) pause")
    screen.press("y")
    screen.until("pause: decide later")
    screen.press("p")
    assert screen.ended() == 3
    return " ".join(screen.text().split())


def test_who_answered_without_a_terminal_does_not_approve(tmp_path: Path) -> None:
    answers = begun_at_a_prompt(tmp_path)
    assert phasegate(tmp_path, "resume", "--answers", str(answers)).returncode == 3
    (journal,) = tmp_path.glob(".phasegate/*/journal.jsonl")
    (word,) = [each for each in journal_events(journal) if each["type"] == "answered" and "item" in each]
    assert (word["via"], word["terminal"]) == ("answers-file", False)
    shown = ends_at_a_prompt(Screen(tmp_path, "resume"))
    assert 'You cannot approve "T-0": Ada <ada@example.com>' in shown
    digest = json.loads(phasegate(tmp_path, "status", "--json").stdout)["waiting_for"]["digest"]
    own = phasegate(tmp_path, "approve", "--digest", digest)
    assert own.returncode == 2
    bob = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}
    assert phasegate(tmp_path, "approve", "--digest", digest, **bob).returncode == 0
    assert phasegate(tmp_path, "resume", "--until", "T-0").returncode == 0
    audit = phasegate(tmp_path, "audit")
    assert audit.returncode == 0, audit.stdout


def test_who_gives_an_answers_file_at_the_terminal_was_there(tmp_path: Path) -> None:
    answers = begun_at_a_prompt(tmp_path)
    screen = Screen(tmp_path, "resume", "--answers", str(answers))
    assert 'Approve "T-0"?' in ends_at_a_prompt(screen)
