"""How is a workflow shown? In a new repository with a sample of what it works on."""

from __future__ import annotations

from pathlib import Path

from state.errors import BadInput
from state.files import Disk
from workflow.runs.workflow_catalog import find_workflow


def make_sample(workspace: Path, workflow: str) -> None:
    """Make this directory, a repository with the workflow's runbook and sample in its only commit.

    Raises BadInput when it exists, and for a workflow that is not known; nothing was written then.
    """
    if workspace.exists() or workspace.is_symlink():  # a link that leads nowhere would be made outside
        raise BadInput(f"{workspace} exists; the demo makes a new directory", next_command="phasegate demo OTHER-DIR")
    from workflow.doors.git.sample_repository import make_sample_repository

    found = find_workflow(workflow)
    disk = Disk()
    workspace.mkdir(parents=True)
    disk.write_atomic(workspace / found.runbook, found.runbook_text())
    for path, content in found.sample().items():
        disk.write_atomic(workspace / path, content)
    make_sample_repository(workspace, f"The runbook of {workflow} and a sample")
