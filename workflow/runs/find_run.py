"""Which run is meant? Reading only: no lock, no AWS, and of git one look at HEAD's tree when no run is named.

Rules:
- Whether a run is over is told by the ends of its journal, where those tell; the one that is chosen is read whole.
- A run of HEAD whose journal is not in the workspace is missed, never passed over: the one that is meant may be it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shlex import quote

from state.errors import BadInput, JournalDamaged, PhasegateError
from state.events import Event, format_time
from state.find_runs import DIRECTORY, ends_of, find_runs, is_run_here, run_directory
from state.fold import fold
from state.journal_end import End
from state.nearest import hint, nearest
from state.outside_file import RUNBOOK, read_outside
from state.path_word import path_word
from state.read_journal import read
from state.task_state import TaskStatus
from workflow.doors.git.head import directories_in_head, has_in_head
from workflow.doors.git.plumbing import git_dir_of
from workflow.trailers import ATTRIBUTES, run_files


def choose(workspace: Path, run_id: str | None) -> str:
    """The run that is meant: the one named, or the only unfinished one, or the only or latest one.

    `run_id` may be the beginning of a run's id, where no other run here or in HEAD begins so.

    Raises BadInput when there is none, or several unfinished ones; JournalDamaged when git has commits of a run whose
    journal is gone, which only a name that says another one passes by.
    """
    if run_id is not None:
        return run_id if is_run_here(workspace, run_id) else _named(workspace, run_id)
    ends = ends_of(workspace)
    if not ends:
        _refuse_driven_elsewhere(workspace)
        _refuse_lost(workspace, None)
        _refuse_moved(workspace)
        _refuse_gone(workspace)
        raise BadInput("no run has been started in this repository", next_command=to_begin_with(workspace))
    runs = sorted(ends)
    for name in directories_in_head(workspace, DIRECTORY):
        if name not in ends:
            _refuse_lost(workspace, name, others=runs)
    unfinished = [name for name in runs if not _is_over(workspace, name, ends[name])]
    if len(unfinished) > 1:
        raise BadInput(
            f"{len(unfinished)} runs are unfinished, say which: {', '.join(unfinished)}",
            next_command=f"phasegate status {unfinished[-1]}",
        )
    if unfinished:
        return unfinished[0]
    return runs[0] if len(runs) == 1 else max(runs, key=lambda name: _began(workspace, name, ends[name]))


def _named(workspace: Path, run_id: str) -> str:
    """The run here whose id alone begins so. Raises as `choose`."""
    if not any(name.startswith(run_id) for name in find_runs(workspace)):
        _refuse_driven_elsewhere(workspace, run_id)
    _refuse_lost(workspace, run_id)
    runs = find_runs(workspace)
    found = the_one_meant(run_id, [*runs, *directories_in_head(workspace, DIRECTORY)])
    if found not in runs:
        _refuse_lost(workspace, found)
        _refuse_moved(workspace, run_id)
        _refuse_gone(workspace, run_id)
        raise no_such_run(run_id, runs, "here")
    return found


def _is_over(workspace: Path, run_id: str, end: End | None) -> bool:
    """As `is_over`, by how its journal ends where that tells."""
    return is_over(workspace, run_id) if end is None or end.is_over is None else end.is_over


def _began(workspace: Path, run_id: str, end: End | None) -> str:
    """When the run began, as its first line has it."""
    return end.began if end else format_time(events_of(workspace, run_id)[0].at)


def to_begin_with(workspace: Path) -> str:
    """The command that shows what could be run here: a Markdown file at the top with a box, else a workflow."""
    for name in runbooks_at_top(workspace):
        return f"phasegate plan {path_word(name)}   # what would run"
    return "phasegate init stage-06   # puts a runbook here"


def runbooks_at_top(workspace: Path) -> Iterator[str]:
    """The names of the Markdown files at the top that have a box, in order."""
    return (path.name for path in sorted(workspace.glob("*.md")) if path.is_file() and _has_a_box(path))


def _has_a_box(path: Path) -> bool:
    try:
        data = read_outside(path, "runbook", limit=RUNBOOK, name=path.name)
    except (OSError, PhasegateError):
        return False  # it is no runbook that could be run
    return b"- [ ]" in data


def the_one_meant(run_id: str, known: Iterable[str]) -> str:
    """The run's id that is this text, else the only one that begins with it; "" where none does.

    Raises BadInput where several do.
    """
    names = sorted(set(known))
    if run_id in names:
        return run_id
    found = [name for name in names if run_id and name.startswith(run_id)]
    if len(found) > 1:
        raise BadInput(
            f"{len(found)} runs begin with {run_id!r}, say which: {', '.join(found)}",
            next_command=f"phasegate status {found[-1]}",
        )
    return found[0] if found else ""


def no_such_run(run_id: str, known: Sequence[str], where: str) -> BadInput:
    """The refusal of a run's id that is none here; it names the nearest one."""
    return BadInput(
        f"no run {run_id!r} {where}; there are: {', '.join(known) or 'none'}{hint(run_id, known)}",
        next_command=f"phasegate status {near}" if (near := nearest(run_id, known)) else "phasegate runs",
    )


