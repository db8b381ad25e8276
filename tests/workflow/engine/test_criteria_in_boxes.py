"""An exit criterion that is written as a box: one answer serves both, wherever it comes from."""

from __future__ import annotations

import os
import re
from pathlib import Path
from unittest import mock

import pytest

from phases.step import Question
from state.errors import StepFailed
from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Settings
from workflow.ports import HandIn

ROLLOUT = b"""# Rollout

## Phase 1: Go

Do it.

### Exit Criteria

- [ ] Everybody knows
- It answers
- [ ] It is built (`test -e tasks.md`)

## Phase 2: Stay

Do it.
"""
EVERYBODY, ANSWERS = "phase-1-everybody-knows", "phase-1-it-answers"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    world = RunWorld(tmp_path, runbook=ROLLOUT)
    world.person.answers = {"phase-1-command-1": "run", ANSWERS: "yes"}
    return world


def test_at_a_terminal_the_box_is_asked_and_the_criterion_is_not(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
    assert [name for name, _suggestion in world.person.asked] == ["phase-1-command-1", ANSWERS]
    assert [view.number for view in world.person.boxes_seen] == [1]  # its command answers the other one
    assert world.boxes() == "xx"


def test_a_no_to_the_box_is_the_answer_to_the_criterion(world: RunWorld) -> None:
    answers = {"phase-1-box-1": "no"}
    with world.start(Settings(answers=answers)) as engine, pytest.raises(StepFailed, match="1 of 3 checks failed"):
        engine.segment()
    assert world.boxes() == "  "


def test_an_unmet_criterion_that_is_sent_back_shows_the_work_again_at_once(
    world: RunWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {ANSWERS: ["no", "yes"], f"{ANSWERS}-unmet": ["send back"]}
    once = world.person.ask
    works = []

    def ask(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        return (said[question.name].pop(0), "prompt") if question.name in said else once(question, suggestion)

    monkeypatch.setattr(world.person, "ask", ask)
    monkeypatch.setattr(world.person, "work", lambda view: (works.append(view.refusals), HandIn((), "prompt"))[1])
    with world.start() as engine:
        engine.segment()
    assert len(works) == 2
    assert any("It answers: expected" in line for line in world.person.lines)
    assert world.boxes() == "xx"
    assert not any(said.values())


def test_an_answer_to_the_criterion_answers_the_box(world: RunWorld) -> None:
    with world.start(Settings(answers={EVERYBODY: "yes"})) as engine:
        engine.segment()
    assert world.person.boxes_seen == []
    assert world.boxes() == "xx"


@pytest.mark.parametrize("option", [("--attest", "1"), ("--box", "1=yes")])
def test_done_says_it_once(tmp_path: Path, option: tuple[str, str]) -> None:
    world = CommandWorld(tmp_path, runbook=ROLLOUT)
    assert world("run", "tasks.md").code == 3
    told = world("done", "--no-files", "--run", "1", "--attest", "2", *option)
    assert told.code == 0, told.error
    shown = world("status", "--review").out
    assert "- box 1: Everybody knows: yes" in shown
    assert "box 2: It is built (`test -e tasks.md`)``: yes (command 1: test -e tasks.md: exit 0" in shown


SCALES = b"# Scale\n\n## Phase 1: Grow\n\n### Exit Criteria\n\n- [ ] It scales\n- [ ] It is quiet\n"


@pytest.mark.parametrize("words", [("--attest", "all"), ("--box", "1=yes", "--box", "2=yes")])
def test_a_word_on_a_criterion_is_no_check_of_its_box(tmp_path: Path, words: tuple[str, ...]) -> None:
    world = CommandWorld(tmp_path, runbook=SCALES)
    world("run", "tasks.md")
    with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}):
        assert world("done", "--no-files", *words).code == 0
    digest = re.findall(r"approve .*--digest (\w+)", world("status").out)[0]
    approved = world("approve", "--digest", digest)
    assert approved.code == 0, approved.error
    assert world("resume").code == 0
    assert "2 items: 2 attested" in world("status").out
    audit = world("audit").out
    assert re.findall(r"(\S+) +box (\d): It", audit)[:2] == [("attested", "1"), ("attested", "2")]
    assert "findings: none" in audit


def test_questions_list_the_box_alone(tmp_path: Path) -> None:
    listed = CommandWorld(tmp_path, runbook=ROLLOUT)("questions", "tasks.md").out
    assert (EVERYBODY in listed, "phase-1-box-1" in listed, ANSWERS in listed) == (False, True, True)
