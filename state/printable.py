"""How is text that somebody else wrote shown, so that nothing in it steers a terminal, is hidden or changes places?

Rules:
- A character that would not be seen as itself becomes its escape: `\\x1b`, `\\u202e`, `\\U000e0041`. None is dropped.
- Escaped are control characters, bidirectional controls, everything that Unicode says may be ignored when displayed
  (zero-width characters, tags, fillers, a byte order mark), line and paragraph separators, surrogates, private and
  unassigned characters, and blanks that are taken for another one: all but the plain and the ideographic blank.
- A joiner or a variation selector stays inside of an emoji, where it is what makes the emoji.
- JSON is for programs and stays exact: it never passes here.
"""

from __future__ import annotations

import re
from unicodedata import category

# Default_Ignorable_Code_Point of Unicode (DerivedCoreProperties.txt): shown as nothing, or as a blank
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_IDEOGRAPHIC_BLANK = "\u3000"  # as wide as the characters beside it
_JOINER = "\u200d"
_SELECTORS = "\ufe0e\ufe0f"  # text or emoji presentation of the character before
_NAMED = {"\n": "\\n", "\r": "\\r"}
_BASES = ("So", "Sk", "Sm", "Po")  # categories of what an emoji begins with; Sk: the tones of skin
_KEYCAPS = "0123456789#*"
_KEYCAP = "\u20e3"


def printable(text: str) -> str:
    """The text, its line feeds and tabs as they are; CR LF counts as one line feed, any other CR is shown."""
    return "\n".join(printable_line(line.removesuffix("\r")) for line in text.split("\n"))


def printable_line(text: str) -> str:
    """The text as one line: as `printable`, and line feeds are shown as `\\n`, too. Tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text, at, sign) for at, sign in enumerate(text))


def _shown(text: str, at: int, sign: str) -> str:
    if sign == "\t" or (sign.isascii() and sign.isprintable()):
        return sign
    if _IGNORABLE.match(sign):
        return sign if _inside_emoji(text, at, sign) else _escape(sign)
    return sign if sign.isprintable() or sign == _IDEOGRAPHIC_BLANK else _escape(sign)


def _inside_emoji(text: str, at: int, sign: str) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if sign in _SELECTORS:
        return _is_base(before) or (before != "" and before in _KEYCAPS and after == _KEYCAP)
    if before and before in _SELECTORS:
        before = text[at - 2 : at - 1]
    return sign == _JOINER and _is_base(before) and _is_base(after)


def _is_base(sign: str) -> bool:
    return sign != "" and not sign.isascii() and category(sign) in _BASES


def _escape(sign: str) -> str:
    if sign in _NAMED:
        return _NAMED[sign]
    code = ord(sign)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"
