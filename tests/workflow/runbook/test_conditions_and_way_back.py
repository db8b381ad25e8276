"""When is a section done at all, and which sections are about going back? Conditions, cases, and what they keep out."""

from __future__ import annotations

import pytest

from state.model import Plan
from workflow.runbook.case_words import is_conditional, is_way_back, names_more, the_case, what_is_done
from workflow.runbook.reader import read_runbook


def read(text: str) -> Plan:
    return read_runbook(text.encode(), name="plan", path="plan.md")


def conditions(plan: Plan) -> dict[str, str]:
    return {task.key: task.condition for task in plan.tasks if task.condition}


@pytest.mark.parametrize(
    "heading",
    [
        "If it fails",
        "3. If it fails",
        "Step 4: If it fails",
        "Reindex (if needed)",
        "Only if it is slow",
        "X, if necessary",
        "Wenn es nicht läuft",
        "3. Falls nötig",
        "Neustart (bei Bedarf)",
        "Im Fehlerfall",
        "Si algo falla",
        "En cas d'échec",
        "Se der errado",
        "如果失败",
        "失敗した場合",
    ],
)
def test_a_heading_says_in_which_case(heading: str) -> None:
    assert is_conditional(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "Verify",
        "Ifconfig",
        "Se ejecuta todo",
        "SI units",
        "Wennigsen",
        "Fehlerliste",
        "Problems",
        "What to do when it fails",
        "Notify if",
        "Specific steps",
    ],
)
def test_another_heading_says_nothing(heading: str) -> None:
    assert not is_conditional(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "Rollback",
        "Roll back",
        "Rolling back",
        "Back-out plan",
        "Backout",
        "Emergency stop",
        "Troubleshooting",
        "5. Rollbacks",
        "Emergency",
        "🚨 Emergency: call us",
        "Emergency contacts",
        "Emergency rollback of the queue",
        "Rollback and recovery",
        "Rollback criteria",
        "Emergencies, incidents and their escalation",
        "Fallback",
        "7. Fall-back plan:",
        "How to revert",
        "Contingency",
        "Rückfallplan",
        "Plan de reversión",
        "Procédure de retour arrière",
        "Plano de retorno",
        "План отката",
        "回滚步骤",
        "切り戻し手順",
    ],
)
def test_a_heading_of_the_way_back(heading: str) -> None:
    assert is_way_back(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "Rollback preparation",
        "Test the rollback",
        "Prepare to roll back",
        "User Story 3 - Rollback a release",
        "Feedback",
        "Emergency deployment",
        "Phase 1: Emergency fixes of the shop",
        "Rollback-aware merges",
        "Rollback and recovery requirements",
        "Task 3: Troubleshooting guide",
        "Work package WP02: Troubleshooting decision tree",
    ],
)
def test_a_heading_that_goes_forward(heading: str) -> None:
    assert not is_way_back(heading)


@pytest.mark.parametrize(
    ("heading", "more"),
    [
        ("Declare success or roll back", True),
        ("Rollback, fences and switches", True),
        ("Monitoring, incident response, rollback and retirement", True),
        ("4. Risks & rollback of the share", True),
        ("Deploy/rollback", True),
        ("Rollback", False),
        ("Rollback and recovery", False),
        ("Rollback of the share and the index", False),
        ("Rollback plan / contacts", False),
        ("Incident response and rollback", False),
        ("Deployment rollback", False),
    ],
)
def test_a_heading_names_something_beside_the_way_back(heading: str, more: bool) -> None:
    assert is_way_back(heading)
    assert names_more(heading) is more


def test_a_document_called_by_its_way_back_goes_forward_by_it() -> None:
    body = "## A\n- [ ] a\n## Rollback steps\n- [ ] b\n"
    taken = {title: [task.key for task in read(f"# {title}\n{body}").tasks] for title in ("Rollback plan", "Move")}
    assert taken == {"Rollback plan": ["a", "rollback_steps"], "Move": ["a"]}
    assert [task.key for task in read(f"# Deployment and rollback\n{body}").tasks] == ["a"]


