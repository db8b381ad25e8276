r"""Which lines begin with a box that a formatter or a converter has spelt otherwise? None is flipped.

Rules:
- Escapes (`\[ \]`, `1\. [ ]`: mdformat 1.0.0 and pandoc 3.9 write them), entities (`&#91; &#93;`, `[&nbsp;]`) and signs
  without a width are what they stand for; a line that begins with a box once they are read is one.
- GitHub's names of such emoji (`:white_check_mark:`) are boxes, too; `( )` and `(x)` behind a bullet are a form's.
- Escaped underscores are no field: what would be filled in is not what is shown.
"""

from __future__ import annotations

import html
import re

_BULLETS = r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+"
_SPELT = re.compile(r"\\[\[\]*+.)_-]|&(?:#\w{1,8}|[A-Za-z]{3,31});|[\u200b-\u200d\u2060\ufeff]")
_SIGN = re.compile(r"\\[!-/:-@\[-`{-~]|&(?:#\w{1,8}|[A-Za-z]{3,31});|.")  # what stands for one character
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_WITHOUT_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_BOX = re.compile(_BULLETS + r"(\[[ \t\xa0xX~-]\](?![(\[:])|[☐☑☒✅❌⬜✔□])(?=\s|$)")
_FORM = re.compile(_BULLETS + r"(?<=[ \t])(\([ xX]\))[ \t]")
_NAMED = re.compile(
    _BULLETS + r"(:(?:white_check_mark|heavy_check_mark|ballot_box_with_check|white_large_square|white_medium_square"
    r"|black_square_button|white_square_button|x|negative_squared_cross_mark):)(?=\s|$)"
)
_FIELD = re.compile(r"(?:\\_){3}")


def spelt_box(text: str) -> str:
    """How the box is spelt with which this line begins, or nothing. The line is Markdown outside of code."""
    if named := _NAMED.match(text) or _FORM.match(text):
        return named[1]
    if not _SPELT.search(text):
        return ""
    if _BOX.match(text) or not (read := _BOX.match(_as_read(text))):
        return ""
    length, end = 0, 0
    for sign in _SIGN.finditer(text):
        length, end = length + len(_as_read(sign[0])), sign.end()
        if length >= read.end(1):
            break
    return text[_bullets(text) : end]


def has_escaped_field(text: str) -> bool:
    """Whether there are underscores in a row that are escaped."""
    return _FIELD.search(text) is not None


def _as_read(text: str) -> str:
    return html.unescape(_ESCAPED.sub(r"\1", text).translate(_WITHOUT_WIDTH))


def _bullets(text: str) -> int:
    """Where the line goes on behind its bullets, which may be escaped themselves."""
    found = re.match(_BULLETS, text)
    return found.end() if found else 0
