"""Was each gate opened as its policy asks? By whom, by how many, in which time; and is that the committed policy?

Rules:
- The policy recorded with the evidence is judged by, after it was compared with the one that counted when it was shown
  (`CountedPolicies`); in runs of 0.1 with phasegate.yaml and the files that it names, as the commit before the task's
  has them.
- Judged is what a task was left with, or would be left with now: what was rejected or voided opened nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from gates.approval import (
    POLICY,
    REMOTE,
    SHORT,
    UNCHANGED,
    RecordedApproval,
    absent,
    different_people,
    opened_by_policy,
)
from gates.operators import is_agents_work, operators_of
from gates.policy import GatePolicy, Policies, email_of
from state.errors import BadInput
from state.evidence import Approval
from state.printable import as_name
from state.run_state import RunState
from state.task_state import SHOWN, TaskState, TaskStatus
from workflow.audit.counted_policies import CountedPolicies
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.stored import digests, is_filtered
from workflow.audit.words import duration
from workflow.policy.effective_policy import FILE
from workflow.policy.policy_history import Standing, is_as_shown, standing_shown
from workflow.policy.who_entries import entry_named

OPENED = (*SHOWN, TaskStatus.DONE)


def recorded_policy(state: TaskState, report: Report) -> GatePolicy:
    """The policy recorded with the evidence; the default in journals of the first release.

    Settings that this version does not know are said, and judged as by default.
    """
    recorded = state.worked.policy if state.worked else None
    if recorded is None:
        return GatePolicy()
    if recorded.more:
        unknown = ", ".join(recorded.more)
        report(Finding("policy-differs", f"settings that this phasegate does not know: {unknown}", state.key))
    return GatePolicy.of(recorded)


def before(commit: Commit) -> str:
    """Where the files that govern the gate are looked up; the commit itself where those before it were cut off."""
    return commit.parents[0] if commit.parents else commit.sha


def check_who_approved(
    run: RunState, state: TaskState, policy: GatePolicy, given: list[RecordedApproval], report: Report
) -> None:
    """The people, their number, the time they had, and whether the policy may have opened the gate by itself.

    `given`: the approvals, with the keys of those that are signed.
    """
    assert state.request is not None
    time = state.request.expires_at - state.request.shown_at
    if time != policy.expires_after:
        was, says = duration(time), duration(policy.expires_after)
        if was == says:  # by less than these words tell
            was, says = (f"{each.total_seconds():g} s" for each in (time, policy.expires_after))
        message = f"it was good for {was}, the policy says {says}"
        report(Finding("expiry-differs", message, state.key))
    did_work = set(map(email_of, operators_of(run, state)))
    for approval in state.approvals:
        who = approval.by.git
        if POLICY in (who, approval.via):
            _check_opened_by_policy(state, policy, who, approval.via, report)
            continue
        if UNCHANGED in (who, approval.via):
            continue  # `unchanged_checks`
        spared = approval.via == "--yes" and run.start.sandbox and state.barred_by_default
        _check_person(state, policy, approval, did_work if not spared else (), run.start.orderer.git, report)
    if state.status != TaskStatus.IN_REVIEW:
        _check_how_many(state, policy, given, report)


def _check_person(
    state: TaskState,
    policy: GatePolicy,
    approval: Approval,
    did_work: Collection[str],
    orderer: str,
    report: Report,
) -> None:
    """Report an approval by somebody who may not give it, or not in this way; `did_work`: who did, by address."""
    who = approval.by.git
    if not policy.names(who):
        report(Finding("approver-not-allowed", f"{who} is not among {', '.join(policy.who)}", state.key))
    if not policy.orderer_may_approve and email_of(who) == email_of(orderer):
        told = f"{who} ordered the run; the policy asks for somebody else"
        report(Finding("approver-not-allowed", told, state.key))
    if policy.operator_may_approve is False and email_of(who) in did_work:
        report(Finding("approver-is-operator", f"{who} did the work; the policy asks for somebody else", state.key))
    if policy.signed and not approval.signature:
        report(Finding("signature-missing", f"the policy asks for signatures, {who} gave none", state.key))
    elif approval.via == REMOTE and not approval.signature:
        report(Finding("signature-missing", f"{who} approved through the git remote, and signed nothing", state.key))
    _check_presence(state, policy, approval, report)


def _unproven(policy: GatePolicy) -> str:
    return "a terminal was there, and a program can make one" if policy.presence == "terminal" else "presence: any"


def _check_presence(state: TaskState, policy: GatePolicy, approval: Approval, report: Report) -> None:
    """Report an approval by an agent, or of an agent's work by nobody who is recorded to have been there."""
    who = approval.by.git
    if approval.by.is_agent:
        report(Finding("presence-missing", f"{who} is no person, and approved", state.key))
    elif why := absent(policy, terminal=approval.terminal is True, signature=bool(approval.signature)):
        report(Finding("presence-missing", f"approval by {who}: {why}", state.key))
    elif policy.presence is not None and not approval.signature:
        told = f"that a person approved an agent's work: {_unproven(policy)}, recorded for {who}"
        report(Unprovable("presence", told, state.key))


