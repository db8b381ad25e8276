"""Is the part before a part of the working log the one that the first line of that part names?

Rules:
- Looked at in the commits of tasks whose entry stands in a further part. That a closed part stays what it was is found
  where what was approved is followed to the tip (`artifact_trail`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from state.files import sha256
from state.printable import as_name
from workflow.audit.facts import Repository
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.log_checks import Logged
from workflow.audit.stored import is_filtered
from workflow.engine.log_parts import part_before


def check_log_parts(repository: Repository, found: Sequence[Logged], report: Report) -> None:
    """Report each part that names another one before it than the commit has which began it."""
    begun: set[str] = set()
    for each in found:
        if each.path in begun or PurePosixPath(each.path).stem.endswith("working_log"):
            continue
        begun.add(each.path)
        held = repository.get(each.blob)
        named = part_before(held.data.replace(b"\r\n", b"\n")) if held is not None else None
        if named is None:
            report(Finding("event-differs", f"{as_name(each.path)} names no part before it", each.task, each.commit))
            continue
        before = PurePosixPath(each.path).with_name(named[0]).as_posix()
        seen = repository.at(each.commit, before)
        if seen is None or sha256(seen.data) == named[1]:
            continue
        why = (
            f"{as_name(each.path)} names {as_name(before)} as {named[1][:12]}, the commit has {sha256(seen.data)[:12]}"
        )
        if is_filtered(repository, each.commit, before):
            report(Unprovable("filtered-file", why, each.task))
        else:
            report(Finding("event-differs", why, each.task, each.commit))
