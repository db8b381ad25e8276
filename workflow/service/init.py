"""How does a workflow come into a repository? Its runbook, a policy, and what belongs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from state.errors import BadInput
from state.files import Disk
from state.outside_file import read_outside
from workflow.policy.effective_policy import FILE, default_policy
from workflow.runs.load_plan import is_markdown
from workflow.runs.workflow_catalog import KNOWN, find_workflow
from workflow.service.workspace import workspace_of

POLICY_FILE = FILE


@dataclass(frozen=True, slots=True)
class PutThere:
    """One file of a workflow's: where it is in the workspace, and whether it was written now or was there before."""

    path: str
    written: bool


def init(directory: Path, workflow: str, runbook: str | None) -> Sequence[PutThere]:
    """Write the workflow's files into the workspace, the runbook first. Nothing is overwritten, nothing is committed.

    `runbook` is where to put it, if not at the workflow's own place.

    Raises BadInput for a workflow that is not known, and when another document is there; nothing was written then.
    """
    workspace = workspace_of(directory)
    if is_markdown(workflow):
        raise BadInput(
            f"init takes {' or '.join(KNOWN)}, seen {workflow!r}: a file of your own needs no init",
            next_command=f"phasegate plan {quote(workflow)}",
        )
    found = find_workflow(workflow)
    path = runbook or found.runbook
    data = found.runbook_text()
    others = {FILE: default_policy(), **found.beside()}
    disk = Disk(workspace)
    for name in (path, *others):
        disk.require_no_link(workspace / name)
    target = workspace / path
    if target.exists() and read_outside(target, "runbook", limit=None, name=path) != data:
        raise BadInput(
            f"{path} exists and is another document; it is left as it is",
            next_command=f"phasegate init {workflow} --runbook {workflow}.md",
        )
    return [_put(disk, workspace, name, content) for name, content in [(path, data), *others.items()]]


def _put(disk: Disk, workspace: Path, path: str, content: bytes) -> PutThere:
    target = workspace / path
    written = not target.exists()
    if written:
        disk.write_atomic(target, content)
    return PutThere(path, written)
