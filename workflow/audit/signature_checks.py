"""Did the recorded signers of an approval sign exactly this? Verified offline, with keys that git holds.

Rules:
- Allowed signers and revoked keys are those that counted for the gate in the commit before the task's: what a gate was
  left with is not undone by a key that goes later.
- What is signed names run, task, attempt, digest and nonce: a signature from elsewhere verifies nothing here.
- A passkey's signature is verified by the key of its id, with the counter that it has itself: no later one spoils it.
- No process is started where no SSH key signed. Without ssh-keygen nothing passes, and nothing is held against anybody.
"""

from __future__ import annotations

from typing import Protocol

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


class Verifier(CanVerify, NamesKeys, Protocol):
    """The door to ssh-keygen (`workflow.doors.ssh_signature.SshSignatures`)."""


class Signatures:
    """The signatures of one run's approvals."""

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

    def given(self, state: TaskState, policy: GatePolicy, commit: Commit | None) -> list[RecordedApproval]:
        """The approvals of what was shown last, each with its key; what is wrong with a signature is reported."""
        return [self._given(state, policy, approval, commit) for approval in state.approvals]

    def _given(
        self, state: TaskState, policy: GatePolicy, approval: Approval, commit: Commit | None
    ) -> RecordedApproval:
        who, signature = approval.by.git, approval.signature
        if not signature:
            return RecordedApproval(who, approval.digest, approval.nonce, approval.at, approval.via)
        keys = self._keys_in_force(state, policy, commit)
        wrong = self._wrong(state, policy, approval, commit, keys)
        if wrong is not None:
            self._report(wrong)
        fault = wrong.message if wrong else ""
        key = key_behind(self._verifier, keys or SigningKeys(), signature)
        return RecordedApproval(who, approval.digest, approval.nonce, approval.at, approval.via, True, fault, key)

    def _wrong(
        self,
        state: TaskState,
        policy: GatePolicy,
        approval: Approval,
        commit: Commit | None,
        keys: SigningKeys | None,
    ) -> Finding | Unprovable | None:
        who = approval.by.git
        if not who.isprintable():
            return Finding("signature-invalid", f"{who!r} is nobody's name", state.key)
        if missing := names_no_keys(policy, approval.signature):
            return Finding("signature-invalid", f"{who}: the policy {missing}", state.key)
        if keys is None:
            message = f"that {who} signed: the keys of then are not in sight"
            return Unprovable("signature-unverified", message, state.key)
        assert state.request is not None
        text = signed_text(
            run=self._run.run_id,
            task=state.key,
            attempt=state.attempt,
            digest=state.request.digest,
            nonce=state.request.nonce,
        )
        try:
            fault = verified(self._verifier, keys, who, text, approval.signature, approval.at)
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
