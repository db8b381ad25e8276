"""What stands beside a task and belongs to none: fields there are asked for, no-go lists are shown on its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.model import PlannedTask
from state.task_fields import fields_of
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.runbook.above import no_go
from workflow.runbook.reader import read_runbook
from workflow.views.review_page import review_page

RELEASE = b"""# Release

Release: ____
Manager: ____

**NO-GO if any of these holds:**

- The error budget is used up
- Payments are away

Have a nice day.

## Prepare

- [ ] Freeze announced

## Roll out

Started at: ____

### Canary

- [ ] No errors

## Notes

Phone: ____

## Go / no-go

1. Nobody complains

### Everywhere

- [ ] All regions
"""


def tasks(text: bytes, grammar: int = 2) -> tuple[PlannedTask, ...]:
    return read_runbook(text, name="r", path="r.md", grammar=grammar).tasks


def asked(task: PlannedTask) -> list[tuple[int, int, str]]:
    return [(field.number, field.line, field.label) for field in fields_of(task)]


def test_fields_under_headings_above_a_task_are_its_own_and_others_nobodys() -> None:
    prepare, canary, everywhere = tasks(RELEASE)
    assert asked(prepare) == [(1, 3, "Release"), (2, 4, "Manager")]
    assert asked(canary) == [(1, 19, "Started at")]
    assert asked(everywhere) == []


def test_a_no_go_list_is_told_without_what_stands_around_it() -> None:
    prepare, canary, everywhere = tasks(RELEASE)
    listed = "**NO-GO if any of these holds:**\n\n- The error budget is used up\n- Payments are away"
    assert (no_go(prepare), no_go(canary)) == (listed, "")
    assert no_go(everywhere) == "## Go / no-go\n\n1. Nobody complains"


def test_runs_of_grammar_1_know_nothing_of_it() -> None:
    assert [each.above for each in tasks(RELEASE, grammar=1)] == ["", "", ""]


@pytest.mark.parametrize(
    "between",
    ["- [ ] no task ____ here", "```\nSay: ____\n```", "<!-- Say: ____ -->", "## Elsewhere\n\nSay: ____"],
    ids=["a box", "a fence", "a comment", "another section"],
)
def test_what_is_no_field_above_a_task_stays_none(between: str) -> None:
    text = f"# R\n\n## One\n\n- [ ] a\n\n{between}\n\n## Two\n\n- [ ] b\n".encode()
    assert asked(tasks(text)[-1]) == []


HOLDS = "**If any of these holds, we do not go:**"
ENDS = {
    "a label in the section of the tasks": f"{HOLDS}\n\n- errors\n\nDecided by: ____",
    "a label below another heading": f"## The end\n\n{HOLDS}\n\n- errors\n\nDecided by: ____",
    "a heading": "## No-go\n\nWe stay where we are when one of them is true.\n\n- errors\n\nDecided by: ____",
    "an underlined heading": "No-go criteria\n--------------\n\n- errors\n\nDecided by: ____",
    "boxes": "## No-go\n\n- [ ] errors\n\nDecided by: ____",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize(
    "before",
    [
        "# R\n\n## Tasks\n\n- [ ] 1. a\n- [ ] 2. b",
        "# R\n\n## Phase 1: a\n\n- [ ] a\n\n## Phase 2: b\n\n- [ ] b",
        "- [ ] a",
    ],
    ids=["tasks", "phases", "no heading"],
)
def test_a_no_go_list_behind_the_last_task_is_on_its_page_and_its_field_is_asked_for(before: str, end: str) -> None:
    text = f"{before}\n\n{end}\n"
    *others, last = tasks(text.encode())
    shown = [*last.text.split("\n"), *no_go(last).split("\n")]
    assert [each for each in ("- errors", "- [ ] errors") if each in shown] != []
    assert [label for _number, _line, label in asked(last)] == ["Decided by"]
    assert asked(last)[0][1] == text.split("\n").index("Decided by: ____") + 1
    assert [no_go(each) for each in others] == [""] * len(others)


def test_what_stands_at_the_end_is_the_business_of_the_last_task_that_is_required() -> None:
    end = (
        "## T-0\n- [ ] go\n\n## Roll back (only if no-go)\n- [ ] back\n\n## No-go\n1. errors\n\n## Sign-off\nBy: ____\n"
    )
    go, back = tasks(f"# R\n\n{end}".encode())
    assert (no_go(go), asked(go)) == ("## No-go\n1. errors", [(1, 13, "By")])
    assert (no_go(back), asked(back)) == ("", [])


def test_a_no_go_list_behind_a_sections_tasks_is_on_the_page_of_the_next_one() -> None:
    first, notes = tasks(b"# R\n\n## Tasks\n- [ ] 1. a\n\n**No-go:**\n- x\n\n## Notes\n- [ ] follow\n")
    assert (no_go(first), no_go(notes)) == ("", "**No-go:**\n- x")


def test_a_field_that_stands_in_no_task_is_listed() -> None:
    text = b"# R\n\n## One\n\n- [ ] a\n\n## Rollback\n\nBy: ____\n\n## Contacts\n\nPhone: ____\n```\nx ____\n```\n"
    plan = read_runbook(text, name="r", path="r.md")
    assert [asked(each) for each in plan.tasks] == [[]]
    assert [(each.code, each.line) for each in plan.not_tasks] == [
        ("way-back", 7),
        ("no-field", 13),
        ("loose-command", 15),
    ]
    assert "nobody is asked for it: Phone: ____" in plan.not_tasks[1].message


@pytest.mark.slow
def test_an_end_is_filled_in_by_the_last_tasks_commit_and_the_list_is_before_its_approver(tmp_path: Path) -> None:
    runbook = b"# R\n\n- [ ] 1. a\n- [ ] 2. b\n\n## No-go\n\n- errors\n\nDecided by: ____\n"
    world = RunWorld(tmp_path, runbook=runbook)
    world.person.answers = {"t2-field-1": "Ada"}
    with world.start() as engine:
        engine.drive()
    assert "When not to go on" not in review_page(world.person.views[0])
    page = review_page(world.person.views[1])
    assert "### When not to go on, by the runbook" in page
    assert "> - errors" in page
    expected = runbook.replace(b"[ ]", b"[x]").replace(b"____", b"Ada")
    assert (world.root / "tasks.md").read_bytes() == expected
    assert audit_workspace(world.root, world.run_id, anchor=None)[0].findings == []


@pytest.mark.slow
def test_a_head_is_filled_in_by_the_first_tasks_commit_and_the_list_is_on_its_page(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=RELEASE)
    world.person.answers = {"prepare-field-1": "1.2", "prepare-field-2": "Ada"}
    with world.start() as engine:
        engine.segment()
    page = review_page(world.person.views[0])
    assert "### When not to go on, by the runbook" in page
    assert "> - The error budget is used up" in page
    text = world.git("show", "HEAD:tasks.md")
    changed = RELEASE.decode().replace("Release: ____", "Release: 1.2").replace("Manager: ____", "Manager: Ada")
    assert text == changed.replace("- [ ] Freeze", "- [x] Freeze")
    assert audit_workspace(world.root, world.run_id, anchor=None)[0].findings == []
