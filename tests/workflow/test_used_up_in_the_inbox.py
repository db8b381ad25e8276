"""Where an agent's attempts are used up, every list of runs says that it is a person's turn."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest

from tests.worlds.agent_world import AgentWorld
from workflow.cli.main import run
from workflow.service.inbox import Inbox

pytestmark = pytest.mark.slow


def shown(world: AgentWorld, *words: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert run(["-C", str(world.root), *words]) == 0
    return out.getvalue()


def test_the_inbox_and_runs_turn_to_a_person_with_the_last_attempt(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {attempts: 1}\n")
    world.starts()
    inbox = Inbox({"shed": world.root})
    assert [line.waits_for for line in inbox.look().lines] == ["agent"]
    world.works("one.txt")
    assert [line.waits_for for line in inbox.look().lines] == ["approval"]
    world.rejects(at_terminal=True)
    found = inbox.look()
    assert ([line.waits_for for line in found.to_do], found.at_agents) == (["work"], [])
    assert "waits for work of a person, the agent has had its attempts" in shown(world, "runs")
    assert json.loads(shown(world, "runs", "--json"))["runs"][0]["waits_for"] == "work"
    assert json.loads(shown(world, "status", "--json"))["used_up"]


def test_an_attempt_that_is_left_is_the_agents(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {attempts: 2}\n")
    world.starts()
    world.works("one.txt")
    world.rejects(at_terminal=True)
    assert Inbox({"shed": world.root}).look().to_do == []
    assert "of a person" not in shown(world, "runs")