def test_a_section_that_says_what_is_ready_goes_forward_unless_it_has_commands() -> None:
    ready = "- [ ] Plan written\n- [ ] Plan rehearsed\n- [ ] Tell the owner\n"
    assert [task.key for task in read(f"# L\n## A\n- [ ] a\n## Rollback\n{ready}").tasks] == ["a", "rollback"]
    with_command = f"# L\n## A\n- [ ] a\n## Rollback\n{ready}```bash\nmake undo\n```\n"
    assert [task.key for task in read(with_command).tasks] == ["a"]
    half = "# L\n## A\n- [ ] a\n## Rollback\n- [ ] Plan written\n- [ ] Undo it\n"
    assert [task.key for task in read(half).tasks] == ["a"]


@pytest.mark.parametrize(
    "label", ["**NO-GO if:**", "No-go:", "**Signs of no go:**", "NO-GO: do not go on when", "No-go, go home:"]
)
def test_boxes_without_ids_under_a_no_go_label_of_a_task_list_are_no_tasks(label: str) -> None:
    plan = read(f"# T\n- [ ] 1. Ask\n\n{label}\n\n- [ ] it is red\n- [ ] 2. Say so\n\n**Then:**\n\n- [ ] end\n")
    assert [task.key for task in plan.tasks] == ["t1", "t2", "end"]
    assert [(each.code, each.line) for each in plan.not_tasks] == [("no-go", 6)]


@pytest.mark.parametrize(
    "label", ["**Go/No-Go:**", "**GO | NO-GO:**", "Go vs. no-go:", "**NO-GO or GO:**", "Go and no-go:"]
)
def test_a_decision_is_no_no_go_list(label: str) -> None:
    plan = read(f"# L\n## A\n- [ ] a\n## B\n{label}\n\n- [ ] asked\n")
    assert [len(task.items) for task in plan.tasks] == [1, 1]
    assert plan.not_tasks == ()


def test_a_sentence_that_begins_with_if_makes_nothing_optional() -> None:
    plan = read("# L\n## A\nIf you publish for the first time, log in first.\n- [ ] a\n## B\n- [ ] b\n")
    assert [task.optional for task in plan.tasks] == [False, False]


def test_the_condition_stands_before_the_text_and_is_covered_by_the_digest() -> None:
    one = read("# L\n## A\n- [ ] a\n## R\nIf it fails:\n### Now\n- [ ] b\n")
    other = read("# L\n## A\n- [ ] a\n## R\nIf it burns:\n### Now\n- [ ] b\n")
    assert conditions(one) == {"now": "If it fails"}
    assert one.tasks[1].text.startswith("Only in this case: If it fails\n\n### Now\n")
    assert one.digest != other.digest


def test_a_condition_of_the_title_is_about_its_own_lines_only() -> None:
    plan = read("# Rollback\nIf you are new:\n- [ ] ask\n## A\n- [ ] a\n## B\n- [ ] b\n")
    assert conditions(plan) == {"rollback": "If you are new"}
    assert [task.key for task in plan.tasks] == ["rollback", "a", "b"]


def test_another_label_ends_a_case_at_the_top_of_a_section() -> None:
    plan = read("# L\n## A\nIf you use Docker:\n- [ ] build\n\n**Otherwise:**\n- [ ] make\n## B\n- [ ] b\n")
    assert [(task.key, task.optional, len(task.items)) for task in plan.tasks] == [
        ("a", False, 1),
        ("if_you_use_docker", True, 1),
        ("b", False, 1),
    ]


def test_commands_of_a_case_and_of_the_way_back_are_not_offered_with_the_phase() -> None:
    plan = read(
        "# D\n## Phase 1: A\n```bash\nmake it\n```\n### If it fails\n- [ ] look\n```bash\nmake log\n```\n"
        "### Rollback\n```bash\nmake undo\n```\n## Phase 2: B\n- [ ] b\n"
    )
    shown = {task.key: [command.text for command in task.commands] for task in plan.tasks}
    assert shown == {"phase_1": ["make it"], "if_it_fails": ["make log"], "phase_2": []}


