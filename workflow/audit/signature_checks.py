"""Did the recorded signers of an approval sign exactly this? Verified offline, with keys that git holds.

Rules:
- Allowed signers and revoked keys are those that counted for the gate in the commit before the task's: what a gate was
  left with is not undone by a key that goes later.
- What is signed names run, task, attempt, digest and nonce: a signature from elsewhere verifies nothing here.
- A passkey's signature is verified by the key of its id, with the counter that it has itself: no later one spoils it.
- No process is started where no SSH key signed. Without ssh-keygen nothing passes, and nothing is held against anybody.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from gates.approval import RecordedApproval, signed_text
from gates.policy import GatePolicy
from gates.policy_change import SigningKeys, key_lines
from state.errors import BadInput
from state.evidence import Approval
from state.run_state import RunState
from state.task_state import TaskState
from workflow.audit.counted_policies import CountedPolicies
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.policy_checks import before
from workflow.audit.stored import digests
from workflow.engine.counting_policy import CanVerify, NamesKeys, key_behind, names_no_keys, verified

if TYPE_CHECKING:
    from concurrent.futures import Executor


class Verifier(CanVerify, NamesKeys, Protocol):
    """The door to ssh-keygen (`workflow.doors.ssh_signature.SshSignatures`)."""


class Begun(NamedTuple):
    """An approval whose signature is looked at meanwhile; `fault` gives what is wrong with it, "" for nothing."""

    approval: Approval
    keys: SigningKeys | None
    fault: Callable[[], str]


class Signatures:
    """The signatures of one run's approvals, looked at side by side; a context manager."""

    def __init__(
        self,
        repository: Repository,
        files: FileHistory,
        run: RunState,
        counted: CountedPolicies,
        verifier: Verifier,
        report: Report,
    ) -> None:
        self._repository = repository
        self._files = files
        self._run = run
        self._counted = counted
        self._verifier = verifier
        self._report = report
        self._pool: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _exc: object, _tb: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def begin(self, state: TaskState, policy: GatePolicy, commit: Commit | None) -> list[Begun]:
        """Begin to look at the approvals of what was shown last; `given` says what came of it."""
        return [self._begin(state, policy, approval, commit) for approval in state.approvals]

    def given(
        self, state: TaskState, policy: GatePolicy, commit: Commit | None, begun: Sequence[Begun]
    ) -> list[RecordedApproval]:
        """The approvals, each with its key; what is wrong with a signature is reported."""
        return [self._given(state, policy, each, commit) for each in begun]

    def _begin(self, state: TaskState, policy: GatePolicy, approval: Approval, commit: Commit | None) -> Begun:
        who, signature = approval.by.git, approval.signature
        keys = self._keys_in_force(state, policy, commit) if signature else None
        if keys is None or not who.isprintable() or names_no_keys(policy, signature):
            return Begun(approval, keys, str)
        assert state.request is not None
        text = signed_text(
            run=self._run.run_id,
            task=state.key,
            attempt=state.attempt,
            digest=state.request.digest,
            nonce=state.request.nonce,
        )
        return Begun(approval, keys, self._aside(verified, self._verifier, keys, who, text, signature, approval.at))

    def _aside(self, act: Callable[..., str], *given: object) -> Callable[[], str]:
        """Begin it beside what is done here, as many at once as there are processors; what waits for its end."""
        from concurrent.futures import ThreadPoolExecutor  # here: most runs are unsigned

        self._pool = self._pool or ThreadPoolExecutor(os.cpu_count() or 1)
        return self._pool.submit(act, *given).result

    def _given(self, state: TaskState, policy: GatePolicy, begun: Begun, commit: Commit | None) -> RecordedApproval:
        approval = begun.approval
        who, signature = approval.by.git, approval.signature
        if not signature:
            return RecordedApproval(who, approval.digest, approval.nonce, approval.at, approval.via)
        wrong = self._wrong(state, policy, begun, commit)
        if wrong is not None:
            self._report(wrong)
        fault = wrong.message if wrong else ""
        key = key_behind(self._verifier, begun.keys or SigningKeys(), signature)
        return RecordedApproval(who, approval.digest, approval.nonce, approval.at, approval.via, True, fault, key)

    def _wrong(
        self, state: TaskState, policy: GatePolicy, begun: Begun, commit: Commit | None
    ) -> Finding | Unprovable | None:
        who = begun.approval.by.git
        if not who.isprintable():
            return Finding("signature-invalid", f"{who!r} is nobody's name", state.key)
        if missing := names_no_keys(policy, begun.approval.signature):
            return Finding("signature-invalid", f"{who}: the policy {missing}", state.key)
        if begun.keys is None:
            message = f"that {who} signed: the keys of then are not in sight"
            return Unprovable("signature-unverified", message, state.key)
        try:
            fault = begun.fault()
        except BadInput as error:
            return Unprovable("signature-unverified", f"that {who} signed: {error.message}", state.key)
        sha = commit.sha if commit else ""
        return Finding("signature-invalid", f"{who}: {fault}", state.key, sha) if fault else None

    def _keys_in_force(self, state: TaskState, policy: GatePolicy, commit: Commit | None) -> SigningKeys | None:
        """The keys by which the gate was judged; None where not in sight."""
        if self._run.is_of_0_1:
            return self._keys_recorded(policy, commit)
        standings = self._counted.at_gate(state, commit)
        if commit is None and not any(each.files == policy.files for each in standings):
            return None
        return standings[-1].rules.keys if standings else None

    def _keys_recorded(self, policy: GatePolicy, commit: Commit | None) -> SigningKeys | None:
        """As `_keys_in_force`, by the policy that is recorded with the evidence alone: of a run of 0.1."""
        allowed = self._keys(policy, policy.allowed_signers, commit)
        revoked = self._keys(policy, policy.revoked_keys, commit)
        return None if allowed is None or revoked is None else SigningKeys(key_lines(allowed), key_lines(revoked))

    def _keys(self, policy: GatePolicy, path: str, commit: Commit | None) -> bytes | None:
        """The file as the task's commit found it; while there is none, as the tip has it if that is what was recorded.

        None when neither can be seen; no bytes where no file is named, or none is there.
        """
        if not path:
            return b""
        blob = self._files.id_at(before(commit) if commit else self._repository.tip, path)
        held = self._repository.get(blob) if blob else None
        if commit is None and policy.files.get(path) not in digests(held.data if held else b""):
            return None
        return held.data if held else b""
