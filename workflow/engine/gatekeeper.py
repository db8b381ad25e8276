"""What stands at the gate of this run, and is it open? Gathers the facts that `gates.approval` decides on.

Rules:
- The policy that governs a gate is the one recorded with the evidence; the digest covers it.
- Whatever the digest covers is looked at again, here and now: files, the policy's files, the record itself, facts
  outside. A difference is told by name.
- Recorded approvals are not believed either: signatures are verified again each time, against the approver's address.
- Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gates.approval import SHORT, UNCHANGED, GateFacts, RecordedApproval, evidence_digest, rejection_of, signed_text
from gates.operators import operators_of
from gates.policy import GatePolicy
from gates.policy_change import SigningKeys, key_lines
from gates.repeat import Repeated
from state.errors import JournalDamaged
from state.event_types import CommitRefused, PolicyApproved, ReviewOpened, Worked
from state.evidence import Approval, Evidence, Request
from state.files import MISSING, digest_of
from state.model import PlannedTask
from state.passkey_signature import PasskeySignature, Signature
from state.printable import as_name
from state.run_state import RunState
from state.task_state import TaskState
from workflow.engine.commit import message_in
from workflow.engine.commit_message import commit_message
from workflow.engine.committed_runbook import last_own_commit, why_not_as_left
from workflow.engine.counting_policy import (
    GitStored,
    key_behind,
    names_no_keys,
    nobodys_passkey,
    own_operators,
    required,
    verified,
)
from workflow.engine.expected_runbook import ExpectedRunbook, is_partly
from workflow.engine.open_run import OpenRun
from workflow.engine.shown_checks import why_not_as_shown
from workflow.engine.tree_entries import TreeEntries
from workflow.engine.workspace_guard import turned_by_hand
from workflow.policy.effective_policy import FILE
from workflow.policy.policy_approval import Operator
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
        self._checks_at: tuple[str, Evidence | None, list[str]] | None = None  # HEAD, what waited, how they differ

    # --- showing -------------------------------------------------------------------------------------------------

    def policy_now(self, task: PlannedTask, own: Sequence[Operator] = ()) -> GatePolicy:
        """The policy that counts for this task's gate if its evidence is shown now; `own`: who did the work.

        Raises as `PolicyInForce.for_gate`.
        """
        return self._run.counting.policy(task, own)

    def weaker_at_head(self) -> str:
        """What to say at the gate of the current task where the committed policy is weaker than the one that counts."""
        current = self._run.state.current_task
        if current is None or self._run.state.is_of_0_1:
            return ""
        task = self._run.plan.task(current.key)
        weaker = self._run.counting.standing(task, own=own_operators(current)).weaker
        if not weaker:
            return ""
        from workflow.views.status import WEAKER  # here: seldom shown

        return f"{WEAKER} ({'; '.join(weaker)})"

    def request(self, task: PlannedTask, evidence: Evidence, policy: GatePolicy) -> Request:
        """What is put before the approver: a digest over everything, good once and for a while."""
        now = self._clock.now()
        of_2 = not self._run.state.is_of_0_1
        prev = self._run.journal.last if of_2 else ""
        shown = Request("", "", now, now + policy.expires_after, times_covered=True, always=of_2, prev=prev)
        digest = self._digest(task, evidence, shown.covered)
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
            operators=operators_of(run, current),
            orderer=run.start.orderer.git,
            sandbox=run.start.sandbox,
            policy=policy_of(current),
            shown_before=self._shown_before() if stranger else {},
            task=current.key,
            spares_operator=run.start.sandbox and current.barred_by_default,
            repeated=self._repeated(current),
            former=self._run.former.of(current.key),
        )

    def _repeated(self, current: TaskState) -> Repeated | None:
        run = self._run.state
        if not run.start.again or current.worked is None:
            return None
        start = run.start
        return Repeated(
            current.worked, policy_of(current), current.key, start.workflow, start.runbook, sandbox=start.sandbox
        )

    def given(self, by: str, via: str, signature: Signature) -> RecordedApproval:
        """An approval of what is shown, by this person, in this way, now."""
        current = self._run.state.current_task
        assert current is not None and current.request is not None
        now = self._clock.now()
        fault, key = self._verify(current, by, signature, now, "")
        rests_on = former.rests_on if via == UNCHANGED and (former := self._run.former.of(current.key)) else None
        return RecordedApproval(
            by,
            current.request.digest,
            current.request.nonce,
            now,
            via,
            bool(signature),
            fault,
            key,
            rests_on,
            terminal=self._run.doors.person.at_terminal,
        )

    def sign(self) -> str:
        """This person's signature for what is shown. Raises BadInput when nothing can sign."""
        return self._door().sign(text_to_sign(self._run.state))

    def _given(self, state: TaskState, approval: Approval, commit: str) -> RecordedApproval:
        by, signature = approval.by.git, approval.signature
        fault, key = self._verify(state, by, signature, approval.at, commit)
        shown, terminal = (approval.digest, approval.nonce, approval.at), approval.terminal is True
        return RecordedApproval(by, *shown, approval.via, bool(signature), fault, key, approval.rests_on, terminal)

    def _verify(self, state: TaskState, by: str, signature: Signature, at: datetime, commit: str) -> Verified:
        if not signature:
            return "", ""
        policy = policy_of(state)
        if missing := names_no_keys(policy, signature):
            return f"{FILE} {missing}", ""
        text = text_to_sign(self._run.state)
        keys = self._keys(state, policy, commit)
        known = (by, signature, at, text, keys)
        if known not in self._verified:
            fault = verified(self._door(), keys, by, text, signature, at)
            self._verified[known] = (fault, key_behind(self._door(), keys, signature))
        return self._verified[known]

    def why_no_rejection(self, state: TaskState, by: str, signature: Signature, reason: str) -> str:
        """Why a signed rejection counts nothing; "" where it does."""
        policy = policy_of(state)
        if not policy.names(by):
            return f"{by} is not among those who may decide here: {', '.join(policy.who)}"
        if not signature:
            return "it is not signed"
        if missing := names_no_keys(policy, signature):
            return f"{FILE} {missing}"
        if self._run.doors.mask(reason) != reason:
            return "its reason holds a secret, and what would be recorded is not what was signed"
        text = rejection_to_sign(self._run.state, reason)
        return verified(self._door(), self._keys(state, policy, ""), by, text, signature, self._clock.now())

    def holder(self, signature: PasskeySignature) -> str:
        """Whose passkey made it (`Name <address>`), by its id among the keys that count at the current gate.

        Raises BadInput where that is nobody's.
        """
        from workflow.policy.passkeys import passkey_of  # here: where a passkey has signed

        current = self._run.state.current_task
        assert current is not None
        found = passkey_of(self._run.counting.keys(self._run.plan.task(current.key), current, ""), signature.id)
        if found is None:
            raise nobodys_passkey(self._run.run_id, signature.id, self._run.counting.head()[1])
        return found.identity

    def _keys(self, state: TaskState, policy: GatePolicy, commit: str) -> SigningKeys:
        """The keys that count: now, or in that commit."""
        if not self._run.state.is_of_0_1:
            return self._run.counting.keys(self._run.plan.task(state.key), state, commit)
        allowed, revoked = self._bytes(policy.allowed_signers, commit), self._bytes(policy.revoked_keys, commit)
        return SigningKeys(key_lines(allowed), key_lines(revoked))

    def _bytes(self, path: str, commit: str) -> bytes:
        if commit and path:
            return self._run.doors.git.blob(commit, path) or b""
        file = self._workspace / path
        return file.read_bytes() if path and file.is_file() else b""

    def _door(self) -> Signatures:
        return required(self._run.doors.signatures)

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
        if why := self._rewritten_before(state.request):
            return [why]
        digest = self._digest(task, state.worked, state.request.covered)
        if digest != state.request.digest:  # then nothing that the record says is worth comparing
            return [f"the record of the evidence was {state.request.digest[:SHORT]}, is {digest[:SHORT]}"]
        files = self._changed_files(task, state.worked)
        changes = list(files.values())
        if state.worked.policy is not None and not self._run.state.is_of_0_1:
            changes = [*self._run.counting.changes(task, state), *changes]
        changes += self._changed_checks(task, state)
        if copy_of_runbook(self._run.run_id, self._run.state.runbook) in files:
            return changes  # nothing can be said of the runbook without it
        changes += self._changed_runbook(task)
        changes += self._changed_message(task)
        if state.worked.entries is None:
            changes += self._taken_along(list(state.worked.digests()))
        if witness:
            changes += self._changed_outside(task, state.worked)
        return changes

    def _rewritten_before(self, request: Request) -> str:
        """That the journal before what was shown is not the one that it was shown behind; "" where it is."""
        shown = (each for each in reversed(self._run.journal.events) if isinstance(each, Worked | ReviewOpened))
        seen = next(shown).prev
        if request.prev in ("", seen):
            return ""
        return f"the line before in the journal hashed to {request.prev[:SHORT]}, hashes to {seen[:SHORT]}"

    def is_under_another_policy(self) -> bool:
        """Whether nothing of what waits has changed but the policy of its gate, which somebody has approved meanwhile.

        Then the work stays as it is, with its answers, and is shown again under the policy that counts now.
        """
        current = self._run.state.current_task
        if current is None or current.worked is None or self._run.state.is_of_0_1:
            return False
        latest = (each for each in reversed(self._run.journal.events) if isinstance(each, Worked | PolicyApproved))
        if not isinstance(next(latest, None), PolicyApproved):
            return False
        task = self._run.plan.task(current.key)
        policy = self._run.counting.changes(task, current)
        return policy != [] and self.changes(task, witness=False) == policy

    def _changed_checks(self, task: PlannedTask, state: TaskState) -> list[str]:
        """How the checks that count in HEAD are others than those that were shown: as the audit will look at them."""
        head, worked = self._run.doors.git.head(), state.worked
        if self._checks_at is None or self._checks_at[0] != head or self._checks_at[1] is not worked:
            stored = GitStored(self._run.doors.git)
            self._checks_at = head, worked, list(why_not_as_shown(stored, self._run.state, task, state, head))
        return self._checks_at[2]

    def _changed_message(self, task: PlannedTask) -> Iterator[str]:
        """That a commit which was refused would have another message now: by a template committed since."""
        run = self._run.state
        own = (each for each in reversed(self._run.journal.events) if isinstance(each, Worked | CommitRefused))
        if run.is_of_0_1 or not isinstance(next(own, None), CommitRefused):
            return
        skipped = bool(run.task(task.key).skipped)
        was = message_in(self._run.plan, run, task)
        now = commit_message(self._run.plan, task, self._run.policies.commit_template(), skipped=skipped)
        if now != was:
            yield f"its commit message was {was!r}, is {now!r}"

    def _changed_files(self, task: PlannedTask, shown: Evidence) -> dict[str, str]:
        """The files of the evidence, and in a run of format 1 those of the policy, that are others now; with how."""
        wanted = shown.digests()
        if shown.policy is not None and self._run.state.is_of_0_1:
            paths = (FILE, shown.policy.allowed_signers, shown.policy.revoked_keys)
            wanted |= {path: shown.policy.files.get(path, MISSING) for path in paths if path}
        changes: dict[str, str] = {}
        for path, digest in wanted.items():
            seen = digest_of(self._workspace / path)
            if seen != digest:
                changes[path] = f"{as_name(path)} was {digest[:SHORT]}, is {seen[:SHORT]}"
        for path, why in self._entries.changes(task.key, shown.entries or ()):
            changes.setdefault(path, why)
        return changes

    def _changed_runbook(self, task: PlannedTask) -> Iterator[str]:
        """How the runbook, here and in HEAD, is not as the run left it."""
        runbook = self._workspace / self._run.plan.runbook
        unticked, ticked = self._runbook.now(), self._runbook.now(also=task)
        as_run = runbook.is_file() and is_partly(runbook.read_bytes(), unticked, ticked)
        if not as_run or turned_by_hand(self._run, self._runbook):
            yield f"{as_name(self._run.plan.runbook)} was changed by hand"
        if why := why_not_as_left(self._run, self._runbook, self._run.doors.git.head()):
            yield why

    def _changed_outside(self, task: PlannedTask, shown: Evidence) -> list[str]:
        """The facts outside that are others now than they were when the evidence was made."""
        now, was = self._witness(task), shown.witness
        return [
            f"{name} was {was.get(name)}, is {now.get(name)}"
            for name in sorted({*now, *was})
            if now.get(name) != was.get(name)
        ]

    def _witness(self, task: PlannedTask) -> Mapping[str, str]:
        if self._run.workflow.step_for(task) is None:
            return {}
        from workflow.engine.step_context import read_witness  # here: only steps look outside

        return dict(read_witness(self._run, task))

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
            f"{as_name(path)} was committed by {sha[:10]}, which is not the run's, while it waited"
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


def rejection_to_sign(run: RunState, reason: str) -> bytes:
    """The text that somebody signs who rejects what is shown; `reason` as it will be recorded."""
    return rejection_of(text_to_sign(run), reason)
