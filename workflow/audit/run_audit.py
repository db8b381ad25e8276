"""Is one run what it says it is? Brings the checks together: facts in, a `RunAudit` out.

Rules:
- Neither git nor the journal is believed: each is compared with the other, and both with the runbook.
- Everything is looked at before anything is judged sound: one finding does not end the audit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from gates.approval import POLICY
from state.event_types import Approved
from state.machine import END_STATES
from state.model import Plan
from state.position import Outcome, Position
from state.run_state import RunState
from state.task_state import TaskState, TaskStatus
from workflow.audit.approval_checks import check_approvals
from workflow.audit.artifact_trail import follow_artifacts
from workflow.audit.claims import Claims, journal_sequence, match
from workflow.audit.commit_checks import check_commit, check_contents, check_end, check_tasks_in_order
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.journals import Journals, Told, read_journals
from workflow.audit.policy_checks import OPENED, CommittedPolicies, check_who_approved, recorded_policy
from workflow.audit.policy_trail import follow_policy
from workflow.audit.report import DONE, RunAudit, TaskLine
from workflow.audit.runbook_copy import Plans, read_plans
from workflow.audit.runbook_edits import check_edits
from workflow.audit.runbook_trail import follow_runbook
from workflow.audit.signature_checks import Signatures, Verifier
from workflow.audit.strange_trailers import check_trailers, may_be_run
from workflow.audit.taken_along import check_taken_along
from workflow.audit.timeline import spans
from workflow.trailers import RUN, run_files


class OtherRun(NamedTuple):
    """Another run of the same workspace, as its own journal tells it. `started`: UTC."""

    runbook: str
    base: str
    started: datetime


@dataclass(slots=True)
class _Said:
    """What was said so far; called with each finding and each limit."""

    findings: list[Finding] = field(default_factory=list)
    unprovable: list[Unprovable] = field(default_factory=list)

    def __call__(self, what: Finding | Unprovable) -> None:
        if isinstance(what, Finding):
            self.findings.append(what)
        else:
            self.unprovable.append(what)


def audit_run(
    run_id: str,
    repository: Repository,
    commits: Sequence[Commit],
    told: Told,
    *,
    files: FileHistory,
    verifier: Verifier,
    base: str | None,
    others: Mapping[str, OtherRun],
    anchor: str | None,
) -> RunAudit:
    """Everything that git and the journal can show of one run.

    Args:
        commits: parents before children; all since the run's base, or more.
        told: the run's journal at the tip and in the working tree.
        files: what the commits hold.
        verifier: looks at signatures.
        base: where the run started, None when its journal does not tell.
        others: the workspace's other runs.
        anchor: id of a commit that was written down elsewhere; it has to be in the history, with a prefix of the
            journal.
    """
    said = _Said()
    journal_path = run_files(run_id)[0]
    if base is not None:
        commits = _since(commits, base, repository, said)
    journals = read_journals(repository, commits, journal_path, told)
    said.findings += journals.findings
    claims = match(run_id, commits, journals, said=said)
    own = {*claims.task_of(), *([claims.end.sha] if claims.end else [])}
    check_trailers(run_id, commits, own, others, said)
    run, signed = journals.run, set[str]()
    if run is not None:
        if run.run_id != run_id:
            said(Finding("journal-damaged", f"{journal_path} is the journal of run {run.run_id}"))
        plans = read_plans(repository, commits, run, said)
        _judge(repository, commits, files, journals, run, plans, claims, others, said)
        signed = _judge_gates(repository, files, verifier, run, claims, said)
        follow_policy(repository, files, run, commits, claims.commit_of, claims.end, said)
    elif not any(finding.code.startswith("journal") for finding in said.findings):
        said(Finding("journal-missing", f"{journal_path} is nowhere, though commits name run {run_id}"))
    if run is not None:
        _check_nothing_follows(run, journals, claims, said)
    if anchor is not None:
        _check_anchor(repository, journals, journal_path, anchor, said)
    _say_limits(journals, claims, anchor, said)
    _say_attested(run, said)
    _say_unrecorded(run, claims, said)
    tasks = _lines(run, claims, signed)
    return RunAudit(
        run=run_id,
        workflow=run.start.workflow if run else "",
        runbook=run.start.runbook if run else "",
        state=_state(run, tasks),
        tip=repository.tip,
        commits=len(commits),
        tasks=tasks,
        findings=said.findings,
        unprovable=said.unprovable,
        git_sequence=claims.git_sequence,
        journal_sequence=journal_sequence(run, journals, claims) if run else [],
        spans=spans(journals.events),
    )


def _since(commits: Sequence[Commit], base: str, repository: Repository, said: _Said) -> Sequence[Commit]:
    """The commits that the run's base does not have; says when the base is not in the history."""
    place = {commit.sha: number for number, commit in enumerate(commits)}
    if base in place:
        old, open_ends = set[str](), [base]
        while open_ends:
            sha = open_ends.pop()
            if sha in place and sha not in old:
                old.add(sha)
                open_ends += commits[place[sha]].parents
        return [commit for commit in commits if commit.sha not in old]
    if base != repository.tip and not any(base in commit.parents for commit in commits):
        if repository.shallow:
            said(Unprovable("shallow-history", f"this clone begins after {base[:10]}, where the run started"))
        else:
            said(Finding("run-base-missing", f"the run started from {base[:10]}, which the tip does not descend from"))
    return commits


