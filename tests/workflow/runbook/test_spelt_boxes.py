"""A box that is written in another spelling than Markdown's is no task, and is told with its line and place."""

from __future__ import annotations

import pytest

from state.model import Finding
from workflow.runbook.reader import read_runbook

SPELT = [
    *(r"\[ \]", r"\[x\]", r"[ \]", r"\[ ]", "[\u200b ]", "[ \u2060]", "( )", "(x)", "(X)"),
    *("&#91; &#93;", "&#91;x&#93;", "&lbrack; &rbrack;", "&#9744;", "&#x2611;", "[&nbsp;]"),
    *(":white_check_mark:", ":ballot_box_with_check:", ":x:"),
]


def _told(line: str) -> list[Finding]:
    """What is said of a line below a task; no line of these is a box of its own."""
    plan = read_runbook(f"# R\n\n- [ ] one\n\n{line}\n".encode(), name="r", path="r.md")
    assert sum(len(list(task.boxes())) for task in plan.tasks) == 1
    return [each for each in (*plan.findings, *plan.not_tasks) if each.line == 5]


@pytest.mark.parametrize("box", SPELT)
@pytest.mark.parametrize("bullet", ["- ", "1. ", "* ", "  - "])
def test_a_spelt_box_is_warned_of_with_its_place(bullet: str, box: str) -> None:
    (found,) = _told(f"{bullet}{box} two")
    assert (found.code, found.column) == ("malformed-box", len(bullet) + 1)


@pytest.mark.parametrize("line", [r"\[ \] two", r"1\. [ ] two", r"\* [ ] two", r"\- [x] two", r"> - \[ \] two"])
def test_so_is_one_without_a_bullet_or_behind_an_escaped_one(line: str) -> None:
    (found,) = _told(line)
    assert found.code == "malformed-box"


WORDS = [
    *("- R&D [1] pays", r"- a \[ \] in words", "- (x, y) is a point", "- :rocket: launch", r"- \[link\](there)"),
    *("- &copy; Ada", r"- `\[ \]` is how it is escaped", "- (a) first", "(x) alone", "- ()", r"- C:\[old\]"),
]


@pytest.mark.parametrize("line", WORDS)
def test_words_are_words(line: str) -> None:
    assert _told(line) == []


def test_an_escaped_box_in_a_table_is_a_status() -> None:
    plan = read_runbook(b"# R\n\n- [ ] one\n\n| a | b |\n|---|---|\n| x | \\[ \\] |\n", name="r", path="r.md")
    assert [(each.code, each.line) for each in plan.not_tasks] == [("table-box", 7)]


@pytest.mark.parametrize("line", [r"Deployed by: \_\_\_\_", r"- Name: \_\_\_", r"| by | \_\_\_\_ |"])
def test_escaped_underscores_are_told_as_no_field(line: str) -> None:
    (found,) = _told(line)
    assert (found.code, "escaped" in found.message) == ("no-field", True)
