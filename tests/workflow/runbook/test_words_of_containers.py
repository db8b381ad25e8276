"""What a box above others says is lost with no optional sub-task: beside one it is a state of its own."""

from __future__ import annotations

from state.model import Plan
from workflow.runbook.reader import read_runbook
from workflow.runs.completed_tasks import done_tasks

TEXT = """\
- [ ] 1. Deploy
  Needs VPN. Ticket: ____
  ```sh
  ./login.sh
  ```
  STOP: wait for approval from Eve.
  - [ ]* 1.1 Warm up
    - details
  - [ ] 1.2 Push
  - [ ]* 1.3 Look

    more of it

  When all is done:

  ```sh
  ./tell.sh
  ```
- [ ] 2. Rest
"""


def read(text: str, *, grammar: int = 2) -> Plan:
    return read_runbook(text.encode(), name="plan", path="plan.md", grammar=grammar)


def test_before_and_behind_an_optional_sub_task_they_are_states_of_their_own() -> None:
    plan = read(TEXT)
    assert [(task.id, task.title, task.line, task.end_line, task.optional) for task in plan.tasks] == [
        ("1", "Deploy, before its sub-tasks", 1, 6, False),
        ("1.1", "Warm up", 7, 8, True),
        ("1.2", "Push", 9, 9, False),
        ("1.3", "Look", 10, 12, True),
        ("1", "Deploy, behind its sub-tasks", 14, 18, False),
        ("2", "Rest", 19, 19, False),
    ]
    before, behind = plan.tasks[0], plan.tasks[4]
    assert [command.text for command in before.commands] == ["./login.sh"]
    assert before.gate == "STOP: wait for approval from Eve."
    assert [command.text for command in behind.commands] == ["./tell.sh"]
    assert (before.box, list(before.boxes()), before.inside) == (None, [], ("1 Deploy",))
    assert [parent.id for parent in plan.tasks[2].parents] == ["1"]
    assert "\n".join(task.text for task in plan.tasks).replace("\n", "") == TEXT.replace("\n", "")


def test_requirements_and_commits_are_no_states() -> None:
    text = '- [ ] 1. A\n  - _Requirements: 1.1_\n  - [ ]* 1.1 B\n  - **COMMIT**: with message "task 1"\n- [ ] 2. C\n'
    plan = read(text)
    assert [task.id for task in plan.tasks] == ["1.1", "2"]
    assert (plan.tasks[0].requirements, plan.tasks[0].commit_message) == (("1.1",), "task 1")


def test_they_are_optional_where_nothing_below_the_box_is_required() -> None:
    plan = read("- [ ] 1. A\n  - do it\n  - [ ]* 1.1 B\n  - [ ] 1.2* C\n- [ ] 2. D\n")
    assert [(task.title, task.optional) for task in plan.tasks] == [
        ("A, before its sub-tasks", True),
        ("B", True),
        ("C", True),
        ("D", False),
    ]


def test_boxes_in_boxes_that_speak_are_one_state_before_an_optional_one() -> None:
    plan = read("- [ ] 1. A\n  - `make a`\n  - [ ] 1.1 B\n    - `make b`\n    - [ ]* 1.1.1 C\n    - [ ] 1.1.2 D\n")
    assert [(task.id, [command.text for command in task.commands]) for task in plan.tasks] == [
        ("1", ["make a", "make b"]),
        ("1.1.1", []),
        ("1.1.2", []),
    ]


def test_by_grammar_1_they_are_nobodys() -> None:
    assert [task.id for task in read(TEXT, grammar=1).tasks] == ["1.1", "1.2", "1.3", "2"]


def test_the_states_are_the_same_whichever_boxes_are_ticked() -> None:
    assert read(TEXT).digest == read(TEXT.replace("- [ ]", "- [x]")).digest


def test_where_the_sub_tasks_are_ticked_they_are_done_too() -> None:
    assert len(done_tasks(read(TEXT.replace("- [ ]", "- [x]")))) == 6
    half = TEXT.replace("- [ ]* 1.1", "- [x]* 1.1").replace("- [ ] 2.", "- [x] 2.")
    assert [task.id for task in done_tasks(read(half))] == ["1.1", "2"]
