"""The command line in a terminal of some width, as a person sees it: the screen as text, keys, and what is quiet.

Rules:
- A terminal emulator (pyte) reads every byte that the command writes: what is drawn over or wiped is gone here as well.
- The screen is as high as all of a session: nothing scrolls away, and a whole session can be kept as one text.
- What differs from run to run (ids, digests, times, ports) is named, so that a kept screen can be compared.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pexpect
import pyte

from tests.worlds.forked_terminal import ForkedTerminal
from tests.worlds.workspaces import environment

HEIGHT = 4_000
KEPT = Path(__file__).parents[1] / "screens"
WRITE = "WRITE_SCREENS"  # set: kept screens are written instead of compared
_VOLATILE = [
    (r"-\d{8}-\d{6}(-[0-9a-f]{8})?", "-<time>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\b[0-9a-f]{64}\b", "<sha256>"),
    (r"\b(?=[0-9a-f]*\d)[0-9a-f]{40}\b", "<sha1>"),
    (r"(?<=committed as )[0-9a-f]{10}\b", "<commit>"),
    (r"(?<=committed as\n  )[0-9a-f]{10}\b", "<commit>"),
    (r"(?<=exactly this \()[0-9a-f]{7}(?=\))", "<digest>"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?", "<moment>"),
    (r"(?<=-)[0-9A-Z]{12,13}\b", "<random>"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
    (r"\b\d+ s, of which \d+ s\b", "<n> s, of which <n> s"),
    (r"\b\d+(\.\d+)? s\b", "<n> s"),
    (r"(?<=after )\d+\.\d+s\b", "<n> s"),  # broken between the two
]

_WRAP = re.compile(r"\n[ >+\u21b3]*")  # what is between two halves of a line that did not fit
_IN_DIGITS = re.compile(rf"(?<=[0-9a-f])(?<!SHA-256){_WRAP.pattern}(?=[0-9a-f])")


class Screen:
    """A session of `phasegate` at a terminal.

    Attributes:
        silences: the longest time without a byte between two answers of the person, each [s].
        first: how long the first question took to be asked [s].
    """

    def __init__(self, place: Path, *arguments: str, width: int = 80, **changes: str) -> None:
        self.silences: list[float] = []
        self.first = 0.0
        self._began = time.monotonic()
        self._screen = pyte.Screen(width, HEIGHT)
        self._written: dict[int, str] = {}  # lines as text, until something is written there
        self._last = 12 * max(1, 80 // width)  # lines that a question and its answers take
        self._stream = pyte.Stream(self._screen)
        self._child: pexpect.spawn[str] = ForkedTerminal(
            arguments,
            cwd=str(place),
            encoding="utf-8",
            timeout=60,
            dimensions=(60, width),
            env={
                **environment(),
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "TERM": "xterm-256color",
                "NO_COLOR": "1",
                "PAGER": "cat",
                **changes,
            },
        )
        self._child.delaybeforesend = None

    def until(self, text: str, *, timeout: float = 60.0) -> None:
        """Read until the last lines of the screen hold this text, wherever they break.

        Raises AssertionError when it does not come.
        """
        self._read_until(lambda: text in _in_a_line(self.lines(self._last)), text, timeout)

    def asked(self, text: str, *, listed: str = "p) pause") -> None:
        """Read until the question that stands, with its list of answers, holds this text; as `until`.

        `listed`: what its list ends with; "" for a question that has none.
        """

        def stands() -> bool:
            lines = self.lines(self._last)
            begins = max((row for row, line in enumerate(lines) if line.startswith("? ")), default=len(lines))
            asked = _in_a_line(lines[begins:])
            return text in asked and listed in asked

        self._read_until(stands, text, 60.0)

    def _read_until(self, is_there: Callable[[], bool], text: str, timeout: float) -> None:
        silent, last, until = 0.0, time.monotonic(), time.monotonic() + timeout
        while not is_there():
            try:
                self._stream.feed(self._child.read_nonblocking(65_536, timeout=1))
            except pexpect.TIMEOUT:
                assert time.monotonic() < until, f"{text!r} did not come within {timeout:g} s:\n{self.text()[-4000:]}"
                continue
            except pexpect.EOF:
                assert text in self.text(), f"{text!r} did not come before the end:\n{self.text()[-4000:]}"
                break
            now = time.monotonic()
            silent, last = max(silent, now - last), now
        self.silences.append(silent)
        self.first = self.first or time.monotonic() - self._began

    def press(self, keys: str) -> None:
        """Send keys as a keyboard would."""
        self._child.send(keys)

    def ended(self) -> int:
        """The exit code, when the command has ended by itself."""
        while True:
            try:
                self._stream.feed(self._child.read_nonblocking(65_536, timeout=60))
            except pexpect.EOF:
                break
        self._child.close()
        assert self._child.exitstatus is not None, f"ended by signal {self._child.signalstatus}"
        return self._child.exitstatus

    def lines(self, last: int | None = None) -> list[str]:
        """What the screen shows, down to the last line that is not empty; or only the last ones of it."""
        for row in self._written.keys() & self._screen.dirty:
            del self._written[row]
        self._screen.dirty.clear()
        end = max((row for row, line in self._screen.buffer.items() if line), default=-1) + 1
        while end and not self._line(end - 1):
            end -= 1
        return [self._line(row) for row in range(max(end - last, 0) if last else 0, end)]

    def _line(self, row: int) -> str:
        """A column that nothing was written in is not in the line."""
        if row not in self._written:
            line = self._screen.buffer[row]
            filled = range(max(line, default=-1) + 1)
            self._written[row] = "".join(line[column].data if column in line else " " for column in filled).rstrip()
        return self._written[row]

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines()) + "\n"


def _in_a_line(lines: Iterable[str]) -> str:
    return " ".join(" ".join(lines).split())


def compare_with_kept(name: str, screen: Screen) -> None:
    """Hold the screen against tests/screens/<name>.txt; what differs from run to run is named before."""
    seen = named(screen.text())
    kept = KEPT / f"{name}.txt"
    if os.environ.get(WRITE):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(seen, "utf-8")
    assert seen == kept.read_text("utf-8"), f"{kept} differs; {WRITE}=1 writes it again"


def named(text: str) -> str:
    """The text with a name for whatever differs from run to run, also where it goes on in the next line."""
    values = {}
    for shown in (text, _WRAP.sub("", text), _WRAP.sub(" ", text), _IN_DIGITS.sub("", text)):
        for pattern, name in _VOLATILE:
            values |= {found.group(): name for found in re.finditer(pattern, shown)}
    for value in sorted(values, key=len, reverse=True):
        is_whole = " " not in value and text.count(value) == _WRAP.sub("", text).count(value)  # nowhere broken
        broken = re.escape(value) if is_whole else rf"({_WRAP.pattern})?".join(map(re.escape, value))
        broken = (r"\b" if value[0].isalnum() else "") + broken + r"\b"  # "2 s" is no part of "2 selections"
        text = re.sub(broken, lambda found, value=value: values[value] + "".join(filter(None, found.groups())), text)  # type: ignore[misc]
    return text
