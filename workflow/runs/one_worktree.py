"""Does another worktree of this repository have the run under way, on the same branch? Then it does not go on here.

git keeps a branch checked out in one worktree, unless it is forced to. Where it was, a copy of the run's directory
would do each task a second time, and commit it onto the first: each worktree has a lock and a holder of its own.

Rules:
- The run is the worktree's whose git directory knows that it held it (`holder.py`); a copy brings no such file along.
- Files of git's are read, and no process is started. A worktree whose directory is gone has nothing under way.

Source: gitrepository-layout(5), "worktrees"; git-worktree(1), `add --force`.
"""

from __future__ import annotations

from pathlib import Path

from state.errors import RunHeld
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.command import top_above
from workflow.doors.git.plumbing import other_worktrees, read_head
from workflow.runs.holder import holder_of


def refuse_second_worktree(workspace: Path, git_dir: Path, run_id: str) -> None:
    """Raise RunHeld where another worktree on the branch that is checked out here has the run under way."""
    branch = read_head(git_dir)[0]
    if branch is None:
        return
    here = workspace.absolute()
    below = here.relative_to(top_above(here) or here)
    for other, place in other_worktrees(git_dir):
        there = place / below
        if read_head(other)[0] != branch or not holder_of(other, run_id).is_file():
            continue
        if (there / ".phasegate" / run_id).is_dir():
            where = path_word(str(there))
            raise RunHeld(
                f"run {run_id} is under way in another worktree, {as_name(str(there))}, which is on branch {branch} as "
                f"well: expected one worktree that drives it, seen a second one, {as_name(str(workspace))}, where each "
                "task would be done and committed again",
                next_command=f"cd {where} && phasegate resume {run_id}   # or, where that one is given up: "
                f"git -C {path_word(str(place))} switch --detach",
            )
