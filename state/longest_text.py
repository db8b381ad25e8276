"""How long may a text be that somebody gives: a note, a reason, a comment, an answer? One limit for every face."""

from __future__ import annotations

from state.utf8 import is_utf8

LONGEST = 4096  # characters of a text that somebody gives, by whatever face


def why_no_text(text: str) -> str:
    """Why nothing that phasegate keeps can hold this text: `expected ..., seen ...`; "" where it can."""
    if len(text) > LONGEST:
        return f"is too long: expected at most {LONGEST:,} characters, seen {len(text):,}"
    if "\0" in text:
        return "holds a NUL: expected text"
    return "" if is_utf8(text) else "is not UTF-8: what is kept in journals and logs is"
