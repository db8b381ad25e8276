"""What does a place in a runbook look like under a message? Its line, and a caret below the sign that is meant.

Rules:
- A stranger's file goes to a terminal: what is not printable is shown as its escape (`state/printable.py`).
- A long line is cut around the place. Tabs stay tabs; a sign that takes two columns has two below it.
"""

from __future__ import annotations

from state.printable import printable_line

BOM = b"\xef\xbb\xbf"
WIDTH = 100  # signs of a line that are shown
_BRIEF = 80  # and of one that 0.1 quoted in a message


def excerpt(raw: bytes, column: int) -> str:
    """Two lines: the text of a line's bytes, and a caret below the byte `column`; "" for a blank line.

    Columns count from 1; a byte order mark is not counted, as it is not seen.
    """
    raw = raw.removeprefix(BOM)
    before, text = _shown(raw[: column - 1]), _shown(raw)
    if not text.strip():
        return ""
    start = max(0, len(before) - WIDTH // 2)
    return f"{text[start : start + WIDTH].rstrip()}\n{''.join(map(_blank, before[start:]))}^"


def first_column(raw: bytes) -> int:
    """The column of the first sign of a line's bytes."""
    raw = raw.removeprefix(BOM)
    return len(raw) - len(raw.lstrip(b" \t")) + 1


def quoted(text: str, *, whole: bool = True) -> str:
    """A text that is quoted in a message: `whole`, since a cut would hide what it ends with; else cut as 0.1 did."""
    text = text.strip()
    return text if whole or len(text) <= _BRIEF else f"{text[: _BRIEF - 3]}..."


def _shown(raw: bytes) -> str:
    return printable_line(raw.removesuffix(b"\r").decode("utf-8", "backslashreplace"))


def _blank(sign: str) -> str:
    if sign.isascii():
        return "\t" if sign == "\t" else " "
    from unicodedata import east_asian_width

    return "  " if east_asian_width(sign) in "WF" else " "
