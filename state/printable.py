"""How is text that somebody else wrote shown, so that nothing in it steers a terminal, is hidden or changes places?

Rules:
- A character that would not be seen as itself becomes its escape: `\\x1b`, `\\u202e`, `\\U000e0041`. None is dropped.
- Escaped are control characters, bidirectional controls, everything that Unicode says may be ignored when displayed
  (zero-width characters, tags, fillers, a byte order mark), line and paragraph separators, surrogates, private and
  unassigned characters, and blanks that are taken for another one: all but the plain and the ideographic blank.
- The blank of Braille stays beside a sign of Braille, which it parts from the next one, and is escaped elsewhere.
- A joiner, a variation selector or a tone of skin stays inside of an emoji, where it is what makes the emoji: a
  selector behind a character that shows the other presentation without it, a joiner in front of one that emoji are
  made with.
- A name (`as_name`) is shown so that no two names look alike: its backslashes are doubled, so that none is taken
  for the beginning of an escape, and a tab, a blank at either end, a double, a wide or a Braille blank and accents that
  are not composed are escaped. In other texts, a command, say, a backslash stays what is to be typed.
- JSON is for programs and stays exact: it never passes here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal
from unicodedata import category, combining, is_normalized

# Default_Ignorable_Code_Point of Unicode (DerivedCoreProperties.txt): shown as nothing, or as a blank
IGNORABLE = (  # compiled when there is a sign to look at: most lines are ASCII
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_IDEOGRAPHIC_BLANK = "\u3000"  # as wide as the characters beside it
_JOINER = "\u200d"
_AS_TEXT, _AS_EMOJI = _SELECTORS = "\ufe0e\ufe0f"  # presentation of the character before
_JOINED = (  # Source: https://www.unicode.org/Public/emoji/16.0/emoji-zwj-sequences.txt, what stands behind a joiner
    "\u2194\u2195\u2620\u2640\u2642\u2695\u2696\u26a7\u2708\u2744\u2764\u27a1\u2b1b"
    "\U0001f308\U0001f32b\U0001f33e\U0001f373\U0001f37c\U0001f384\U0001f393\U0001f3a4\U0001f3a8\U0001f3eb\U0001f3ed"
    "\U0001f466\U0001f467\U0001f468\U0001f469\U0001f48b\U0001f4a5\U0001f4a8\U0001f4ab\U0001f4bb\U0001f4bc\U0001f525"
    "\U0001f527\U0001f52c\U0001f5e8\U0001f680\U0001f692\U0001f7e9\U0001f7eb\U0001f91d\U0001f9af\U0001f9b0\U0001f9b1"
    "\U0001f9b2\U0001f9b3\U0001f9ba\U0001f9bc\U0001f9bd\U0001f9d1\U0001f9d2\U0001fa79\U0001faf2"
)
# fillers, a note without a head, an object that is not there
BLANK_SIGNS = "\U00013441\U00013442\U00016fe4\U0001d159\ufffc"
BRAILLE_BLANK, _BRAILLE = "\u2800", "[\u2801-\u28ff]"
_BLANKS_OF_NAMES = "[\u2800\u3000]"  # Braille draws with the one, CJK text has the other
_PLAIN_NAME = r"(?a:[\w./+@=:-]+)"
_ODD_BLANK = r"^ +| +$|(?<= ) +"
_MANY_BLANKS = r" {16,}"
_NAMED = {"\n": "\\n", "\r": "\\r"}
_BASES = ("So", "Sk", "Sm", "Po")  # categories of what an emoji begins with; Sk: the tones of skin
_SIGNS = "\u2190"  # below are signs of text (a copyright, an exclamation) that no joiner joins
_KEYCAPS = "0123456789#*"
_KEYCAP = "\u20e3"
_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # of skin, behind an emoji


def printable(text: str) -> str:
    """The text, its line feeds and tabs as they are; CR LF counts as one line feed, any other CR is shown."""
    *lines, last = text.split("\n")
    return "\n".join([*(printable_line(line.removesuffix("\r")) for line in lines), printable_line(last)])


def printable_line(text: str) -> str:
    """The text as one line: as `printable`, and line feeds are shown as `\\n`, too. Tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text, at, sign) for at, sign in enumerate(text))


