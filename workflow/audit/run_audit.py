"""Is one run what it says it is? Brings the checks together: facts in, a `RunAudit` out.

Rules:
- Neither git nor the journal is believed: each is compared with the other, and both with the runbook.
- Everything is looked at before anything is judged sound: one finding does not end the audit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from state.event_types import Noted
from state.model import Plan
from state.run_state import RunState
from state.task_state import TaskState
from workflow.audit.approval_checks import check_approvals
from workflow.audit.artifact_trail import follow_artifacts
from workflow.audit.box_checks import check_boxes
from workflow.audit.claimed_approvals import check_claimed_approvals
from workflow.audit.claims import Claims, journal_sequence, match
from workflow.audit.commit_checks import check_commit, check_contents, check_end, check_tasks_in_order
from workflow.audit.counted_policies import CountedPolicies, is_over
from workflow.audit.event_checks import check_attempt, check_times
from workflow.audit.facts import Commit, Repository
from workflow.audit.field_checks import check_fields
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.foreign_commits import check_foreign_commits
from workflow.audit.journals import Journals, Sources, committed_files
from workflow.audit.judging_checks import check_judges
from workflow.audit.keys_at_start import check_keys_at_start
from workflow.audit.limits import report_attested, report_limits, report_unrecorded
from workflow.audit.log_checks import Logged, check_logs, logged
from workflow.audit.log_parts_checks import check_log_parts
from workflow.audit.note_checks import check_notes
from workflow.audit.other_runs import OtherRun, check_could_begin, taken_over
from workflow.audit.policy_checks import OPENED, CommittedPolicies, check_who_approved, recorded_policy
from workflow.audit.policy_trail import follow_policy
from workflow.audit.rejection_checks import check_rejections
from workflow.audit.report import RunAudit
from workflow.audit.run_directory import check_directory
from workflow.audit.runbook_copy import Plans, read_plans
from workflow.audit.runbook_edits import check_edits
from workflow.audit.runbook_trail import follow_runbook
from workflow.audit.segmented_journals import read_journals
from workflow.audit.signature_checks import Signatures, Verifier
from workflow.audit.strange_trailers import check_trailers, may_be_run, speaking_commits
from workflow.audit.taken_along import check_taken_along
from workflow.audit.task_lines import shown_state, task_lines
from workflow.audit.timeline import spans
from workflow.audit.unchanged_checks import UnchangedGates
from workflow.trailers import RUN, run_files


@dataclass(slots=True)
class _Reported:
    """What was reported so far; called with each finding and each limit."""

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
    sources: Sources,
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
        sources: the run's journal at the tip and in the working tree.
        files: what the commits hold.
        verifier: looks at signatures.
        base: where the run started, None when its journal does not tell.
        others: the workspace's other runs.
        anchor: id of a commit that was written down elsewhere; it has to be in the history, with a prefix of the
            journal.
    """
    report = _Reported()
    journal_path = run_files(run_id)[0]
    commits, base_is_gone = _since(commits, base, repository, report)
    journals = read_journals(repository, commits, journal_path, sources)
    report.findings += journals.findings
    report.unprovable += sources.limits
    claims = match(run_id, commits, journals, report=report)
    if base_is_gone:
        report(_without_base(base, journals.run, claims))
    speaking = speaking_commits(commits)
    check_trailers(run_id, commits, speaking, {commit.sha for commit in claims.own}, others, report)
    run, signed = journals.run, set[str]()
    check_directory(repository, run_id, run, commits, report)
    if run is not None:
        if run.run_id != run_id:
            report(Finding("journal-damaged", f"{journal_path} is the journal of run {run.run_id}"))
        signed = _judge(repository, commits, files, journals, run, claims, speaking, others, verifier, report)
    elif not any(finding.code.startswith("journal") for finding in report.findings):
        report(Finding("journal-missing", f"{journal_path} is nowhere, though commits name run {run_id}"))
    if anchor is not None:
        _check_anchor(repository, journals, journal_path, anchor, report)
    report_limits(journals, claims, report, anchored=anchor is not None)
    report_attested(run, report)
    report_unrecorded(run, claims, report)
    if run is not None:
        check_could_begin(repository, run, others, report)
    tasks = task_lines(run, claims, signed)
    return RunAudit(
        run=run_id,
        workflow=run.start.workflow if run else "",
        runbook=run.start.runbook if run else "",
        state=shown_state(run, tasks),
        tip=repository.tip,
        commits=len(commits),
        own_commits=len(claims.own),
        tasks=tasks,
        findings=report.findings,
        unprovable=report.unprovable,
        git_sequence=claims.git_sequence,
        journal_sequence=journal_sequence(run, journals, claims),
        spans=spans(journals.events),
    )


