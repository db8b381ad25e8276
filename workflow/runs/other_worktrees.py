"""Which runs of this workspace are driven in another worktree of its repository? For who looks; nothing is written.

Rules:
- A run is driven where the git directory of the worktree knows that it held it (`holder.py`), its files are there, and
  a branch is checked out that it commits to. One that is over is driven nowhere.
- From the top of a repository the runs of all its workspaces count, from a workspace below the top its own.
- What a journal there lacks is told there: one that cannot be read is passed over here.
"""

from __future__ import annotations

from pathlib import Path

from state.driven_there import DrivenThere
from state.errors import BadInput, PhasegateError
from state.find_runs import DIRECTORY, run_directory
from state.fold import fold
from state.journal_end import end_of
from state.printable import as_name
from state.read_journal import read
from state.segments import JOURNAL
from state.task_name import number_and_title
from state.task_state import TaskStatus
from workflow.doors.git.head import directories_in_head
from workflow.doors.git.plumbing import git_dir_of, other_worktrees, read_head
from workflow.runs.holder import SUFFIX
from workflow.runs.kept_attempts import kept_at, place_in_repository, read_kept


def driven_elsewhere(workspace: Path) -> list[DrivenThere]:
    """The runs that are driven in another worktree, in order of id."""
    below, found = place_in_repository(workspace), []
    for other, top in other_worktrees(git_dir_of(workspace)):
        branch = read_head(other)[0]
        for held in (other / "phasegate").glob(f"*{SUFFIX}") if branch is not None else ():
            kept = read_kept(kept_at(other, held.stem))
            place = kept.place if kept is not None else below
            if below in ("", place) and (there := _driven(top / place, held.stem, str(branch))):
                found.append(there)
    return sorted(found)


def refuse_copy(workspace: Path, run_id: str) -> None:
    """Raise BadInput where this run, of which a copy is here, is driven in another worktree."""
    for each in driven_elsewhere(workspace):
        if each.run == run_id:
            raise BadInput(
                f"{each.said}; expected the page that waits there, seen a copy of the run in {as_name(str(workspace))}",
                next_command=f"{each.command()} --review",
            )


def refuse_driven_elsewhere(workspace: Path, run_id: str = "") -> None:
    """Raise BadInput where runs (those whose ids begin so) are driven in another worktree; of HEAD's none is meant."""
    in_head = set(directories_in_head(workspace, DIRECTORY))
    found = [each for each in driven_elsewhere(workspace) if each.run.startswith(run_id) and each.run not in in_head]
    if found:
        what = f"no run that begins with {as_name(run_id)}" if run_id else "no run"
        raise BadInput(
            f"{what} is kept in this worktree: {'; '.join(each.said for each in found)}",
            next_command="\n      ".join(each.command() for each in found),
        )


def _driven(workspace: Path, run_id: str, branch: str) -> DrivenThere | None:
    directory = run_directory(workspace, run_id)
    if directory.is_symlink() or directory.parent.is_symlink() or not directory.is_dir():
        return None
    end = end_of(str(directory))
    if end is not None and end.is_over:
        return None
    try:
        run = fold(read(directory / JOURNAL))
    except PhasegateError:
        return None
    if run.outcome or branch not in run.branches:
        return None
    current = run.current_task
    named = {task.key: number_and_title(task.id, task.title) for task in run.all_tasks}
    told = current is not None and current.status is not TaskStatus.COMMITTING  # whether it was, git would have to say
    at = f"{named[current.key]} ({current.status})" if current is not None and told else ""
    return DrivenThere(run_id, run.start.runbook, run.start.by.git, str(workspace), branch, at)
