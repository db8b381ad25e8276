"""Are values laid over a runbook and taken off again without another byte? Any values, in either line ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.errors import BadInput
from state.line_endings import with_crlf
from state.model import Box, Plan
from state.task_fields import fields_of
from workflow.runbook.fills import Fill, column_in, filled, fills_in, unfilled
from workflow.runbook.marks import flip_all
from workflow.runbook.reader import read_runbook

LINES = st.sampled_from(
    [
        "  - Owner: ____",
        "  - é, Datum: ______, Ort: ___",
        "  - [ ] Version ____ then `____`",
        "  - ____ [ ] before a box",
        "  - __bold__ ___both___",
        "  | a | ____ | ___ |",
        "  plain words",
    ]
)
TASKS = st.lists(st.lists(LINES, max_size=4), min_size=1, max_size=4)
VALUES = st.one_of(
    st.sampled_from(["", "_", "x", "a|b", r"a\|b", "1_2", "____x", "é" * 5, "[x] y"]),
    st.text("abc_ |é-[]", max_size=12),
)


def plan_of(tasks: list[list[str]]) -> tuple[bytes, Plan]:
    rows = [line for number, task in enumerate(tasks, 1) for line in (f"- [ ] {number}. T ____", *task)]
    data = "\n".join(["# R", "", *rows, ""]).encode()
    return data, read_runbook(data, name="r", path="r.md")


@given(TASKS, st.data(), st.booleans())
@settings(deadline=None, max_examples=60)
def test_only_underscores_change_and_all_of_it_is_undone(
    tasks: list[list[str]], data: st.DataObject, crlf: bool
) -> None:
    runbook, plan = plan_of(tasks)
    fields = [field for task in plan.tasks for field in fields_of(task)]
    values = {field: data.draw(VALUES) for field in fields}
    chosen = [(field, value) for field, value in values.items() if value and field.problem_with(value) is None]
    boxes = [box for task in plan.tasks if data.draw(st.booleans()) for box in task.boxes()]
    fills = fills_in(runbook, chosen)
    ticked = flip_all(runbook, boxes)
    if crlf:
        ticked = with_crlf(ticked)
    laid = filled(ticked, fills)
    assert unfilled(laid, fills) == ticked
    assert unfilled(ticked, fills) == ticked
    assert filled(laid, fills) == laid
    lines = laid.split(b"\n")
    assert lines == _expected(ticked, fills)
    for box in boxes:
        column = column_in(fills, runbook, box)
        assert lines[box.line - 1][column - 1 : column + 2] == b"[x]"


def _expected(ticked: bytes, fills: list[Fill]) -> list[bytes]:
    """By another way: each line cut at its runs of underscores, by their order."""
    values = {(fill.line, fill.column): fill.value for fill in fills}
    found = []
    for number, line in enumerate(ticked.split(b"\n"), 1):
        blanks = list(re.finditer(rb"_{3,}", line))
        between = re.split(rb"_{3,}", line)
        laid = [values.get((number, blank.start()), blank[0]) for blank in blanks] + [b""]
        found.append(b"".join(part + value for part, value in zip(between, laid, strict=True)))
    return found


def test_a_line_that_somebody_changed_is_left_alone() -> None:
    runbook, plan = plan_of([["  - é, Datum: ______, Ort: ___"]])
    _title, first, second = fields_of(plan.tasks[0])
    fills = fills_in(runbook, [(first, "now"), (second, "here")])
    laid = filled(runbook, fills)
    for changed in (laid.replace(b"here", b"there"), laid.replace(b"now", b"then"), laid.replace(b"- ", b"-  ")):
        assert unfilled(changed, fills) == changed
    assert filled(b"# R\n", fills) == unfilled(b"# R\n", fills) == b"# R\n"


def test_a_field_that_is_not_where_it_was_read_is_refused() -> None:
    runbook, plan = plan_of([["  - Owner: ____"]])
    fields = fields_of(plan.tasks[0])
    with pytest.raises(BadInput, match="fields were not filled in") as refused:
        fills_in(runbook.replace(b"____", b"done"), [(field, "x") for field in fields[:1]])
    assert refused.value.problems[0].where == "line 3"


def test_a_box_behind_a_field_is_found_where_the_value_has_moved_it() -> None:
    runbook = b"# R\n____ [ ] and [ ]\n"
    boxes = [Box(2, runbook.index(b"[ ]") + 1, " ", ""), Box(2, runbook.rindex(b"[ ]") + 1, " ", "")]
    fills = [Fill(2, 0, b"____", "é and more".encode())]
    line = filled(runbook, fills).split(b"\n")[1]
    assert [line[column_in(fills, runbook, box) - 1 :][:3] for box in boxes] == [b"[ ]", b"[ ]"]
    assert column_in(fills, runbook, boxes[0]) == line.index(b"[ ]") + 1