def test_a_step_of_the_way_back_is_listed_and_never_a_state() -> None:
    plan = read("- [ ] 1. Deploy\n\n# Rollback\n\n- [ ] 2. Undo\n\n## More\n- [ ] 3. Say so\n")
    assert [task.key for task in plan.tasks] == ["t1"]
    assert [(each.code, each.line) for each in plan.not_tasks] == [("way-back", 3), ("way-back", 5), ("way-back", 8)]
    assert plan.findings == ()


@pytest.mark.parametrize(
    "forward", ["- [ ] 1. Deploy\n", "## 2. Deploy\n- [ ] go\n## 3. Look\n- [ ] see\n", "## Phase 1: Go\nx\n"]
)
def test_a_way_back_without_a_box_is_listed_with_its_commands(forward: str) -> None:
    plan = read(
        f"# Release\n\n{forward}\n## 9. Rollback\n\n```sh\n./rollback.sh\n```\n\n### Then\n\n"
        "1. Run `make undo` and `make clean`\n2. Call Eve\n"
    )
    at = 3 + forward.count("\n") + 1
    assert [(each.code, each.line - at) for each in plan.not_tasks] == [("way-back", row) for row in (0, 3, 8, 8)]
    shown = [each.message.rpartition(": ")[2] for each in plan.not_tasks[1:]]
    assert shown == ["./rollback.sh", "make undo", "make clean"]
    assert not any("undo" in command.text or "rollback" in command.text for t in plan.tasks for command in t.commands)


def test_parents_of_conditional_tasks_are_ticked_with_the_last_of_them() -> None:
    plan = read("# P\n## Work\n- [ ] 1. A\n## If it is slow\n- [ ] 2. B\n  - [ ] 2.1 C\n  - [ ] 2.2 D\n")
    assert {task.id: [parent.id for parent in task.parents] for task in plan.tasks} == {
        "1": [],
        "2.1": [],
        "2.2": ["2"],
    }
    assert conditions(plan) == {"t2_1": "If it is slow", "t2_2": "If it is slow"}


def test_a_no_go_list_stays_one_and_a_roll_back_on_no_go_does_not_become_one() -> None:
    plan = read("# L\n## NO-GO criteria\n- [ ] red\n## Roll back (only if no-go)\n- [ ] undo\n## A\n- [ ] a\n")
    assert [task.key for task in plan.tasks] == ["roll_back_only_if_no_go", "a"]
    assert [each.line for each in plan.not_tasks if each.code == "no-go"] == [3]


STEPS = (
    "## Cut\n\n- [ ] cut over\n\n```sh\nmake cut\n```\n\n{}\n\n"
    "- [ ] go back\n\n```sh\nmake back\n```\n\n{}\n\n- [ ] tell\n"
)


def forward(text: str) -> tuple[list[str], list[str]]:
    """The texts of the boxes, and the commands, of what goes forward."""
    tasks = read(text).tasks
    boxes = [task.title for task in tasks if task.box] + [item.text for task in tasks for item in task.items]
    return boxes, [command.text for task in tasks for command in task.commands]


@pytest.mark.parametrize(
    "label", ["**Rollback**", "__Roll back__:", "**Back-out plan:**", "Rollback:", "To roll back:", "**Fallback**"]
)
@pytest.mark.parametrize("behind", ["**After**", "---", "## After"])
@pytest.mark.parametrize("shape", ["{}", "## Phase 1: Do\n\n- [ ] do\n\n{}", "- [ ] 1.1 do\n- [ ] 1.2 see\n\n{}"])
def test_what_stands_below_a_label_about_going_back_is_no_step_forward(label: str, behind: str, shape: str) -> None:
    text = shape.format(STEPS.format(label, behind)).replace(
        "## Cut", "## Phase 2: Cut" if "Phase" in shape else "## Cut"
    )
    boxes, commands = forward(text)
    assert boxes[-2:] == ["cut over", "tell"] and "go back" not in boxes
    assert commands == ["make cut"] or (commands == [] and "1.1" in shape)
    lines = text.split("\n")
    listed = [lines[each.line - 1] for each in read(text).not_tasks if each.code == "way-back"]
    assert listed == [label, "- [ ] go back", "make back"]


