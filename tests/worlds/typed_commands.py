"""The command line in a real terminal: typed, waited for, answered by keys."""

from __future__ import annotations

import re
from pathlib import Path

import pexpect

from tests.worlds.forked_terminal import ForkedTerminal
from tests.worlds.workspaces import environment

UP, DOWN, ENTER, CTRL_C = "\x1b[A", "\x1b[B", "\r", "\x03"
ASKED = r"Approve [^\n]*\?[^\n]*a key, or"


def typed(place: Path, *arguments: str) -> pexpect.spawn[str]:
    child = ForkedTerminal(
        ["-C", str(place), *arguments],
        encoding="utf-8",
        timeout=60,
        dimensions=(60, 200),
        env={**environment(), "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm-256color", "NO_COLOR": "1"},
    )
    child.delaybeforesend = None
    return child


def until(child: pexpect.spawn[str], pattern: str | type[pexpect.EOF]) -> str:
    """Wait for it; returns what was shown before, without the terminal's control sequences."""
    child.expect(pattern)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", child.before or "")


def ask(child: pexpect.spawn[str]) -> str:
    """What is shown before the question; returns when its choices are drawn and keys are read."""
    shown = until(child, ASKED)
    child.expect("pause: decide later")
    return shown


def ended(child: pexpect.spawn[str]) -> int:
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None
    return child.exitstatus
