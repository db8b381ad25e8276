"""Is the runbook in a commit as the run left it? Its text and its boxes, as the run's last commit has them.

Rules:
- An edit that the run took may be in a commit already: then it is that edit, with the boxes of done tasks ticked.
- What the working tree holds is `workspace_guard`'s business; here is what the next commit stands on.
"""

from __future__ import annotations

from state.files import blob_id
from state.line_endings import turned_like
from state.printable import as_name
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.open_run import OpenRun


def last_own_commit(run: OpenRun) -> str:
    """The newest commit of the run that its journal names; the one it started from where there is none."""
    return run.state.last_commit or run.state.start.base


def why_not_as_left(run: OpenRun, runbook: ExpectedRunbook, rev: str) -> str:
    """Which commit made the runbook in `rev` another one than the run left, in words; "" when none did."""
    git, path, since = run.doors.git, run.plan.runbook, last_own_commit(run)
    if rev == since:
        return ""
    seen, left = (git.tree_entries(each, [path])[path].blob for each in (rev, since))
    if seen == left or seen == _taken(run, runbook, rev):
        return ""
    return (
        f"{as_name(path)} was changed by {git.last_change(path, rev)[:10]}, which is not the run's: a box or its text"
    )


def _taken(run: OpenRun, runbook: ExpectedRunbook, rev: str) -> str:
    """The blob that the runbook as it is in force has, as git keeps it."""
    git, path = run.doors.git, run.plan.runbook
    expected, file = runbook.now(), run.workspace / path
    if file.is_file() and file.read_bytes() == expected:
        return git.object_ids([path])[path]  # through filters, whatever they are
    return blob_id(turned_like(expected, git.blob(rev, path) or b""), rev)
