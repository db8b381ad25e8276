"""Which plan was run? The run's own copy of the runbook, if it is the one the run started with.

Rules:
- Under `core.autocrlf` git keeps another file than the person had: the digest in the journal is of the person's, so
  the copy is compared with both line ends, and, under any other filter, with the runbook of the commit before the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from state.errors import BadInput
from state.events import Event
from state.files import sha256
from state.line_ends import turned_like
from state.model import Plan
from workflow.audit.facts import Commit, Repository, with_lf
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.stored import digests
from workflow.runbook.reader import read_runbook


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, and the bytes it was read from as git stores them."""

    plan: Plan
    original: bytes


def read_planned(
    repository: Repository,
    commits: Sequence[Commit],
    start: Event,
    path: str,
    said: Callable[[Finding | Unprovable], None],
) -> Planned | None:
    """The plan of the run that this `run-started` began; None when there is no runbook to read one from."""
    tip = repository.at(repository.tip, path)
    work = repository.worktree(path)
    candidates = list(_candidates(repository, commits, path, tip.data if tip else None, work))
    if not candidates:
        said(Finding("runbook-copy-differs", f"{path} is nowhere to be found"))
        return None
    before = repository.at(start["base"], start["runbook"])
    genuine = [data for data in candidates if start["runbook_sha256"] in digests(data)]
    original = (genuine or candidates)[0]
    if not genuine:
        message = f"{path} hashes to {sha256(original)[:12]}, the run started with {start['runbook_sha256'][:12]}"
        if before and with_lf(before.data) == with_lf(original):
            said(Unprovable("filtered-file", f"{message}; it equals the runbook of the commit before the run"))
        else:
            said(Finding("runbook-copy-differs", message))
    elif before and with_lf(before.data) != with_lf(original):
        said(Finding("runbook-copy-differs", f"{start['runbook']} in {start['base'][:10]} is another one than {path}"))
    if tip and tip.data != original:
        said(Finding("runbook-copy-differs", f"{path} was changed after the run started", commit=repository.tip))
    if work is not None and with_lf(work) != with_lf(original):
        said(Finding("runbook-copy-differs", f"{path} was changed in the working tree"))
    stored = before or repository.at(repository.tip, start["runbook"])  # the copy is kept as the person had it
    return _read(turned_like(original, stored.data) if stored else original, start, said)


def _candidates(
    repository: Repository, commits: Sequence[Commit], path: str, tip: bytes | None, work: bytes | None
) -> Iterator[bytes]:
    """The copy wherever it is: at the tip, as it was first committed, in the working tree."""
    if tip is not None:
        yield tip
    first = next((commit.changes[path].new for commit in commits if path in commit.changes), "")
    added = repository.get(first) if first else None
    if added is not None:
        yield added.data
    if work is not None:
        yield work


def _read(original: bytes, start: Event, said: Callable[[Finding | Unprovable], None]) -> Planned | None:
    try:
        plan = read_runbook(original, name=start["workflow"], path=start["runbook"], shape=start.get("as"))
    except BadInput as error:
        said(Finding("plan-differs", f"no plan can be read from the run's copy of the runbook: {error.message}"))
        return None
    if plan.digest != start["plan"]:
        said(
            Finding(
                "plan-differs",
                f"the plan read from the run's copy is {plan.digest[:12]}, the journal names {start['plan'][:12]}; "
                "another version of phasegate may read another plan",
            )
        )
    named = [(task["key"], task["id"], task["title"]) for task in start["tasks"]]
    if named != [(task.key, task.id, task.title) for task in plan.tasks]:
        said(Finding("plan-differs", "the tasks that the journal names are not those of the runbook"))
    return Planned(plan, original)
