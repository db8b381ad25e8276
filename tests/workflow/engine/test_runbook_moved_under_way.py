"""A runbook is moved while a run of it is under way: refused, and what is printed next brings it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld


@pytest.mark.slow
@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("done", [False, True])
def test_what_is_typed_next_brings_it_back(tmp_path: Path, committed: bool, done: bool) -> None:
    world = CommandWorld(tmp_path)
    if done:
        world.up_to("1.1")
    else:
        assert world("run", "tasks.md").code == 3
    before = (world.root / "tasks.md").read_bytes()
    (world.root / "old").mkdir()
    world.git("mv", "tasks.md", "old/tasks.md")
    if committed:
        world.git("commit", "-q", "-m", "Tidy up")
    refused = world("resume")
    assert refused.code == 2 and "tasks.md is gone" in refused.error
    world.type(refused.next)
    assert (world.root / "tasks.md").read_bytes() == before
