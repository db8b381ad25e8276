"""By which files was a task's work judged, as its evidence says, and where may they stand? For engine and audit."""

from __future__ import annotations

from collections.abc import Mapping

from state.task_state import TaskState

JUDGED_BY = "judged_by"  # of `Evidence.data`: path -> SHA-256 of the file as HEAD held it
CHANGED_CHECKS = "checks beside the runbook as when the run began"
CHECKS_SUFFIX = ".checks.yaml"  # ends the name of the checks file of one runbook


def checks_beside(runbook: str) -> tuple[str, str]:
    """Where the checks of a runbook may stand, the more special first: `<stem>.checks.yaml`, `checks.yaml`."""
    folder, _, name = runbook.rpartition("/")
    stem = name.rpartition(".")[0] or name
    before = f"{folder}/" if folder else ""
    return f"{before}{stem}{CHECKS_SUFFIX}", f"{before}checks.yaml"


def judged_by(state: TaskState) -> dict[str, str]:
    """Path -> SHA-256 of the files that judged this task's work; none where its evidence names none."""
    found = state.worked.data.get(JUDGED_BY) if state.worked else None
    return {str(path): str(digest) for path, digest in found.items()} if isinstance(found, Mapping) else {}


def says_changed(state: TaskState) -> bool:
    """Whether who approved this task was shown that its checks had changed."""
    return state.worked is not None and any(check.name == CHANGED_CHECKS for check in state.worked.checks)
