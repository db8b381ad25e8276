"""Where does a secret that begins here end? Strings of a line, words of a shell, values of a document.

Rules:
- A quoted value ends at the quote that closes it: not at an escaped one (`\\'`), nor at a doubled one (`''`).
- An unquoted value ends where the word of a shell ends. A separator within it (`,` `;` `&` `|`) ends it only when a
  blank, a quote or another `name=` follows; a bracket only when the word ends with it.
- A secret never goes beyond the string it begins in, and what replaces it has its quotes.
- Time grows with the length of the line: each search for an end starts where the last one stopped, or is bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from state.late_pattern import late

MASK = "***"
SHORTEST = 4  # characters; no name and its value have fewer

_QUOTE = late(r"""(\\{0,16})(["'])""")
_OPENS = late(r"""(?<![\w\\"'])(?:(?<!\w)[fFbBrRuUEeNn$])?(\\{0,16})(["'])""")
_ESCAPE = late(r"""\\([\\'"ntr]|x[0-9a-f]{2}|u[0-9a-f]{4}|U000[0-9a-f]{5})""")
_SAYS = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_ORDINARY = late(r"""[^\s"'\\,;&|)\]}>`]+""")
_SEPARATES = late(
    r"""[,;&|]{1,16}(?=\s|$|["'\\]|[A-Za-z_][\w.-]{0,40}(?:=|:\s)|(?<=;)[A-Za-z]{1,20}(?: [A-Za-z]{1,20}){1,4}=)"""
)
_SEPARATES_NOTHING = late(r"[,;&|]{1,16}(?=\s|$)")
_LAST = late(r"""\\{0,16}[)\]}>,;.`"'|&]{1,16}(?=\s|$)""")
# a shell joins it to the quoted piece in front; `/>`, `?>`, `%>` and `-->` end a tag or a comment
_GOES_ON = late(r"""(?!(?:[/?%]|--)>(?:\s|<|\\|["'`]|$))(?:[\w:"'$/+@#%!?~^*-]|\\)""")
_EMPTY = late(r"""(\\{0,16}["'])\1?|[\s)\]}>,;&|.`]*""")
_NUMBER = late(r"-?[0-9][0-9.eE+-]{0,400}(?=\s{0,8}(?:[,}\]]|$))")
_NO_TEXT = late(r"[\[{]|(?:true|false|null|True|False|None|-?Infinity|NaN)\s{0,8}(?:[,}\]]|$)")
_KEY = late(r"""(\\{0,16}["'])\s{0,8}:\s{0,8}$""")
_LOOK_BACK = 240  # characters in front of a value that say what it is the value of
_FIRST = late(r"\s*(?:(?:(?:export|set|env|ENV)\s{1,8}|-\s{1,8})?[\w.-]{1,200}\s{0,8}[=:]\s{0,8})?")
_OPTION = late(r"-{1,2}[\w.-]{1,200}=?")
_MORE = late(r"\s{0,8}[,;]\s{0,8}(?=[\w-]{1,60}=)")


class String(NamedTuple):
    """A quoted text of a line: places of its opening quote, of what it holds, of its end."""

    begin: int
    start: int
    stop: int
    end: int
    quote: str


def closing(line: str, start: int, quote: str, limit: int, *, before_word: bool = True) -> int:
    """The place of the quote that closes the string whose text starts here; -1 when none does.

    Args:
        quote: the opening one, with its backslashes (JSON within JSON has `\\"` and `\\\\\\"`).
        before_word: whether a letter may follow at once; an apostrophe within a word closes nothing in prose.
    """
    depth, kind = len(quote) - 1, quote[-1]
    place, escaped = start, -1
    while (place := line.find(kind, place, limit)) >= 0:
        run = 0
        while run < 40 and place - run > start and line[place - run - 1] == "\\":
            run += 1
        follows = line[place + 1 : place + 2]
        if run < depth:
            return -1  # the string around ends here
        if (run - depth) % (2 * (depth + 1)):
            escaped = place if run == 1 and (before_word or not follows.isalnum()) else escaped
        elif depth == 0 and follows == kind and place + 1 < limit:
            place += 1
        elif before_word or kind == '"' or not (follows.isalnum() or follows == "_"):
            return place - depth
        place += 1
    return escaped if kind == "'" and depth == 0 else -1


def strings(line: str) -> list[String]:
    """The quoted texts of a line, none within another; an apostrophe and a quote that is not closed are none."""
    found, place, dead = [], 0, set[str]()
    while opening := _OPENS.search(line, place):
        quote = opening[1] + opening[2]
        place = opening.end()
        if quote in dead:
            continue
        stop = closing(line, place, quote, len(line), before_word=False)
        if stop < 0:
            dead.add(quote)
            continue
        found.append(String(opening.start(1), place, stop, stop + len(quote), quote))
        place = stop + len(quote)
    return found


def masked_within(line: str, mask: Callable[[str], str]) -> str:
    """The line with the text of each of its strings masked as a text of its own."""
    done, place = [], 0
    for each in strings(line):
        done += [line[place : each.start], _masked_text(line[each.start : each.stop], each.quote, mask)]
        place = each.stop
    return "".join((*done, line[place:])) if done else line


def _masked_text(text: str, quote: str, mask: Callable[[str], str]) -> str:
    if len(text) < SHORTEST:
        return text
    read = _READERS[quote](text) if quote in _READERS and "\\" in text else None
    plain = text if read is None else read
    masked = mask(plain)
    if masked == plain:
        return text
    if read is None:
        return masked
    if quote == "'":
        return repr(f'{masked}"')[1:-2]  # the quote at the end makes `repr` take the other one
    return json.dumps(masked, ensure_ascii=text.isascii())[1:-1]


def _of_json(text: str) -> str | None:
    """What the text of a JSON string says; None when it is none."""
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return None


def _of_a_program(text: str) -> str | None:
    """What the text of a string of Python says; None when it has a backslash that is no escape there."""
    if text.count("\\") > sum(found[0].count("\\") for found in _ESCAPE.finditer(text)):
        return None
    return _ESCAPE.sub(lambda found: _SAYS.get(found[1]) or chr(int(found[1][1:], 16)), text)


_READERS = {'"': _of_json, "'": _of_a_program}


def end_of_word(line: str, start: int, limit: int) -> int:
    """Where the word of a shell that starts here ends, at the latest at the limit."""
    place = _end_of_braces(line, start, limit)
    separates = _SEPARATES_NOTHING if _only_a_blank_ends(line, start) else _SEPARATES
    dead = set[str]()
    while place < limit:
        if (ordinary := _ORDINARY.match(line, place, limit)) is not None:
            place = ordinary.end()
        elif (quote := _QUOTE.match(line, place, limit)) is not None:
            if place > start and _LAST.match(line, place, limit):
                break
            stop = -1 if quote[0] in dead else closing(line, quote.end(), quote[0], limit)
            if stop < 0 and place == start:
                return limit
            if stop < 0:
                dead.add(quote[0])
                place = quote.end()
                continue
            place = min(stop + len(quote[0]), limit)
            if not _GOES_ON.match(line, place, limit):
                break
        elif line[place] == "\\":
            place = min(place + 2, limit)
        elif line[place].isspace() or separates.match(line, place, limit) or _LAST.match(line, place, limit):
            break
        else:
            place += 1
    return place


def _only_a_blank_ends(line: str, start: int) -> bool:
    """Whether the value is its line's, or an option's: no `,name=` goes on with the text around it."""
    before = line[max(start - _LOOK_BACK, 0) : start]
    if start < _LOOK_BACK and _FIRST.fullmatch(before):
        return True
    words = before.split()[-2:]  # `--password X`, `--password=X`, `-u ada:X`
    return any(_OPTION.fullmatch(word) for word in (words if before[-1:].strip() else words[-1:]))


def _end_of_braces(line: str, start: int, limit: int) -> int:
    """Behind `{...}` of ADO.NET or `$$...$$` of PostgreSQL that starts here."""
    if line.startswith("$$", start) and (stop := line.find("$$", start + 2, limit)) >= 0:
        return stop + 2
    place = start
    while line.startswith("{", start) and (place := line.find("}", place + 1, limit)) >= 0:
        if not line.startswith("}", place + 1):
            return place + 1
        place += 1
    return start


def end_of_list(line: str, start: int, limit: int) -> int:
    """Where a list of words (`a="b", c="d"`) ends."""
    place = end_of_word(line, start, limit)
    while more := _MORE.match(line, place, limit):
        place = end_of_word(line, more.end(), limit)
    return place


def end_of_rest(line: str, _start: int, limit: int) -> int:
    """Everything up to the end of the line, or of the string."""
    return limit


End = Callable[[str, int, int], int]


def replaced(pattern: re.Pattern[str], end: End | None, line: str) -> str:
    """The line with each secret that the pattern finds masked; what the pattern gives a name to stays.

    Args:
        end: where a secret ends that begins at a place; None for where the match does.
    """
    done, place, within = [], 0, None
    searched = 0
    while found := pattern.search(line, searched):
        start = found.end(found.lastgroup) if found.lastgroup else found.start()
        if within is None:
            within = _Within(line)
        stop, mask = within.secret(found.start(), start, found.end(), end)
        if stop > start:
            done += [line[place:start], mask]
            place = stop
        searched = max(stop, start, found.start() + 1)
        if searched > len(line):
            break
    return "".join((*done, line[place:])) if done else line


class _Within:
    """The strings of one line, asked for from the left to the right."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._strings = strings(line)
        self._next = 0

    def secret(self, begin: int, start: int, matched: int, end: End | None) -> tuple[int, str]:
        """Where the secret that starts here ends, and what replaces it; the start itself when there is none."""
        line = self._line
        around = self._around(start)
        if around is not None:
            named_outside = begin <= around.begin and start < around.stop  # `-u "ada:X"`, `"Authorization": "Bearer X"`
            return (around.stop, MASK) if named_outside else (start, "")  # else it was masked as a text of its own
        key = _KEY.search(line, max(begin, start - 40), start)
        if key and (number := _NUMBER.match(line, start)):
            return number.end(), f"{key[1]}{MASK}{key[1]}"
        if key and _NO_TEXT.match(line, start):
            return start, ""
        stop = matched if end is None else end(line, start, len(line))
        if _EMPTY.fullmatch(line, start, stop):
            return start, ""
        return stop, _in_quotes(line[start:stop])

    def _around(self, place: int) -> String | None:
        while self._next < len(self._strings) and self._strings[self._next].stop < place:
            self._next += 1
        if self._next == len(self._strings):
            return None
        around = self._strings[self._next]
        return around if around.start <= place <= around.stop else None


def _in_quotes(secret: str) -> str:
    opening = _QUOTE.match(secret)
    if opening is None:
        return MASK
    quote = opening[0]
    closed = closing(secret, len(quote), quote, len(secret)) >= 0
    return f"{quote}{MASK}{quote if closed else ''}"
