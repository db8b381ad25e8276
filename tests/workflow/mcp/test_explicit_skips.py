"""A command that an agent itself says not to run reads as that, by whom; one that its order did not name as unnamed."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from tests.worlds.agent_world import AGENT, AgentWorld
from workflow.cli.main import run
from workflow.service.status import review

pytestmark = pytest.mark.slow
RUNBOOK = "# Shed\n\n- [ ] 1. Paint with `frobnicate --all` and `frobnicate --twice`\n"


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    world = AgentWorld(tmp_path, runbook=RUNBOOK)
    world.starts()
    return world


def log(world: AgentWorld) -> list[str]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert run(["-C", str(world.root), "log"]) == 0
    return [line for line in out.getvalue().splitlines() if " answered " in line]


def test_it_is_named_with_who_said_so_and_how(world: AgentWorld) -> None:
    told = world.hands_in(answers={"t1-command-1": "skip"})
    assert told["not_run"] == [1, 2]
    assert told["message"] == (
        "command 1 was not run, as `answers` says, and the page names you for that; command 2 was not run: nothing in "
        "`commands` named it, and the page says so"
    )
    first, second = log(world)
    assert first.endswith(f"t1-command-1 = skip, by {AGENT} (mcp): by name, in `answers`")
    assert second.endswith(f"t1-command-2 = skip, by {AGENT} (mcp)")
    page = review(world.root, None)
    (said,) = [line for line in page.splitlines() if line.startswith("- command 1")]
    assert AGENT in said and "skip" in said and "nobody asked for it" not in said
    assert "- command 2: not run, nobody asked for it" in page
    assert world.findings() == []


def test_the_approved_and_committed_run_is_sound(world: AgentWorld) -> None:
    world.hands_in(answers={"t1-command-1": "skip", "t1-command-2": "skip"})
    world.approves(at_terminal=True)
    world.drives()
    assert len(world.commits()) == 1
    assert world.findings() == []
