"""Which commits came under a run that are not its own? Named to who approves: their work nobody was shown.

Rules:
- Every commit since the run's last but one is looked at: what came while the gate of the task before waited lies below
  that task's commit, and what came since then above it. What the page of the task before has named is not named again.
- One that says it is another run's is listed as that, and weighs nothing: that run's gates were about it, and an audit
  of it finds a commit that only says so.
- Where HEAD is the run's last commit, upon the one before, nothing is asked of git. Runs of 0.1 show nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from phases.documents.markdown import code
from phases.step import Check, ReviewSection
from state.counted import counted
from state.printable import as_name, as_quote, printable_line
from state.run_state import RunState
from state.task_state import TaskState
from workflow.trailers import RUN

if TYPE_CHECKING:
    from workflow.git_port import AuthoredCommit, Git

TITLE = "Commits that are not the run's"


def foreign_commits(git: Git, run: RunState) -> tuple[list[Check], list[ReviewSection]]:
    """What is said, and shown, of the commits that no page before has named; nothing of none."""
    found = _beside(git, run, but_for=_page_before(run))
    if not found:
        return [], []
    strange = [each for each in found if not _of_another_run(run, each)]
    seen = f"{counted(len(strange), 'commit')} of others, by no gate of this run: {_names(strange)}"
    # "note": a policy opens no gate behind work that nobody was asked about
    checks = [Check("commits beside the run's own", "none", seen, "note")] if strange else []
    return checks, [ReviewSection(TITLE, "\n".join(_line(run, each) for each in found))]


def came_since(git: Git, run: RunState, state: TaskState) -> str:
    """The commits, as Markdown, that came since this task's work was shown, which no digest is about; "" of none."""
    found = _beside(git, run, but_for=[*_page_before(run), state])
    return "\n".join(_line(run, each) for each in found)


def _beside(git: Git, run: RunState, *, but_for: Sequence[TaskState]) -> Sequence[AuthoredCommit]:
    """The commits since the run's last but one that are not its own, and that no page of these tasks has named."""
    if run.is_of_0_1:
        return ()
    made = (commit for key in reversed(run.done) if (commit := run.task(key).commit))
    last, before = (*islice(made, 2), run.start.base, run.start.base)[:2]
    if git.head() == last and (last == before or git.parent_of(last) == before):
        return ()
    own = {state.commit for state in run.tasks.values() if state.commit}
    found = [each for each in git.find_commits({}, before) if each.sha not in own]
    return [each for each in found if not any(_names_it(state, each) for state in but_for)]


def _page_before(run: RunState) -> list[TaskState]:
    """The task that was committed last, whose page named what had come by then."""
    return [run.task(run.done[-1])] if run.done else []


def _names_it(state: TaskState, commit: AuthoredCommit) -> bool:
    sections = state.worked.review if state.worked is not None else ()
    begins = _begins(commit)
    return any(line.startswith(begins) for each in sections if each.title == TITLE for line in each.body.split("\n"))


def _of_another_run(run: RunState, commit: AuthoredCommit) -> bool:
    named = commit.trailers.get(RUN, ())
    return bool(named) and run.run_id not in named


def _names(commits: Sequence[AuthoredCommit]) -> str:
    return "; ".join(f"{each.sha[:10]} {as_quote(each.subject)}" for each in commits)


def _begins(commit: AuthoredCommit) -> str:
    return f"- {commit.sha[:10]} "


def _line(run: RunState, commit: AuthoredCommit) -> str:
    files = ", ".join(code(as_name(path)) for path in commit.paths)
    what = files or ("a merge" if len(commit.parents) > 1 else "no file")
    named = code(printable_line(", ".join(commit.trailers.get(RUN, ()))))
    says = f", says it is of run {named}" if _of_another_run(run, commit) else ""
    subject, author = (code(as_quote(each)) for each in (commit.subject, commit.author))
    return f"{_begins(commit)}{subject} by {author}{says}: {what}"
