"""An answer that decides what a check runs or compares, given by who may be a program, opens no gate by the policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.worlds.agent_world import AGENT, CLIENT, AgentWorld
from workflow.doors.terminal import Terminal
from workflow.service.drive import Driving
from workflow.service.run import Wanted, run
from workflow.service.this_process import who_runs_this

pytestmark = pytest.mark.slow
POLICY = "default: {presence: any, operator_may_approve: true, opened_by_policy: true}\n"
TESTS = "# Shed\n\n- [ ] 1. Checkpoint: ensure all tests pass\n- [ ] 2. Checkpoint: ensure all tests pass\n"


def by_person(world: AgentWorld, command: str) -> Any:
    """Ada runs it without a terminal, with an answers file outside of the repository."""
    file = world.root.parent / "answers.yaml"
    file.write_text(f'test-command: "{command}"\n')
    return run(
        world.root, who_runs_this(world.root), Terminal(interactive=False), Wanted("shed.md"), Driving(str(file))
    )


def test_no_policy_opens_a_gate_behind_a_command_that_an_agent_chose(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=TESTS, policy=POLICY)
    world.starts()
    told = world.tools.drive(CLIENT, None, {"test-command": "true"})
    assert told["status"] == "waiting-for-approval"
    checks = {each["name"]: each for each in world.events("worked")[-1]["checks"]}
    assert checks["tests"]["verdict"] == "pass"
    assert checks["answer to test-command"]["verdict"] == "said-by-agent"
    page = str(world.tools.review(None)["page"])
    assert f"says {AGENT} (mcp)" in page
    world.approves(at_terminal=False)
    assert world.drives()["status"] == "waiting-for-approval"  # the second rests on the same answer
    assert [each["by"]["git"] for each in world.opened()] == ["Ada <ada@example.com>"]
    assert world.findings() == []


def test_nor_behind_one_that_a_person_gave_without_a_terminal(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=TESTS, policy=POLICY)
    with pytest.raises(Exception, match="waits for approval"):
        by_person(world, "true")
    checks = {each["name"]: each["verdict"] for each in world.events("worked")[-1]["checks"]}
    assert checks["answer to test-command"] == "attested"
    assert world.opened() == []


def test_the_command_of_the_policy_file_is_nobodys_choice_and_its_gates_open(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=TESTS, policy=f"tests: 'true'\n{POLICY}")
    assert world.starts()["status"] == "over"
    assert [each["by"]["git"] for each in world.opened()] == ["policy", "policy"]
    assert world.findings() == []
