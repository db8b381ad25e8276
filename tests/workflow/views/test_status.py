"""What status says of the approvals that count: whether they are signed. In text only; the JSON is as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from state.fold import fold
from state.run_state import RunState
from tests.worlds.command_world import CommandWorld
from workflow.runs.find_run import events_of
from workflow.views.status_of_run import status_view

ONE = "the approval is unsigned: whoever can write here can make such a one up"


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """Two tasks were approved by a person; the third waits for approval."""
    world = CommandWorld(tmp_path)
    world("run", "tasks.md")
    for _ in range(2):
        world.hand_in()
        assert world("approve", "--digest", waiting(world)).code == 0
        assert world("resume").code == 3
    world.hand_in()
    return world


def waiting(world: CommandWorld) -> str:
    here = state(world).current_task
    assert here is not None and here.request is not None
    return here.request.digest


def state(world: CommandWorld) -> RunState:
    return fold(events_of(world.root, world.run_id))


def signed(run: RunState, *keys: str) -> RunState:
    """The run as if the approvals of these tasks had signatures."""
    for key in keys:
        task = run.tasks[key]
        task.approvals = [replace(each, signature="-----BEGIN SSH SIGNATURE-----") for each in task.approvals]
    return run


@pytest.mark.slow
def test_what_waits_says_since_when_and_for_whom(world: CommandWorld) -> None:
    told = world("status").out
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.search(rf"waiting for approval of \w{{7}} until {moment}\nsince {moment}, who may approve: \S", told)
    assert world("reject", "--reason", "again").code == 0
    assert world("resume").code == 3
    assert re.search(r" is to be done by hand, since \d{4}-\d\d-\d\d \d\d:\d\d UTC\n", world("status").out)


@pytest.mark.slow
def test_approvals_that_count_are_said_to_be_unsigned(world: CommandWorld) -> None:
    assert "\n2 of 2 approvals are unsigned: whoever can write here can make such a one up\n" in world("status").out
    one_signed = status_view(signed(state(world), "t1_1"))
    assert "1 of 2 approvals are unsigned: whoever can write here can make such a one up" in one_signed.lines()
    assert "unsigned" not in "\n".join(status_view(signed(state(world), "t1_1", "t1_2")).lines())
    assert status_view(state(world)).to_json()["approvals"] == {"by_people": 2, "unsigned": 2}
    assert world("approve", "--digest", waiting(world)).code == 0
    assert "\n3 of 3 approvals are unsigned" in world("status").out


@pytest.mark.slow
def test_what_nobody_said_and_what_was_sent_back_does_not_count(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    assert "unsigned" not in world("status").out
    world("resume")
    world.hand_in()
    assert world("approve", "--digest", waiting(world)).code == 0
    assert f"\n{ONE}\n" in world("status").out
    (world.root / "artifacts/tasks/working_log.md").write_text("not what was approved\n")
    world("resume")
    assert "unsigned" not in world("status").out


def test_why_work_is_to_be_done_once_more_is_said_until_it_is_shown_again(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md")
    world.hand_in()
    assert world("reject", "--reason", "two coats are missing").code == 0
    why = "\nattempt 1 rejected by Ada <ada@example.com>: two coats are missing\n"
    assert why in world("status").out
    told = world("resume")
    assert (told.code, why in told.error, why in world("status").out) == (3, True, True)
    world.hand_in()
    assert why not in world("status").out


def test_what_was_taken_back_is_not_said_to_be_rejected(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md")
    assert world("done", "--no-files").code == 0
    assert world("done", "--take-back").code == 0
    told = world("status")
    assert "\nattempt 1 taken back by Ada <ada@example.com>, who handed it in\n" in told.out
    assert ("  taken back " in told.out, "rejected" in told.out) == (True, False)
    assert '"status": "rejected"' in world("status", "--json").out
    told = world("resume")
    assert ("attempt 1 taken back by Ada" in told.error, "rejected" in told.error) == (True, False)
