"""Does HEAD hold what a run committed of its own record? Looked at before a run is read on, or goes on.

Rules:
- git's files tell where HEAD is the run's own last commit: then nothing is asked.
- A run that is over here is left alone: its record may be tidied away.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import JournalDamaged
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.doors.git.head import head_is
from workflow.doors.git.plumbing import git_dir_of, read_head
from workflow.trailers import trailers

if TYPE_CHECKING:
    from workflow.doors.git.record_taken_back import TakenBack


def record_lost(workspace: Path, run: RunState, segment: int) -> TakenBack | None:
    """What became of the record in HEAD of a run as its journal here has it; None where it is whole.

    `segment`: the number of the journal's file that was open last in this clone, as far as it is known.
    """
    if run.outcome:
        return None
    head, known = read_head(git_dir_of(workspace))[1], run.last_known_commit
    if head == known or (head and head == _just_made(workspace, run)):
        return moved(workspace, run.run_id) if segment > run.segments.last else None
    from workflow.doors.git.record_taken_back import record_taken_back  # here: where others committed

    found = record_taken_back(workspace, run.run_id, known if known != run.start.base else "")
    return found or (moved(workspace, run.run_id) if segment > run.segments.last else None)


def moved(workspace: Path, run_id: str) -> TakenBack | None:
    """As `moved_before`."""
    from workflow.doors.git.record_taken_back import moved_before

    return moved_before(workspace, run_id)


def require_record(workspace: Path, run: RunState, segment: int) -> None:
    """Raise JournalDamaged, with the commit that did it and the way back, where HEAD has the record not whole."""
    if found := record_lost(workspace, run, segment):
        raise refusal(run.run_id, found)


def explain_damage(workspace: Path, run_id: str, error: JournalDamaged) -> JournalDamaged:
    """The refusal of a journal that cannot be read: what somebody committed, where that is why, else as it was."""
    from workflow.doors.git.record_taken_back import record_taken_back

    found = record_taken_back(workspace, run_id) or moved(workspace, run_id)
    return refusal(run_id, found) if found else error


def refuse_taken_back(workspace: Path, run_id: str) -> None:
    """Raise JournalDamaged where a commit of others took back the record of a run that is not here."""
    from workflow.doors.git.record_taken_back import record_taken_back

    if found := record_taken_back(workspace, run_id):
        raise refusal(run_id, found)


def refusal(run_id: str, found: TakenBack) -> JournalDamaged:
    """What is said of such a run."""
    return JournalDamaged(f"run {run_id} does not go on: {found.said}", next_command=following(run_id, found))


def following(run_id: str, found: TakenBack) -> str:
    """The commands by which such a run goes on."""
    way, *others = found.way
    return "\n      ".join((f"{way} && phasegate resume {run_id}   # puts it back, and goes on", *others))


def _just_made(workspace: Path, run: RunState) -> str | None:
    """HEAD, where it is the commit that the run intended last."""
    current = run.current_task
    if current is None or current.status != TaskStatus.COMMITTING or current.commit_intent is None:
        return None
    return head_is(workspace, current.commit_intent.message, trailers(run, current))
