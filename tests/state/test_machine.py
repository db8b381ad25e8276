from __future__ import annotations

import pytest

from state.machine import END_STATES, RunMachine, life_cycle_mermaid, plan_mermaid
from state.model import Plan, PlannedTask
from state.run_state import LIFE


def plan(count: int = 3) -> Plan:
    tasks = (PlannedTask(f"t{i}", str(i), f"Task: {i}", "task", i, (), "", i, i) for i in range(1, count + 1))
    return Plan("sample", "Sample", "tasks", "tasks.md", "0" * 64, tuple(tasks))


def test_a_state_is_left_only_when_its_gate_admits() -> None:
    admitted: set[str] = set()
    machine = RunMachine(plan(), admitted.__contains__)
    assert machine.move("advance") == "t1"
    assert not machine.may("advance")
    with pytest.raises(RuntimeError, match="refused in t1: its gate is closed"):
        machine.move("advance")
    assert machine.state == "t1"
    admitted.add("t1")
    assert machine.move("advance") == "t2"


def test_the_last_gate_leads_to_complete_and_nothing_leads_on() -> None:
    machine = RunMachine(plan(2), lambda _key: True, at="t2")
    assert machine.move("advance") == "complete"
    for trigger in ("advance", "abort", "roll_back"):
        with pytest.raises(RuntimeError, match="not allowed in complete"):
            machine.move(trigger)


@pytest.mark.parametrize("state", ["ready", "t1", "t2", "t3"])
def test_a_run_can_be_aborted_or_rolled_back_from_anywhere(state: str) -> None:
    assert RunMachine(plan(), lambda _key: False, at=state).move("abort") == "aborted"
    machine = RunMachine(plan(), lambda _key: False, at=state)
    assert [machine.move("roll_back"), machine.move("rolled_back")] == ["rolling_back", "rolled_back"]


def test_there_is_no_way_round_a_gate() -> None:
    machine = RunMachine(plan(), lambda _key: False)
    assert not [name for name in dir(machine) if name.startswith("to_")]


def test_restoring_refuses_a_state_that_the_plan_does_not_have() -> None:
    with pytest.raises(ValueError, match="'t9' is not a state of plan sample"):
        RunMachine(plan(), lambda _key: True, at="t9")


def test_the_diagrams_name_every_state_and_are_parsable_names() -> None:
    text = plan_mermaid(plan())
    assert 'state "1 Task - 1" as t1' in text
    assert "t3 --> complete" in text
    life = life_cycle_mermaid()
    for before, _event in LIFE:
        assert before.replace("-", "_") in life
    names = {word for line in life.splitlines()[1:] for word in line.split(":")[0].replace("-->", " ").split()}
    assert all("-" not in name for name in names)
    assert "complete" in END_STATES