def _judge(
    repository: Repository,
    commits: Sequence[Commit],
    files: FileHistory,
    journals: Journals,
    run: RunState,
    plans: Plans,
    claims: Claims,
    others: Mapping[str, OtherRun],
    said: _Said,
) -> None:
    plan = plans.last.plan if plans.last else None
    task_of = claims.task_of()

    def plan_at(seq: int) -> Plan | None:
        planned = plans.at(seq)
        return planned.plan if planned else None

    check_approvals(journals.events, plan_at, said)
    check_edits(run, journals.events, plan_at, said)
    if plan is not None:
        check_tasks_in_order(run, plan, said)
    contents = []
    for key, commit in claims.commit_of.items():
        state = run.task(key)
        _check_ends_with_intent(journals, state, commit, said)
        assert state.commit_intent is not None
        contents += check_commit(files, run, plan_at(state.commit_intent.seq), state, commit, said)
    check_contents(repository, contents, said)
    if claims.end is not None and plan is not None:
        check_end(run, plan.name, claims.end, said)
    check_taken_along(run, journals.events, files, commits, task_of, said)
    follow_artifacts(repository, run, commits, task_of, claims.out_of_sight, others, said)
    if plans.first is not None:
        until = _taken_over(run, commits, claims, others, said)
        follow_runbook(
            repository,
            run,
            plans,
            commits[:until],
            task_of,
            claims.out_of_sight,
            over_after=_over_after(run, commits, claims),
            to_the_end=until is None,
            said=said,
        )


def _judge_gates(
    repository: Repository, files: FileHistory, verifier: Verifier, run: RunState, claims: Claims, said: _Said
) -> set[str]:
    """Who opened each gate, and by which policy; the keys of those tasks that were approved by good signatures only."""
    signatures = Signatures(repository, files, run, verifier, said)
    policies = CommittedPolicies(repository, files, run, said)
    signed = set()
    for state in run.tasks.values():
        if state.adopted or state.status not in OPENED:
            continue
        commit = claims.commit_of.get(state.key)
        policy = recorded_policy(state, said)
        given = signatures.given(state, policy, commit)
        check_who_approved(run, state, policy, given, said)
        if commit is not None:
            policies.check(state, policy, commit)
        if given and all(each.signature and not each.fault for each in given):
            signed.add(state.key)
    return signed


def _check_ends_with_intent(journals: Journals, state: TaskState, commit: Commit, said: _Said) -> None:
    """The journal in a task's commit ends with the event that intended it."""
    assert state.commit_intent is not None
    known = journals.at.get(commit.sha)
    if known == state.commit_intent.seq or any(
        finding.commit == commit.sha and finding.code.startswith("journal") for finding in journals.findings
    ):
        return
    seen = f"ends with line {known + 1}" if known is not None else "does not end with an intended commit"
    message = f"its journal {seen}, expected line {state.commit_intent.seq + 1}, the intent of this commit"
    said(Finding("journal-rewritten", message, state.key, commit.sha))


def _check_nothing_follows(run: RunState, journals: Journals, claims: Claims, said: _Said) -> None:
    """A run that came to its end says no more: its last event is the intent of its last commit."""
    last = run.task(run.last_task)
    if run.aborted or last.commit_intent is None or last.key not in claims.commit_of:
        return
    for event in journals.events[last.commit_intent.seq + 1 :]:
        message = f"journal.jsonl:{event.seq + 1}: {event.type} behind the last commit of the run"
        said(Finding("journal-impossible", message, last.key))


def _over_after(run: RunState, commits: Sequence[Commit], claims: Claims) -> int | None:
    """The place of the commit that ended the run; None while it is not over."""
    ending = claims.end or claims.commit_of.get(run.last_task)
    places = {commit.sha: number for number, commit in enumerate(commits)}
    return places.get(ending.sha) if ending else None


def _taken_over(
    run: RunState, commits: Sequence[Commit], claims: Claims, others: Mapping[str, OtherRun], said: _Said
) -> int | None:
    """How many of the commits come before another run began with this run's runbook; None when none did.

    A run that began before this one's base, or from it and earlier, takes nothing over; neither does one whose base is
    not in the history.
    """
    place = {commit.sha: number for number, commit in enumerate(commits)}
    own = [*claims.commit_of.values(), *([claims.end] if claims.end else [])]
    last = max((place[commit.sha] for commit in own), default=-1)
    heirs = [
        (place[other.base], name)
        for name, other in others.items()
        if other.runbook == run.start.runbook and other.base in place and last <= place[other.base]
    ]
    if not own:  # nothing of this run is in the history, so a later one may stand on the same commit
        heirs += [
            (-1, name)
            for name, other in others.items()
            if other.runbook == run.start.runbook and other.base == run.start.base and other.started > run.start.at
        ]
    if not heirs:
        return None
    at, name = min(heirs)
    since = commits[at].sha if at >= 0 else run.start.base
    said(Unprovable("superseded", f"{run.start.runbook} belongs to run {name} since {since[:10]}"))
    return max(at, 0)  # what stands between the last commit and that base prepared the next run


