"""The process died when git had made a commit that a hook altered, and nobody had looked at it: the next one does."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import PhasegateError
from tests.worlds.killed_at_commit import killed_at
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace

SUBJECT = "shed task 1.1: Choose a colour"
# name -> hook, its script, what the next process says
ALTERED = {
    "a file added": ("pre-commit", "echo more > more.txt; git add more.txt", "more.txt was added"),
    "a file changed": (
        "pre-commit",
        "echo x >> artifacts/shed/working_log.md; git add -u",
        "working_log.md was changed",
    ),
    "a line in the journal": (
        "pre-commit",
        'for j in .phasegate/*/journal.jsonl; do cp "$j" .git/j; echo x >> "$j"; git add "$j"; cp .git/j "$j"; done',
        "journal.jsonl was changed",
    ),
    "the subject": ("commit-msg", "sed -i '1s/^/[JIRA-1] /' \"$1\"", "the message was changed"),
    "a trailer more": ("commit-msg", "echo 'Phasegate-Task: t2_1' >> \"$1\"", "the trailers were changed"),
    "the trailers dropped": ("commit-msg", "sed -i '/^Phasegate/d' \"$1\"", "was amended without them"),
}


@pytest.fixture(
    params=[{}, {"separators": "="}, {"separators": "=%", "Phasegate-Task.key": "X: "}], ids=["", "=", "=%"]
)
def world(tmp_path: Path, request: pytest.FixtureRequest) -> RunWorld:
    world = RunWorld(tmp_path)
    for name, value in request.param.items():
        world.git("config", f"trailer.{name}", value)
    return world


def hook(world: RunWorld, name: str, script: str) -> Path:
    file = world.root / ".git/hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.mark.slow
@pytest.mark.parametrize(("name", "script", "said"), ALTERED.values(), ids=ALTERED.keys())
def test_what_a_hook_altered_is_found_by_the_next_process_and_never_gone_on_from(
    world: RunWorld, name: str, script: str, said: str
) -> None:
    before = world.git("rev-parse", "HEAD").strip()
    file = hook(world, name, script)
    killed_at(world, made=True)
    assert world.git("rev-parse", "HEAD~1").strip() == before
    file.unlink()
    with pytest.raises(PhasegateError) as refused, world.reopen() as engine:
        engine.drive()
    assert said in str(refused.value)
    if world.git("rev-parse", "HEAD").strip() != before:  # not taken back by itself: as the next command says
        assert refused.value.next_command.startswith("git reset --soft HEAD~1 && ")
        world.git("reset", "-q", "--soft", "HEAD~1")
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
    (found,) = audit_workspace(world.root, None)
    assert [each.code for each in found.findings] == []
    assert world.subjects().count(SUBJECT) == 1


def test_what_no_hook_altered_is_found_and_the_run_goes_on(world: RunWorld) -> None:
    killed_at(world, made=True)
    made = world.git("rev-parse", "HEAD").strip()
    with world.reopen() as engine:
        engine.drive()
        assert engine.run.tasks["t1_1"].commit == made
        assert engine.complete
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


@pytest.mark.slow
def test_a_commit_without_trailers_and_with_another_file_is_not_built_upon(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    files = [
        hook(world, "pre-commit", "echo x >> artifacts/shed/working_log.md; git add -u"),
        hook(world, "commit-msg", "sed -i '/^Phasegate/d' \"$1\""),
    ]
    killed_at(world, made=True)
    for file in files:
        file.unlink()
    with pytest.raises(PhasegateError), world.reopen() as engine:
        engine.drive()
    (found,) = audit_workspace(world.root, None)
    assert not [task for task in found.tasks if task.commit]
