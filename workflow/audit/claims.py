"""Which commit is which task's? What the journal names, what trailers claim, and what the commits' journals show.

Rules:
- The commit that the journal names (in the next `task-started`) is a task's commit; else one that claims the task and
  whose journal ends with the task's `commit-intended`; else one that claims it; else one whose journal does.
- In a clone that begins later, a task before the first visible one is not missing, only out of sight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from state.position import Outcome
from state.printable import as_names
from state.run_state import RunState
from state.task_state import TaskState, TaskStatus
from workflow.audit.facts import Commit
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.journals import Journals
from workflow.trailers import END, RUN, TASK


@dataclass(slots=True)
class Claims:
    """Who owns what.

    Attributes:
        commit_of: task key -> its commit.
        end: the commit of the run's other end (`aborted`); a rollback's is that of its last step.
        out_of_sight: tasks that were committed before this clone begins.
        git_sequence: tasks and end as the trailers tell them, in the order of history.
    """

    commit_of: dict[str, Commit] = field(default_factory=dict)
    end: Commit | None = None
    out_of_sight: list[str] = field(default_factory=list)
    git_sequence: list[str] = field(default_factory=list)

    @property
    def own(self) -> list[Commit]:
        """The run's own commits."""
        return [*self.commit_of.values(), *([self.end] if self.end else [])]

    def task_of(self) -> Mapping[str, str]:
        """Commit -> task key."""
        return {commit.sha: task for task, commit in self.commit_of.items()}


def match(
    run_id: str,
    commits: Sequence[Commit],
    journals: Journals,
    *,
    report: Report,
) -> Claims:
    """Find each task's commit, and say which are missing, replaced, doubled, out of order or forged."""
    claims = Claims()
    ours = [commit for commit in commits if run_id in commit.named(RUN)]
    for commit in ours:
        names = [*commit.named(TASK), *commit.named(END)]
        if not names:
            report(Finding("trailer-forged", f"names run {run_id}, but no task of it", commit=commit.sha))
        claims.git_sequence += names
    by_task, ends = _by_trailer(ours, TASK), _by_trailer(ours, END)
    run = journals.run
    if run is None:
        return claims
    by_sha = {commit.sha: commit for commit in commits}
    for state in run.tasks.values():
        if _is_to_have_a_commit(run, state):
            _match_task(state, by_task.pop(state.key, []), by_sha, journals, claims, report)
    _match_end(run, ends, journals, claims, report)
    if journals.whole:
        _report_unknown(run_id, by_task, report)
    _check_order(run, commits, claims, report)
    _check_sequence(run, journals, claims, report)
    return claims


def _report_unknown(run_id: str, by_task: Mapping[str, Sequence[Commit]], report: Report) -> None:
    """Commits that claim tasks which are not committed."""
    for key, forged in by_task.items():
        message = f"claims task {key} of {run_id}, which the journal does not know to be committed"
        for commit in forged:
            report(Finding("trailer-forged", message, task=key, commit=commit.sha))


def _by_trailer(commits: Sequence[Commit], name: str) -> dict[str, list[Commit]]:
    """The commits that have this trailer, by its value."""
    found: dict[str, list[Commit]] = {}
    for commit in commits:
        for value in commit.named(name):
            found.setdefault(value, []).append(commit)
    return found


def _is_to_have_a_commit(run: RunState, state: TaskState) -> bool:
    return _is_done(state) or _is_intended(run, state)


def _is_done(state: TaskState) -> bool:
    return state.status == TaskStatus.DONE and not state.adopted


def _is_intended(run: RunState, state: TaskState) -> bool:
    """Whether a commit was intended that nobody has seen yet; an abort looks for it first."""
    return state.status == TaskStatus.COMMITTING and not state.adopted and not run.aborted


def _match_task(
    state: TaskState,
    claiming: list[Commit],
    by_sha: Mapping[str, Commit],
    journals: Journals,
    claims: Claims,
    report: Report,
) -> None:
    commit = _commit_of(state, claiming, by_sha, journals)
    if commit is None:
        _miss_commit(state, journals, claims, report)
        return
    claims.commit_of[state.key] = commit
    if state.commit and commit.sha != state.commit:
        report(Finding("commit-amended", f"the journal names {state.commit[:10]}", task=state.key, commit=commit.sha))
    for other in claiming:
        if other is not commit:
            message = f"claims the task of commit {commit.sha[:10]}: {_likeness(other, commit)}"
            report(Finding("commit-duplicate", message, task=state.key, commit=other.sha))


def _likeness(other: Commit, own: Commit) -> str:
    """How a commit that claims a task is like the one that is the task's: copied, as it is or edited, or not at all."""
    if len(other.parents) > 1:
        return f"a merge of {len(other.parents)} parents"
    brought, wanted = (
        {path: (change.new, change.new_mode) for path, change in commit.changes.items()} for commit in (other, own)
    )
    if brought == wanted:
        return "a copy of it"
    if not brought.keys() & wanted.keys():
        return "it brings other files" if brought else "it brings nothing"
    edited = sorted(path for path in brought if brought[path] != wanted.get(path))
    if not edited:
        return "a copy of it, with a part of its files"
    return f"an edited copy of it, with another {as_names(edited)}"


