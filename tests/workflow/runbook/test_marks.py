"""Does a tick change one byte and nothing else, and is every other change seen?"""

from __future__ import annotations

import pytest

from state.errors import BadInput
from state.model import Box, Plan
from workflow.runbook.marks import changes_besides_marks, flip, flip_all, read_marks
from workflow.runbook.reader import read_runbook

TEXT = (
    "\ufeff# Plan\r\n\r\n- [ ] 1. Größe `[ ]` 漢\r\n"
    "  - [x] 1.1 Done\n  - [X] 1.2 Large\n  - [-] 1.3 Begun\n* [~] 2. Queued"
)
DATA = TEXT.encode()


@pytest.fixture
def plan() -> Plan:
    return read_runbook(DATA, name="plan", path="plan.md")


def boxes(plan: Plan) -> dict[str, Box]:
    own = {task.id: task.box for task in plan.tasks if task.box}
    return own | {parent.id: parent.box for task in plan.tasks for parent in task.parents}


def different(one: bytes, two: bytes) -> list[int]:
    assert len(one) == len(two)
    return [offset for offset in range(len(one)) if one[offset] != two[offset]]


@pytest.mark.parametrize("id_", ["1", "1.3", "2"])
def test_a_flip_changes_exactly_the_state_byte(plan: Plan, id_: str) -> None:
    box = boxes(plan)[id_]
    ticked = flip(DATA, box)
    assert different(DATA, ticked) == [box.offset]
    assert ticked[box.offset - 1 : box.offset + 2] == b"[x]"


def test_flipping_there_and_back_is_the_same_file(plan: Plan) -> None:
    chosen = [box for box in boxes(plan).values() if not box.done]
    there = flip_all(DATA, chosen)
    assert there != DATA
    for box in chosen:
        there = flip(there, box._replace(state="x"), to=box.state)
    assert there == DATA


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data.replace("Größe".encode(), "Grösse".encode()), "expected the line as it was read"),
        (lambda data: b"a line before\n" + data, "that byte is on line"),
        (lambda data: data.replace(b"[ ] 1. ", b"[x] 1. "), "expected state ' ', seen 'x'"),
        (lambda data: data.replace(b"[ ] 1. ", b"[  ] 1. "), "expected the line as it was read"),
        (lambda data: data.replace(b"\r\n", b"\n"), "that byte is on line|expected the line"),
        (lambda data: data[:12], "the file ends at 12"),
    ],
    ids=["text changed", "line inserted", "ticked already", "malformed", "line ends", "cut off"],
)
def test_a_changed_file_is_refused_and_says_what_was_seen(plan: Plan, change: object, reason: str) -> None:
    assert callable(change)
    with pytest.raises(BadInput, match=reason) as refused:
        flip(change(DATA), boxes(plan)["1"])
    assert str(refused.value.problems[0]).startswith("line 3: ")


def test_a_box_that_is_done_is_not_done_again_whatever_its_case(plan: Plan) -> None:
    for id_ in ("1.1", "1.2"):
        with pytest.raises(BadInput, match="already"):
            flip(DATA, boxes(plan)[id_])


def test_unknown_states_are_never_flipped_neither_from_nor_to() -> None:
    data = b"- [?] 1. A\n"
    (task,) = read_runbook(data, name="p", path="p.md").tasks
    assert task.box is not None
    with pytest.raises(BadInput, match="'\\?' is unknown and is never flipped"):
        flip(data, task.box)
    with pytest.raises(BadInput, match="cannot be set to 'y'"):
        flip(b"- [ ] 1. A\n", task.box._replace(state=" "), to="y")


def test_a_box_in_a_state_of_several_bytes_is_found_where_it_was_read() -> None:
    data = "- [ ] 1. A\n- [漢] 2. B\n".encode()
    plan = read_runbook(data, name="p", path="p.md")
    assert list(read_marks(data, plan).values()) == [" ", "漢"]


