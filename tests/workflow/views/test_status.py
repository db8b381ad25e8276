"""What status says of the approvals that count: whether they are signed. In text only; the JSON is as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from state.run_state import RunState, fold
from tests.worlds.command_world import CommandWorld
from workflow.runs.find_run import events_of
from workflow.views.status import status_view

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
    assert re.search(
        r"waiting for approval of \w{7} until \S+\nsince \d{4}-\d\d-\d\d \d\d:\d\d UTC, to be given by \S", told
    )
    assert world("reject", "--reason", "again").code == 0
    assert world("resume").code == 3
    assert re.search(r" is to be done by hand, since \d{4}-\d\d-\d\d \d\d:\d\d UTC\n", world("status").out)


@pytest.mark.slow
def test_approvals_that_count_are_said_to_be_unsigned(world: CommandWorld) -> None:
    assert "\n2 of 2 approvals are unsigned: whoever can write here can make such a one up\n" in world("status").out
    one_signed = status_view(signed(state(world), "t1_1"))
    assert "1 of 2 approvals are unsigned: whoever can write here can make such a one up" in one_signed.lines()
    assert "unsigned" not in "\n".join(status_view(signed(state(world), "t1_1", "t1_2")).lines())
    assert "unsigned" not in str(status_view(state(world)).to_json())
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
