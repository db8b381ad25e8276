"""One condition of several tasks is asked about once; what was said of it holds for all that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.event_types import HandedIn
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Settings
from workflow.ports import Approve, Reject

BOXES = "# Move\n\n## If you use Docker\n\n- [ ] 1. A\n- [ ] 2. B\n  - [ ] 2.1 C\n\n## Rest\n\n- [ ] 3. D\n"
DEEPER = """# Move

## If you use Docker

### Build

- [ ] built

### Push

- [ ] pushed

## Rest

If it is external:

- [ ] a

If it is internal:

- [ ] b
"""


def asked(world: RunWorld) -> list[str]:
    return [name for name, _ in world.person.asked if name.endswith("-condition")]


def world_of(root: Path, text: str, **answers: str) -> RunWorld:
    world = RunWorld(root, runbook=text.encode())
    world.person.answers = {f"{name.replace('_', '-')}-condition": said for name, said in answers.items()}
    return world


def skipped(world: RunWorld) -> list[bool]:
    with world.reopen() as engine:
        return [bool(event.skip) for event in engine.journal.events if isinstance(event, HandedIn)]


@pytest.mark.parametrize(("said", "left_out"), [("no", [True, True, False]), ("yes", [False, False, False])])
def test_each_box_of_a_section_has_its_headings_answer(tmp_path: Path, said: str, left_out: list[bool]) -> None:
    world = world_of(tmp_path, BOXES, t1=said)
    with world.start() as engine:
        engine.drive()
    assert asked(world) == ["t1-condition"]
    assert skipped(world) == left_out


def test_sections_below_it_have_it_too_and_another_condition_is_asked_about_by_itself(tmp_path: Path) -> None:
    world = world_of(tmp_path, DEEPER, build="no", if_it_is_external="no", if_it_is_internal="yes")
    with world.start() as engine:
        engine.drive()
    assert asked(world) == ["build-condition", "if-it-is-external-condition", "if-it-is-internal-condition"]
    assert skipped(world) == [True, True, True, False]


def test_a_no_that_is_rejected_is_asked_about_again_there(tmp_path: Path) -> None:
    world = world_of(tmp_path, BOXES, t1="no", t2_1="yes")
    world.person.verdicts = [Approve("prompt"), Reject("it is the case")]
    with world.start() as engine:
        engine.drive()
    assert asked(world) == ["t1-condition", "t2-1-condition"]


def test_an_answers_file_may_say_something_else_of_one_of_them(tmp_path: Path) -> None:
    world = world_of(tmp_path, BOXES, t1="no")
    with world.start(Settings({"t2-1-condition": "yes"})) as engine:
        engine.drive()
    assert skipped(world) == [True, False, False]
