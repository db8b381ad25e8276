from __future__ import annotations

from dataclasses import replace

import pytest

from state.machine import END_STATES, RunMachine, life_cycle_mermaid, plan_mermaid
from state.model import Plan, PlannedTask
from state.task_state import LIFE


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
    for trigger in ("advance", "abort"):
        with pytest.raises(RuntimeError, match="not allowed in complete"):
            machine.move(trigger)


@pytest.mark.parametrize("state", ["ready", "t1", "t2", "t3"])
def test_a_run_can_be_aborted_or_rolled_back_from_anywhere(state: str) -> None:
    assert RunMachine(plan(), lambda _key: False, at=state).move("abort") == "aborted"
    assert RunMachine(plan(), lambda _key: False, at=state).move("roll_back") == "rolling_back"


def test_what_is_complete_can_still_be_rolled_back_and_what_was_aborted_cannot() -> None:
    assert RunMachine(plan(), lambda _key: True, at="complete").move("roll_back") == "rolling_back"
    with pytest.raises(RuntimeError, match="not allowed in aborted"):
        RunMachine(plan(), lambda _key: True, at="aborted").move("roll_back")


def test_the_way_back_has_gates_like_the_way_there() -> None:
    made = plan()
    back = replace(made, rollback=tuple(made.task(key)._replace(key=f"r{key}") for key in ("t1", "t2")))
    admitted: set[str] = set()
    machine = RunMachine(back, lambda key: key in admitted, at="rolling_back")
    assert machine.move("advance") == "rt1"
    for key, following in (("rt1", "rt2"), ("rt2", "rolled_back")):
        with pytest.raises(RuntimeError, match=f"refused in {key}: its gate is closed"):
            machine.move("advance")
        admitted.add(key)
        assert machine.move("advance") == following
    for trigger in ("advance", "abort", "roll_back"):
        with pytest.raises(RuntimeError, match="not allowed in rolled_back"):
            machine.move(trigger)


@pytest.mark.parametrize("state", ["rolling_back", "rt1"])
def test_a_rollback_that_cannot_be_finished_can_be_aborted(state: str) -> None:
    back = replace(plan(), rollback=(plan().task("t1")._replace(key="rt1"),))
    assert RunMachine(back, lambda _key: False, at=state).move("abort") == "aborted"


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
