"""The runbook as the run must have left it, task by task, and when its copy is not what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput, StepFailed
from state.fold import fold
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Settings
from workflow.engine.expected_runbook import ExpectedRunbook


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def test_each_commit_holds_the_runbook_that_was_expected_before_and_after_it(world: RunWorld) -> None:
    with world.start(Settings(yes=True, practice=True)) as engine:
        remembering = ExpectedRunbook(engine.open_run)
        for task in engine.plan.tasks:
            before, after = remembering.now(), remembering.now(also=task)
            engine.segment()
            assert [world.git("show", f"{rev}:tasks.md").encode() for rev in ("HEAD~1", "HEAD")] == [before, after]
            assert ExpectedRunbook(engine.open_run).now() == after == remembering.now()
        engine.open_run.state = fold(engine.journal.events[:4])
        assert remembering.now() == ExpectedRunbook(engine.open_run).now() != after


def test_a_copy_that_was_changed_meanwhile_is_not_believed_from_memory(world: RunWorld) -> None:
    with world.start(Settings(yes=True, practice=True)) as engine:
        expected = ExpectedRunbook(engine.open_run)
        engine.segment()
        expected.now()
        copy = world.root / f".phasegate/{world.run_id}/runbook.md"
        copy.write_bytes(copy.read_bytes() + b"More\n")
        assert expected.now().endswith(b"More\n")
        copy.write_bytes(copy.read_bytes().replace(b"Choose", b"Choice"))
        with pytest.raises(BadInput, match="boxes were not flipped"):
            expected.now()


def test_a_box_that_a_hook_ticked_is_unticked_with_the_commit_that_it_spoiled(world: RunWorld) -> None:
    hook = world.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nsed -i 's/\\[ \\] 2.1/[x] 2.1/' tasks.md && git add tasks.md\n")
    hook.chmod(0o755)
    with (
        world.start(Settings(yes=True, practice=True)) as engine,
        pytest.raises(StepFailed, match="the commit was taken back"),
    ):
        engine.segment()
    assert world.boxes() == "     "
    hook.unlink()
    with world.reopen(Settings(yes=True, practice=True)) as engine:
        engine.drive()
        assert engine.complete