def _commit_of(
    state: TaskState, claiming: list[Commit], by_sha: Mapping[str, Commit], journals: Journals
) -> Commit | None:
    """The commit of a task, by the rules at the top; `claiming`: those whose trailers name it."""
    assert state.commit_intent is not None  # the fold admits neither status without it
    if state.commit and state.commit in by_sha:
        return by_sha[state.commit]
    shown = [by_sha[sha] for sha in journals.showing(state.commit_intent.seq)]
    both = [commit for commit in claiming if commit in shown]
    made = [commit for commit in shown if not commit.boundary]  # where history was cut off, it may be from before
    return next(iter([*both, *claiming, *made]), None)


def _miss_commit(state: TaskState, journals: Journals, claims: Claims, report: Report) -> None:
    assert state.commit_intent is not None
    intended = state.commit_intent.seq
    if intended < journals.cut_off:
        claims.out_of_sight.append(state.key)
    elif state.status == TaskStatus.DONE or intended < journals.committed:
        name = f"the journal names {state.commit[:10]}" if state.commit else "the tip's journal says it was made"
        report(Finding("commit-missing", f"{name}, and no commit in the history is it", task=state.key))


def _match_end(
    run: RunState,
    ends: dict[str, list[Commit]],
    journals: Journals,
    claims: Claims,
    report: Report,
) -> None:
    back = Outcome.ROLLED_BACK.trailer
    last = claims.commit_of.get(run.sequence[-1].key) if run.rollback else None
    if last is not None:  # the last step of a rollback is its end, too
        for other in ends.pop(back, []):
            if other is not last:
                report(Finding("commit-duplicate", f"a second end of the run: {back}", commit=other.sha))
    if run.aborted:
        _match_abort(ends.pop(Outcome.ABORTED.trailer, []), journals, claims, report)
    for other_end, forged in ends.items():
        for commit in forged:
            report(Finding("trailer-forged", f"says the run was {other_end}; the journal does not", commit=commit.sha))


def _match_abort(claiming: list[Commit], journals: Journals, claims: Claims, report: Report) -> None:
    """The commit that ended an aborted run, of those whose trailers claim it."""
    end = Outcome.ABORTED
    if claiming:
        claims.end = claiming[0]
    elif journals.cut_off == len(journals.events):
        report(Unprovable("shallow-history", f"the commit that {end.words} the run, before this clone begins"))
    elif journals.committed == len(journals.events):
        report(Finding("commit-missing", f"the journal at the tip says {end.words}, and no commit does"))
    else:
        report(Unprovable("uncommitted-end", f"the run was {end.words}, and that is not committed yet"))
    for other in claiming[1:]:
        report(Finding("commit-duplicate", f"a second end of the run: {end.trailer}", commit=other.sha))


def _check_order(run: RunState, commits: Sequence[Commit], claims: Claims, report: Report) -> None:
    """Each task's commit descends from the one before."""
    place = {commit.sha: number for number, commit in enumerate(commits)}
    chain = [(key, claims.commit_of[key]) for key in run.tasks if key in claims.commit_of]
    if claims.end:
        chain.append(("", claims.end))
    for (before, older), (key, newer) in pairwise(chain):
        if not _descends(newer, older, commits, place):
            message = f"does not descend from {older.sha[:10]}, the commit of {before}"
            report(Finding("commit-reordered", message, task=key, commit=newer.sha))


def _descends(newer: Commit, older: Commit, commits: Sequence[Commit], place: Mapping[str, int]) -> bool:
    """Whether `older` is an ancestor; commits stand behind their parents, so nothing before `older` is looked at."""
    floor, seen, open_ends = place[older.sha], set[str](), list(newer.parents)
    while open_ends:
        sha = open_ends.pop()
        if sha == older.sha:
            return True
        if sha not in seen and place.get(sha, -1) > floor:
            seen.add(sha)
            open_ends += commits[place[sha]].parents
    return False


def _check_sequence(run: RunState, journals: Journals, claims: Claims, report: Report) -> None:
    """What git alone tells against what the journal tells."""
    told = journal_sequence(run, journals, claims)
    if journals.whole and told != claims.git_sequence:
        git, journal = (" ".join(sequence) or "nothing" for sequence in (claims.git_sequence, told))
        report(Finding("sequence-differs", f"git tells {git}; the journal tells {journal}"))


def journal_sequence(run: RunState | None, journals: Journals, claims: Claims) -> list[str]:
    """Tasks and end that the journal knows to be committed, in its order, as far as this clone can see."""
    if run is None:
        return []
    told = [state.key for state in run.tasks.values() if _is_told(run, state, journals, claims)]
    if run.rollback and run.sequence[-1].key in claims.commit_of:
        told.append(Outcome.ROLLED_BACK.trailer)
    return [*told, *([Outcome.ABORTED.trailer] if run.aborted and claims.end else [])]


def _is_told(run: RunState, state: TaskState, journals: Journals, claims: Claims) -> bool:
    """Whether the journal knows the task to be committed, where this clone can see it."""
    if state.key in claims.out_of_sight:
        return False
    return _is_done(state) or (_is_intended(run, state) and _has_commit(state, journals, claims))


def _has_commit(state: TaskState, journals: Journals, claims: Claims) -> bool:
    """Whether the commit that was intended is there, or the tip's journal goes on behind it."""
    intent = state.commit_intent
    return intent is not None and (state.key in claims.commit_of or intent.seq < journals.committed)
