"""A no to a condition: what it leaves out stands above the question, on its approver's page, and in the summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.step import Question
from tests.worlds.run_world import RunWorld
from workflow.ports import HandIn
from workflow.views.leaves_out import leaves_out
from workflow.views.review_page import review_page
from workflow.views.summary import summary_of

CUT = b"""# Cut

## T-0

- [ ] Old is read-only

## Only if it rains

- [ ] Umbrella packed (`make umbrella`)
- [ ] Roof closed

Closed by: ____

## End

- [ ] Told
"""
TWO = b"# Move\n\n## If you use Docker\n\n- [ ] 1. Build it\n- [ ] 2. Push it\n\n## Rest\n\n- [ ] 3. Told\n"
OPTIONAL = b"""# R

- [ ] 1. Shed
  - [ ] 1.1* Paint it

    By: ____

    ```sh
    touch painted
    ```
- [ ] 2. Tell
"""


def asked(world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    ask, seen = world.person.ask, list[Question]()

    def asks(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        seen.append(question)
        return ask(question, suggestion)

    monkeypatch.setattr(world.person, "ask", asks)
    return seen


def test_boxes_fields_and_commands_are_on_the_question_the_page_and_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = RunWorld(tmp_path, runbook=CUT)
    world.person.answers = {"only-if-it-rains-condition": "no"}
    seen = asked(world, monkeypatch)
    with world.start() as engine:
        engine.drive()
        summary = summary_of(engine.run, engine.journal.events, engine.workflow.log, engine.plan.tasks)
    told = "2 boxes and 1 field (Closed by) stay open; 1 command is not run."
    (question,) = [each for each in seen if each.name.endswith("-condition")]
    (page,) = [text for view in world.person.views if "### Skipped" in (text := review_page(view))]
    for text in (question.shown, page):
        assert "Umbrella packed" in text
        assert "Roof closed" in text
        assert told in text
    assert question.shown.startswith("A no leaves out:\n\n")
    assert summary.open_fields == ("Closed by (line 12 of the runbook), of Only if it rains",)
    assert b"Closed by: ____" in (world.root / "tasks.md").read_bytes()


def test_all_tasks_that_one_no_is_about_stand_above_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = RunWorld(tmp_path, runbook=TWO)
    world.person.answers = {"t1-condition": "no"}
    seen = asked(world, monkeypatch)
    with world.start() as engine:
        engine.drive()
    (question,) = [each for each in seen if each.name.endswith("-condition")]
    assert "Build it" in question.shown
    assert "Push it" in question.shown
    assert "Told" not in question.shown


def test_so_is_what_leaving_an_optional_task_out_leaves_open(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=OPTIONAL)
    world.person.works = [HandIn((), "prompt", "no paint")]
    with world.start() as engine:
        engine.drive()
        summary = summary_of(engine.run, engine.journal.events, engine.workflow.log, engine.plan.tasks)
        assert leaves_out(engine.plan.task("t1_1")) == "1 field (By) stays open; 1 command is not run."
    page = review_page(world.person.views[0])
    assert "touch painted" in page
    assert "1 field (By) stays open; 1 command is not run." in page
    assert summary.open_fields == ("By (line 6 of the runbook), of 1.1 Paint it",)
