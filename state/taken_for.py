"""What does a hurried reader take a name for? Letters of other scripts and signs that are not seen make no difference.

Two names that give the same are taken for each other: small letters without blanks and signs that are not seen, `i`,
`1` and `|` as `l`, `0` as `o`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Letters of other scripts, and Latin ones that no normal form makes plain, beside what they are taken for.
# Source: https://www.unicode.org/reports/tr39/#Confusable_Detection, for the letters of these names
_CONFUSABLE = str.maketrans(
    {
        other: letter
        for letter, others in {
            "a": "\u0430\u03b1\u0251\u1d00\u13aa\u0d02",
            "c": "\u0441\u03f2\u1d04\u0188",
            "d": "\u0501\u0257\u13e7",
            "e": "\u0435\u03b5\u0454\u04bd\u212e\u1d07\u13ac\u0259",
            "f": "\u0192\u0493\u017f",
            "g": "\u0261\u0262\u0581\u050d\u01e5\u13c0",
            "h": "\u04bb\u043d\u0570\u029c\u13bb\u0266",
            "j": "\u0458\u03f3",
            "l": "il1|\u0456\u03b9\u0131\u04cf\u0406\u01c0\u029f\u0142\u2223\u0269\u05c0\u05d5\u13de",
            "m": "\u043c\u1d0d\u03fb\u13b7",
            "n": "\u0578\u057c\u03b7\u0274",
            "o": "0\u043e\u03bf\u0585\u1d0f\u03c3\u00f8",
            "p": "\u0440\u03c1\u03f1\u1d18\u13e2\u01bf",
            "r": "\u0433\u0280\u1d26",
            "s": "\u0455\ua731\u13da\u0282\u01bd",
            "t": "\u0442\u03c4\u1d1b\u13a2\u0167",
            "u": "\u03c5\u057d\u028b\u1d1c",
            "v": "\u03bd\u0475\u1d20",
            "y": "\u0443\u03b3\u04af\u028f\u0263\u13a9",
            ".": "\u00b7\u2024\u2219\u22c5\u30fb\u3002\u06d4\ua4f8",
            "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\u30fc",
        }.items()
        for other in others
    }
)
_NOT_SEEN = ("Cc", "Cf", "Cn", "Mn", "Me", "Zs", "Zl", "Zp")  # categories; an accent is seen, and passed over
_BLANKS = "\u2800\u115f\u1160\U0001d159"


def taken_for(name: str) -> str:
    """The name as a hurried reader takes it, to be compared with what this gives for another one."""
    if name.isascii():  # nearly always; no sign of it depends on the ones beside it
        return name.translate(_of_ascii())
    return _taken_for(name)


def _taken_for(name: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    seen = (sign for sign in plain if unicodedata.category(sign) not in _NOT_SEEN and sign not in _BLANKS)
    return "".join(seen).translate(_CONFUSABLE)


@lru_cache(1)
def _of_ascii() -> dict[int, str]:
    """What each sign of ASCII is taken for."""
    return {code: _taken_for(chr(code)) for code in range(128)}