def _since(
    commits: Sequence[Commit], base: str | None, repository: Repository, report: _Reported
) -> tuple[Sequence[Commit], bool]:
    """The commits that the run's base does not have, or all; and whether it is gone from a history that is whole."""
    if base is None:
        return commits, False
    place = {commit.sha: number for number, commit in enumerate(commits)}
    if base in place:
        old = _history(commits, place, base)
        return [commit for commit in commits if commit.sha not in old], False
    if base == repository.tip or any(base in commit.parents for commit in commits):
        return commits, False
    if repository.shallow:
        report(Unprovable("shallow-history", f"this clone begins after {base[:10]}, where the run started"))
    return commits, not repository.shallow


def _without_base(base: str | None, run: RunState | None, claims: Claims) -> Finding | Unprovable:
    """What it means that the history does not have the commit that the run started from."""
    message = f"the run started from {(base or '')[:10]}, which the tip does not descend from"
    if run is not None and run.aborted and not claims.commit_of:
        return Unprovable("base-gone", f"{message}; it was aborted, and none of its tasks was committed")
    return Finding("run-base-missing", message)


def _history(commits: Sequence[Commit], place: Mapping[str, int], tip: str) -> set[str]:
    """A commit and its ancestors, as far as they are among these; `place`: commit -> its number."""
    found, open_ends = set[str](), [tip]
    while open_ends:
        sha = open_ends.pop()
        if sha in place and sha not in found:
            found.add(sha)
            open_ends += commits[place[sha]].parents
    return found


def _judge(
    repository: Repository,
    commits: Sequence[Commit],
    files: FileHistory,
    journals: Journals,
    run: RunState,
    claims: Claims,
    speaking: Collection[str],
    others: Mapping[str, OtherRun],
    verifier: Verifier,
    report: _Reported,
) -> set[str]:
    """Everything that is held against a journal; the keys of the tasks that were approved by good signatures only."""
    plans = read_plans(repository, commits, run, report)
    _judge_work(repository, commits, files, journals, run, plans, claims, others, report)
    over = is_over(run, claims.commit_of, claims.end)
    if plans.last is not None:
        own = {commit.sha for commit in claims.own}
        check_claimed_approvals(run, plans.last.plan, commits, speaking, own, report, is_over=over)
    counted = CountedPolicies(
        repository,
        files,
        run,
        journals.events,
        commits,
        [*claims.commit_of.values(), *([claims.end] if claims.end else [])],
        is_over=over,
        verifier=verifier,
        report=report,
    )
    if not run.is_of_0_1:  # what is said of those stays as it was
        check_keys_at_start(repository, files, counted.base, counted.at_base, report)
    signed = _judge_gates(repository, files, verifier, run, claims, counted, report)
    follow_policy(counted, run, claims.commit_of, report)
    counted.check_approvals()
    check_rejections(run, journals.events, counted, verifier, report)
    _check_nothing_follows(run, journals, claims, report)
    return signed


def _judge_work(
    repository: Repository,
    commits: Sequence[Commit],
    files: FileHistory,
    journals: Journals,
    run: RunState,
    plans: Plans,
    claims: Claims,
    others: Mapping[str, OtherRun],
    report: _Reported,
) -> None:
    """What the run's commits hold, against its journal and its runbook."""
    plan = plans.last.plan if plans.last else None
    task_of = claims.task_of()

    def plan_at(seq: int) -> Plan | None:
        planned = plans.at(seq)
        return planned.plan if planned else None

    check_approvals(journals.events, plan_at, report)
    check_edits(run, journals.events, plans, report)
    if plan is not None:
        check_tasks_in_order(run, plan, report)
    contents, logs = [], list[Logged]()
    notes = [event for event in journals.events if isinstance(event, Noted)]
    for key, commit in claims.commit_of.items():
        state = run.task(key)
        _check_ends_with_intent(journals, state, commit, report)
        assert state.commit_intent is not None
        plan_then = plan_at(state.commit_intent.seq)
        contents += check_commit(files, run, plan_then, state, commit, report)
        if plan_then is not None:
            _check_evidence(repository, run, plan_then, state, commit, report)
            logs += logged(files, run, notes, plan_then, state, commit)
    check_times(run, journals.events, report)
    check_notes(run, journals, report)
    check_logs(repository, run.run_id, logs, report)
    check_log_parts(repository, logs, report)
    check_contents(repository, contents, report)
    if claims.end is not None and plan is not None:
        check_end(run, plan.name, claims.end, report)
    check_taken_along(run, journals.events, files, commits, task_of, report)
    check_foreign_commits(commits, files, claims, others, _over_after(run, commits, claims), report)
    follow_artifacts(repository, run, commits, task_of, claims.out_of_sight, others, report)
    if plans.first is not None:
        until = taken_over(run, commits, claims, others, report)
        follow_runbook(
            repository,
            run,
            plans,
            commits[:until],
            task_of,
            claims.out_of_sight,
            over_after=_over_after(run, commits, claims),
            to_the_end=until is None,
            report=report,
        )


