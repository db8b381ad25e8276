"""Answers are called on the page as a person knows them, and nothing that another section says is among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.checks.exit_criteria import question_names
from state.errors import Waiting
from tests.worlds.release_world import Release, fence
from tests.worlds.run_world import RunWorld
from workflow.ports import Pause
from workflow.views.answer_names import answer_name
from workflow.views.review_page import review_page


def answers(page: str) -> list[str]:
    """The lines of the section on answers."""
    _before, found, behind = page.partition("### Answers (")
    return [line for line in behind.split("\n###")[0].split("\n") if line.startswith("- ")] if found else []


def test_commands_and_what_is_filled_in_have_names(tmp_path: Path) -> None:
    release = Release(
        tmp_path, fence("echo [environment]; false"), t1_command_1_failed_1="skip", t1_command_1_left="ok"
    )
    release.person.answers["fill-environment"] = "prod"
    release.person.answers["t1-command-1-filled"] = "run"
    release.is_shown()
    assert answers(review_page(release.person.views[-1])) == [
        "- command 1: run",
        "- environment: prod",
        "- command 1, as it is filled in: run",
        "- command 1, once run 1 had failed: skip",
        "- command 1, why it is left as it is: ok",
    ]


def test_a_field_is_said_once(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=b"# R\n\n- [ ] 1. Deploy\n  Deployed by: ____\n")
    world.person.answers, world.person.verdicts = {"t1-field-1": "Eve"}, [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    page = review_page(world.person.views[-1])
    assert (page.count("Eve"), answers(page)) == (1, [])


def test_a_key_without_a_name_stays(tmp_path: Path) -> None:
    task = RunWorld(tmp_path).target().plan.tasks[0]
    assert answer_name(task, "region") == "region"
    assert answer_name(task, f"{task.asked_as}-box-3") == "box 3"
    assert answer_name(task, f"{task.asked_as}-something-new") == f"{task.asked_as}-something-new"


def test_what_becomes_of_a_criterion_has_its_words(tmp_path: Path) -> None:
    runbook = b"# P\n\n## Phase 1: Build\n\nDo it.\n\n### Exit Criteria\n\n- It answers for ten minutes\n"
    task = RunWorld(tmp_path, runbook=runbook).target().plan.tasks[0]
    (name,) = question_names(task, task.exit_criteria)
    assert answer_name(task, f"{name}-unmet") == "It answers for ten minutes: not met, what becomes of it"
    assert answer_name(task, f"{name}-unmet-note") == "It answers for ten minutes: not met, note"
