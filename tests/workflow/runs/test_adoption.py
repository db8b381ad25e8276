"""What a new run takes over from a half-done document, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RUNBOOK, RunWorld
from workflow.engine.engine import Settings

HUT = b"# Build a hut\n\n- [x] 1. Choose a place\n- [ ] 2. Saw the boards\n- [x] 3. Roof\n"


def world_of(tmp_path: Path, runbook: bytes = HUT) -> RunWorld:
    return RunWorld(tmp_path, runbook=runbook)


def refused(world: RunWorld, answers: dict[str, str], said: str) -> None:
    world.person.absent = True
    with pytest.raises(BadInput, match=said), world.start(Settings(answers=answers)):
        pass
    assert not (world.root / ".phasegate").exists()


def test_what_is_ticked_is_taken_over_when_a_person_says_so_and_shown_to_the_first_approver(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.person.answers = {"adopt": "adopt"}
    with world.start() as engine:
        engine.drive()
        assert engine.complete
    assert world.person.asked == [("adopt", None)]
    (view,) = world.person.views
    assert "- 1 Choose a place\n- 3 Roof" in [section.body for section in view.worked.review]
    assert world.boxes() == "xxx"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "2 tasks of tasks.md are done already"),
        ({"adopt": "refuse"}, "was not taken over; nothing was started"),
        ({"adopt": "perhaps"}, "expected adopt or refuse, seen 'perhaps'"),
    ],
    ids=["nobody says anything", "no", "something else"],
)
def test_without_a_yes_nothing_is_started(tmp_path: Path, answers: dict[str, str], said: str) -> None:
    refused(world_of(tmp_path), answers, said)


def test_a_document_that_is_done_starts_no_run(tmp_path: Path) -> None:
    refused(world_of(tmp_path, HUT.replace(b"[ ]", b"[x]")), {"adopt": "adopt"}, "every task is ticked")


def test_a_checklist_that_was_gone_through_is_run_once_more_as_a_copy_by_the_commands_that_are_printed(
    tmp_path: Path,
) -> None:
    world = CommandWorld(tmp_path, runbook=HUT)
    told = world("run", "tasks.md", "--adopt", "--sandbox", "--yes", "--practice")
    assert told.code == 0, told.error
    again = world("run", "tasks.md")
    assert (again.code, "every task is ticked" in again.error) == (2, True)
    made, committed, begun = again.error.split("next: ")[1].strip().split("\n")
    world.type(f"{made}\n{committed}")
    assert (world.root / "tasks-2.md").read_bytes() == HUT  # as it was before that run
    assert begun.strip() == "phasegate run tasks-2.md"


def test_without_a_run_the_copy_has_open_boxes(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=HUT.replace(b"[ ]", b"[X]") + b"\nSee `- [x] this`.\n")
    told = world("run", "tasks.md")
    world.type("\n".join(told.error.split("next: ")[1].strip().split("\n")[:2]))
    assert (world.root / "tasks-2.md").read_text().count("[ ]") == 3
    assert "See `- [x] this`." in (world.root / "tasks-2.md").read_text()


def test_a_task_that_is_begun_is_asked_about_and_one_that_is_done_has_to_be_ticked_first(tmp_path: Path) -> None:
    world = world_of(tmp_path, HUT.replace(b"[ ]", b"[-]"))
    refused(world, {"adopt": "adopt"}, r"tasks.md:4: 2 is begun \(\[-\]\)")
    refused(world, {"adopt": "adopt", "begun-t2": "done"}, r"tasks.md:4: 2 \(\[-\]\), answered 'done'")
    world.person.absent = False
    with world.start(Settings(answers={"adopt": "adopt", "begun-t2": "to-do"})) as engine:
        engine.drive()
    assert world.boxes() == "xxx"


BEGUN = b"# Hut\n\n- [x] 1. Place\n- [-] 2. Boards\n- [~] 3. Roof\n- [ ] 4. Paint\n"


def test_all_that_is_begun_and_done_is_named_at_once(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=BEGUN)
    told = world("run", "tasks.md")
    assert told.code == 2
    for line in (
        "2 tasks are begun:",
        "tasks.md:4: 2 is begun ([-])",
        "tasks.md:5: 3 is begun ([~])",
        "tasks.md:3: 1 Place",
    ):
        assert line in told.error
    world.type(told.next)  # both lines of the answers file
    assert (world.root / "answers.yaml").read_text() == "begun: to-do\nadopt: adopt\n"
    assert world("run", "tasks.md", "--answers", str(world.root / "answers.yaml")).code == 3


def test_one_answer_stands_for_all_that_is_begun_and_one_task_may_have_another(tmp_path: Path) -> None:
    world = world_of(tmp_path, BEGUN)
    world.person.answers = {"begun": "to-do", "adopt": "adopt"}
    with world.start() as engine:
        engine.drive()
    assert [name for name, _suggestion in world.person.asked][:2] == ["begun", "adopt"]
    (tmp_path / "again").mkdir()
    other = world_of(tmp_path / "again", BEGUN)
    refused(other, {"adopt": "adopt", "begun": "stop"}, r"tasks.md:4: 2 \(\[-\]\)[\s\S]*tasks.md:5: 3 \(\[~\]\)")
    refused(
        other, {"adopt": "adopt", "begun": "to-do", "begun-t3": "stop"}, r"tasks.md:5: 3 \(\[~\]\), answered 'stop'"
    )


def test_a_box_that_is_ticked_in_the_runbook_is_shown_so(tmp_path: Path) -> None:
    boxes = b"- [x] Tree is [ ] clean\n- [-] Notes written\n- [ ] Version bumped\n"
    runbook = b"# Release\n\n## Before\n" + boxes + b"\n## Ship\n- [ ] Shipped\n"
    world = CommandWorld(tmp_path, runbook=runbook)
    answers = tmp_path / "answers.yaml"
    answers.write_text("begun: to-do\n")
    shown = boxes.decode()
    assert shown in world("run", "tasks.md", "--answers", str(answers)).error
    assert world("done", "--no-files", "--box", "1=yes", "--box", "2=yes", "--box", "3=yes").code == 0
    assert "> - [x] Tree is [ ] clean" in world("status", "--review").out


def test_what_phasegate_does_itself_cannot_be_taken_over(tmp_path: Path) -> None:
    world = world_of(tmp_path, RUNBOOK.replace(b"[ ] 1.1", b"[x] 1.1"))
    refused(world, {"adopt": "adopt"}, r"1\.1 are begun or ticked; phasegate does")
