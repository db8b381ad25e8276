"""The journal of a run was edited, its chain made to fit: a step that reads it back names line and field."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from state.errors import BadAnswer, JournalDamaged, StepFailed
from tests.worlds.journals import journal_events, place_of, write_journal
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Engine

Events = list[dict[str, Any]]


def edited(world: RunWorld, edit: Callable[[Events], int]) -> str:
    """The run's journal after this edit, which says the event that it is about; returns where that stands."""
    path = world.root / ".phasegate" / world.run_id / "journal.jsonl"
    events = journal_events(path)
    seq = edit(events)
    write_journal(path, events)
    return place_of(path, seq)


def last(events: Events, type_: str) -> dict[str, Any]:
    return [event for event in events if event["type"] == type_][-1]


@pytest.mark.parametrize(("field", "value"), [("colour", None), ("colour", 7), ("colour", "red\0"), ("other", "red")])
def test_data_of_an_earlier_task(tmp_path: Path, field: str, value: object) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.segment()

    def edit(events: Events) -> int:
        worked = last(events, "worked")
        worked["data"] = {field: value}
        return int(worked["seq"])

    line = edited(world, edit)
    world.git(
        "commit", "-q", "--amend", "--no-edit", "--", f".phasegate/{world.run_id}/journal.jsonl"
    )  # as the run's own
    with world.reopen() as engine, pytest.raises(JournalDamaged) as refused:
        engine.segment()
    assert refused.value.message.startswith(f".phasegate/{world.run_id}/{line}: field `data.colour`: ")
    assert world.outside == []


def died(world: RunWorld) -> Engine:
    """The run, whose process died when the effect of 1.2 was recorded."""
    with world.start() as engine:
        engine.segment()
        real = engine.journal.append

        def append(type_: str, *args: Any, **fields: Any) -> Any:
            if type_ == "worked":
                raise KeyboardInterrupt("killed")
            return real(type_, *args, **fields)

        engine.journal.append = append  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            engine.segment()
    return engine


@pytest.mark.parametrize("result", [{}, {"order": None}, {"order": ["a"]}, {"order": ""}])
def test_the_result_of_an_effect(tmp_path: Path, result: dict[str, object]) -> None:
    world = RunWorld(tmp_path)
    died(world)

    def edit(events: Events) -> int:
        done = last(events, "effect-done")
        done["result"] = result
        return int(done["seq"])

    line = edited(world, edit)
    with world.reopen() as engine, pytest.raises(JournalDamaged) as refused:
        engine.segment()
    assert refused.value.message.startswith(f".phasegate/{world.run_id}/{line}: field `result.order`: ")
    assert len(world.outside) == 1


def answered_as(world: RunWorld, answer: str) -> str:
    """The run, whose process died after its question was answered, which its journal says was so; the line of that."""

    def die(_ctx: object) -> None:
        raise KeyboardInterrupt("killed")

    world.during = die
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.segment()
    world.during = lambda _ctx: None

    def edit(events: Events) -> int:
        answered = last(events, "answered")
        answered["answer"] = answer
        return int(answered["seq"])

    return edited(world, edit)


@pytest.mark.parametrize("answer", ["blue", ""])
def test_an_answer_that_the_question_does_not_take_is_asked_again(tmp_path: Path, answer: str) -> None:
    world = RunWorld(tmp_path)
    line = answered_as(world, answer)
    place = f".phasegate/{world.run_id}/{line}: field `answer`: expected one of green, red, seen"
    with world.reopen() as engine, pytest.raises(StepFailed, match=re.escape(place)):
        engine.segment()
    assert not (world.root / "artifacts/shed/colour.md").exists()
    with world.reopen() as engine:
        engine.segment()
    assert (world.root / "artifacts/shed/colour.md").read_text() == "green\n"


def test_an_answer_with_a_nul_is_no_line_of_a_journal(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    line = answered_as(world, "green\0")
    with pytest.raises(JournalDamaged, match=rf"{line}: field `answer`: expected a text without NUL"), world.reopen():
        pass


def test_an_answer_with_a_nul_is_refused_when_it_is_given(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    world.person.answers = {"colour": "green\0"}
    with world.start() as engine, pytest.raises(BadAnswer, match="expected a text without NUL"):
        engine.segment()
    assert "answered" not in world.events(engine)
