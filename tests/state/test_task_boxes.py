"""Which boxes are answered by themselves, under which number, and what follows from what."""

from __future__ import annotations

import pytest

from state.model import PlannedTask
from state.task_boxes import boxes_of, own_commands
from workflow.runbook.reader import read_runbook

NESTED = b"""# Cut over

## T-24h
- [ ] Freeze
- [ ] Stacks
  - [ ] A
    - [ ] a1
    - [ ] a2
  - [ ] B
- [ ] Tests (`make test`)
"""


def first_task(text: bytes) -> PlannedTask:
    return read_runbook(text, name="cut", path="cut.md", shape="checklist").tasks[0]


def test_boxes_are_numbered_in_the_order_of_the_file_and_follow_from_those_directly_below() -> None:
    boxes = boxes_of(first_task(NESTED))
    assert [(box.number, box.id, box.text) for box in boxes][:3] == [
        (1, "box 1", "Freeze"),
        (2, "box 2", "Stacks"),
        (3, "box 3", "A"),
    ]
    assert [box.below for box in boxes] == [(), (3, 6), (4, 5), (), (), (), ()]


@pytest.mark.parametrize(
    ("text", "below"),
    [
        (b"# A\n\n## B\n- [ ] one\n\t- [ ] below a tab\n", [(2,), ()]),
        (b"# A\n\n## B\n> - [ ] one\n>   - [ ] below it in the quote\n", [(2,), ()]),
        (b"# A\n\n## B\n- [ ] one\n  ```sh\n  # no heading\n  true\n  ```\n  - [ ] below it\n", [(2,), ()]),
        (b"# A\n\n## If it rains\n- [ ] one\n  - [ ] below a condition\n", [(2,), ()]),
        (b"# A\n\n## B\n  - [ ] indented\n- [ ] not\n", [(), ()]),
        (b"# A\r\n\r\n## B\r\n- [ ] one\r\n  - [ ] two\r\n", [(2,), ()]),
    ],
    ids=["tab", "quote", "fence", "condition", "dedented", "CRLF"],
)
def test_what_stands_below_is_told_by_indentation(text: bytes, below: list[tuple[int, ...]]) -> None:
    assert [box.below for box in boxes_of(first_task(text))] == below


def test_a_heading_cuts_through() -> None:
    text = b"# A\n\n## Phase 1: Do it\n- [ ] one\n\n### More\n  - [ ] two\n"
    phase = read_runbook(text, name="a", path="a.md", shape="phases").tasks[0]
    assert [box.below for box in boxes_of(phase)] == [(), ()]


def test_the_commands_of_a_box_are_the_tasks_own_by_their_numbers() -> None:
    text = b"# A\n\n## B\n- [ ] same `make test`\n- [ ] again `make test`\n- [ ] none\n\n```sh\nmake all\n```\n"
    task = first_task(text)
    assert [own_commands(task, box) for box in boxes_of(task)] == [[1], [2], []]