def _refuse_lost(workspace: Path, run_id: str | None, *, others: Sequence[str] = ()) -> None:
    """Raise when git knows this run (any run for None): its journal was deleted, or is on another branch."""
    from workflow.doors.git.branch_gone import switch_to
    from workflow.doors.git.runs_elsewhere import is_left_out, runs_in_git

    known = runs_in_git(workspace)
    lost = next(iter(known), "") if run_id is None else run_id
    if lost not in known:
        return
    sha, branch = known[lost]
    journal = run_files(lost)[0]
    if branch:
        raise BadInput(
            f"run {lost} is on branch {branch}, which is not checked out: {journal} is not here",
            next_command=switch_to(workspace, branch),
        )
    if is_left_out(workspace, journal):
        raise BadInput(
            f"{journal} is outside of this sparse checkout, so what the run has done cannot be read here",
            next_command=f"git sparse-checkout add {DIRECTORY}   # brings the journals of all runs",
        )
    from workflow.runs.require_record import refuse_taken_back

    refuse_taken_back(workspace, lost)
    fix = f"git checkout {sha[:10]} -- {quote(f'{DIRECTORY}/{lost}')}"
    if not (workspace / ATTRIBUTES).exists() and has_in_head(workspace, ATTRIBUTES):
        fix += f" && git checkout HEAD -- {ATTRIBUTES}"
    raise JournalDamaged(
        f"{journal} is gone or empty, but commits of run {lost} are here, the last is {sha[:10]}",
        next_command=f"{fix} && phasegate resume {lost}   # as of then"
        + "".join(f"\n      phasegate status {name}   # or another run, by its name" for name in others[-1:]),
    )


def _refuse_moved(workspace: Path, run_id: str = "") -> None:
    """Raise BadInput where this clone held a run (one whose id begins so) that the branch has no more: it was moved."""
    held = sorted((git_dir_of(workspace) / "phasegate").glob("*.holder"))
    if not (names := [each.stem for each in held if each.stem.startswith(run_id)]):
        return
    from workflow.runs.require_record import following, moved

    found = next(((name, lost) for name in names if (lost := moved(workspace, name))), None)
    if found is not None:
        name, lost = found
        raise BadInput(
            f"no run is on this branch, and run {name} was: {lost.said}",
            next_command=f"{following(name, lost)}\n      {to_begin_with(workspace)}",
        )


def _refuse_driven_elsewhere(workspace: Path, run_id: str = "") -> None:
    """Raise as `workflow.runs.other_worktrees.refuse_driven_elsewhere`."""
    from workflow.runs.other_worktrees import refuse_driven_elsewhere  # here: for what is not here only

    refuse_driven_elsewhere(workspace, run_id)


def _refuse_gone(workspace: Path, run_id: str = "") -> None:
    """Raise as `workflow.runs.lost_attempts.refuse_gone`."""
    from workflow.runs.lost_attempts import refuse_gone  # it reads journals by this module

    refuse_gone(workspace, run_id)


def is_over(workspace: Path, run_id: str) -> bool:
    """Whether the run has ended, as far as its journal tells: a last task that intends to commit counts as over."""
    run = fold(events_of(workspace, run_id))
    if run.outcome:
        return True
    current = run.current_task
    return current is not None and current.key == run.last_task and current.status == TaskStatus.COMMITTING


def events_of(workspace: Path, run_id: str) -> list[Event]:
    """The events of a run's journal here. Raises JournalDamaged; where a commit of others is why, it is named."""
    try:
        return read(run_directory(workspace, run_id) / "journal.jsonl")
    except JournalDamaged as error:
        from workflow.runs.require_record import explain_damage

        raise explain_damage(workspace, run_id, error) from error
