"""Words that nobody can see are no words, whichever characters they are made of; words in any script are."""

from __future__ import annotations

import pytest

from phases.manual.box_words import read_word
from phases.step import Question
from state.errors import BadInput
from state.printable import as_quote
from state.says_nothing import is_invisible, says_nothing
from workflow.engine.step_answers import problem_with_new
from workflow.service.given_words import require_no_stand_in, require_words

INVISIBLE = [
    "\u200b",  # zero width space
    "\u200b \u200c\u200d\u2060",
    "\ufeff",
    "\u00ad",  # soft hyphen
    "\u2800",  # the blank of Braille
    "\u3000\u00a0\u2003",
    "\u3164\u115f\u1160\uffa0",  # fillers of Hangul
    "\u202e\u2066",
    "\u034f\u180e\ufe0f",
    "\U000e0041\U000e0042",  # tags
    "\U0001d159\U00016fe4\ufffc",
    "\u0301\u0300",  # accents on nothing
    "\x1b\x07\x08",
    "\x7f",
    "\ue000\U0010fffd",  # private
    "\u0378",  # unassigned
    "\u2028\u2029\x85",
]
WORDS = ["no", "-", "!", "x\u200b", "no\u0308n", "\u65e5\u672c", "\u0645\u0631", "\U0001f44d", "\u2801", "\u0e01"]


@pytest.mark.parametrize("text", ["", " ", "\t\n ", *INVISIBLE])
def test_what_nobody_sees_says_nothing(text: str) -> None:
    assert says_nothing(text)
    with pytest.raises(BadInput, match="the reason says nothing"):
        require_words("the reason", text, "")


@pytest.mark.parametrize("text", WORDS)
def test_what_is_seen_says_something(text: str) -> None:
    assert not says_nothing(text) and not is_invisible(text)
    require_words("the reason", text, "")


@pytest.mark.parametrize("text", INVISIBLE)
def test_no_face_takes_it(text: str) -> None:
    """A comment, a reason on a box, and an answer; an empty comment is none."""
    if text.strip():
        with pytest.raises(BadInput, match="the comment says nothing"):
            require_no_stand_in("the comment", text, "")
        assert "expected words" in str(problem_with_new(Question("who", "Who?"), text))
    require_no_stand_in("the comment", "", "")
    with pytest.raises(ValueError, match="n/a"):
        read_word(f"n/a:{text}")


def test_a_quote_shows_every_blank_and_counts_many() -> None:
    assert as_quote("a\u3000b\tc\u00a0d\u2800e") == "a\\u3000b\\tc\\xa0d\\u2800e"
    assert as_quote("a" + " " * 3000 + "b") == "a [3,000 blanks] b"
    assert as_quote("a  b") == "a  b"
