"""What is to be typed next, as it works where the person stands? The one door by which `next:` lines are printed.

Rules:
- A command of ours gets the `-C DIR` that was given. A command of git's or on files names paths as seen from the top of
  the repository, so it goes there, also from a directory below it; so does one of ours with `--path`.
- Only commands are touched, where one begins: after `next: `, on a line below it, after `&&`, `or:`, `then:`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from state.errors import PhasegateError
from state.printable import printable_line
from workflow.cli.say import say
from workflow.cli.verbs import VERBS

_QUOTED = r"'[^']*'|\"[^\"]*\""
_BEGINS = r" {3}# | && | \|\| |\b(?:or|then): |\bthen (?=phasegate )|; "
_PARTS = re.compile(f"(?P<quoted>{_QUOTED})|(?P<begins>{_BEGINS})")
_REMARK = "   # "
_ON_FILES = ("ls", "$EDITOR", "cp", "mv", "rm", "iconv")  # commands that are named with paths in the repository


@dataclass(slots=True)
class Standing:
    """Where a command works, as it was typed; one for each command line.

    Attributes:
        directory: of `-C DIR`, as seen from the process; "" when none was given.
    """

    directory: str = ""

    @property
    def path(self) -> Path:
        return Path(self.directory)

    def below(self, directory: str) -> None:
        """Go on in this directory below."""
        self.directory = str(self.path / directory)


def directory_given(arguments: Sequence[str]) -> str:
    """The DIR of the last `-C DIR` before the verb; "" when there is none."""
    found, words = "", iter(arguments)
    for word in words:
        if word == "-C":
            found = next(words, "")
        elif word.startswith("-C"):
            found = word.removeprefix("-C")
        elif not word.startswith("-"):
            break
    return found


def say_next(at: Standing, *commands: str) -> None:
    """Print commands that may be typed now, one a line, on standard error; remarks behind three blanks and a `#`."""
    say(here("next: " + "\n      ".join(commands), at), err=True)


def here(text: str, at: Standing) -> str:
    """A text of ours whose `next:` lines, if any, work outside of the directory that the command line gave."""
    start = re.search(r"^next: ", text, re.MULTILINE)
    if start is None:
        return text
    top = _top(at)
    if not at.directory and not top:
        return text
    lines = text[start.start() :].split("\n")
    return text[: start.start()] + "\n".join(_line(line, at.directory, top) for line in lines)


def _top(at: Standing) -> str:
    """The top of the repository as seen from the process, "" for where it is; as typed where that says the same."""
    from workflow.service.workspace import workspace_of  # here, so that `--help` starts without it

    try:
        top = workspace_of(at.path)
        if top == at.path.resolve():
            return at.directory
        found = os.path.relpath(top)
    except (PhasegateError, OSError, ValueError):
        return at.directory  # no repository, or no directory: git says so
    return "" if found == "." else found


def _line(line: str, directory: str, top: str) -> str:
    """One line of commands, each as it works here."""
    begin = re.match(r"next: | {6}", line)
    if begin is None:
        return line
    parts, at, begun = [line[: begin.end()]], begin.end(), begin.end()
    is_command = True
    for found in _PARTS.finditer(line, begin.end()):
        if found["begins"] is None:
            continue
        segment = line[begun : found.start()]
        parts += [_command(segment, directory, top) if is_command else segment, found[0]]
        begun, is_command = found.end(), found[0] != _REMARK
    rest = line[max(at, begun) :]
    return "".join([*parts, _command(rest, directory, top) if is_command else rest])


def _command(segment: str, directory: str, top: str) -> str:
    """One command, as it works here; what is none stays as it is."""
    name, _, rest = segment.partition(" ")
    if name == "phasegate" and rest.split(" ")[0] in VERBS:
        place = top if " --path " in segment else directory
        return f"phasegate -C {_word(place)} {rest}" if place else segment
    if not top:
        return segment
    if name in _ON_FILES or (name == "git" and " > " in segment):
        return f"(cd {_word(top)} && {segment})" if Path(top).is_dir() else segment
    return f"git -C {_word(top)} {rest}" if name == "git" and rest else segment


def _word(text: str) -> str:
    """The text as one word of a shell; what a terminal would not show as itself is spelt by printf."""
    if printable_line(text) == text and "\t" not in text:
        return quote(text)
    return "\"$(printf '" + "".join(_spelt(byte) for byte in os.fsencode(text)) + "')\""


def _spelt(byte: int) -> str:
    sign = chr(byte)
    return sign if sign.isascii() and (sign.isalnum() or sign in "/._-+,:=@ ") else f"\\{byte:03o}"
