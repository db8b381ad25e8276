"""Which states does a task list have, in which order, and what flips with them?"""

from __future__ import annotations

from pathlib import Path

import pytest

from state.model import Plan
from state.task_fields import fields_of
from workflow.runbook.reader import read_runbook

TREE = Path(__file__).resolve().parents[2] / "runbooks" / "good" / "tree.md"


def read(text: str) -> Plan:
    return read_runbook(text.encode(), name="plan", path="plan.md")


def parents(plan: Plan) -> dict[str, list[str]]:
    return {task.key: [parent.id for parent in task.parents] for task in plan.tasks if task.parents}


def codes(plan: Plan) -> list[tuple[str, int]]:
    return [(finding.code, finding.line) for finding in plan.findings]


@pytest.fixture(scope="module")
def tree() -> Plan:
    return read_runbook(TREE.read_bytes(), name="tree", path="tree.md")


def test_leaves_are_the_states_in_the_order_of_the_file(tree: Plan) -> None:
    assert [task.key for task in tree.tasks] == [
        "t1_1",
        "t1_2_1",
        "t1_2_2",
        "t1_3",
        "t2_1",
        "t2_2",
        "t3",
        "t1_1_8",
        "t1_2",
        "t4",
        "success_criteria",
        "t5",
    ]
    assert [task.ordinal for task in tree.tasks] == list(range(1, 13))


def test_parents_flip_with_their_last_required_child_innermost_first(tree: Plan) -> None:
    assert parents(tree) == {"t1_2_1": ["1.2", "1"], "t2_2": ["2"], "t1_2": ["1"]}


def test_a_title_wraps_indented_or_not_and_details_reach_across_blank_lines(tree: Plan) -> None:
    leaf = tree.task("t1_1")
    assert leaf.title == "Leaf, whose title goes on here and even here"
    assert leaf.bullets[:2] == ("a detail that wraps", "after three blank lines")
    assert (leaf.line, leaf.end_line) == (6, 16)
    assert leaf.text.startswith("  - [ ] 1.1 Leaf, whose title\n    goes on here\nand even here\n")
    assert leaf.commit_message == "first 1.1: leaf"
    assert leaf.requirements == ("1.1", "2.3-2.6")


def test_a_heading_cuts_the_list_and_restarts_numbering(tree: Plan) -> None:
    assert tree.task("t1_1").heading == ("A tree with all its corners", "First")
    assert tree.task("t1_1_8").heading == ("A tree with all its corners", "Second")
    assert codes(tree) == [("repeated-id", 29), ("repeated-id", 30), ("repeated-id", 31)]


def test_boxes_without_ids_below_a_checkpoint_are_its_items(tree: Plan) -> None:
    checkpoint = tree.task("t4")
    assert [item.text for item in checkpoint.items] == ["the tests pass", "nobody objects"]
    assert checkpoint.text.endswith("  - [ ] nobody objects")


def test_criteria_after_a_task_are_one_state_of_kind_validation(tree: Plan) -> None:
    criteria = tree.task("success_criteria")
    assert (criteria.kind, criteria.id, criteria.box) == ("validation", "", None)
    assert [item.title for item in criteria.items] == ["Speed", "Nothing else broke"]
    assert criteria.items[0].text == "**Speed**: fast enough"


def test_criteria_before_the_first_task_are_looked_at_last() -> None:
    plan = read("# P\n\n## Success Criteria\n- [ ] fast\n\n## Tasks\n- [ ] 1. Work\n\n## Notes\n- [ ] remember\n")
    assert [(task.key, task.kind) for task in plan.tasks] == [
        ("t1", "task"),
        ("notes", "section"),
        ("success_criteria", "validation"),
    ]
    assert plan.not_tasks == ()


def test_tasks_with_ids_under_an_unlucky_heading_stay_tasks() -> None:
    plan = read("# P\n\n## Notes\nread this first\n- [ ] 1. Work\n- [ ] 2. More\n")
    assert [task.id for task in plan.tasks] == ["1", "2"]


