"""A check that compares two values puts them as people write them."""

from __future__ import annotations

import pytest

from phases.step import compare


@pytest.mark.parametrize(
    ("expected", "seen", "words", "verdict"),
    [
        (["AlarmEmail", "Project"], ["Project"], ("AlarmEmail, Project", "Project"), "fail"),
        ({"Project": "shop"}, {}, ("Project=shop", "none"), "fail"),
        ((), (), ("none", "none"), "pass"),
        (3, 3, ("3", "3"), "pass"),
        ("a", "b", ("a", "b"), "fail"),
    ],
)
def test_values_in_words(expected: object, seen: object, words: tuple[str, str], verdict: str) -> None:
    check = compare("what", expected, seen)
    assert (check.expected, check.seen, check.verdict) == (*words, verdict)
