"""How does a person send back what waits? By a word, or signed: by an SSH key, or on a page by a passkey.

Rules:
- What is signed holds the reason as it will be recorded, masked: gate and audit have no other.
- It is signed before the run is held, as an approval is.
- A signature says that a person was there: in an agent's run it stands for the terminal that a word asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gates.words import SHORT, is_named, to_name
from state.cheap_classes import dataclass
from state.errors import BadInput
from state.find_runs import run_directory
from state.fold import fold
from state.passkey_signature import PasskeySignature
from state.question_stands import is_asked
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.engine.agents import require_presence
from workflow.engine.gatekeeper import policy_of, rejection_to_sign
from workflow.policy.passkeys import Passkey, challenge_of
from workflow.ports import Person
from workflow.runs.find_run import choose, events_of
from workflow.service.doors import commands_of
from workflow.service.given_words import require_words
from workflow.service.keys_here import deciding_passkeys
from workflow.service.open_run import PATIENCE, held_run
from workflow.service.verdict import Verdict, state_in_words
from workflow.service.who import Who
from workflow.service.workspace import workspace_of


@dataclass(frozen=True, slots=True)
class RejectionToSign:
    """What a passkey is asked to sign.

    Attributes:
        digest: of what is rejected; `reason`: as it will be recorded.
        challenge: what a browser is asked to have signed.
        passkeys: those of the gate; `user_verified`: whether they must verify their holder.
    """

    digest: str
    reason: str
    challenge: str
    passkeys: Sequence[Passkey]
    user_verified: bool

    def passkeys_at(self, origin: str) -> Sequence[Passkey]:
        """The passkeys that a page of this origin may ask for."""
        return [each for each in self.passkeys if origin in each.origins]


def reject(
    directory: Path,
    who: Who,
    person: Person,
    run_id: str | None,
    reason: str,
    *,
    digest: str = "",
    sign: bool = False,
    key: Path | None = None,
    ask: bool = True,
) -> Verdict:
    """Send the task that waits back to work; signed with `sign` or a `key`.

    `digest`: of what was shown; without one, whatever waits is signed. Without `ask` no passphrase is asked for.

    Raises BadInput without a reason, when nothing waits for a verdict, and for a signature that counts nothing.
    """
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    require_words("the reason", reason, f"phasegate reject {chosen} --reason TEXT")
    stood = is_asked(run_directory(workspace, chosen))
    signature = ""
    if signed := sign or key is not None:
        digest, reason, signature = _signed(workspace, chosen, person, digest, reason, key, ask=ask)
    with held_run(workspace, chosen, who, person, key=key, patience=PATIENCE) as engine:
        engine.resolve_commit()
        if signed:
            engine.reject_signed(digest, reason, "command", by=engine.doors.me, signature=signature)
        else:
            require_presence(engine.open_run, f"phasegate reject {chosen} --reason TEXT")
            engine.reject(reason)
        return Verdict(engine.run.run_id, state_in_words(engine), is_asked=stood)


def reject_by_passkey(
    directory: Path, who: Who, person: Person, run_id: str, digest: str, reason: str, passkey: PasskeySignature
) -> Verdict:
    """Send what waits with this digest back to work as the holder of the passkey that signed it. Raises as `reject`."""
    workspace = workspace_of(directory)
    require_words("the reason", reason, f"phasegate reject {run_id} --reason TEXT")
    stood = is_asked(run_directory(workspace, run_id))
    with held_run(workspace, run_id, who, person, patience=PATIENCE) as engine:
        engine.resolve_commit()
        _require_format_2(engine.run)
        by = replace(engine.doors.me, git=engine.holder(passkey))
        engine.reject_signed(digest, reason, "web", by=by, signature=passkey)
        return Verdict(engine.run.run_id, state_in_words(engine), is_asked=stood)


def rejection(directory: Path, run_id: str, digest: str, reason: str) -> RejectionToSign:
    """What is to be signed to reject what waits with this digest.

    Raises BadInput without a reason, and when something else waits, or nothing.
    """
    workspace = workspace_of(directory)
    require_words("the reason", reason, f"phasegate reject {run_id} --reason TEXT")
    events = events_of(workspace, run_id)
    run = _waiting(workspace, run_id, digest)
    current = run.current_task
    assert current is not None and current.request is not None
    policy, told = policy_of(current), as_recorded(reason)
    challenge = challenge_of(rejection_to_sign(run, told))
    return RejectionToSign(
        current.request.digest, told, challenge, deciding_passkeys(workspace, run, events), policy.user_verified
    )


def as_recorded(reason: str) -> str:
    """The reason without its secrets, as it will be recorded."""
    return commands_of(None).mask(reason)


def _signed(
    workspace: Path, run_id: str, person: Person, digest: str, reason: str, key: Path | None, *, ask: bool
) -> tuple[str, str, str]:
    """The digest of what waits, the reason as it will be recorded, and this person's signature over them."""
    run = _waiting(workspace, run_id, digest)
    current = run.current_task
    assert current is not None and current.request is not None
    from workflow.doors.ssh_signature import SshSignatures

    may = "; ssh-keygen may ask for a passphrase or a touch" if ask else ""
    person.progress(f"signing the rejection of {current.request.digest[:SHORT]}{may}")
    told = as_recorded(reason)
    signature = SshSignatures(workspace, key, ask=ask).sign(rejection_to_sign(run, told))
    return current.request.digest, told, signature


def _waiting(workspace: Path, run_id: str, digest: str) -> RunState:
    """The run, at whose gate evidence with this digest waits ("": whichever). Raises BadInput."""
    run = fold(events_of(workspace, run_id))
    _require_format_2(run)
    current = run.current_task
    if current is None or current.request is None or current.status != TaskStatus.IN_REVIEW:
        raise BadInput(
            f"run {run_id} waits for no verdict: it is {current.status if current else 'ready'}",
            next_command=f"phasegate status {run_id}",
        )
    signed, shown = policy_of(current).signed, current.request.digest
    if digest and not is_named(digest, shown, signed=signed):
        raise BadInput(
            f"the rejection names {digest!r}, what waits is {to_name(shown, signed=signed)}",
            next_command=f"phasegate status {run_id} --review   # read that, then decide on it",
        )
    return run


def _require_format_2(run: RunState) -> None:
    if run.is_of_0_1:
        raise BadInput(
            f"run {run.run_id} is of format 1, which cannot record a signed rejection; it goes on as it began",
            next_command=f"phasegate reject {run.run_id} --reason TEXT   # not signed",
        )
