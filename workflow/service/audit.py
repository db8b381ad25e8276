"""Does the history hold what it says? Reads git and the journals; writes nothing but the page asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from state.files import Disk
from workflow.audit import RunAudit, audit_workspace
from workflow.service.workspace import workspace_of


def audit(
    directory: Path, run_id: str | None, *, anchor: str | None = None, page: Path | None = None
) -> Sequence[RunAudit]:
    """The audit of one run, or of every run.

    `anchor` is a commit's id kept elsewhere; `page`, absolute, is where `write_page` will write. A bare clone will do.

    Raises as `audit_workspace`; BadInput for a page that a link leads elsewhere.
    """
    workspace = workspace_of(directory)
    if page is not None:
        Disk(workspace).require_no_link(page)
    return audit_workspace(workspace, run_id, anchor=anchor)


def write_page(directory: Path, found: Sequence[RunAudit], page: Path) -> None:
    """Write the page with timeline and states, which needs nothing else, to this absolute path."""
    from workflow.audit.html_report import html_page

    Disk(workspace_of(directory)).write_atomic(page, html_page(found).encode(), sync=False)
