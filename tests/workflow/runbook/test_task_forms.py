"""Which lines are tasks, and what do they say? Every form of a task line, one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.model import Finding, Plan, PlannedTask
from workflow.runbook.reader import read_runbook

FORMS = Path(__file__).resolve().parents[2] / "runbooks" / "good" / "every-form.md"


def read(text: str) -> Plan:
    return read_runbook(text.encode(), name="plan", path="plan.md")


def only(text: str) -> PlannedTask:
    (task,) = read(text).tasks
    return task


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return [(finding.code, finding.line) for finding in findings]


@pytest.mark.parametrize(
    ("written", "id_", "title"),
    [
        ("1. Prepare", "1", "Prepare"),
        ("1) Prepare", "1", "Prepare"),
        ("1: Prepare", "1", "Prepare"),
        ("1 - Prepare", "1", "Prepare"),
        ("1 — Prepare", "1", "Prepare"),
        ("1.1 Prepare", "1.1", "Prepare"),
        ("1.1. Prepare", "1.1", "Prepare"),
        ("1.1: Prepare", "1.1", "Prepare"),
        ("1.1 - Prepare", "1.1", "Prepare"),
        ("1.1.1 Prepare", "1.1.1", "Prepare"),
        ("7.3.5a Prepare", "7.3.5a", "Prepare"),
        ("2A.1 Prepare", "2A.1", "Prepare"),
        ("2A. Prepare", "2A", "Prepare"),
        ("T001 [P] Prepare", "T001", "[P] Prepare"),
        ("T0.1 Prepare", "T0.1", "Prepare"),
        ("AC-1 Prepare", "AC-1", "Prepare"),
        ("AC-1: Prepare", "AC-1", "Prepare"),
        ("**1.1** Prepare", "1.1", "Prepare"),
        ("**1.1 Prepare**", "1.1", "Prepare"),
        ("**1.1 Prepare** and more", "1.1", "Prepare and more"),
        ("**1.** Prepare", "1", "Prepare"),
        ("**1. Prepare**", "1", "Prepare"),
        ("Task 1.1: Prepare", "1.1", "Prepare"),
        ("**Task 1.1:** Prepare", "1.1", "Prepare"),
        ("Step 3 Prepare", "3", "Prepare"),
        ("1.1", "1.1", "1.1"),
        ("1.1 **Prepare**:", "1.1", "Prepare"),
        ("1.1 Prepare <!-- id: 3 -->", "1.1", "Prepare"),
        ("1.1 配置 DynamoDB 🚀", "1.1", "配置 DynamoDB 🚀"),
        ("20 unit tests passing", "", "20 unit tests passing"),
        ("3D model", "", "3D model"),
        ("12:30 stand-up", "", "12:30 stand-up"),
        ("S3 bucket made", "", "S3 bucket made"),
        ("UTF-8 everywhere", "", "UTF-8 everywhere"),
        ("step 2 is a word here", "", "step 2 is a word here"),
        ("call `f(**kwargs)`", "", "call `f(**kwargs)`"),
    ],
)
def test_id_and_title_are_told_apart(written: str, id_: str, title: str) -> None:
    task = only(f"- [ ] {written}\n")
    assert (task.id, task.title) == (id_, title)


@pytest.mark.parametrize("bullet", ["-", "*", "+", "1.", "12)", "- -", "-   -  ", "  *", "\t-"])
def test_every_bullet_carries_a_box(bullet: str) -> None:
    task = only(f"# Plan\n\n{bullet} [x] 1.1 Title\n")
    assert task.box is not None
    assert (task.id, task.box.state, task.box.line) == ("1.1", "x", 3)


@pytest.mark.parametrize("state", [" ", "x", "X", "-", "~"])
def test_known_states_are_kept_as_they_are(state: str) -> None:
    plan = read(f"- [{state}] 1. Title\n")
    assert plan.tasks[0].box is not None
    assert (plan.tasks[0].box.state, plan.findings) == (state, ())


@pytest.mark.parametrize("state", ["?", "!", "✓", "漢"])
def test_an_unknown_state_is_a_task_and_is_reported(state: str) -> None:
    plan = read(f"- [ ] 1. One\n- [{state}] 2. Two\n")
    assert plan.tasks[1].box is not None
    assert plan.tasks[1].box.state == state
    assert codes(plan.findings) == [("unknown-state", 2)]


@pytest.mark.parametrize(
    "written",
    ["- [ ]* 2.1 Tests", "- [ ]\\* 2.1 Tests", "- [ ] 2.1* Tests", "- [ ] 2.1\\* Tests", "- [ ] 2.1 Tests (optional)"],
)
def test_optional_in_every_spelling(written: str) -> None:
    task = only(written + "\n")
    assert (task.id, task.optional) == ("2.1", True)
    assert task.title.startswith("Tests")


@pytest.mark.parametrize("written", ["- [] 2. Two", "- [x ] 2. Two", "- [ x] 2. Two", "- [ ]2. Two", "-[ ] 2. Two"])
def test_a_malformed_box_is_no_task_and_is_reported_with_its_line(written: str) -> None:
    plan = read(f"- [ ] 1. One\n{written}\n")
    assert [task.id for task in plan.tasks] == ["1"]
    assert codes(plan.findings) == [("malformed-box", 2)]


def test_a_box_without_a_bullet_is_reported() -> None:
    assert codes(read("- [ ] 1. One\n\n[ ] 2. Two\n").findings) == [("malformed-box", 3)]


@pytest.mark.parametrize(
    "written", ["- [x](link.md)", "- [x][ref]", "- [x]: https://example.org", "- [[wiki]]", "- `[ ]` open", "- []()"]
)
def test_links_and_legends_are_neither_tasks_nor_findings(written: str) -> None:
    plan = read(f"- [ ] 1. One\n{written}\n")
    assert (len(plan.tasks), plan.findings, plan.not_tasks) == (1, (), ())


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("table-box", "| one | [ ] |"),
        ("heading-box", "## [x] A heading"),
        ("emoji-box", "- ☐ Not a box"),
        ("hidden-box", "```\n- [ ] 2. In a fence\n```"),
        ("hidden-box", "~~~~ text\n- [ ] 2. In tildes\n~~~\n~~~~"),
        ("hidden-box", "        ```\n        - [ ] 2. In a deep fence\n        ```"),
        ("hidden-box", "- ```\n  - [ ] 2. In a fence behind a bullet\n  ```"),
        ("hidden-box", "<!--\n- [ ] 2. In a comment\n-->"),
        ("hidden-box", "text <!-- that\n- [ ] 2. goes on --> here"),
    ],
)
def test_what_only_looks_like_a_task_is_left_out_with_the_reason(code: str, written: str) -> None:
    plan = read(f"- [ ] 1. One\n\n{written}\n")
    assert [task.id for task in plan.tasks] == ["1"]
    assert [finding.code for finding in plan.not_tasks] == [code]


@pytest.mark.parametrize(
    "opening", ["see `<!--` for comments", "an arrow <!-- that is never closed", "<!-- closed --> at once"]
)
def test_a_comment_sign_that_opens_nothing_hides_nothing(opening: str) -> None:
    assert [task.id for task in read(f"{opening}\n\n- [ ] 1. One\n").tasks] == ["1"]


def test_a_comment_behind_a_heading_or_a_task_is_not_part_of_it() -> None:
    plan = read(
        "# T\n## A <!-- 1 -->\n- [ ] 1. One <!-- and\n- [ ] 9. No -->\n  - detail\n## B\n- [ ] 2. Two <!-- 2 -->\n"
    )
    assert [(task.title, task.heading) for task in plan.tasks] == [("One <!-- and", ("T", "A")), ("Two", ("T", "B"))]


def test_a_longer_closing_run_closes_a_fence_and_a_shorter_or_other_one_does_not() -> None:
    plan = read("````\n```\n~~~~~\n- [ ] 1. No\n`````\n- [ ] 2. Yes\n")
    assert [task.id for task in plan.tasks] == ["2"]


def test_front_matter_counts_at_the_beginning_only() -> None:
    assert [task.id for task in read("---\na:\n- [ ] 1. No\n---\n- [ ] 2. Yes\n").tasks] == ["2"]
    assert [task.id for task in read("# T\n---\n- [ ] 1. Yes\n---\n- [ ] 2. Yes\n").tasks] == ["1", "2"]
    assert [task.id for task in read("---\n- [ ] 1. Never closed: a rule\n").tasks] == ["1"]


def test_the_states_own_box_is_found_not_a_second_one_on_the_line() -> None:
    task = only("- [ ] 1. Decide `[ ]` GO / [ ] NO-GO\n")
    assert task.box is not None
    assert task.box.offset == 3


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Checkpoint", "checkpoint"),
        ("Checkpoint - all green", "checkpoint"),
        ("Checkpoint – all green", "checkpoint"),
        ("Checkpoint — all green", "checkpoint"),
        ("Checkpoint: all green", "checkpoint"),
        ("**Checkpoint**: all green", "checkpoint"),
        ("Final checkpoint - all green", "checkpoint"),
        ("Checkpoint 2: all green", "checkpoint"),
        ("Checkpoint the database", "task"),
        ("Write a checkpoint - often", "task"),
    ],
)
def test_a_checkpoint_is_told_by_its_first_word(title: str, kind: str) -> None:
    assert only(f"- [ ] 3. {title}\n").kind == kind


def test_keys_are_names_of_states_and_unique_even_where_titles_are_not() -> None:
    plan = read("- [ ] 1.1 A\n- [ ] 用户\n- [ ] Ready\n- [ ] Complete\n- [ ] naïve\n- [ ] 用户\n\n# B\n\n- [ ] 1.1 A\n")
    assert [task.key for task in plan.tasks] == ["t1_1", "task", "ready_3", "complete_4", "naive", "task_6", "t1_1_7"]


def test_document_with_every_form_is_read_line_by_line() -> None:
    plan = read_runbook(FORMS.read_bytes(), name="forms", path="every-form.md")
    first = [task for task in plan.tasks if task.heading[-1] == "Boxes"]
    numbers = [*range(1, 11), 11.1, *range(12, 20)]
    assert [task.id for task in first] == [str(number) for number in numbers]
    assert "".join(task.box.state for task in first if task.box) == " xX-~" + " " * 14
    assert [task.id for task in first if task.optional] == ["9", "10", "11.1", "12"]
    second = [task.id for task in plan.tasks if task.heading[-1] == "Ids"]
    assert second == ["20.1.1", "20.3.5a", "2A.1", "T001", "T0.1", "AC-1", "", "", "", ""]
    assert codes(plan.findings) == [("malformed-box", 63), ("malformed-box", 64), ("malformed-box", 65)]
    assert [finding.line for finding in plan.not_tasks] == [4, 8, 10, 58, 60, 62, 68, 70, 74, 77]
