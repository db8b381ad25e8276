"""What stands above a task and belongs to none: fields of a head are asked for, no-go lists are shown on its page."""

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
