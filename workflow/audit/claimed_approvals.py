"""Which commits say that somebody approved a task of the run, and are none of the run's?

Rules:
- A line that would be taken for `Approved-by` is one (`trailer_like.py`), and so is a subject that reads like a task's.
- People use `Approved-by` for their own ends, and that claims nothing of phasegate. It does where the commit passes for
  one of the run's: it has the subject of one of its tasks, or changes its journal or, while the run goes on, what the
  run left.
- A commit that names a run is a matter of that run's claims (`claims.py`), whatever else it says.
- Edits of the runbook are judged as such (`runbook_edits.py`): a team's own `Approved-by` there is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from state.find_runs import DIRECTORY
from state.model import Plan
from state.run_state import RunState
from state.taken_for import taken_for
from workflow.audit.facts import Commit
from workflow.audit.findings import Finding, Report
from workflow.audit.trailer_like import lines_like_trailers
from workflow.engine.commit import message_in
from workflow.trailers import APPROVER, ATTRIBUTES, RUN, run_files


def check_claimed_approvals(
    run: RunState,
    plan: Plan,
    commits: Sequence[Commit],
    speaking: Collection[str],
    own: Collection[str],
    report: Report,
    *,
    is_over: bool,
) -> None:
    """Report each commit that claims an approver below names or paths of the run, which it does not belong to.

    Args:
        commits: since the run's base, parents before children.
        speaking: ids of those that may say so (`strange_trailers.speaking_commits`).
        own: ids of the run's.
        is_over: whether the last of them ends it; what it left is anybody's from there on.
    """
    subjects, journal = {*_subjects(run, plan)}, {*run_files(run.run_id), *map(run.file_of, run.segments.starts)}
    left, own_files = journal | _left(run), f"{DIRECTORY}/{run.run_id}/"
    end = max((number for number, commit in enumerate(commits) if commit.sha in own), default=0)
    for number, commit in enumerate(commits):
        if commit.sha not in speaking or commit.sha in own or commit.named(RUN):
            continue
        like = [value for key, value in lines_like_trailers(commit.message) if key == APPROVER]
        people = commit.named(APPROVER) or like
        if not people:
            continue
        paths = journal if is_over and number > end else left
        if as_what := _claimed(commit, subjects, own_files, paths):
            message = f"says {APPROVER}: {', '.join(people)} {as_what}, and is no commit of the run"
            report(Finding("trailer-forged", message, commit=commit.sha))


def _claimed(commit: Commit, subjects: Collection[str], own: str, paths: Collection[str]) -> str:
    """By what the commit looks like one of the run's: a task's subject, or a file of the run; "" where it does not.

    `own`: how the paths of the run's own files begin.
    """
    subject = re.split(r"[\r\n]", commit.message, maxsplit=1)[0].strip()
    if taken_for(subject) in subjects:
        return f"below the subject {subject!r}"
    touched = sorted(path for path in commit.changes if path in paths or path.startswith(own))
    return f"on {touched[0]}" if touched else ""


def _subjects(run: RunState, plan: Plan) -> Iterator[str]:
    for task in (*plan.tasks, *plan.rollback):
        subject = message_in(plan, run, task)
        yield taken_for(subject)
        yield taken_for(f"{subject} (skipped)")


def _left(run: RunState) -> set[str]:
    """What the run's commits bring, but for its runbook and what all runs share."""
    worked = [state.worked for state in run.tasks.values() if state.worked]
    entries = {entry.path for each in worked for entry in each.entries or ()}
    artifacts = {artifact.path for each in worked for artifact in each.artifacts}
    return (entries | artifacts) - {run.start.runbook, ATTRIBUTES}
