"""Which underscores are fields, what each asks for, and what may stand there."""

from __future__ import annotations

import pytest

from state.task_fields import fields_of
from workflow.runbook.reader import read_runbook


def labels(text: str) -> list[str]:
    plan = read_runbook(f"# R\n\n- [ ] 1. Deploy\n{text}".encode(), name="r", path="r.md")
    return [field.label for field in fields_of(plan.tasks[0])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  - Deployed by: ____", ["Deployed by"]),
        ("  - **Deployed by:** ____, *Date*: ________.", ["Deployed by", "Date"]),
        ("  - **Version: ____**", ["Version"]),
        ("  - [ ] Version (semver): ___", ["Version (semver)"]),
        ("  - ____ approved it", ["approved it"]),
        ("  - ____", []),  # a thematic break in a list
        ("  ____", []),
        ("  _ _ ___", []),
        ("  - __bold__, ___both___, snake___case, a/___/b, __/__/____, \\____", []),
        ("  - `____` and ``a ` ____``", []),
        ("  - `____` Owner: ____", ["`____` Owner"]),
        ("  <!-- Owner: ____ -->", []),
        ("  - a <!-- Owner: ____ --> b: ____", ["a <!-- Owner: ____ --> b"]),
        ("  ```text\n  Owner: ____\n  ```\n  - Ring: ____", ["Ring"]),
        ("  ~~~\n  ```\n  Owner: ____\n  ~~~", []),
        ("  > Owner: ____", ["Owner"]),
        ("  | Date | ____ |", ["Date"]),
        ("  | What | Owner | Value |\n  |---|:--|---|\n  | Ring | ____ | ____ |", ["Ring: Owner", "Ring"]),
        ("  | Owner | Date |\n  |---|---|\n  | ____ | ____ |", ["Owner", "Date"]),
    ],
)
def test_a_field_is_told_from_other_underscores_and_has_the_label_before_it(text: str, expected: list[str]) -> None:
    assert labels(text) == expected


def test_a_condition_and_a_heading_before_the_task_are_not_its_lines() -> None:
    data = b"# R\n\n## If it fails: ____\n\n- [ ] Who: ____\n\n## Then\n\n- [ ] Done\n"
    plan = read_runbook(data, name="r", path="r.md")
    lines = data.split(b"\n")
    for task in plan.tasks:
        for field in fields_of(task):
            assert b"____" in lines[field.line - 1]
            assert task.line <= field.line <= task.end_line


def test_a_value_at_the_beginning_of_a_line_begins_nothing_else() -> None:
    plan = read_runbook(b"# R\n\n- [ ] 1. A\n  - ____ did it\n", name="r", path="r.md")
    (field,) = fields_of(plan.tasks[0])
    refused = ["# a", "- a", "[x] a", "1. a", "2) a", "> a", "~~~", "|a"]
    assert [value for value in refused if field.problem_with(value) is None] == []
    assert [value for value in ("Ada", "2026-01-02", "", "(nobody)") if field.problem_with(value)] == []
