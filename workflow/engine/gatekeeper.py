"""What stands at the gate of this run, and is it open? Gathers the facts that `gates.approval` decides on.

Rules:
- The policy that governs a gate is the one recorded with the evidence; the digest covers it.
- Whatever the digest covers is looked at again, here and now: files, the policy's files, the record itself, facts
  outside. A difference is told by name.
- Recorded approvals are not believed either: signatures are verified again each time, against the approver's address.
- Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gates.approval import SHORT, GateFacts, Given, evidence_digest, signed_text
from gates.policy import GatePolicy, address_of
from state.errors import BadInput, JournalDamaged
from state.event_types import ReviewOpened, Worked
from state.evidence import Approval, Evidence, Request
from state.files import MISSING, digest_of
from state.model import PlannedTask
from state.run_state import RunState
from state.task_state import TaskState
from workflow.engine.commit import message_in
from workflow.engine.committed_runbook import last_own_commit, why_not_as_left
from workflow.engine.expected_runbook import ExpectedRunbook, is_partly
from workflow.engine.open_run import OpenRun
from workflow.engine.step_context import read_witness
from workflow.engine.tree_entries import TreeEntries
from workflow.engine.workspace_guard import turned_by_hand
from workflow.policy.effective_policy import FILE
from workflow.ports import Signatures
from workflow.trailers import copy_of_runbook

Verified = tuple[str, str]  # what is wrong with a signature ("" for nothing), and the fingerprint of its key


class Gatekeeper:
    """The gates of one run."""

    def __init__(self, run: OpenRun, runbook: ExpectedRunbook) -> None:
        self._run = run
        self._workspace = run.workspace
        self._runbook = runbook
        self._entries = TreeEntries(run)
        self._clock = run.doors.clock
        self._verified: dict[tuple[object, ...], Verified] = {}

    # --- showing -------------------------------------------------------------------------------------------------

    def policy_now(self, task: PlannedTask) -> GatePolicy:
        """The policy that governs this task's gate if its evidence is shown now. Raises as `PolicyInForce.for_gate`."""
        return self._run.policies.for_gate(self._run.state.start.workflow, task)

    def request(self, task: PlannedTask, evidence: Evidence, policy: GatePolicy) -> Request:
        """What is put before the approver: a digest over everything, good once and for a while."""
        now = self._clock.now()
        shown = Request(
            "", "", now, now + policy.expires_after, times_covered=True, always=self._run.state.start.version > 1
        )
        digest = self._digest(task, evidence, shown.covered_times)
        return replace(shown, digest=digest, nonce=self._clock.nonce())

    def _digest(self, task: PlannedTask, evidence: Evidence, shown: Mapping[str, str] | None) -> str:
        state = self._run.state.task(task.key)
        return evidence_digest(
            plan=self._run.plan.digest,
            run=self._run.run_id,
            task=task.key,
            attempt=state.attempt,
            text=task.text,
            message=message_in(self._run.plan, self._run.state, task),
            answers=state.answers,
            evidence=evidence,
            shown=shown,
            version=self._run.state.start.version,
        )

    # --- deciding ------------------------------------------------------------------------------------------------

    def facts(self, *, witness: bool = False) -> GateFacts:
        """All that the gate of the current task, which has worked, looks at, as it is here and now.

        What changed is looked for each time; facts outside are read with `witness` only.
        """
        current = self._run.state.current_task
        assert current is not None
        return self._facts(self.changes(self._run.plan.task(current.key), witness=witness), "")

    def facts_in(self, commit: str, differences: Sequence[str]) -> GateFacts:
        """As `facts`, as the task was left in this commit, which differs by `differences` from what was shown.

        Keys are the commit's: what a task was left with is not undone by a key that goes.
        """
        return self._facts(differences, commit)

    def _facts(self, changed: Sequence[str], commit: str) -> GateFacts:
        run = self._run.state
        current = run.current_task
        assert current is not None and current.worked is not None
        given = [self._given(current, event, commit) for event in current.approvals]
        stranger = current.request is not None and any(each.nonce != current.request.nonce for each in given)
        return GateFacts(
            checks=current.worked.checks,
            request=current.request,
            approvals=given,
            now=self._clock.now(),
            changed=changed,
            operator=operator_of(run, current),
            sandbox=run.start.sandbox,
            policy=policy_of(current),
            shown_before=self._shown_before() if stranger else {},
            task=current.key,
            spares_operator=run.start.sandbox and current.barred_by_default,
        )

    def given(self, by: str, via: str, signature: str) -> Given:
        """An approval of what is shown, by this person, in this way, now."""
        current = self._run.state.current_task
        assert current is not None and current.request is not None
        now = self._clock.now()
        fault, key = self._verify(current, by, signature, now, "")
        return Given(by, current.request.digest, current.request.nonce, now, via, bool(signature), fault, key)

    def sign(self) -> str:
        """This person's signature for what is shown. Raises BadInput when nothing can sign."""
        return self._door().sign(text_to_sign(self._run.state))

    def _given(self, state: TaskState, approval: Approval, commit: str) -> Given:
        by, signature = approval.by.git, approval.signature
        fault, key = self._verify(state, by, signature, approval.at, commit)
        return Given(by, approval.digest, approval.nonce, approval.at, approval.via, bool(signature), fault, key)

    def _verify(self, state: TaskState, by: str, signature: str, at: datetime, commit: str) -> Verified:
        if not signature:
            return "", ""
        policy = policy_of(state)
        if not policy.allowed_signers:
            return f"{FILE} names no allowed_signers to verify it against", ""
        text = text_to_sign(self._run.state)
        allowed, revoked = (self._keys(path, commit) for path in (policy.allowed_signers, policy.revoked_keys))
        known = (by, signature, at, text, allowed, revoked)
        if known not in self._verified:
            fault = self._door().verify(allowed, address_of(by), text, signature, at=at, revoked_keys=revoked)
            self._verified[known] = (fault or "", self._door().key_of(signature))
        return self._verified[known]

    def _keys(self, path: str, commit: str) -> bytes:
        if commit and path:
            return self._run.doors.git.blob(commit, path) or b""
        file = self._workspace / path
        return file.read_bytes() if file.is_file() else b""

    def _door(self) -> Signatures:
        signatures = self._run.doors.signatures
        if signatures is None:
            raise BadInput("signatures are asked for, and this program was started without a way to verify them")
        return signatures

    def _shown_before(self) -> dict[str, tuple[str, int]]:
        return {
            event.request.nonce: (event.task, event.attempt)
            for event in self._run.journal.events
            if isinstance(event, Worked | ReviewOpened)
        }

    # --- what changed --------------------------------------------------------------------------------------------

    def changes(self, task: PlannedTask, *, witness: bool) -> list[str]:
        """By name, what differs now from what was shown; facts outside are read with `witness` only."""
        state = self._run.state.task(task.key)
        assert state.worked is not None and state.request is not None
        digest = self._digest(task, state.worked, state.request.covered_times)
        if digest != state.request.digest:  # then nothing that the record says is worth comparing
            return [f"the record of the evidence was {state.request.digest[:SHORT]}, is {digest[:SHORT]}"]
        wanted = state.worked.digests()
        policy = state.worked.policy
        if policy is not None:
            paths = (FILE, policy.allowed_signers, policy.revoked_keys)
            wanted |= {path: policy.files.get(path, MISSING) for path in paths if path}
        changes: dict[str, str] = {}
        for path, digest in wanted.items():
            seen = digest_of(self._workspace / path)
            if seen != digest:
                changes[path] = f"{path} was {digest[:SHORT]}, is {seen[:SHORT]}"
        for path, why in self._entries.changes(task.key, state.worked.entries or ()):
            changes.setdefault(path, why)
        said = list(changes.values())
        if copy_of_runbook(self._run.run_id, self._run.state.runbook) in changes:
            return said  # nothing can be said of the runbook without it
        runbook = self._workspace / self._run.plan.runbook
        unticked, ticked = self._runbook.now(), self._runbook.now(also=task)
        as_run = runbook.is_file() and is_partly(runbook.read_bytes(), unticked, ticked)
        if not as_run or turned_by_hand(self._run):
            said.append(f"{self._run.plan.runbook} was changed by hand")
        said += filter(None, [why_not_as_left(self._run, self._runbook, self._run.doors.git.head())])
        if state.worked.entries is None:
            said += self._taken_along(list(state.worked.digests()))
        if witness:
            now, was = dict(read_witness(self._run, task)), state.worked.witness
            said += [
                f"{name} was {was.get(name)}, is {now.get(name)}"
                for name in sorted({*now, *was})
                if now.get(name) != was.get(name)
            ]
        return said

    def _taken_along(self, paths: Sequence[str]) -> list[str]:
        """In a run of format 1: which of these files of the task a foreign commit took along while they waited.

        The task's own commit would lack them. Such a run does not record what HEAD held when they were shown, so that
        only the dates of commits tell what came later; from format 2 on `TreeEntry.committed` does.
        """
        git, since = self._run.doors.git, last_own_commit(self._run)
        if not paths or git.head() == since:
            return []
        worked = next(event.at for event in reversed(self._run.journal.events) if isinstance(event, Worked))
        found = {
            path: commit.sha
            for commit in git.find_commits({}, since=since)
            if commit.at >= worked.replace(microsecond=0)
            for path in set(paths).intersection(commit.paths)
        }
        return [
            f"{path} was committed by {sha[:10]}, which is not the run's, while it waited"
            for path, sha in sorted(found.items())
        ]


def policy_of(state: TaskState) -> GatePolicy:
    """The policy recorded with what is shown; journals of the first release have none, so the default holds.

    Raises JournalDamaged when it asks for something that this phasegate does not know.
    """
    recorded = state.worked.policy if state.worked else None
    if recorded is None:
        return GatePolicy()
    if recorded.more:
        raise JournalDamaged(
            f"journal.jsonl: attempt {state.attempt} of {state.key}: field `policy.{next(iter(recorded.more))}`: this "
            "phasegate does not know what the gate asks for with it",
            next_command="pip install --upgrade phasegate",
        )
    return GatePolicy.of(recorded)


def text_to_sign(run: RunState) -> bytes:
    """The text that an approver of what is shown signs."""
    current = run.current_task
    assert current is not None and current.request is not None
    request = current.request
    return signed_text(
        run=run.run_id, task=current.key, attempt=current.attempt, digest=request.digest, nonce=request.nonce
    )


def operator_of(run: RunState, state: TaskState) -> str:
    """Who ran the task: the git identity of the process that did its work."""
    worker = state.worked.by if state.worked else None
    return (worker or run.start.by).git