def _check_anchor(repository: Repository, journals: Journals, path: str, anchor: str, said: _Said) -> None:
    commit = repository.get(f"{anchor}^{{commit}}")
    if commit is None or not (commit.sha == repository.tip or repository.is_ancestor(commit.sha, repository.tip)):
        if repository.shallow:
            said(Unprovable("shallow-history", f"this clone may begin after the anchor {anchor}"))
        else:
            said(Finding("anchor-missing", f"{anchor} is not in the history of {repository.tip[:10]}"))
        return
    held = repository.at(commit.sha, path)
    if held is None:
        said(Unprovable("whole-history", f"the anchor {anchor} is from before this run and proves nothing of it"))
    elif journals.story is None or not journals.story.data.startswith(held.data):
        said(Finding("anchor-differs", f"{path} in the anchor is not how the journal began", commit=commit.sha))


def _say_limits(journals: Journals, claims: Claims, anchor: str | None, said: _Said) -> None:
    """What no journal and no commit can show."""
    if claims.out_of_sight:
        said(Unprovable("shallow-history", f"commits before this clone begins: {', '.join(claims.out_of_sight)}"))
    approvals = [event.approval for event in journals.events if isinstance(event, Approved)]
    typed = [approval for approval in approvals if approval.via != POLICY]
    unsigned = [approval.via for approval in typed if not approval.signature]
    if unsigned:
        count = f"{len(unsigned)} of the {len(typed)} approvals" if len(unsigned) < len(typed) else "the approvals"
        message = f"who typed {count} ({', '.join(sorted(set(unsigned)))}): they are not signed"
        said(Unprovable("unsigned-approval", message))
    if anchor is None:
        message = (
            "that the history was not rewritten as a whole, its last commits cut off, or the author and times of the "
            "last one changed: use --anchor"
        )
        said(Unprovable("whole-history", message))


def _say_attested(run: RunState | None, said: _Said) -> None:
    """What stands in the evidence of a task by a person's word alone."""
    for state in run.tasks.values() if run else ():
        checks = state.worked.checks if state.worked else ()
        names = [check.name for check in checks if check.verdict == "attested"]
        if names:
            said(Unprovable("attested", f"a person attested, and nothing looked at: {', '.join(names)}", state.key))


def _say_unrecorded(run: RunState | None, claims: Claims, said: _Said) -> None:
    """What format 1 had no field for."""
    if run is not None and run.is_of_0_1 and claims.commit_of:
        message = "that nobody made an approved file executable, or a link, before its commit: this run is of format 1"
        said(Unprovable("modes-unrecorded", message))


def _lines(run: RunState | None, claims: Claims, signed: Collection[str]) -> list[TaskLine]:
    if run is not None:
        back = run.rollback.tasks if run.rollback else ()
        return [
            _line(task.key, task.id, task.title, run, claims, task.key in signed, back=task in back)
            for task in run.all_tasks
        ]
    keys = [key for key in dict.fromkeys(claims.git_sequence) if key not in (*END_STATES, Outcome.ROLLED_BACK.trailer)]
    return [_line(key, "", "", None, claims, False) for key in keys]


def _line(
    key: str, id_: str, title: str, run: RunState | None, claims: Claims, signed: bool, *, back: bool = False
) -> TaskLine:
    commit = claims.commit_of.get(key)
    state = run.task(key) if run else TaskState(key)
    done = commit is not None or key in claims.out_of_sight
    unmade = "missing" if state.status == TaskStatus.DONE else state.status
    status = "adopted" if state.adopted else "done" if done else unmade
    approvals = state.approvals
    return TaskLine(
        key=key,
        id=id_,
        title=title,
        status=status,
        attempt=state.attempt,
        commit=commit.sha if commit else "",
        author=commit.author if commit else "",
        committed_at=commit.at if commit else None,
        approved_by=tuple(dict.fromkeys(each.by.git for each in approvals)),
        approved_at=approvals[-1].at if approvals else None,
        via=approvals[-1].via if approvals else "",
        signed=signed,
        policy=state.worked.policy if state.worked else None,
        refusals=tuple(state.refusals),
        digest=approvals[-1].digest if approvals else "",
        files=len(commit.changes) if commit else 0,
        back=back,
    )


def _state(run: RunState | None, tasks: Sequence[TaskLine]) -> str:
    if run is None:
        return "unknown"
    rolls_back = run.rollback is not None
    left = (task.key for task in tasks if task.status not in DONE and task.back is rolls_back)
    return Position(next(left, ""), run.current_task is not None, rolls_back, run.aborted).shown


def runs_named(commits: Sequence[Commit]) -> list[str]:
    """The runs that trailers name, in order of first appearance; what cannot be one is for `check_trailers`."""
    named = dict.fromkeys(run for commit in commits for run in commit.named(RUN))
    return [run for run in named if may_be_run(run)]