def test_each_subsection_of_a_closing_section_is_a_state() -> None:
    plan = read("# P\n- [ ] 1. Work\n## Output Validation Checklist\n### A\n- [ ] a\n### B\n- [ ] b\n## Guide\ntext\n")
    assert [(task.key, len(task.items)) for task in plan.tasks] == [("t1", 0), ("a", 1), ("b", 1)]
    assert {task.kind for task in plan.tasks[1:]} == {"validation"}
    assert "Guide" not in plan.tasks[2].text


def test_flush_left_children_find_their_parent_by_the_ids_prefix() -> None:
    plan = read("- [ ] 1. A\n- [ ] 1.1 B\n- [ ] 1.2 C\n- [ ] 2. D\n- [ ] 2.1.1 E\n")
    assert [task.id for task in plan.tasks] == ["1.1", "1.2", "2.1.1"]
    assert parents(plan) == {"t1_2": ["1"], "t2_1_1": ["2"]}


def test_prefixes_do_not_reach_across_a_heading() -> None:
    plan = read("- [ ] 1. A\n\n# Next\n\n- [ ] 1.1 B\n")
    assert [task.id for task in plan.tasks] == ["1", "1.1"]


def test_an_indented_box_below_a_heading_is_no_child_of_the_list_above_it() -> None:
    plan = read("- [ ] 1. A\n\n# Next\n\n  - [ ] 2. B\n")
    assert [task.id for task in plan.tasks] == ["1", "2"]


def test_indentation_wins_over_the_id_and_the_disagreement_is_flagged() -> None:
    plan = read("- [ ] 1. A\n  - [ ] 1.1 B\n- [ ] 2. C\n  - [ ] 1.2 D\n")
    assert parents(plan) == {"t1_1": ["1"], "t1_2": ["2"]}
    assert ("parent-disagrees", 4) in codes(plan)


def test_ids_that_repeat_or_go_down_are_reported_and_run_all_the_same() -> None:
    plan = read("- [ ] 2. A\n- [ ] 1. B\n- [ ] 2. C\n- [ ] 10. D\n")
    assert codes(plan) == [("decreasing-id", 2), ("repeated-id", 3)]
    assert [task.key for task in plan.tasks] == ["t2", "t1", "t2_3", "t10"]


def test_an_optional_container_does_not_hold_its_own_parent_back() -> None:
    plan = read("- [ ] 1. A\n  - [ ] 1.1 B\n  - [ ]* 1.2 C\n    - [ ] 1.2.1 D\n")
    assert parents(plan) == {"t1_1": ["1"], "t1_2_1": ["1.2"]}


def test_tabs_indent_like_four_spaces() -> None:
    plan = read("- [ ] 1. A\n\t- [ ] 1.1 B\n\t\t- detail\n    - [ ] 1.2 C\n")
    assert parents(plan) == {"t1_2": ["1"]}
    assert plan.task("t1_1").bullets == ("detail",)


@pytest.mark.parametrize("blanks", [0, 1, 5, 6, 40])
def test_details_belong_across_however_many_blank_lines(blanks: int) -> None:
    assert read("- [ ] 1. A\n" + "\n" * blanks + "  - detail\n").tasks[0].bullets == ("detail",)


def test_six_blank_lines_end_the_details_in_grammar_1() -> None:
    data = b"- [ ] 1. A\n" + b"\n" * 6 + b"  - detail\n"
    assert read_runbook(data, name="plan", path="plan.md", grammar=1).tasks[0].bullets == ()


def test_text_that_is_not_indented_behind_a_blank_line_ends_the_details() -> None:
    task = read("- [ ] 1. A\n  - detail\n\nAn epilogue.\n\n  - not a detail\n").tasks[0]
    assert (task.bullets, task.end_line) == (("detail",), 2)


def test_a_heading_inside_a_task_is_part_of_its_text() -> None:
    plan = read("- [ ] 1. A\n  ### Why\n  - because\n- [ ] 1.1 B\n")
    assert parents(plan) == {"t1_1": ["1"]}


