"""Which headings are phases, how does each end, and when is a document a phase workflow?"""

from __future__ import annotations

import pytest

from state.model import Plan
from workflow.runbook.phases import phase_name
from workflow.runbook.reader import read_runbook


def read(text: str) -> Plan:
    return read_runbook(text.encode(), name="plan", path="plan.md")


@pytest.mark.parametrize(
    ("heading", "id_", "title"),
    [
        ("Phase 1: Setup", "Phase 1", "Setup"),
        ("Phase 0: Setup", "Phase 0", "Setup"),
        ("Phase 1.5: Setup", "Phase 1.5", "Setup"),
        ("Phase 2c: Setup", "Phase 2c", "Setup"),
        ("Phase 6-7: Setup", "Phase 6-7", "Setup"),
        ("Part A: Setup", "Part A", "Setup"),
        ("Stage 2 - Setup", "Stage 2", "Setup"),
        ("Step 3 — Setup", "Step 3", "Setup"),
        ("Phase 4", "Phase 4", ""),
        ("Phase 4 ✅", "Phase 4", ""),
        ("🚀 Phase 1: Setup", "Phase 1", "Setup"),
        ("**Phase 1**: Setup", "Phase 1", "Setup"),
        ("Phase 1: Setup (2-3 days)", "Phase 1", "Setup"),
        ("Phase 1: Setup 🔄 (1 day) ✅", "Phase 1", "Setup"),
        ("Phase 1 (Week 1): Setup", "Phase 1", "Setup"),
        ("Phase 1: Setup (Production)", "Phase 1", "Setup (Production)"),
        ("Phase 1: 准备", "Phase 1", "准备"),
        ("phase 1: setup", "phase 1", "setup"),
    ],
)
def test_a_phase_is_named_by_word_and_number(heading: str, id_: str, title: str) -> None:
    name = phase_name(heading)
    assert name is not None
    assert (name.id, name.title) == (id_, title)


@pytest.mark.parametrize(
    "heading",
    ["Phase 2 Progress Tracking", "Part of it", "Phases", "Step by step: how", "Step a: x", "Overview", "Phase: none"],
)
def test_other_headings_are_no_phases(heading: str) -> None:
    assert phase_name(heading) is None


def test_the_outermost_level_with_several_phases_counts() -> None:
    plan = read("# Stage 6: All\n## Phase 1: A\n### Step 1: a\n### Step 2: b\n## Phase 2: B\ntext\n")
    assert [task.key for task in plan.tasks] == ["phase_1", "phase_2"]
    assert [finding.code for finding in plan.not_tasks] == ["inner-phase", "inner-phase"]


def test_boxes_in_a_phase_are_its_items_and_exit_criteria_without_boxes_are_not() -> None:
    plan = read(
        "# D\n## Phase 1: A\n- [ ] do `make it`\n### Exit Criteria\n- made\n- shown\n### Success Criteria\n- [ ] fast\n"
        "## Phase 2: B\n**Exit Criteria**:\n- done\n\n**Next**:\n- not a criterion\n## After\n- [ ] elsewhere\n"
    )
    first, second, after = plan.tasks
    assert [item.text for item in first.items] == ["do `make it`", "fast"]
    assert first.items[0].commands[0].text == "make it"
    assert (first.exit_criteria, second.exit_criteria) == (("made", "shown"), ("done",))
    assert (after.kind, after.title, [item.text for item in after.items]) == ("section", "After", ["elsewhere"])
    assert plan.not_tasks == ()


def test_phases_without_names_are_titled_by_their_number() -> None:
    assert [task.title for task in read("# D\n## Phase 1\na\n## Phase 2\nb\n").tasks] == ["Phase 1", "Phase 2"]


def test_a_gate_may_name_any_phase_of_a_range() -> None:
    plan = read("# D\n## Phase 5: A\n**Request permission to proceed to Phase 6**\n## Phase 6-7: B\nb\n")
    assert (plan.findings, plan.tasks[1].key) == ((), "phase_6_7")


def test_a_gate_to_another_phase_than_the_next_one_is_reported() -> None:
    gate = "**Request permission to proceed to Phase {}**\n"
    plan = read(f"# D\n## Phase 1: A\n{gate.format(3)}## Phase 2: B\n{gate.format(1)}## Phase 3: C\n")
    assert [(finding.code, finding.line) for finding in plan.findings] == [("gate-skips", 3), ("gate-skips", 5)]


def test_a_gate_of_a_task_list_that_names_a_phase_elsewhere_is_only_reported() -> None:
    text = (
        "# D\n## Phase 1: A\n- [ ] 1.1 X\n  - Request permission to proceed to Phase {}\n## Phase 2: B\n- [ ] 2.1 Y\n"
    )
    assert read(text.format(2)).findings == ()
    assert [finding.code for finding in read(text.format(9)).findings] == ["gate-names-missing-phase"]


def test_repeated_phases_are_reported_and_both_run() -> None:
    plan = read("# D\n## Phase 1: A\na\n## Phase 1: B\nb\n")
    assert [task.key for task in plan.tasks] == ["phase_1", "phase_1_2"]
    assert [(finding.code, finding.line) for finding in plan.findings] == [("repeated-id", 4)]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("# T\n## Phase 1: A\n- [ ] T001 x\n## Phase 2: B\n- [ ] T002 y\n", "tasks"),
        ("# T\n## Phase 1: A\n- [ ] x\n## Phase 2: B\n- [ ] y\n", "phases"),
        ("# T\n## Phase 1: A\n1. x\n", "phases"),
        ("# T\n- [ ] x\n- [ ] y\n", "tasks"),
        ("# T Checklist\n- [ ] x\n- [ ] y\n", "checklist"),
        ("# T\n## A\n- [ ] x\n## B\n- [ ] y\n", "checklist"),
        ("# T\n## Success Criteria\n- [ ] x\n## Notes\n- [ ] y\n", "checklist"),
        ("# Implementation Checklist\n- [ ] 1. x\n- [ ] 2. y\n", "tasks"),
    ],
)
def test_the_shape_is_recognised(text: str, shape: str) -> None:
    assert read(text).shape == shape


@pytest.mark.parametrize(
    "label", ["Exit criteria:", "**Exit Criteria:**", "**Completion criteria**:", "_Exit criteria:_"]
)
def test_exit_criteria_may_stand_on_their_labels_line(label: str) -> None:
    said = f"{label} it is written; the board\n  has seen it.\n- and more\n"
    text = f"## Phase 1: A\n\nWork.\n\n{said}\n## Phase 2: B\n{label}\n"
    by_2, by_1 = (
        read_runbook(text.encode(), name="p", path="p.md", grammar=grammar).tasks[0].exit_criteria for grammar in (2, 1)
    )
    assert (by_2, by_1) == (("it is written", "the board has seen it.", "and more"), ("and more",))


@pytest.mark.parametrize(
    ("below", "criteria", "listed"),
    [
        ("Exit criteria: built\n", ("built",), []),
        ("### Exit Criteria\n\n- built\n", ("built",), []),
        ("- Exit criteria: built\n", (), [5]),
        ("- Build\n  - **Exit criteria**: built\n", (), [6]),
    ],
)
def test_exit_criteria_of_a_phase_are_read_or_listed(below: str, criteria: tuple[str, ...], listed: list[int]) -> None:
    plan = read(f"# T\n\n## Phase 1: Build\n\n{below}\n## Phase 2: Ship\n\n- ship\n")
    assert plan.tasks[0].exit_criteria == criteria
    assert [each.line for each in plan.findings if each.code == "criteria-not-read"] == listed
