"""Which commits came while a run was under way that are not its own? Their work was approved at no gate of it.

Rules:
- The run's own commits are those that its journal and its trailers both tell of (`claims`). What another run of the
  workspace claims is for the audit of that one.
- What came after the commit that ended the run is not counted.
- Of other commits the audit knows what they changed only where a run leaves files: git is asked about the rest,
  unless they are very many (`file_history.MANY`): of each of those it is said that nothing of the run's was touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from state.counted import counted
from state.printable import as_name, as_quote
from workflow.audit.claims import Claims
from workflow.audit.facts import Commit
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Report, Unprovable
from workflow.audit.other_runs import OtherRun
from workflow.trailers import RUN

NOT_HERE = "nothing where the run leaves files"


def check_foreign_commits(
    commits: Sequence[Commit],
    files: FileHistory,
    claims: Claims,
    others: Mapping[str, OtherRun],
    over: int | None,
    report: Report,
) -> None:
    """List them, in one line. `over`: the place of the commit that ended the run, None while it is not over."""
    own = {commit.sha for commit in claims.own}
    under_way = commits if over is None else commits[:over]
    foreign = [each for each in under_way if each.sha not in own and not each.boundary and not _is_of(each, others)]
    if foreign:
        told = files.changes_in(foreign)
        listed = "; ".join(_said(each, told.get(each.sha)) for each in foreign)
        message = (
            f"who looked at {counted(len(foreign), 'commit')} beside the run's own while it was under way: {listed}"
        )
        report(Unprovable("foreign-commits", message))


def _is_of(commit: Commit, others: Collection[str]) -> bool:
    return any(name in others for name in commit.named(RUN))


def _said(commit: Commit, paths: Collection[str] | None) -> str:
    """`paths`: None where it is known only that none lies where the run leaves files."""
    subject = as_quote(commit.message.partition("\n")[0])
    nothing = "a merge" if len(commit.parents) > 1 else "no file" if paths is not None else NOT_HERE
    files = ", ".join(map(as_name, paths or ())) or nothing
    return f"{commit.sha[:10]} {subject} ({as_quote(commit.author)}): {files}"
