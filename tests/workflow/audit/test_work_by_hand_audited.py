"""Work that was handed in, skipped or taken over is sound to the audit; a skip or a hand-in that was forged is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.forger import Forger
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.audit.report import RunAudit
from workflow.engine.engine import Settings
from workflow.ports import HandIn, HandView

HUT = b"# Build a hut\n\n- [x] 1. Choose a place\n- [ ] 2. Saw the boards\n- [ ]* 3. Sand them\n- [-] 4. Roof\n"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    world = RunWorld(tmp_path, runbook=HUT)
    (world.root / "phasegate.yaml").write_text('commit: "hut {id}: {title}"\n')
    (world.root / "old").write_text("rotten\n")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "Policy")

    def saw(_view: HandView) -> HandIn:
        (world.root / "board").write_text("oak\n")
        (world.root / "old").unlink()
        return HandIn(["board", "old"], "prompt")

    world.person.works = [saw, HandIn((), "prompt", "they are smooth")]
    with world.start(Settings(answers={"adopt": "adopt", "begun-t4": "to-do"})) as engine:
        engine.drive()
    return world


def audited(world: RunWorld) -> RunAudit:
    (found,) = audit_workspace(world.root, world.run_id, anchor=None)
    return found


def amend(world: RunWorld, path: str, old: str, new: str) -> None:
    """Change a file in the commit of the skipped task, which is the one before the last."""
    tip = world.git("rev-parse", "HEAD").strip()
    world.git("checkout", "-q", "HEAD~1")
    (world.root / path).write_text((world.root / path).read_text().replace(old, new))
    world.git("commit", "-q", "-a", "--amend", "--no-edit")
    world.git("cherry-pick", "-X", "theirs", tip)
    world.git("branch", "-f", "main", "HEAD")
    world.git("switch", "-q", "main")


@pytest.mark.slow
def test_a_run_with_adopted_removed_and_skipped_is_sound(world: RunWorld) -> None:
    found = audited(world)
    assert found.findings == []
    assert [(task.id, task.status) for task in found.tasks] == [
        ("1", "adopted"),
        ("2", "done"),
        ("3", "done"),
        ("4", "done"),
    ]
    assert found.state == "complete"


@pytest.mark.slow
def test_a_skipped_task_whose_box_was_ticked_is_found(world: RunWorld) -> None:
    amend(world, "tasks.md", "[ ]* 3.", "[x]* 3.")
    assert "mark-without-commit" in {finding.code for finding in audited(world).findings}


@pytest.mark.slow
def test_what_later_commits_make_of_handed_in_files_is_no_finding(world: RunWorld) -> None:
    (world.root / "old").write_text("rotten\n")
    (world.root / "board").write_text("painted\n")
    (world.root / "board").chmod(0o755)
    world.git("add", "old", "board")
    world.git("commit", "-q", "-m", "Life goes on")
    assert audited(world).findings == []


@pytest.mark.slow
@pytest.mark.parametrize(("path", "new"), [("board", "pine\n"), ("old", "rotten\n")], ids=["changed", "removed"])
def test_a_handed_in_file_that_is_another_in_its_own_commit_is_found(world: RunWorld, path: str, new: str) -> None:
    forger = Forger(world.root, world.run_id)
    forger.remake([(forger.tree_with(made.tree, {path: new.encode()}), made.message) for made in forger.made()])
    assert "file-differs" in {finding.code for finding in audited(world).findings}
