"""Lines to compare: a text has no empty line behind its last line end, and a missing one is seen."""

from __future__ import annotations

import difflib

import pytest

from state.text_lines import NO_LINE_END, lines_of
from workflow.engine.check_runbook_edit import difference


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", []), ("\n", [""]), ("a\n", ["a"]), ("a\n\n", ["a", ""]), ("a", [f"a{NO_LINE_END}"]), ("a\rb\n", ["a\rb"])],
)
def test_the_lines_are_those_of_git(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines


def test_a_missing_line_end_is_a_difference() -> None:
    assert [*difflib.unified_diff(lines_of("a\n"), lines_of("a"), lineterm="")][3:] == ["-a", f"+a{NO_LINE_END}"]


def test_an_edit_of_the_last_line_shows_no_line_that_the_file_does_not_have() -> None:
    assert "@@ -2 +2,2 @@\n b\n+c\n```" in difference(b"a\nb\n", b"a\nb\nc\n")
