"""The working log has the time of the attempt that was committed, and of the first one."""

from __future__ import annotations

import re
from pathlib import Path

from state.event_types import TaskStarted
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.ports import Approve, Reject


def test_a_later_attempt_has_its_own_time_and_that_of_the_first(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    world.person.verdicts = [Reject("not green"), Approve("prompt")]
    with world.start() as engine:
        engine.drive()
        begun = [event for event in engine.journal.events if isinstance(event, TaskStarted)]
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    first, second = (f"{event.at:%Y-%m-%d %H:%M:%S} UTC" for event in begun[:2])
    assert first != second
    assert f"attempt 2, started {second} (attempt 1: {first})\n" in log
    assert len(re.findall(r"attempt 1, started \S+ \S+ UTC\n", log)) == 2
    (found,) = audit_workspace(world.root, world.run_id, anchor=None)
    assert found.findings == []