def _check_how_many(state: TaskState, policy: GatePolicy, given: Sequence[RecordedApproval], report: Report) -> None:
    """Report a gate that was left with fewer people than its policy asks for, and not opened by the policy itself."""
    people = different_people(given, policy)
    if people < policy.approvers and not any(each.by in (POLICY, UNCHANGED) for each in given):
        counted = f"{people} different {'person or key' if people == 1 else 'people and keys'}"
        report(Finding("approvers-missing", f"the policy asks for {policy.approvers}, seen {counted}", state.key))


def _check_opened_by_policy(state: TaskState, policy: GatePolicy, who: str, via: str, report: Report) -> None:
    assert state.worked is not None and state.request is not None
    if who != via:
        report(Finding("policy-did-not-open", f"opened via {via}, in the name of {who}", state.key))
    elif not policy.opened_by_policy:
        report(Finding("policy-did-not-open", "the policy leaves this gate to people", state.key))
    elif not opened_by_policy(policy, state.worked.checks):
        report(Finding("policy-did-not-open", "not every check had been made and passed", state.key))


def _from_counted(
    recorded: GatePolicy, state: TaskState, standings: Sequence[Standing], *, agents: bool
) -> Iterator[str]:
    """How what was recorded differs from what counted when it was shown, and from what counted when it was left."""
    if not standings:
        return
    last = standings[-1]
    shown = standing_shown(standings, recorded.files)
    if last.held.policies is None:
        yield f"{FILE} cannot be read: no gate opens at it"
    if not is_as_shown(shown, last, agents=agents):
        other = list(_other_files(recorded, last))
        yield from other
        if shown is not None and not other:
            yield f"{FILE}: recorded as of {shown.commit[:10]}, and another one counted when the task was left"
    counts = (shown or last).rules.policy
    counts = counts.settled(without_terminal=state.without_terminal, agents=agents)
    yield from _other_settings(recorded, counts, "the policy that counts")


def _too_often(state: TaskState, standings: Sequence[Standing]) -> str:
    """How an agent handed in more often than the policy that counts lets it; "" where none did."""
    given = state.handed_in
    most = standings[-1].rules.policy.attempts_of_agents if standings else state.attempt
    if given is None or not given.by.is_agent or state.attempts_sent_back <= most:
        return ""
    without = f", {len(state.taken_back)} of them taken back" if state.taken_back else ""
    return f"{given.by.git} handed in attempt {given.attempt}{without}, the policy gives it {most}"


def _other_settings(recorded: GatePolicy, expected: GatePolicy, source: str) -> Iterator[str]:
    ours, theirs = recorded.recorded().to_json(), expected.recorded().to_json()
    for name in sorted((ours.keys() | theirs.keys()) - {"files"}):
        mine, others = ours.get(name), theirs.get(name)
        if mine != others:
            yield f"{name}: recorded {mine!r}, {source} says {others!r}"


def _other_files(recorded: GatePolicy, last: Standing) -> Iterator[str]:
    for path in dict.fromkeys([*last.files, *recorded.files]):
        mine, theirs = recorded.files.get(path), last.files.get(path)
        if mine != theirs:
            yield _other_file(path, mine, theirs)


