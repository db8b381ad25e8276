"""Which files belong to a task, in a terminal that is too narrow and too low for them: nothing is taken unseen."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pexpect
import pyte
import pytest

pytestmark = pytest.mark.slow

LONG = "d/file_with_a_rather_long_name_to_wrap_at_eighty_columns_number_and_more_{}.txt"
ASKS = """
import json, sys
from workflow.doors.prompts import pick_several
taken = pick_several("Which of these belong to it, and go into its commit?", json.loads(sys.argv[1]))
print("took " + json.dumps(taken) + " in all")
"""


class Picker:
    """A terminal of 80 columns and 24 lines in which it is asked."""

    def __init__(self, paths: list[str], rows: int = 24) -> None:
        self._screen = pyte.Screen(80, rows)
        self._stream = pyte.Stream(self._screen)
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", ASKS, json.dumps(paths)],
            dimensions=(rows, 80),
            env={**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"},
            cwd=Path(__file__).parents[3],
            encoding="utf-8",
            timeout=30,
        )
        self.written = ""

    def until(self, text: str) -> str:
        """The screen, once it has this text."""
        ends = time.monotonic() + 30
        while text not in self.seen():
            assert time.monotonic() < ends, self.seen()
            self._read()
        return self.seen()

    def _read(self) -> None:
        try:
            more = self.child.read_nonblocking(65_536, timeout=0.2)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.written += more
        self._stream.feed(more)

    def seen(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def goes_on(self) -> None:
        """Press Enter, and wait until something is written for it; nothing where the list has been taken."""
        if " in all" in self.written:
            return
        ends, before = time.monotonic() + 30, len(self.written)
        self.child.send("\r")
        while len(self.written) == before:
            assert time.monotonic() < ends, self.seen()
            self._read()

    def takes(self) -> list[str]:
        ends = time.monotonic() + 30
        while " in all" not in self.written:
            assert time.monotonic() < ends, self.seen()
            self._read()
        return list(json.loads(self.written.partition("took ")[2].partition(" in all")[0]))


def test_names_are_whole_and_all_are_shown_before_any_is_taken() -> None:
    paths = [LONG.format(number) for number in range(1, 41)]
    picker = Picker(paths)
    told = picker.until("1 to 10 shown; Enter shows more")
    assert "40 of 40 taken" in told
    seen = set[str]()
    for first in (11, 21, 31):
        seen |= named(told)
        picker.child.send("\r")
        told = picker.until(f"{first} to {first + 9} shown")
    seen |= named(told)
    assert "Enter shows more" not in told
    assert seen >= set(paths)
    picker.child.send("\r")
    assert picker.takes() == paths


def named(told: str) -> set[str]:
    """The names on the screen, those of two lines put together."""
    return {
        "".join(part.strip(" \u00bb\u25cf\u25cb>+") for part in each.split("\n"))
        for each in told.split("\u25cf")[1:]
        for each in ["\n".join(line for line in each.split("\n") if "taken;" not in line)]
    }


def test_what_is_left_is_counted_and_left() -> None:
    paths = [f"f{number}" for number in range(1, 41)]
    picker = Picker(paths)
    picker.until("40 of 40 taken; 1 to 21 shown")
    picker.child.send(" ")
    picker.until("39 of 40 taken; 1 to 21 shown")
    picker.child.send("\r")
    picker.until("39 of 40 taken; 20 to 40 shown")
    picker.child.send("\r")
    assert picker.takes() == paths[1:]


def test_a_list_that_fits_is_asked_as_it_was() -> None:
    picker = Picker(["a", "b"])
    told = picker.until("\u25cf b")
    assert "shown" not in told
    picker.child.send("\r")
    assert picker.takes() == ["a", "b"]


def test_a_name_that_is_longer_than_the_terminal_ends_it_all_the_same() -> None:
    paths = ["x" * 400, "y" * 400]
    picker = Picker(paths, rows=6)
    picker.until("taken")
    for _ in range(6):
        picker.goes_on()
    assert picker.takes() == paths
