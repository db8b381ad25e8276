"""Which commits speak of runs in a way that phasegate never does? Each is found, and none is taken for a run's.

Rules:
- git reads the names of trailers without regard to case, and so does the audit (`workflow.doors.git.history`).
- A trailer that names a run, whichever it is, is a matter of that run's audit. What belongs to no audit is found here:
  a task, an approval or an end without a run, a run that cannot be one, and lines in a message that git takes for no
  trailers, and somebody who reads it might (`trailer_like.py`).
- `Approved-by` alone claims nothing of phasegate, unless its commit passes for a run's (`claimed_approvals.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from workflow.audit.facts import Commit
from workflow.audit.findings import Finding
from workflow.audit.trailer_like import lines_like_trailers, may_be_like_trailers
from workflow.trailers import APPROVAL, END, RUN, TASK

_OURS = (RUN, TASK, APPROVAL, END)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def may_be_run(name: str) -> bool:
    """Whether this is the form of a run's id, and so of a directory in `.phasegate`."""
    return _NAME.fullmatch(name) is not None


def speaking_commits(commits: Sequence[Commit]) -> set[str]:
    """The commits in whose message one of our names may stand, as a trailer or as what somebody takes for one."""
    return {commit.sha for commit in commits if commit.trailers or may_be_like_trailers(commit.message)}


def check_trailers(
    run_id: str,
    commits: Sequence[Commit],
    speaking: Collection[str],
    own: Collection[str],
    others: Collection[str],
    report: Callable[[Finding], None],
) -> None:
    """What the commits that are not the run's `own` claim of a run that nobody else answers for.

    `speaking`: as `speaking_commits`; `others`: the workspace's other runs, which have audits of their own.
    """
    for commit in commits:
        if commit.sha not in speaking or commit.sha in own:
            continue
        for what in filter(None, (_without_run(commit), _in_the_text(run_id, commit, others))):
            report(Finding("trailer-forged", what, commit=commit.sha))


def _claims(commit: Commit) -> list[str]:
    return [f"{key}: {value}" for key in _OURS for value in commit.named(key)]


def _without_run(commit: Commit) -> str:
    """What is strange about the trailers; "" for nothing."""
    claims = _claims(commit)
    if not claims or any(may_be_run(name) for name in commit.named(RUN)):
        return ""
    return f"says {', '.join(claims)!r}, which names no run"


def _in_the_text(run_id: str, commit: Commit, others: Collection[str]) -> str:
    """What is strange about lines that only look like trailers; "" for nothing."""
    lines = [(key, value) for key, value in lines_like_trailers(commit.message) if key in _OURS]
    if len(lines) <= len(_claims(commit)):
        return ""
    runs = {value for key, value in lines if key == RUN}
    if run_id not in runs and runs.intersection(others):
        return ""
    text = ", ".join(f"{key}: {value}" for key, value in lines)
    return f"says in its text, where git sees no trailer: {text!r}"