def _other_file(path: str, recorded: str | None, seen: str | None) -> str:
    """How a file is not as it was recorded."""
    return f"{as_name(path)}: recorded {recorded[:SHORT] if recorded else 'none'}, seen {'another' if seen else 'none'}"


class CommittedPolicies:
    """phasegate.yaml and the files it names, as commits hold them, against what the journal recorded."""

    def __init__(
        self, repository: Repository, files: FileHistory, run: RunState, counted: CountedPolicies, report: Report
    ) -> None:
        self._repository = repository
        self._files = files
        self._run = run
        self._counted = None if run.is_of_0_1 else counted
        self._workflow = run.start.workflow
        self._names = {task.key: (task.key, task.id, task.title) for task in run.start.tasks}
        self._report = report
        self._read: dict[str, Policies | BadInput] = {"": Policies()}  # by blob
        self._digests: dict[str, set[str]] = {}  # by blob

    def check(self, state: TaskState, recorded: GatePolicy, commit: Commit) -> None:
        """Say where the policy recorded for the task that this commit left is not the committed one."""
        at, key = before(commit), state.key
        if self._counted is not None:
            agents = is_agents_work(self._run, state)
            standings = self._counted.at_gate(state, commit)
            for each in _from_counted(recorded, state, standings, agents=agents):
                self._report(Finding("policy-differs", f"{each} (in {at[:10]})", key, commit.sha))
            if why := _too_often(state, standings):
                self._report(Finding("agent-attempts", why, key, commit.sha))
            return
        for difference in self._differences(recorded, state, at):
            if isinstance(difference, Unprovable):
                self._report(difference)
            else:
                self._report(Finding("policy-differs", f"{difference} (in {at[:10]})", key, commit.sha))

    def _differences(self, recorded: GatePolicy, state: TaskState, at: str) -> Iterator[str | Unprovable]:
        key = state.key
        paths = [FILE, *recorded.key_files]
        blobs = {path: self._files.id_at(at, path) for path in paths}
        hidden = False  # whether git stored something else than phasegate.yaml
        for path in dict.fromkeys([*paths, *recorded.files]):
            digest, blob = recorded.files.get(path), blobs.get(path, "")
            if self._is_held(digest, blob):
                continue
            seen = _other_file(path, digest, blob)
            if digest and blob and is_filtered(self._repository, at, path):
                hidden = hidden or path == FILE
                yield Unprovable("filtered-file", seen, key)
            else:
                yield seen
        if not hidden:
            yield from self._settings(recorded, state, blobs[FILE])

    def _is_held(self, digest: str | None, blob: str) -> bool:
        """Whether the blob, "" where there is none, holds what was recorded, None where nothing was."""
        if not blob:
            return digest is None
        return bool(digest) and digest in self._digests_of(blob)

    def _settings(self, recorded: GatePolicy, state: TaskState, blob: str) -> Iterator[str]:
        key = state.key
        committed = self._policies(blob)
        if isinstance(committed, BadInput):
            yield f"{FILE} cannot be read: {committed.message}"
        elif key in self._names:
            expected = committed.for_gate(self._workflow, *self._names[key])
            expected = expected.settled(without_terminal=state.without_terminal, agents=False)
            recorded = replace(recorded, who=tuple(entry_named(entry) for entry in recorded.who))  # 0.1 kept names
            yield from _other_settings(recorded, expected, FILE)

    def _policies(self, blob: str) -> Policies | BadInput:
        if blob not in self._read:
            from workflow.policy.policy_file import (
                read_policies,  # pydantic and YAML, only where there is something to read
            )

            held = self._repository.get(blob)
            try:
                self._read[blob] = read_policies(held.data if held else b"", judged_before=True)
            except BadInput as error:
                self._read[blob] = error
        return self._read[blob]

    def _digests_of(self, blob: str) -> set[str]:
        if blob not in self._digests:
            held = self._repository.get(blob)
            self._digests[blob] = digests(held.data) if held else set()
        return self._digests[blob]
