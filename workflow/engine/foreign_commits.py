"""Which commits came since a task began that are not the run's? Named to who approves: their work nobody was shown.

Rules:
- Every commit since the task's first attempt began is another's: the run makes its next one when the task is left.
- One that says it is another run's is listed as that, and weighs nothing: that run's gates were about it, and an audit
  of it finds a commit that only says so.
- Runs of 0.1 show nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.documents.markdown import code
from phases.step import Check, ReviewSection
from state.counted import counted
from state.printable import as_name, printable_line
from state.task_state import TaskState
from workflow.engine.open_run import OpenRun
from workflow.ports import AuthoredCommit
from workflow.trailers import RUN

TITLE = "Commits since this task began that are not the run's"


def foreign_commits(run: OpenRun, state: TaskState) -> tuple[list[Check], list[ReviewSection]]:
    """What is said, and shown, of the commits that came since this task, done by hand, began; nothing of none."""
    if run.state.is_of_0_1 or state.before is None or run.doors.git.head() == state.before.head:
        return [], []
    found = run.doors.git.find_commits({}, state.before.head)
    if not found:
        return [], []
    strange = [each for each in found if not _of_another_run(run, each)]
    seen = f"{counted(len(strange), 'commit')} of others, by no gate of this run: {_names(strange)}"
    # "note": a policy opens no gate behind work that nobody was asked about
    checks = [Check("commits since the task began", "none", seen, "note")] if strange else []
    return checks, [ReviewSection(TITLE, "\n".join(_line(run, each) for each in found))]


def _of_another_run(run: OpenRun, commit: AuthoredCommit) -> bool:
    named = commit.trailers.get(RUN, ())
    return bool(named) and run.run_id not in named


def _names(commits: Sequence[AuthoredCommit]) -> str:
    return "; ".join(f"{each.sha[:10]} {printable_line(each.subject)}" for each in commits)


def _line(run: OpenRun, commit: AuthoredCommit) -> str:
    files = ", ".join(code(as_name(path)) for path in commit.paths)
    what = files or ("a merge" if len(commit.parents) > 1 else "no file")
    named = code(printable_line(", ".join(commit.trailers.get(RUN, ()))))
    says = f", says it is of run {named}" if _of_another_run(run, commit) else ""
    subject, author = (code(printable_line(each)) for each in (commit.subject, commit.author))
    return f"- {commit.sha[:10]} {subject} by {author}{says}: {what}"