@pytest.mark.parametrize(
    "label",
    [
        "**Rollback tested**: yes",
        "**Test the rollback**",
        "**Rollback (only if it fails)**",
        "A rollback is easy.",
        "**Roll**",
    ],
)
def test_another_label_keeps_what_stands_below_it(label: str) -> None:
    boxes, commands = forward(STEPS.format(label, "**After**"))
    assert (sorted(boxes), commands) == (["cut over", "go back", "tell"], ["make cut", "make back"])


@pytest.mark.parametrize(
    "line", ["- Rollback: `make back`", "**Rollback**: run `make back`", "- Rollback:\n    - `make back`"]
)
def test_a_line_that_says_how_to_go_back_offers_no_command(line: str) -> None:
    text = f"## Cut\n\n- [ ] 1.1 cut over\n  - `make cut`\n\n  {line}\n- [ ] 1.2 tell\n"
    assert forward(text)[1] == ["make cut"]
    assert [each.code for each in read(text).not_tasks if "make back" in each.message] == ["way-back"]


def test_a_label_below_which_all_is_ready_goes_forward() -> None:
    ready = "**Rollback plan**\n\n- [ ] Rollback tested in staging\n- [ ] Owner of the rollback named and trained"
    assert forward(f"## Before\n\n- [ ] backup made\n\n{ready}\n\n## Cut\n\n- [ ] cut\n")[0][1:3] == [
        "Rollback tested in staging",
        "Owner of the rollback named and trained",
    ]


def test_a_document_with_nothing_but_such_a_label_goes_forward_by_it() -> None:
    assert forward("# Undo it\n\n**Rollback**\n\n- [ ] go back\n- [ ] tell\n")[0] == ["go back", "tell"]


def test_a_label_in_bold_says_in_which_case() -> None:
    plan = read("## Cut\n\n- [ ] cut\n\n**Only if it is slow**\n\n- [ ] reindex\n\n**After**\n\n- [ ] tell\n")
    assert conditions(plan) == {"reindex": "Only if it is slow"}


@pytest.mark.parametrize(
    ("heading", "optional"),
    [
        ("Sounds (optional)", True),
        ("Optional: Sounds", True),
        ("Nice to have", True),
        ("Stretch goals", True),
        ("Sonidos (opcional)", True),
        ("音（任意）", True),
        ("Optional fields", False),
        ("Nice to have a look at", False),
    ],
)
@pytest.mark.parametrize(
    "shape",
    [
        "## {}\n\n- [ ] 1.1 a\n- [ ] 1.2 b\n",
        "# C\n\n## {}\n\n- [ ] a\n\n## B\n\n- [ ] b\n",
        "## Phase 1: {}\n\n- [ ] a\n",
    ],
)
def test_a_heading_says_that_what_stands_below_it_is_optional(heading: str, optional: bool, shape: str) -> None:
    assert read(shape.format(heading)).tasks[0].optional is optional


@pytest.mark.parametrize(
    ("condition", "case", "done"),
    [
        ("Roll back (only if no-go)", "no-go", "Roll back"),
        ("If the new site is slow:", "the new site is slow", ""),
        ("Only if the row counts differ", "the row counts differ", ""),
        ("Roll back (if needed)", "Roll back is needed", "Roll back"),
        ("Restore - only if the dump is empty", "the dump is empty", "Restore"),
        ("If needed", "it is needed", ""),
        ("3. If it fails", "it fails", ""),
        ("Step 4: Restore (only if it fails)", "it fails", "Restore"),
        ("On failure", "On failure", ""),
        ("Notify the team", "Notify the team", ""),
    ],
)
def test_a_case_is_told_alone(condition: str, case: str, done: str) -> None:
    assert (the_case(condition), what_is_done(condition)) == (case, done)
