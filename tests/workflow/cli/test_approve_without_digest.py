"""`approve` without a digest leads to where the digest stands."""

from __future__ import annotations

from pathlib import Path

from tests.worlds.command_world import CommandWorld


def test_a_missing_digest_is_shown_by_the_command_that_is_named(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    assert world("run", "tasks.md").code == 3
    told = world("approve")
    assert (told.code, told.next) == (2, "phasegate status")
    assert world("approve", world.run_id).next == f"phasegate status {world.run_id}"
    world.type(told.next)