def as_name(name: str) -> str:
    """The name of a file, a branch or the like as a part of a line; no two names are shown as the same text."""
    if re.fullmatch(_PLAIN_NAME, name):
        return name
    shown = printable_line(name.replace("\\", "\\\\")).replace("\t", "\\t")
    if not name.isascii() and not is_normalized("NFC", name):  # its composed form is another name, and looks the same
        shown = "".join(_escape(sign) if combining(sign) or not is_normalized("NFC", sign) else sign for sign in shown)
    shown = re.sub(_BLANKS_OF_NAMES, lambda found: _escape(found[0]), shown)
    return re.sub(_ODD_BLANK, lambda found: "\\x20" * len(found[0]), shown)


def as_quote(text: str) -> str:
    """One line of somebody else's words in a line of ours: as `printable_line`, each blank but the plain one
    escaped, and a long row of blanks said by its number.
    """
    shown = printable_line(text).replace("\t", "\\t")
    shown = re.sub(_BLANKS_OF_NAMES, lambda found: _escape(found[0]), shown)
    return re.sub(_MANY_BLANKS, lambda found: f" [{len(found[0]):,} blanks] ", shown)


def as_names(names: Iterable[str]) -> str:
    """The names in one line, each as `as_name`; one with a comma or a quotation mark is quoted, and is not two."""
    return ", ".join(_in_list(as_name(name)) for name in names)


def _in_list(shown: str) -> str:
    quoted = shown.replace("'", "\\x27")
    return f"'{quoted}'" if "," in shown or quoted != shown else shown


def _shown(text: str, at: int, sign: str) -> str:
    if sign == "\t" or (sign.isascii() and sign.isprintable()):
        return sign
    return sign if _stays(text, at, sign) else _escape(sign)


def _stays(text: str, at: int, sign: str) -> bool:
    if re.match(IGNORABLE, sign):
        return _inside_emoji(text, at, sign)
    if sign in _TONES:  # by itself it is as wide as a terminal likes
        return _may_be_toned(text[at - 1 : at])
    if sign == BRAILLE_BLANK:
        return any(re.fullmatch(_BRAILLE, beside) for beside in (text[at - 1 : at], text[at + 1 : at + 2]))
    return sign not in BLANK_SIGNS and (sign.isprintable() or sign == _IDEOGRAPHIC_BLANK)


def _may_be_toned(before: str) -> bool:
    return _is_base(before) and before not in _TONES


def _inside_emoji(text: str, at: int, sign: str) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if sign == _JOINER:
        return after != "" and after in _JOINED and _may_be_joined(text[at - 2 : at - 1], before)
    if before != "" and before in _KEYCAPS:
        return sign in _SELECTORS and after == _KEYCAP
    return (sign == _AS_EMOJI and _is_shown_as(before, "text")) or (sign == _AS_TEXT and _is_shown_as(before, "emoji"))


def _may_be_joined(first: str, second: str) -> bool:
    """Whether what ends with these two is an emoji, which one with both presentations is by its selector."""
    if second == _AS_EMOJI:
        return first > _SIGNS and _is_shown_as(first, "text")
    return second != "" and (second in _TONES or _is_shown_as(second, "emoji"))


def _is_shown_as(sign: str, presentation: Literal["text", "emoji"]) -> bool:
    """Whether a character is an emoji that is shown as this where no selector says otherwise."""
    import regex  # knows the properties of UTS #51; here, so that plain text does without

    if sign == "" or sign.isascii():
        return False
    wanted = r"\p{Emoji_Presentation}" if presentation == "emoji" else r"(?!\p{Emoji_Presentation})\p{Emoji}"
    return regex.fullmatch(wanted, sign) is not None


def _is_base(sign: str) -> bool:
    return sign != "" and not sign.isascii() and category(sign) in _BASES


def _escape(sign: str) -> str:
    if sign in _NAMED:
        return _NAMED[sign]
    code = ord(sign)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"
