"""A difference of two texts loses no character: only LF ends a line, and a CR is written out."""

from __future__ import annotations

import pytest

from phases.documents.text_difference import text_difference
from state.printable import printable


def difference(before: str, after: str) -> list[str]:
    """As it is seen on a page, without names and places."""
    shown = printable(text_difference(before, after, "a", "b"))
    return [line for line in shown.split("\n") if line and not line.startswith(("---", "+++", "@@"))]


def test_line_ends_that_differ_are_seen() -> None:
    assert difference("one\r\ntwo\r\n", "one\ntwo\n") == [r"-one\r", r"-two\r", "+one", "+two"]
    assert difference("two\r\n", "two\r\r\n") == [r"-two\r", r"+two\r\r"]
    assert difference("last\n", "last\r") == ["-last", r"+last\r", r"\ No newline at end of file"]


OTHERS = {"\v": r"\x0b", "\f": r"\x0c", "\x1c": r"\x1c", "\x85": r"\x85", "\u2028": r"\u2028", "\u2029": r"\u2029"}


@pytest.mark.parametrize(("end", "shown"), [*OTHERS.items(), ("\r", r"\r")])
def test_what_else_may_end_a_line_is_a_sign_of_it(end: str, shown: str) -> None:
    assert difference("one two\n", f"one{end}two\n") == ["-one two", f"+one{shown}two"]
    assert difference("one\n", f"one{end}\n") == ["-one", f"+one{shown}"]
    assert difference("one\n", f"one{end}") == ["-one", f"+one{shown}", r"\ No newline at end of file"]


def test_a_last_line_without_lf_is_said_to_be_one() -> None:
    assert difference("one\n", "one") == ["-one", "+one", r"\ No newline at end of file"]
    assert difference("one", "one\n") == ["-one", r"\ No newline at end of file", "+one"]
    assert difference("", "one\n") == ["+one"]
    assert text_difference("one", "one", "a", "b") == ""
