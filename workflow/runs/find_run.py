"""Which run is meant? Reading only: no lock, no AWS, and of git one look at HEAD's tree when no run is named.

Rules:
- A run of HEAD whose journal is not in the workspace is missed, never passed over: the one that is meant may be it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from state.errors import BadInput, JournalDamaged
from state.events import Event
from state.journal import DIRECTORY, find_runs, read, run_directory
from state.run_state import fold
from state.task_state import TaskStatus
from workflow.doors.git.plumbing import names_in_head
from workflow.trailers import ATTRIBUTES, run_files


def choose(workspace: Path, run_id: str | None) -> str:
    """The run that is meant: the one named, or the only unfinished one, or the only or latest one.

    Raises BadInput when there is none, or several unfinished ones; JournalDamaged when git has commits of a run whose
    journal is gone, which only a name that says another one passes by.
    """
    runs = find_runs(workspace)
    if run_id is not None:
        if run_id in runs:
            return run_id
        _refuse_lost(workspace, run_id)
        raise BadInput(
            f"no run {run_id!r} here; there are: {', '.join(runs) or 'none'}", next_command="phasegate status"
        )
    if not runs:
        _refuse_lost(workspace, None)
        raise BadInput("no run has been started in this repository", next_command="phasegate run stage-06 --sandbox")
    for name in names_in_head(workspace, DIRECTORY):
        if name not in runs:
            _refuse_lost(workspace, name, others=runs)
    unfinished = [name for name in runs if not is_over(workspace, name)]
    if len(unfinished) > 1:
        raise BadInput(
            f"{len(unfinished)} runs are unfinished, say which: {', '.join(unfinished)}",
            next_command=f"phasegate status {unfinished[-1]}",
        )
    return unfinished[0] if unfinished else max(runs, key=lambda name: events_of(workspace, name)[0].at)


def _refuse_lost(workspace: Path, run_id: str | None, *, others: Sequence[str] = ()) -> None:
    """Raise when git knows this run (any run for None): its journal was deleted, or is on another branch."""
    from workflow.doors.git.runs_elsewhere import runs_in_git

    known = runs_in_git(workspace)
    lost = next(iter(known), "") if run_id is None else run_id
    if lost not in known:
        return
    sha, branch = known[lost]
    journal = run_files(lost)[0]
    if branch:
        raise BadInput(
            f"run {lost} is on branch {branch}, which is not checked out: {journal} is not here",
            next_command=f"git switch {quote(branch)}",
        )
    fix = f"git checkout {sha[:10]} -- {quote(f'{DIRECTORY}/{lost}')}"
    if not (workspace / ATTRIBUTES).exists() and Path(ATTRIBUTES).name in names_in_head(workspace, DIRECTORY):
        fix += f" && git checkout HEAD -- {ATTRIBUTES}"
    raise JournalDamaged(
        f"{journal} is gone or empty, but commits of run {lost} are here, the last is {sha[:10]}",
        next_command=f"{fix} && phasegate resume {lost}   # as of then"
        + "".join(f"\n      phasegate status {name}   # or another run, by its name" for name in others[-1:]),
    )


def is_over(workspace: Path, run_id: str) -> bool:
    """Whether the run has ended, as far as its journal tells: a last task that intends to commit counts as over."""
    run = fold(events_of(workspace, run_id))
    if run.outcome:
        return True
    current = run.current_task
    return current is not None and current.key == run.last_task and current.status == TaskStatus.COMMITTING


def events_of(workspace: Path, run_id: str) -> list[Event]:
    return read(run_directory(workspace, run_id) / "journal.jsonl")
