"""A finished run's runbook that is moved as it was is no finding; moved and changed, or moved before, it is one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.run_world import RunWorld
from workflow.audit import RunAudit, audit_workspace

ARCHIVED = "archive/2026-01-02-shed/tasks.md"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def move(root: Path, old: str = "tasks.md", new: str = ARCHIVED, *, edit: str = "") -> None:
    (root / new).parent.mkdir(parents=True, exist_ok=True)
    git(root, "mv", old, new)
    if edit:
        (root / new).write_text((root / new).read_text() + edit)
    git(root, "commit", "-q", "-a", "-m", f"move to {new}")


def edit(root: Path, path: str) -> None:
    (root / path).write_text((root / path).read_text() + "- [ ] 9. One more\n")
    git(root, "commit", "-q", "-am", "edited")


def moved_twice(root: Path) -> None:
    move(root)
    move(root, ARCHIVED, "attic/shed.md")


def moved_there_and_back(root: Path) -> None:
    move(root)
    move(root, ARCHIVED, "tasks.md")


def moved_on_a_branch(root: Path) -> None:
    git(root, "switch", "-q", "-c", "side")
    move(root)
    git(root, "switch", "-q", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "meanwhile")
    git(root, "merge", "-q", "--no-ff", "-m", "Merge", "side")


def moved_and_edited_afterwards(root: Path) -> None:
    move(root)
    edit(root, ARCHIVED)


def edited_and_then_moved(root: Path) -> None:
    edit(root, "tasks.md")
    move(root)


def removed(root: Path) -> None:
    git(root, "rm", "-q", "tasks.md")
    git(root, "commit", "-q", "-m", "gone")


def removed_beside_an_older_copy(root: Path) -> None:
    """A copy that was there before is no place that it was moved to."""
    shutil.copyfile(root / "tasks.md", root / "copy.md")
    git(root, "add", "copy.md")
    git(root, "commit", "-q", "-m", "copied")
    removed(root)


def audited(run: RunWorld, place: Path, change: Callable[[Path], None]) -> RunAudit:
    root = place / "repo"
    shutil.copytree(run.root, root)
    change(root)
    (found,) = audit_workspace(root, None)
    return found


@pytest.mark.parametrize("change", [move, moved_twice, moved_there_and_back, moved_on_a_branch])
def test_moved_as_it_was(complete_run: RunWorld, tmp_path: Path, change: Callable[[Path], None]) -> None:
    found = audited(complete_run, tmp_path, change)
    assert found.findings == []
    assert "moved" in {limit.code for limit in found.unprovable}


@pytest.mark.parametrize(
    "change",
    [
        lambda root: move(root, edit="- [ ] 9. One more\n"),
        moved_and_edited_afterwards,
        edited_and_then_moved,
        removed,
        removed_beside_an_older_copy,
    ],
    ids=["with an edit", "edited afterwards", "edited before", "removed", "copied, then removed"],
)
def test_changed_or_gone(complete_run: RunWorld, tmp_path: Path, change: Callable[[Path], None]) -> None:
    found = audited(complete_run, tmp_path, change)
    assert {finding.code for finding in found.findings} == {"runbook-edited"}


def test_moved_while_the_run_is_under_way(halfway_run: RunWorld, tmp_path: Path) -> None:
    found = audited(halfway_run, tmp_path, move)
    assert "runbook-edited" in {finding.code for finding in found.findings}