@pytest.mark.parametrize(
    ("line", "requirements"),
    [
        ("_Requirements: 1.1_", ("1.1",)),
        ("_Requirements: 1.1, 2.3-2.6_", ("1.1", "2.3-2.6")),
        ("_Requirements: 1.1, 2.3-2.6", ("1.1", "2.3-2.6")),
        ("_Requirements: All_", ("All",)),
        ("_Requirements: Module independence_", ("Module independence",)),
        ("_Requirements: FR-001, AC-2_", ("FR-001", "AC-2")),
        ("_Requirements: Requirements 6.1; 6.2_", ("6.1", "6.2")),
        ("**Requirements:** 1.1", ("1.1",)),
        ("Requirements: 1.1", ("1.1",)),
        ("_Requisitos: 1.1, 1.2_", ("1.1", "1.2")),
        ("_需求：1.1、1.2_", ("1.1", "1.2")),
        ("_Требования: 1.1_", ("1.1",)),
        ("_Vaatimukset: 1.1, 1.2_", ("1.1", "1.2")),  # a label that nobody listed, with numbers alone
        ("_Note: this is no requirement_", ()),
        ("Reviewed: 1.1", ()),
    ],
)
def test_requirements_are_read_in_every_spelling(line: str, requirements: tuple[str, ...]) -> None:
    assert read(f"- [ ] 1. A\n  - {line}\n").tasks[0].requirements == requirements
    assert read(f"- [ ] 1. A\n  - detail\n  {line}\n").tasks[0].requirements == requirements


def test_properties_and_what_they_validate_are_kept() -> None:
    task = read("- [ ] 1. A\n  - **Property 2: Order_ed output**\n  - **Validates: Requirements 1.3, 2.1**\n").tasks[0]
    assert (task.properties, task.validates) == (("Property 2: Order_ed output",), ("1.3", "2.1"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('**COMMIT**: Commit it with message "task 1: done"', "task 1: done"),
        ('**COMMIT:** say "no", with message "task 1: done"', "task 1: done"),
        ("**Commit**: with message “task 1: done”", "task 1: done"),
        ("**COMMIT**: with message `task 1: done`", "task 1: done"),
        ("**COMMIT**: with message 'task 1: it's done'", "task 1: it's done"),
        ('COMMIT: with message\n    "task 1: done"', "task 1: done"),
        ("**COMMIT**: the usual way", None),
    ],
)
def test_the_commit_message_is_the_last_quoted_run(line: str, message: str | None) -> None:
    assert read(f"- [ ] 1. A\n  - {line}\n").tasks[0].commit_message == message


def test_odd_commit_lines_are_reported() -> None:
    plan = read(
        '- [ ] 1.1 A\n  - **COMMIT**: "task 1.1: a"\n  - **COMMIT**: "again"\n'
        '- [ ] 1.2 B\n  - **COMMIT**: "task 1.1: b"\n'
        "- [ ] 1.3 C\n  - **COMMIT**: somehow\n"
    )
    assert codes(plan) == [("second-commit", 3), ("commit-names-another", 5), ("commit-without-message", 7)]
    assert [task.commit_message for task in plan.tasks] == ["task 1.1: a", "task 1.1: b", None]


@pytest.mark.parametrize(
    "label", ["Exit criteria: it is built", "**Exit Criteria**:", "_Completion criteria:_ built", "Exit criteria"]
)
def test_exit_criteria_that_a_task_list_does_not_read_are_listed(label: str) -> None:
    plan = read(f"- [ ] 1. A\n  - {label}\n    - it stands\n- [ ] 2. B\n  - Meet the exit criteria of Ada\n")
    assert codes(plan) == [("criteria-not-read", 2)]
    assert [task.exit_criteria for task in plan.tasks] == [(), ()]


@pytest.mark.parametrize(
    "words",
    [
        "Request permission to complete task",
        "STOP: look at the change set",
        "Do not proceed until the owner agrees",
        "Wait for user approval",
        "[HUMAN] press the button",
    ],
)
def test_an_explicit_gate_is_found_with_its_line(words: str) -> None:
    task = read(f"- [ ] 1. A\n  - work\n  - **{words}**\n").tasks[0]
    assert (task.gate, task.gate_line) == (words, 3)


