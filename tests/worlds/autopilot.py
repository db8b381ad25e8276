"""Somebody at a terminal who answers every question of one kind the same way, and how long the terminal stayed silent.

Rules:
- An answer is given once its question has been drawn: what is typed before is thrown away, as it is for a person.
- A silence is the time between two bytes, or an answer and the next byte. Nobody is waited for: answers come at once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pexpect

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")

Rule = tuple[str, str]  # a regular expression that the text since the last answer holds, and the keys then


@dataclass
class Driven:
    """What was seen.

    Attributes:
        first: from the start to the first question [s]; 0 when nothing was asked.
        silences: the longest times without a byte, the longest first: [s], and the last line before it.
        answers: how many questions were answered.
        text: all that was shown, without control sequences.
        exit_code: the command's; of one that a signal ended its negative.
    """

    first: float = 0.0
    silences: list[tuple[float, str]] = field(default_factory=list)
    answers: int = 0
    text: str = ""
    exit_code: int = 0


def drive(child: pexpect.spawn[str], rules: Sequence[Rule], *, within: float = 120.0) -> Driven:
    """Answer until the command ends.

    Raises AssertionError when it has not ended within so many seconds.
    """
    seen = Driven()
    since, begun = "", time.monotonic()
    last = begun
    while True:
        assert time.monotonic() < begun + within, f"not at its end after {within:g} s:\n{seen.text[-3000:]}"
        try:
            read = child.read_nonblocking(65_536, timeout=1)
        except pexpect.TIMEOUT:
            continue
        except pexpect.EOF:
            break
        now = time.monotonic()
        seen.silences = sorted([*seen.silences, (now - last, _last_line(seen.text))], reverse=True)[:5]
        last = now
        shown = _CONTROL.sub("", read)
        seen.text += shown
        since += shown
        keys = next((keys for pattern, keys in rules if re.search(pattern, since, re.DOTALL)), None)
        if keys is not None:
            seen.first = seen.first or now - begun
            seen.answers += 1
            since = ""
            child.send(keys)
            last = time.monotonic()
    child.close()
    seen.exit_code = child.exitstatus if child.exitstatus is not None else -(child.signalstatus or 0)
    return seen


def _last_line(text: str) -> str:
    lines = text[-400:].split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
