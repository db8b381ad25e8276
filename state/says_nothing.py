"""Are there words in a text that somebody gave: a reason, a note, a comment, an answer? One decision for every face.

A text of which nothing is seen says nothing: blanks of any kind, control and format characters, what Unicode says may
be ignored when displayed (zero-width characters, fillers, tags, variation selectors), the blank of Braille, accents
that are on no letter, and characters that are assigned to nobody. A mark that is seen (`-`, `!`) is something; what
only stands in the place of words (`TEXT`) is for `phases.tried_answers`.
"""

from __future__ import annotations

import re
from unicodedata import category

from state.printable import BLANK_SIGNS, BRAILLE_BLANK, IGNORABLE

# separators, controls, formats, surrogates, private and unassigned ones, marks on other characters
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc"})


def says_nothing(text: str) -> bool:
    """Whether nothing of this text is seen; so is the empty one."""
    if text.isascii():
        return not any(" " < sign < "\x7f" for sign in text)
    return not any(map(_is_seen, text))


def is_invisible(text: str) -> bool:
    """Whether there is more than plain blanks in it, and nothing of that is seen."""
    return text.strip() != "" and says_nothing(text)


def _is_seen(sign: str) -> bool:
    if sign == BRAILLE_BLANK or sign in BLANK_SIGNS or category(sign) in _UNSEEN:
        return False
    return re.match(IGNORABLE, sign) is None
