"""What is for some case only, and in no state: listed with its line, and each of its commands."""

from __future__ import annotations

import pytest

from state.model import Plan
from workflow.runbook.reader import read_runbook

TASKS = "- [ ] 1.1 Deploy\n  - `make deploy`\n- [ ] 1.2 Tell them"
STEPS = "1. Tell all\n2. `./scripts/rollback.sh`"


def plan(*parts: str, grammar: int = 2) -> Plan:
    text = "\n\n".join(("# Release", *parts))
    return read_runbook(text.encode(), name="release", path="release.md", grammar=grammar)


def listed(read: Plan) -> list[int]:
    return [each.line for each in read.not_tasks if each.code == "case"]


@pytest.mark.parametrize(
    "heading",
    [
        "If the deploy fails",
        "3. If it goes wrong",
        "On failure",
        "In case of an error",
        "When something goes wrong",
        "What to do when the migration fails",
        "What if nobody answers",
        "Restart (only if needed)",
        "Failure handling",
        "Recovery",
    ],
)
@pytest.mark.parametrize("tasks", [TASKS, "## Phase 1: Go\n\n- [ ] a\n\nmore", "## A\n\n- [ ] a\n\n## B\n\n- [ ] b"])
def test_a_section_with_steps_is_listed(heading: str, tasks: str) -> None:
    read = plan(tasks, f"## {heading}", STEPS)
    row = tasks.count("\n") + 5
    assert listed(read) == [row, row + 3] or [each.line for each in read.not_tasks] == [row, row + 3]


def test_a_list_without_a_command_is_listed_too() -> None:
    assert listed(plan(TASKS, "### If the deploy fails", "1. Tell all")) == [7]


def test_a_case_behind_a_label_is_listed() -> None:
    assert listed(plan(TASKS, "If the deploy fails:", STEPS)) == [7, 10]


def test_inside_of_a_phase_its_commands_are_offered_by_nobody_and_listed() -> None:
    read = plan("## Phase 1: Go", "```sh\nmake go\n```", "### On failure", "```sh\nmake back\n```")
    assert [command.text for command in read.tasks[0].commands] == ["make go"]
    assert listed(read) == [9, 12]


@pytest.mark.parametrize(
    "parts",
    [
        ("### If the deploy fails", "- [ ] Tell all\n  - `make back`"),
        ("## Error handling", "- Errors are logged"),
        ("### If the deploy fails", "- [ ] Tell all"),
        ("### If the deploy fails", "Call somebody."),
    ],
)
def test_what_is_a_state_or_shows_no_step_is_not(parts: tuple[str, ...]) -> None:
    assert listed(plan(TASKS, *parts)) == []


def test_on_failure_with_boxes_is_done_in_that_case_only() -> None:
    read = plan("## Go", "- [ ] a", "## On failure", "- [ ] b", "## End", "- [ ] c")
    assert [(task.condition, task.optional) for task in read.tasks] == [("", False), ("On failure", True), ("", False)]


@pytest.mark.parametrize("heading", ["When it fails: roll back", "Emergency: what if it fails"])
def test_the_way_back_stays_the_way_back(heading: str) -> None:
    read = plan(TASKS, f"## {heading}", STEPS)
    assert {each.code for each in read.not_tasks} == {"way-back"}


def test_a_run_of_grammar_1_lists_none() -> None:
    assert listed(plan(TASKS, "### If the deploy fails", STEPS, grammar=1)) == []


OWN = {
    "numbered steps": "1. Look at the rate.\n2. Look again.",
    "commands": "Look at the rate:\n\n```sh\ncat rate\n```",
}


@pytest.mark.parametrize("what", OWN)
@pytest.mark.parametrize("before", ["## Then\n\n- [ ] x", TASKS])
@pytest.mark.parametrize("label", ["If it is down:", "**Only if it is down:**"])
def test_steps_in_front_of_cases_that_alone_have_boxes_are_listed(what: str, before: str, label: str) -> None:
    read = plan(before, "## 2. Triage", OWN[what], label, "- [ ] Switch\n- [ ] Tell")
    (found,) = [each for each in read.not_tasks if each.code == "no-item"]
    row = before.count("\n") + 5
    assert (found.line, f"'2. Triage' has {what} of its own" in found.message) == (row, True)


@pytest.mark.parametrize("own", ["Somebody looks.", "- [ ] Looked\n\n1. Look at the rate."])
def test_words_alone_and_steps_beside_a_box_are_not(own: str) -> None:
    read = plan("## Then\n\n- [ ] x", "## 2. Triage", own, "If it is down:", "- [ ] Switch")
    assert [each for each in read.not_tasks if each.code == "no-item"] == []
