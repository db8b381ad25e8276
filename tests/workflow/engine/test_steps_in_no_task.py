"""Steps of a runbook that are in no task stand on the page of the task below them, for its worker and its approver."""

from __future__ import annotations

from pathlib import Path

from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.ports import HandIn, HandView
from workflow.views.review_page import review_page
from workflow.views.task import work_page

RUNBOOK = b"""# Upgrade

## Before

- [ ] A

## 1. Upgrade

1. Take the lock: `touch lock`
2. Run it

## After

- [ ] B

## Roll back (only if no-go)

- [ ] C

## 2. Clean up

1. Give the lock back
"""
UPGRADE = "line 7: '1. Upgrade' has numbered steps but no box: no state: 1. Take the lock: `touch lock`; 2. Run it"
CLEAN_UP = "line 20: '2. Clean up' has numbered steps but no box: no state: 1. Give the lock back"
SHOWN = [(), (UPGRADE, CLEAN_UP), ()]  # behind the last task: with the last required one


def test_who_does_the_task_and_who_approves_it_read_them(tmp_path: Path) -> None:
    world, pages = RunWorld(tmp_path, runbook=RUNBOOK), list[str]()

    def done(view: HandView) -> HandIn:
        pages.append(work_page(view))
        return HandIn((), "prompt")

    world.person.works = [done, done, done]
    world.person.answers["roll-back-only-if-no-go-condition"] = "yes"
    with world.start() as engine:
        engine.drive()
    approved = [review_page(view) for view in world.person.views]
    assert len(approved) == 3
    for listed in (pages, approved):
        assert [tuple(each for each in (UPGRADE, CLEAN_UP) if each in page) for page in listed] == SHOWN
    (found,) = audit_workspace(world.root, world.run_id, anchor=None)
    assert found.findings == []
