"""Has this clone shared a run at a remote, or taken it over? Light: looked at by whatever opens a run."""

from __future__ import annotations

from pathlib import Path

from workflow.doors.git.plumbing import git_dir_of


def shared_file(workspace: Path, run_id: str) -> Path:
    """What this clone remembers of the run's refs: `workflow.service.meeting_place.Kept`."""
    return git_dir_of(workspace) / "phasegate" / f"{run_id}.shared"


def is_shared(workspace: Path, run_id: str) -> bool:
    return shared_file(workspace, run_id).is_file()
