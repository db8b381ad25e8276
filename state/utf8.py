"""Can this text be written down as UTF-8? A file's name need not be: Python makes half surrogate pairs of its bytes.

Source: https://docs.python.org/3/library/os.html#file-names-command-line-arguments-and-environment-variables
"""

from __future__ import annotations

import re

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def is_utf8(text: str) -> bool:
    """Whether UTF-8 can carry the text: it came from bytes that were UTF-8."""
    return text.isascii() or not _HALF_PAIR.search(text)


def escaped(text: str) -> str:
    r"""The text with each half pair as JSON escapes it: a name's byte E9 is `\udce9`."""
    return _HALF_PAIR.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
