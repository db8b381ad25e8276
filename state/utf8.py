"""Can this text be written down as UTF-8? A file's name need not be: Python makes half surrogate pairs of its bytes.

Source: https://docs.python.org/3/library/os.html#file-names-command-line-arguments-and-environment-variables
"""

from __future__ import annotations

import re

_HALF_PAIR = "[\ud800-\udfff]"  # compiled when there is a name to look at: most are ASCII


def is_utf8(text: str) -> bool:
    """Whether UTF-8 can carry the text: it came from bytes that were UTF-8."""
    return text.isascii() or not re.search(_HALF_PAIR, text)


def escaped(text: str) -> str:
    r"""The text with each half pair as JSON escapes it: a name's byte E9 is `\udce9`."""
    return re.sub(_HALF_PAIR, lambda found: f"\\u{ord(found[0]):04x}", text)
