"""A carriage return inside of a line hides no step: what is behind it is told, and `--strict` refuses it."""

from __future__ import annotations

import pytest

from state.errors import BadInput
from state.model import Plan
from workflow.runbook.grammar import GRAMMAR_1, GRAMMAR_2
from workflow.runbook.reader import read_runbook

HEAD = b"# T\n\n- [ ] 1. One"
TAIL = b"\n- [ ] 3. Three\n"


def said(plan: Plan) -> list[tuple[str, int, int]]:
    return [(each.code, each.line, each.column) for each in plan.findings]


@pytest.mark.parametrize(
    "behind", [b"- [ ] 2. Two", b"  - [x] 1.1 Two", b"> - [ ] 2. Two", b"1. [-] Two", b"\r* [ ] Two"]
)
def test_a_box_behind_a_carriage_return_is_told(behind: bytes) -> None:
    data = HEAD + b"\r" + behind + TAIL
    plan = read_runbook(data, name="t", path="t.md")
    assert said(plan) == [("malformed-box", 3, data.rindex(b"\r") - data.rindex(b"- [ ] 1.") + 2)]
    assert behind.decode().strip() in plan.findings[0].message
    with pytest.raises(BadInput, match="malformed-box"):
        read_runbook(data, name="t", path="t.md", strict=True)


@pytest.mark.parametrize("behind", [b"STOP", b"## Another section", b"`rm -rf build`"])
def test_other_words_behind_a_carriage_return_are_told(behind: bytes) -> None:
    plan = read_runbook(HEAD + b"\r" + behind + TAIL, name="t", path="t.md")
    assert said(plan) == [("lone-return", 3, 14)]


def test_several_boxes_are_one_finding_of_their_line() -> None:
    plan = read_runbook(HEAD + b"\rwords\r- [ ] 2. Two\r- [ ] 4. Four" + TAIL, name="t", path="t.md")
    assert said(plan) == [("malformed-box", 3, 20)]
    assert plan.findings[0].message.endswith("`- [ ] 2. Two`, and 1 more")


def test_line_ends_of_windows_are_no_finding() -> None:
    for end in (b"\r\n", b"\r\r\n"):
        plan = read_runbook((HEAD + TAIL).replace(b"\n", end), name="t", path="t.md")
        assert (said(plan), len(plan.tasks)) == ([], 2)


def test_runs_of_the_first_release_are_read_as_then() -> None:
    data = HEAD + b"\r- [ ] 2. Two" + TAIL
    first = read_runbook(data, name="t", path="t.md", grammar=GRAMMAR_1.number)
    assert said(first) == []
    assert first.digest == read_runbook(data, name="t", path="t.md", grammar=GRAMMAR_2.number).digest
