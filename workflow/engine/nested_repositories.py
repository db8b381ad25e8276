"""Did a directory on the way to a task's files become another repository? git would commit nothing of what lies in it.

Rules:
- A nested repository, a worktree, a submodule: each has a `.git`. A bare repository has none, and git takes it for what
  any directory is.
- The bytes are as approved, so the approval stands: what is in the way is named, and taken out by a person.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from state.errors import Problem, WorkspaceRefused
from state.path_word import path_word
from state.printable import as_name
from state.task_state import TaskState
from workflow.engine.open_run import OpenRun


def require_no_other_repository(run: OpenRun, state: TaskState) -> None:
    """Return where every file of the task that waits lies in this repository.

    Raises WorkspaceRefused with each directory that is another one's, before git is asked for a commit.
    """
    if state.worked is None:
        return
    entries = [entry.path for entry in state.worked.entries or ()]
    found = list(_others(run.workspace, entries or state.worked.digests()))
    if found:
        first = found[0]
        aside = f"mv -n -- {path_word(f'{first}/.git')} {path_word('../' + first.replace('/', '-') + '.git')}"
        raise WorkspaceRefused(
            f"task {run.plan.task(state.key).label} is not committed, with files in another repository; its approval "
            "stands",
            problems=[
                Problem(
                    as_name(each),
                    "expected a directory of this repository, as when its files were shown; seen one with a .git: a "
                    "nested repository, a submodule, or a worktree",
                )
                for each in found
            ],
            next_command=f"{aside}   # takes it out; then: phasegate resume {run.run_id}",
        )


def _others(workspace: Path, paths: Iterable[str]) -> Iterator[str]:
    """The outermost directory with a `.git` on the way to each of these files, each once."""
    seen: dict[str, bool] = {}
    for path in paths:
        for parent in _above(path):
            known = parent in seen
            if not known:
                seen[parent] = os.path.lexists(f"{workspace}/{parent}/.git")
            if seen[parent]:
                if not known:
                    yield parent
                break


def _above(path: str) -> Iterator[str]:
    """The directories on the way to a file, outermost first."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
