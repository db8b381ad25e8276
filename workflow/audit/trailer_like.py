"""Which lines of a message would git, or somebody who reads it, take for trailers of ours? By name and value.

Rules:
- The name may be in any case, with letters of other scripts, signs that are not seen, blanks around it; behind it
  stands `:`, or `=` or `#`, which `trailer.separators` can make git take. A line ends where a terminal or a viewer
  ends it, so at a bare carriage return, too.
- A name that is folded, over however many lines and wherever, is one all the same: git unfolds values, a reader names.
- A block that is indented by four blanks is a quotation, and so is a line behind `>`; but not at the end of a message,
  where trailers stand: `git log` indents every message by four.
- So is what stands between two fences (three backticks or tildes), wherever, in a message whose lines all end plainly.
- `Approved by` is taken for `Approved-by`. `Phasegate run` at the beginning of a line is prose.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from state.taken_for import taken_for
from workflow.trailers import APPROVAL, APPROVER, END, RUN, TASK

_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_OTHER_BREAK = re.compile(r"\r(?!\n)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_FENCE = re.compile(r" {0,3}(?:(`{3,})[^`]*|(~{3,}).*)")
_OF_OURS = re.compile(r"hasegate[-_]|pproved", re.IGNORECASE)
_SEPARATED = re.compile(r"([^:=#]{1,80}?)[:=#](.*)", re.DOTALL)
_SEPARATES = re.compile("[:=#]")
_LONGEST = 80  # signs of a name with all that is put into it
_QUOTED = 4  # blanks, from which on Markdown has a block of code
_COLONS = "\uff1a\ufe55\ufe13\ua789\u2236\u02d0\u0589\u05c3\ufe30"  # what is taken for one
_WIDE = str.maketrans({**dict.fromkeys(_COLONS, ":"), "\uff1d": "="})
_NAMES = {taken_for(name): name for name in (RUN, TASK, APPROVAL, END, APPROVER)}
_NAMES[taken_for(APPROVER).replace("-", "")] = APPROVER


def lines_like_trailers(message: str) -> list[tuple[str, str]]:
    """Name, as phasegate spells it, and value of each such line in order; real trailers are among them."""
    if not may_be_like_trailers(message):
        return []
    lines = _BREAK.split(message)
    end, fenced = _last_paragraph(lines), fenced_lines(message)
    return [
        found
        for at, line in enumerate(lines)
        if line.strip() and at not in fenced and (at >= end or not _is_quoted(line))
        for found in _like_trailer(_unfolded(lines, at))
    ]


def fenced_lines(message: str) -> set[int]:
    """The numbers of the lines in blocks of code that are fenced and closed. None where a line ends in another way.

    Source: CommonMark, 4.5.
    """
    if _OTHER_BREAK.search(message):
        return set()
    found, opened, fence = set[int](), 0, ""
    for at, line in enumerate(_BREAK.split(message)):
        if not fence and (begins := _FENCE.fullmatch(line)):
            opened, fence = at, begins[1] or begins[2]
        elif fence and re.fullmatch(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*", line):
            found.update(range(opened, at + 1))
            fence = ""
    return found


def _unfolded(lines: Sequence[str], at: int) -> str:
    """The line, with those behind it up to the first that has what separates a name from a value."""
    line = lines[at].translate(_WIDE)
    while len(line) <= _LONGEST and not _SEPARATES.search(line) and at + 1 < len(lines) and lines[at + 1].strip():
        at += 1
        line += lines[at].translate(_WIDE)
    return line


def may_be_like_trailers(message: str) -> bool:
    """Whether one of our names may stand in a message: quickly told, and of nearly every message it is not so."""
    return not message.isascii() or _OF_OURS.search("".join(message.split())) is not None  # names may be folded


def _last_paragraph(lines: Sequence[str]) -> int:
    """The number of the first line of the last paragraph."""
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    while last and lines[last - 1].strip():
        last -= 1
    return last


def _is_quoted(line: str) -> bool:
    blanks = len(line.expandtabs(_QUOTED)) - len(line.expandtabs(_QUOTED).lstrip())
    return blanks >= _QUOTED


def _like_trailer(line: str) -> Iterator[tuple[str, str]]:
    if not (separated := _SEPARATED.match(line)):
        return
    name = taken_for(separated[1]).replace("_", "-")
    if name in _NAMES:
        yield _NAMES[name], "".join(map(_plain, separated[2])).strip()


def _plain(sign: str) -> str:
    """Blanks as the plain one, and nothing for what is not seen."""
    kind = unicodedata.category(sign)
    return " " if kind == "Zs" else "" if kind in ("Cc", "Cf") else sign
