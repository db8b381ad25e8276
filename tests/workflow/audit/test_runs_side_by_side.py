"""Every run is audited beside every other, in whichever state: no run is blamed for what another did."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from state.errors import PhasegateError
from tests.worlds.journals import last_file
from tests.worlds.run_world import RUNBOOK, RunWorld
from workflow.audit import audit_workspace
from workflow.ports import Approve, Pause


def begun(world: RunWorld) -> None:
    with world.start():
        pass


def at_work(world: RunWorld) -> None:
    """Its first task waits, and nothing of it is committed."""
    world.person.verdicts = [Pause()]
    with world.start() as engine, suppress(PhasegateError):
        engine.drive()


def halfway(world: RunWorld) -> None:
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start() as engine, suppress(PhasegateError):
        engine.drive()


def torn(world: RunWorld) -> None:
    halfway(world)
    journal = last_file(world.root / ".phasegate" / world.run_id / "journal.jsonl")
    journal.write_bytes(journal.read_bytes() + b'{"v":2,"seq":')


def complete(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive()


def aborted(world: RunWorld) -> None:
    with world.start() as engine:
        engine.abort("it rains")


def aborted_halfway(world: RunWorld) -> None:
    halfway(world)
    with world.reopen() as engine:
        engine.abort("it rains")


def rolling_back(world: RunWorld) -> None:
    halfway(world)
    with world.start_rollback():
        pass


def rolled_back(world: RunWorld) -> None:
    halfway(world)
    with world.start_rollback() as engine:
        engine.drive()


def unbegun(world: RunWorld) -> None:
    (world.root / ".phasegate" / "shed-20260101-000000").mkdir(parents=True)
    (world.root / ".phasegate" / "shed-20260101-000000" / "journal.jsonl").write_bytes(b"")
    world.run_id = "shed-20260101-000000"


State = Callable[[RunWorld], None]
OVER: list[State] = [complete, aborted, aborted_halfway, rolled_back]
OPEN: list[State] = [unbegun, begun, at_work, halfway, torn, rolling_back]


def again(world: RunWorld) -> None:
    """The runbook as it was, for the next run."""
    if (world.root / "tasks.md").read_bytes() != RUNBOOK:
        (world.root / "tasks.md").write_bytes(RUNBOOK)
        world.git("commit", "-q", "-m", "once more", "tasks.md")


@pytest.mark.slow
@pytest.mark.parametrize("first", OVER, ids=lambda state: state.__name__)
@pytest.mark.parametrize("second", [*OVER, *OPEN], ids=lambda state: state.__name__)
def test_two_runs_of_one_runbook_are_sound(first: State, second: State, tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    first(world)
    if second is not unbegun:  # which takes no runbook over
        again(world)
    world.clock.wait(60)
    second(world)
    world.clock.wait(60)
    found = audit_workspace(world.root, None)
    assert [(each.run, each.findings) for each in found] == [(each.run, []) for each in found]
    assert len(found) == (1 if second is unbegun else 2)
    for each in found:
        assert audit_workspace(world.root, each.run)[0].to_json() == each.to_json()
