"""Has this clone shared a run at a remote, or taken it over? Light: looked at by whatever opens a run."""

from __future__ import annotations

from pathlib import Path

from state.files import Disk
from workflow.doors.git.plumbing import git_dir_of
from workflow.policy.look_alikes import FILE


def shared_file(workspace: Path, run_id: str) -> Path:
    """What this clone remembers of the run's refs: `workflow.service.meeting_place.Kept`."""
    return git_dir_of(workspace) / "phasegate" / f"{run_id}.shared"


def is_shared(workspace: Path, run_id: str) -> bool:
    return shared_file(workspace, run_id).is_file()


def may_be_shared(workspace: Path, run_id: str) -> bool:
    """Whether a run that this clone has not claimed may be shared: it was not begun here, and policy names runners."""
    return names_runners(workspace) and not _alone(workspace, run_id).is_file()


def names_runners(workspace: Path) -> bool:
    """Whether the policy here may name runners: without them nothing is shared. What counts is read from a commit."""
    try:
        return b"runners" in (workspace / FILE).read_bytes()
    except OSError:
        return False


def keep_alone(workspace: Path, run_id: str) -> None:
    """Remember that this clone has the run to itself: begun here and not shared, or taken off the remote here."""
    Disk(workspace).write_atomic(_alone(workspace, run_id), b"")


def not_alone(workspace: Path, run_id: str) -> None:
    _alone(workspace, run_id).unlink(missing_ok=True)


def _alone(workspace: Path, run_id: str) -> Path:
    return git_dir_of(workspace) / "phasegate" / f"{run_id}.alone"
