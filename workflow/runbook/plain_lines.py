"""Which lines only look different? Quoted ones and those with wide blanks, written as the reader knows them.

Rules:
- One sign for one sign, so that every place on the line stays where it is; the file's bytes are never touched.
- Wide blanks count around bullets and boxes and behind a heading's signs. The sign inside of the brackets is the
  state, and stays what it is; so does every blank in the text.
- Signs without a width (a byte order mark from a file that was appended, a zero width space) indent by nothing.
"""

from __future__ import annotations

import re

from state.cheap_classes import NamedTuple
from state.late_pattern import late

_WIDE = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # no-break, ogham, en to hair, narrow, mathematical, ideographic
_WITHOUT_WIDTH = "\u200b\u2060\ufeff"
_ANY = rf"[ \t{_WIDE}{_WITHOUT_WIDTH}]"
HAS_WIDE = late(f"[{_WIDE}{_WITHOUT_WIDTH}]")
_FRONT = (
    rf"({_ANY}*+(?:(?:[-*+]|\d{{1,9}}[.)]|#{{1,6}}){_ANY}++)*+)"  # indentation and bullets, or a heading's signs
    rf"(?:(\[[^\[\]]\](?:\\?\*)?)({_ANY}*+))?"
)
_QUOTE = r"([ \t]*+)((?:>[ \t]?)+)"
_STEP = r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]|\[[ xX~-]?\])"
_BOX = r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]*+)*\[[^\[\]]?[ \t]?\](?!\()"


class PlainLine(NamedTuple):
    """A line as the reader knows it, as long as it was, and by how many columns it is indented."""

    text: str
    indent: int


def columns(blanks: str) -> int:
    """How many columns blanks take; tabs go to multiples of four."""
    return len(blanks.expandtabs(4)) if "\t" in blanks else len(blanks)


def with_plain_blanks(line: str) -> PlainLine:
    """The line with a space for each wide blank around its bullets and its box."""
    match = re.match(_FRONT, line)
    assert match is not None  # it matches nothing at all, too
    front, box, behind = _plain(match[1]), match[2] or "", _plain(match[3] or "")
    blanks = match[1][: len(front) - len(front.lstrip(" \t"))]
    indent = columns(re.sub(f"[{_WITHOUT_WIDTH}]", "", re.sub(f"[{_WIDE}]", " ", blanks)))
    return PlainLine(front + box + behind + line[match.end() :], indent)


def without_quote(line: str) -> PlainLine:
    """The line with spaces for its `>`; it is indented as far as the quote is, and as its text is inside of it."""
    match = re.match(_QUOTE, line)
    assert match is not None  # asked for lines of a quote only
    inside = line[match.end() :]
    if inside.isascii():
        inner = PlainLine(inside, columns(inside[: len(inside) - len(inside.lstrip(" \t"))]))
    else:
        inner = with_plain_blanks(inside)
    return PlainLine(match[1] + " " * len(match[2]) + inner.text, columns(match[1]) + inner.indent)


def quoted_steps(text: list[str], first: int) -> tuple[int, int]:
    """Of the block quote that begins on the line `first`: where its first step is, and the index after its last line.

    Both are the same when no box is in it: it is words only.
    """
    end = first
    boxes = False
    while end < len(text) and text[end].lstrip(" \t").startswith(">"):
        boxes = boxes or ("[" in text[end] and re.match(_BOX, without_quote(text[end]).text) is not None)
        end += 1
    if not boxes:
        return end, end
    return next(at for at in range(first, end) if re.match(_STEP, without_quote(text[at]).text)), end


def _plain(blanks: str) -> str:
    return blanks if blanks.isascii() else re.sub(f"[{_WIDE}{_WITHOUT_WIDTH}]", " ", blanks)
