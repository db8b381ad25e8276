"""Did those who are said to have signed an approval sign exactly this? Verified offline, with keys that git holds.

Rules:
- Allowed signers and revoked keys are those of the commit before the task's: what a gate was left with is not undone by
  a key that goes later.
- What is signed names run, task, attempt, digest and nonce: a signature from elsewhere verifies nothing here.
- No process is started where nothing is signed. Without ssh-keygen nothing passes, and nothing is held against anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gates.approval import Given, signed_text
from gates.policy import GatePolicy, address_of
from state.errors import BadInput
from state.evidence import Approval
from state.run_state import RunState
from state.task_state import TaskState
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.policy_checks import before
from workflow.audit.stored import digests

Said = Callable[[Finding | Unprovable], None]


class Verifier(Protocol):
    """The door to ssh-keygen (`workflow.doors.ssh_signature.SshSignatures`)."""

    def verify(
        self,
        allowed_signers: bytes,
        principal: str,
        message: bytes,
        signature: str,
        *,
        at: datetime,
        revoked_keys: bytes = b"",
    ) -> str | None:
        """None when it verifies, else why not. Raises BadInput when there is no ssh-keygen."""

    def key_of(self, signature: str) -> str:
        """The fingerprint of the key that made it, unverified."""


class Signatures:
    """The signatures of one run's approvals."""

    def __init__(
        self, repository: Repository, files: FileHistory, run: RunState, verifier: Verifier, said: Said
    ) -> None:
        self._repository = repository
        self._files = files
        self._run = run
        self._verifier = verifier
        self._said = said

    def given(self, state: TaskState, policy: GatePolicy, commit: Commit | None) -> list[Given]:
        """The approvals of what was shown last, each with its key; what is wrong with a signature is said."""
        return [self._given(state, policy, approval, commit) for approval in state.approvals]

    def _given(self, state: TaskState, policy: GatePolicy, approval: Approval, commit: Commit | None) -> Given:
        who, signature = approval.by.git, approval.signature
        if not signature:
            return Given(who, approval.digest, approval.nonce, approval.at, approval.via)
        wrong = self._wrong(state, policy, approval, commit)
        if wrong is not None:
            self._said(wrong)
        fault = wrong.message if wrong else ""
        key = self._verifier.key_of(signature)
        return Given(who, approval.digest, approval.nonce, approval.at, approval.via, True, fault, key)

    def _wrong(
        self, state: TaskState, policy: GatePolicy, approval: Approval, commit: Commit | None
    ) -> Finding | Unprovable | None:
        who = approval.by.git
        if not who.isprintable():
            return Finding("signature-invalid", f"{who!r} is nobody's name", state.key)
        if not policy.allowed_signers:
            return Finding("signature-invalid", f"{who}: the policy names no allowed signers", state.key)
        allowed, revoked = (self._keys(policy, path, commit) for path in (policy.allowed_signers, policy.revoked_keys))
        if allowed is None or revoked is None:
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
            fault = self._verifier.verify(
                allowed, address_of(who), text, approval.signature, at=approval.at, revoked_keys=revoked
            )
        except BadInput as error:
            return Unprovable("signature-unverified", f"that {who} signed: {error.message}", state.key)
        sha = commit.sha if commit else ""
        return Finding("signature-invalid", f"{who}: {fault}", state.key, sha) if fault else None

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
