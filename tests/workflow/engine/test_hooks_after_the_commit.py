"""A post-commit hook that commits or amends: the task's commit is found below it, or as what the hook made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import StepFailed
from tests.worlds.run_world import RunWorld

ONCE = 'test -z "$IN_HOOK" || exit 0; export IN_HOOK=1; '
ON_TOP = "git commit -q --allow-empty -m changelog; "
HOOKS = {
    "a commit of its own": ON_TOP,
    "two commits of its own": ON_TOP * 2,
    "a version bump": "echo x >> VERSION; git add VERSION; git commit -q -m bump; ",
    "an amend that only signs it off": "GIT_COMMITTER_NAME=Bot git commit -q --amend --no-edit; ",
    "an amend and a commit of its own": f"GIT_COMMITTER_NAME=Bot git commit -q --amend --no-edit; {ON_TOP}",
}


def hooked(tmp_path: Path, script: str) -> RunWorld:
    world = RunWorld(tmp_path)
    hook = world.root / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{ONCE}{script}\n")
    hook.chmod(0o755)
    return world


@pytest.mark.slow
@pytest.mark.parametrize("name", HOOKS)
def test_the_run_goes_through(tmp_path: Path, name: str) -> None:
    world = hooked(tmp_path, HOOKS[name])
    with world.start() as engine:
        engine.segment()
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
        trailers = world.git("log", "--reverse", "--format=%(trailers:key=Phasegate-Task,valueonly)").split()
        assert trailers == ["t1_1", "t1_2", "t2_1"]
        assert {state.commit for state in engine.run.tasks.values()} <= set(world.git("log", "--format=%H").split())


def test_an_amend_that_brings_a_file_in_is_still_taken_back(tmp_path: Path) -> None:
    world = hooked(tmp_path, "echo x > sly; git add sly; git commit -q --amend --no-edit")
    with world.start() as engine, pytest.raises(StepFailed, match="sly was added"):
        engine.segment()
    assert world.subjects() == []
