"""Is every word of a call an option that a table knows, the value of one, or an accepted place?

An option is taken by its full name and the number of values that it takes; short ones may be joined (`-la`, `-n5`).
What the table does not know refuses the call, and so does a value that begins with a hyphen and is not joined to its
option.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from state.cheap_classes import dataclass

Places = Callable[[Sequence[str]], bool]


def anything(_words: Sequence[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one program that leave it reading.

    Attributes:
        flags: letters of the short options without a value.
        valued: letters of the short options with one.
        long: long options without a value, blank-separated, no hyphens; single-hyphen words begin with one hyphen.
        long_valued: long options and what their value must be; the value is joined by `=` or is the next word.
        joined: long options whose value may be left out, and is joined by `=` when it is there.
        number: `-5` is an option.
        places: whether the words that are no options are accepted.
    """

    flags: str = ""
    valued: str = ""
    long: str = ""
    long_valued: Mapping[str, str] = field(default_factory=dict)
    joined: str = ""
    number: bool = False
    places: Places = anything


def read_by(options: Options, words: Sequence[str]) -> bool:
    """Whether every word is an option of the table, the value of one, or an accepted place."""
    places: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            places += words[at + 1 :]
            break
        if not word.startswith("-") or word == "-":
            places.append(word)
            at += 1
            continue
        following = words[at + 1] if at + 1 < len(words) else None
        taken = _long(options, word, following) if word.startswith("--") else _short(options, word, following)
        if not taken:
            return False
        at += taken
    return options.places(places)


def _long(options: Options, word: str, following: str | None) -> int:
    name, equals, value = word[2:].partition("=")
    if not equals and name in [*options.long.split(), *options.joined.split()]:
        return 1
    if equals and name in options.joined.split():
        return 1
    return _value(options, name, value if equals else None, following)


def _value(options: Options, name: str, joined: str | None, following: str | None) -> int:
    """How many words an option with a value takes, 0 when it is not accepted."""
    wanted = options.long_valued.get(name)
    value = joined if joined is not None else following
    if wanted is None or value is None or (joined is None and value.startswith("-")):
        return 0
    return (1 if joined is not None else 2) if re.fullmatch(wanted, value) else 0


def _short(options: Options, word: str, following: str | None) -> int:
    if word in options.long.split() or (options.number and word[1:].isdigit()):
        return 1
    if word in options.long_valued:
        return _value(options, word, None, following)
    for at, letter in enumerate(word[1:], 1):
        if letter in options.valued:
            return _short_value(options, f"-{letter}", word[at + 1 :], following)
        if letter not in options.flags:
            return 0
    return 1


def _short_value(options: Options, name: str, joined: str, following: str | None) -> int:
    """How many words the option of one letter takes, with `joined` behind it in its word; 0 when it is not accepted."""
    if name in options.long_valued:
        return _value(options, name, joined or None, following)
    if joined:
        return 1
    return 2 if following is not None and not following.startswith("-") else 0
