"""Is a plan that could not be run to its end refused, whoever made it?"""

from __future__ import annotations

import pytest

from state.model import Box, Plan, PlannedTask
from workflow.runbook.plan_checks import missing_phases, start_problems, structure_problems


def box(offset: int, state: str = " ") -> Box:
    return Box(line=offset, offset=offset, state=state, line_sha256="")


def task(key: str, line: int, **fields: object) -> PlannedTask:
    made = PlannedTask(key, key, key, "task", line, (), "", line, line, box(line))
    return made._replace(**fields)  # type: ignore[arg-type]


def plan(*tasks: PlannedTask) -> Plan:
    return Plan("p", "P", "tasks", "p.md", "", tasks)


def test_a_sound_plan_has_no_problem() -> None:
    sound = plan(task("a", 1), task("b", 2))
    assert (structure_problems(sound), start_problems(sound), list(missing_phases(sound.tasks))) == ((), (), [])


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (plan(), "p.md:1: no-task"),
        (plan(task("a", 1), task("a", 2)), "p.md:2: duplicate-key: 'a' is unreachable, line 1 has it already"),
        (plan(task("Not-a-key", 1)), "p.md:1: bad-key"),
        (plan(task("1a", 1)), "p.md:1: bad-key"),
        (plan(task("complete", 1)), "p.md:1: reserved-key"),
        (plan(task("ready", 1)), "p.md:1: reserved-key"),
        (plan(task("a", 1), task("b", 2, box=box(1))), "p.md:1: shared-box: b ticks a box that a has ticked"),
    ],
    ids=["empty", "duplicate", "dash", "digit first", "end state", "ready", "box of another"],
)
def test_a_plan_without_a_way_to_its_end_is_refused(bad: Plan, said: str) -> None:
    (problem,) = structure_problems(bad)
    assert str(problem).startswith(said)


def test_a_box_that_cannot_be_flipped_is_found_before_the_run_begins() -> None:
    (problem,) = start_problems(plan(task("a", 1), task("b", 2, box=box(2, "?"))))
    assert str(problem).startswith("p.md:2: unknown-state: the box of b is '?'")


@pytest.mark.parametrize(
    ("gate", "missing"),
    [
        ("Request permission to proceed to Phase 2", []),
        ("Request permission to proceed to phase 2", []),
        ("Do not proceed to Phase 9 until told", ["Phase 9"]),
        ("Request permission to complete task", []),
        ("Ask before proceeding to Step 3", ["Step 3"]),
    ],
)
def test_a_gate_names_a_phase_that_is_there(gate: str, missing: list[str]) -> None:
    phases = [task("phase_1", 1, id="Phase 1", gate=gate), task("phase_2", 2, id="Phase 2")]
    assert [name for _task, name in missing_phases(phases)] == missing
