"""An edit of the runbook that was committed under a run: the ways on that are printed work as typed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from state.errors import RunbookEdited, Waiting
from tests.worlds.run_world import RunWorld

RUNBOOK = b"# Shed\n\n- [ ] 1. Paint it\n- [ ] 2. Sand it\n"
EDITED = RUNBOOK.replace(b"Sand it", b"Sand it twice")


def edited_after(world: RunWorld) -> list[str]:
    """The commands that are offered where somebody committed an edit before the run's first commit."""
    world.person.absent = True
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    (world.root / "tasks.md").write_bytes(EDITED)
    world.git("commit", "-q", "-m", "an edit", "--", "tasks.md")
    with pytest.raises(RunbookEdited) as refused, world.reopen() as engine:
        engine.drive()
    return [line.strip() for line in refused.value.next_command.split("\n")]


@pytest.mark.parametrize(("number", "left"), [(0, RUNBOOK), (1, EDITED)])
def test_the_runbook_is_put_back_and_the_edit_is_there_to_be_taken(tmp_path: Path, number: int, left: bytes) -> None:
    world = RunWorld(tmp_path, runbook=RUNBOOK)
    command, resume = edited_after(world)[number].rsplit(" && ", 1)
    subprocess.run(["sh", "-c", command], cwd=world.root, check=True, capture_output=True)
    assert (world.root / "tasks.md").read_bytes() == left
    assert world.git("show", "HEAD:tasks.md").encode().strip() == RUNBOOK.strip()
    assert ("--take-edit" in resume) == (left == EDITED)
    if left == RUNBOOK:
        with pytest.raises(Waiting), world.reopen() as engine:
            engine.drive()


def test_an_edit_on_top_that_no_commit_has_is_not_thrown_away(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=RUNBOOK)
    edited_after(world)
    (world.root / "tasks.md").write_bytes(EDITED + b"- [ ] 3. Look at it\n")
    with pytest.raises(RunbookEdited) as refused, world.reopen() as engine:
        engine.drive()
    assert refused.value.next_command.startswith("git stash push -- tasks.md && ")
