"""Was each gate opened as its policy asks? By whom, by how many, in which time; and is that the committed policy?

Rules:
- The policy recorded with the evidence is judged by, after it was compared with phasegate.yaml and the files that this
  names, as the commit before the task's has them.
- Judged is what a task was left with, or would be left with now: what was rejected or voided opened nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from gates.approval import POLICY, SHORT, Given, different_people, opened_by_policy
from gates.policy import GatePolicy, Policies, email_of
from state.errors import BadInput
from state.run_state import RunState
from state.task_state import SHOWN, TaskState, TaskStatus
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.stored import digests, is_filtered
from workflow.engine.gatekeeper import operator_of
from workflow.policy.effective_policy import FILE
from workflow.policy.who_entries import entry_named

Said = Callable[[Finding | Unprovable], None]

OPENED = (*SHOWN, TaskStatus.DONE)


def recorded_policy(state: TaskState, said: Said) -> GatePolicy:
    """The policy recorded with the evidence; the default in journals of the first release.

    Settings that this version does not know are said, and judged as by default.
    """
    recorded = state.worked.policy if state.worked else None
    if recorded is None:
        return GatePolicy()
    if recorded.more:
        unknown = ", ".join(recorded.more)
        said(Finding("policy-differs", f"settings that this phasegate does not know: {unknown}", state.key))
    return GatePolicy.of(recorded)


def before(commit: Commit) -> str:
    """Where the files that govern the gate are looked up; the commit itself where those before it were cut off."""
    return commit.parents[0] if commit.parents else commit.sha


def check_who_approved(run: RunState, state: TaskState, policy: GatePolicy, given: list[Given], said: Said) -> None:
    """The people, their number, the time they had, and whether the policy may have opened the gate by itself.

    `given`: the approvals, with the keys of those that are signed.
    """
    assert state.request is not None
    time = state.request.expires_at - state.request.shown_at
    if time != policy.expires_after:
        message = f"it was good for {time}, the policy says {policy.expires_after}"
        said(Finding("expiry-differs", message, state.key))
    operator = operator_of(run, state)
    for approval in state.approvals:
        who = approval.by.git
        if POLICY in (who, approval.via):
            _check_opened_by_policy(state, policy, who, approval.via, said)
            continue
        if not policy.names(who):
            said(Finding("approver-not-allowed", f"{who} is not among {', '.join(policy.who)}", state.key))
        spared = approval.via == "--yes" and run.start.sandbox and state.barred_by_default
        if policy.operator_may_approve is False and email_of(who) == email_of(operator) and not spared:
            said(Finding("approver-is-operator", f"{who} did the work; the policy asks for somebody else", state.key))
        if policy.signed and not approval.signature:
            said(Finding("signature-missing", f"the policy asks for signatures, {who} gave none", state.key))
    by_policy = any(each.by == POLICY for each in given)
    people = different_people(given, policy)
    if state.status != TaskStatus.IN_REVIEW and not by_policy and people < policy.approvers:
        counted = f"{people} different {'person or key' if people == 1 else 'people and keys'}"
        said(Finding("approvers-missing", f"the policy asks for {policy.approvers}, seen {counted}", state.key))


def _check_opened_by_policy(state: TaskState, policy: GatePolicy, who: str, via: str, said: Said) -> None:
    assert state.worked is not None and state.request is not None
    if who != via:
        said(Finding("policy-did-not-open", f"opened via {via}, in the name of {who}", state.key))
    elif not policy.opened_by_policy:
        said(Finding("policy-did-not-open", "the policy leaves this gate to people", state.key))
    elif not opened_by_policy(policy, state.worked.checks):
        said(Finding("policy-did-not-open", "not every check had been made and passed", state.key))


class CommittedPolicies:
    """phasegate.yaml and the files it names, as commits hold them, against what the journal recorded."""

    def __init__(self, repository: Repository, files: FileHistory, run: RunState, said: Said) -> None:
        self._repository = repository
        self._files = files
        self._workflow = run.start.workflow
        self._names = {task.key: (task.key, task.id, task.title) for task in run.start.tasks}
        self._said = said
        self._read: dict[str, Policies | BadInput] = {"": Policies()}  # by blob
        self._digests: dict[str, set[str]] = {}  # by blob

    def check(self, state: TaskState, recorded: GatePolicy, commit: Commit) -> None:
        """Say where the policy recorded for the task that this commit left is not the committed one."""
        at, key = before(commit), state.key
        for difference in self._differences(recorded, state, at):
            if isinstance(difference, Unprovable):
                self._said(difference)
            else:
                self._said(Finding("policy-differs", f"{difference} (in {at[:10]})", key, commit.sha))

    def _differences(self, recorded: GatePolicy, state: TaskState, at: str) -> Iterator[str | Unprovable]:
        key = state.key
        paths = [path for path in (FILE, recorded.allowed_signers, recorded.revoked_keys) if path]
        blobs = {path: self._files.id_at(at, path) for path in paths}
        hidden = False  # whether git stored something else than phasegate.yaml
        for path in dict.fromkeys([*paths, *recorded.files]):
            digest, blob = recorded.files.get(path), blobs.get(path, "")
            if (digest is None and not blob) or (digest and blob and digest in self._digests_of(blob)):
                continue
            seen = f"{path}: recorded {digest[:SHORT] if digest else 'none'}, seen {'another' if blob else 'none'}"
            if digest and blob and is_filtered(self._repository, at, path):
                hidden = hidden or path == FILE
                yield Unprovable("filtered-file", seen, key)
            else:
                yield seen
        if not hidden:
            yield from self._settings(recorded, state, blobs[FILE])

    def _settings(self, recorded: GatePolicy, state: TaskState, blob: str) -> Iterator[str]:
        key = state.key
        committed = self._policies(blob)
        if isinstance(committed, BadInput):
            yield f"{FILE} cannot be read: {committed.message}"
        elif key in self._names:
            expected = committed.for_gate(self._workflow, *self._names[key])
            expected = expected.settled(without_terminal=state.without_terminal)
            recorded = replace(recorded, who=tuple(entry_named(entry) for entry in recorded.who))  # 0.1 kept names
            if expected != replace(recorded, files={}):
                ours, theirs = recorded.recorded().to_json(), expected.recorded().to_json()
                for name in sorted(theirs.keys() - {"files"}):
                    if ours[name] != theirs[name]:
                        yield f"{name}: recorded {ours[name]!r}, {FILE} says {theirs[name]!r}"

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