def test_all_refused_boxes_are_named_and_nothing_is_flipped_by_halves(plan: Plan) -> None:
    chosen = boxes(plan)
    with pytest.raises(BadInput) as refused:
        flip_all(DATA, [chosen["1"], chosen["1.1"], chosen["1.2"]])
    assert [str(problem).split(":")[0] for problem in refused.value.problems] == ["line 4", "line 5"]


def test_the_marks_of_an_edited_copy_are_read_back(plan: Plan) -> None:
    chosen = boxes(plan)
    marks = read_marks(flip(DATA, chosen["2"]), plan)
    assert {id_: marks[box.offset] for id_, box in chosen.items()} == {
        "1": " ",
        "1.1": "x",
        "1.2": "X",
        "1.3": "-",
        "2": "x",
    }


def test_marks_of_a_file_whose_lines_moved_are_not_guessed(plan: Plan) -> None:
    with pytest.raises(BadInput, match=r"plan\.md was changed by hand") as refused:
        read_marks(DATA.replace(b"\r\n\r\n", b"\r\n\r\nnew\r\n"), plan)
    assert len(refused.value.problems) == 5


def test_a_copy_that_differs_in_marks_alone_has_no_changes(plan: Plan) -> None:
    ticked = flip_all(DATA, [box for box in boxes(plan).values() if not box.done])
    assert changes_besides_marks(DATA, ticked, plan) == []
    assert changes_besides_marks(ticked, DATA, plan) == []


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (lambda data: data.replace(b"Done", b"Gone"), "plan.md:4", "Gone"),
        (lambda data: data.replace(b"1.1 Done\n", b"1.1 Done\n  new\n"), "plan.md:5", "expected nothing, seen '  new'"),
        (lambda data: data.replace(b"  - [x] 1.1 Done\n", b""), "plan.md:4", "seen nothing"),
        (lambda data: data.replace(b"\r\n\r\n", b"\n\r\n"), "plan.md:1", "Plan"),
        (lambda data: data + b"\n", "plan.md:8", "expected nothing"),
        (lambda data: data.replace(b"`[ ]`", b"`[x]`"), "plan.md:3", "[x]"),
        (lambda data: data.replace(b"[x] 1.1", b"[?] 1.1"), "plan.md:4", "[?]"),
        (lambda data: data.replace(b"[x] 1.1", b"[] 1.1"), "plan.md:4", "[] 1.1"),
        (lambda data: data[3:], "plan.md:1", "# Plan"),
    ],
    ids=["word", "inserted", "removed", "line end", "last newline", "second box", "odd mark", "lost mark", "no BOM"],
)
def test_any_other_change_is_seen_even_beside_ticks(plan: Plan, change: object, where: str, said: str) -> None:
    assert callable(change)
    ticked = flip(DATA, boxes(plan)["1"])
    (problem,) = changes_besides_marks(DATA, change(ticked), plan)
    assert (problem.where, said in problem.message) == (where, True), problem.message


def test_a_repeated_line_that_was_removed_is_seen() -> None:
    data = b"- [ ] 1. A\n- same\n- same\n- [ ] 2. B\n"
    plan = read_runbook(data, name="p", path="p.md")
    (problem,) = changes_besides_marks(data, data.replace(b"- same\n", b"", 1), plan)
    assert (problem.where, problem.message) == ("p.md:3", "expected '- same', seen nothing")


def test_a_box_behind_a_byte_order_mark_is_found() -> None:
    data = b"\xef\xbb\xbf- [ ] 1. A\n"
    (task,) = read_runbook(data, name="p", path="p.md").tasks
    assert task.box is not None
    assert flip(data, task.box) == b"\xef\xbb\xbf- [x] 1. A\n"


def test_a_box_that_is_not_of_the_plan_is_no_mark() -> None:
    data = b"# L\n## A\n- [ ] fine\n## NO-GO\n- [ ] red\n"
    plan = read_runbook(data, name="l", path="l.md", shape="checklist")
    (problem,) = changes_besides_marks(data, data.replace(b"[ ] red", b"[x] red"), plan)
    assert problem.where == "l.md:5"