def _check_evidence(
    repository: Repository, run: RunState, plan: Plan, state: TaskState, commit: Commit, report: _Reported
) -> None:
    """What a task's evidence says of its boxes, fields and events; a state of a rollback stands in no runbook."""
    task = plan.forward_task(state.key)
    if task is not None:
        check_boxes(run, task, state, report)
        check_fields(run, task, state, report)
        check_judges(repository, run, task, state, commit, report)
        check_attempt(repository, run, task, state, commit, report)


def _judge_gates(
    repository: Repository,
    files: FileHistory,
    verifier: Verifier,
    run: RunState,
    claims: Claims,
    counted: CountedPolicies,
    report: _Reported,
) -> set[str]:
    """Who opened each gate, and by which policy; the keys of those tasks that were approved by good signatures only."""
    policies = CommittedPolicies(repository, files, run, counted, report)
    unchanged = UnchangedGates(repository, run, report)
    signed = set()
    opened = [state for state in run.tasks.values() if not state.adopted and state.status in OPENED]
    commits = [claims.commit_of.get(state.key) for state in opened]
    recorded = [recorded_policy(state, report) for state in opened]
    with Signatures(repository, files, run, counted, verifier, report) as signatures:
        begun = list(map(signatures.begin, opened, recorded, commits))
        approvals = list(map(signatures.given, opened, recorded, commits, begun))
    for state, commit, policy, given in zip(opened, commits, recorded, approvals, strict=True):
        check_who_approved(run, state, policy, given, report)
        unchanged.check(state, policy)
        if commit is not None:
            policies.check(state, policy, commit)
        if given and all(each.signature and not each.fault for each in given):
            signed.add(state.key)
    return signed


def _check_ends_with_intent(journals: Journals, state: TaskState, commit: Commit, report: _Reported) -> None:
    """The journal in a task's commit ends with the event that intended it."""
    assert state.commit_intent is not None
    known = journals.at.get(commit.sha)
    if known == state.commit_intent.seq or any(
        finding.commit == commit.sha and finding.code.startswith("journal") for finding in journals.findings
    ):
        return
    seen = f"ends with line {known + 1}" if known is not None else "does not end with an intended commit"
    message = f"its journal {seen}, expected line {state.commit_intent.seq + 1}, the intent of this commit"
    report(Finding("journal-rewritten", message, state.key, commit.sha))


def _check_nothing_follows(run: RunState, journals: Journals, claims: Claims, report: _Reported) -> None:
    """A run that came to its end says no more: its last event is the intent of its last commit."""
    last = run.task(run.last_task)
    if run.aborted or last.commit_intent is None or last.key not in claims.commit_of:
        return
    for event in journals.events[last.commit_intent.seq + 1 :]:
        message = f"{run.place(event.seq)}: {event.type} behind the last commit of the run"
        report(Finding("journal-impossible", message, last.key))


def _over_after(run: RunState, commits: Sequence[Commit], claims: Claims) -> int | None:
    """The place of the commit that ended the run; None while it is not over."""
    ending = claims.end or claims.commit_of.get(run.last_task)
    places = {commit.sha: number for number, commit in enumerate(commits)}
    return places.get(ending.sha) if ending else None


def _check_anchor(repository: Repository, journals: Journals, path: str, anchor: str, report: _Reported) -> None:
    commit = repository.commit(anchor)
    if commit is None or not (commit.sha == repository.tip or repository.is_ancestor(commit.sha, repository.tip)):
        if repository.shallow:
            report(Unprovable("shallow-history", f"this clone may begin after the anchor {anchor}"))
        else:
            report(Finding("anchor-missing", f"{anchor} is not in the history of {repository.tip[:10]}"))
        return
    held = committed_files(repository, commit.sha, path)
    if held is None:
        report(Unprovable("whole-history", f"the anchor {anchor} is from before this run and proves nothing of it"))
    elif journals.story is None or not journals.story.data.startswith(b"".join(held)):
        report(Finding("anchor-differs", f"{path} in the anchor is not how the journal began", commit=commit.sha))


def runs_named(commits: Sequence[Commit]) -> list[str]:
    """The runs that trailers name, in order of first appearance; what cannot be one is for `check_trailers`."""
    named = dict.fromkeys(run for commit in commits for run in commit.named(RUN))
    return [run for run in named if may_be_run(run)]
