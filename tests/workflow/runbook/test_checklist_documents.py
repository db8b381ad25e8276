"""What are a checklist's items, and which of their boxes may be ticked?"""

from __future__ import annotations

import pytest

from state.model import Plan
from workflow.runbook.reader import read_runbook


def read(text: str) -> Plan:
    return read_runbook(text.encode(), name="list", path="list.md", shape="checklist")


def test_items_without_ids_keep_their_text_even_when_it_repeats() -> None:
    plan = read("# L\n## A\n- [ ] same\n- [ ] same\n## B\n- [x] same\n")
    assert [[(item.text, item.box.line) for item in task.items] for task in plan.tasks] == [
        [("same", 3), ("same", 4)],
        [("same", 6)],
    ]
    assert plan.tasks[0].title == "A"


def test_nested_boxes_are_items_of_the_same_section_in_order() -> None:
    assert [item.text for item in read("# L\n- [ ] a\n  - [ ] b\n    - [ ] c\n- [ ] d\n").tasks[0].items] == list(
        "abcd"
    )


def test_boxes_before_any_heading_are_a_section_too() -> None:
    (task,) = read("- [ ] a\n- [ ] b\n").tasks
    assert (task.title, task.key, len(task.items), task.line) == ("Checklist", "checklist", 2, 1)


def test_an_item_wraps_and_is_titled_by_its_bold_label() -> None:
    (item,) = read("# L\n- [ ] **Safety:** everything\n      is retained\n").tasks[0].items
    assert (item.title, item.text) == ("Safety", "**Safety:** everything is retained")


def test_a_fence_belongs_to_its_item_when_nested_and_to_the_section_when_not() -> None:
    text = "# L\n## A\n- [ ] one\n  ```bash\n  nested --it\n  ```\n- [ ] two\n```bash\nflush --left\n```\n"
    (task,) = read(text).tasks
    assert [[command.text for command in item.commands] for item in task.items] == [["nested --it"], []]
    assert [(command.text, command.line) for command in task.commands] == [("nested --it", 5), ("flush --left", 9)]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("## NO-GO Criteria\n- [ ] red\n## A\n- [ ] fine\n", ["fine"]),
        ("## A\n- [ ] fine\n\n**NO-GO if:**\n- [ ] red\n\n**GO if:**\n- [ ] green\n", ["fine", "green"]),
        ("## A\n**NO-GO if:**\n- [ ] red\n\nMind the weather.\n\n- [ ] wet\n\nGO if:\n- [ ] green\n", ["green"]),
        ("## Go/No-Go Decision\n- [ ] GO: release\n- [ ] NO-GO: stay\n", ["GO: release"]),
        ("## Go/No-Go Criteria\n- [ ] backup made\n", ["backup made"]),
    ],
)
def test_a_box_whose_tick_means_failure_is_never_an_item(text: str, taken: list[str]) -> None:
    plan = read("# L\n" + text)
    assert [item.text for task in plan.tasks for item in task.items] == taken
    assert len(plan.not_tasks) == text.count("[ ]") - len(taken)
    assert [finding.line for finding in plan.findings] == [finding.line for finding in plan.not_tasks]


def test_only_the_first_of_two_boxes_on_a_line_is_an_item() -> None:
    plan = read("# L\n- [ ] GO / [ ] NO-GO\n")
    assert [item.box.offset for item in plan.tasks[0].items] == [7]
    assert [finding.code for finding in plan.findings] == ["second-box"]


@pytest.mark.parametrize(
    ("text", "is_field"),
    [("Deployed by: ________", True), ("Date:", True), ("Approved by:", True), ("Verify the following:", False)],
)
def test_sign_off_lines_are_told_from_items(text: str, is_field: bool) -> None:
    codes = [finding.code for finding in read(f"# L\n- [ ] {text}\n").findings]
    assert codes == (["sign-off"] if is_field else [])


def test_ids_in_headings_name_the_section() -> None:
    plan = read("# L\n## Task 13.1: Tables\n- [ ] a\n## 2. Functions\n- [ ] b\n## 2024 goals\n- [ ] c\n")
    assert [(task.key, task.id, task.title) for task in plan.tasks] == [
        ("t13_1", "13.1", "Tables"),
        ("t2", "2", "Functions"),
        ("t2024_goals", "", "2024 goals"),
    ]


def test_ticks_do_not_change_what_the_plan_says() -> None:
    before, after = read("# L\n## A\n- [ ] a\n- [ ] b\n"), read("# L\n## A\n- [x] a\n- [X] b\n")
    assert before.digest == after.digest
    assert before.sha256 != after.sha256