@pytest.mark.parametrize("words", ["Stop the service", "Ensure checks pass before proceeding", "Manual approval gate"])
def test_words_that_only_sound_like_a_gate_are_none(words: str) -> None:
    assert read(f"- [ ] 1. A\n  - {words}\n").tasks[0].gate == ""


SPEAKING = """\
- [ ] 1. Deploy
  Needs VPN. Ticket: ____
  ```sh
  ./deploy.sh
  ```
  STOP: wait for approval from Eve.
  - _Requirements: 4.1_
  - [ ] 1.1 Health page answers
    - look at `curl localhost`
  Behind the first.
  - [ ] 1.2 Logs are clean
  - STOP: Eve looks
  - **COMMIT**: with message "task 1: deployed"
"""


def test_what_a_container_says_before_its_first_leaf_is_that_leafs() -> None:
    plan = read(SPEAKING)
    first = plan.tasks[0]
    assert (first.line, first.end_line) == (1, 10)
    assert first.text == "\n".join(SPEAKING.split("\n")[:10])
    assert [command.text for command in first.commands] == ["./deploy.sh", "curl localhost"]
    assert (first.gate, first.gate_line) == ("STOP: wait for approval from Eve.", 6)
    assert first.requirements == ("4.1",)
    assert [(each.line, each.label) for each in fields_of(first)] == [(2, "Needs VPN. Ticket")]
    assert first.box is not None and first.box.line == 8
    assert plan.findings == ()


def test_what_a_container_says_behind_its_last_leaf_is_that_leafs() -> None:
    last = read(SPEAKING).tasks[1]
    assert (last.line, last.end_line) == (11, 13)
    assert (last.gate, last.gate_line, last.commit_message) == ("STOP: Eve looks", 12, "task 1: deployed")


def test_a_leaf_names_the_boxes_above_it() -> None:
    assert [task.inside for task in read(SPEAKING).tasks] == [("1 Deploy",), ("1 Deploy",)]
    plan = read("- [ ] 1. A\n  - [ ] 1.1 B\n    - [ ] 1.1.1 C\n  - [ ] 1.2 D\n- [ ] 2. E\n")
    assert {task.id: task.inside for task in plan.tasks} == {"1.1.1": ("1 A", "1.1 B"), "1.2": ("1 A",), "2": ()}


def test_containers_in_containers_all_speak_and_the_leafs_own_gate_stands() -> None:
    plan = read(
        "- [ ] 1. A\n  - `make a`\n  - [ ] 1.1 B\n    - `make b`\n    - STOP: here\n    - [ ] 1.1.1 C\n"
        "      - `make c`\n      - STOP: there\n    - [ ] 1.1.2 D\n  - Behind all of them: `make d`\n- [ ] 2. E\n"
    )
    commands = {task.id: [command.text for command in task.commands] for task in plan.tasks}
    assert commands == {"1.1.1": ["make a", "make b", "make c"], "1.1.2": ["make d"], "2": []}
    assert [task.gate for task in plan.tasks] == ["STOP: there", "", ""]


def test_a_gate_in_a_containers_title_holds_at_its_first_leaf() -> None:
    plan = read("- [ ] 1. Wait for approval of the board\n  - [ ] 1.1 A\n  - [ ] 1.2 B\n")
    assert [(task.gate, task.gate_line) for task in plan.tasks] == [("Wait for approval of the board", 1), ("", 0)]


def test_a_container_that_says_nothing_leaves_its_leafs_as_they_are() -> None:
    plan = read("- [ ] 1. A\n  - [ ] 1.1 B\n")
    assert (plan.tasks[0].line, plan.tasks[0].text) == (2, "  - [ ] 1.1 B")


def test_a_containers_words_are_nobodys_in_grammar_1() -> None:
    tasks = read_runbook(SPEAKING.encode(), name="plan", path="plan.md", grammar=1).tasks
    assert [(task.line, task.commands[1:], task.gate, task.inside) for task in tasks] == [
        (8, (), "", ()),
        (11, (), "", ()),
    ]
