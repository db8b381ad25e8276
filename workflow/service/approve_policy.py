"""How is a policy that became weaker under a run approved? Shown first, then signed where that is asked for, recorded.

Rules:
- Without a terminal the digest names what was seen; with one, whoever sits there is asked; Enter alone says nothing.
- It is signed before the run is held, as an approval of evidence is; on a page by a passkey, whose holder gives it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gates.words import SHORT, is_named, to_name
from phases.step import Question
from state.errors import Waiting
from state.event_types import PolicyApprovedVia
from state.passkey_signature import PasskeySignature
from workflow.engine.agents import require_presence
from workflow.engine.policy_review import BY_PASSKEY, PolicyChange, PolicyVerdict
from workflow.ports import Person
from workflow.runs.find_run import choose
from workflow.service.open_run import PATIENCE, held_run
from workflow.service.who import Who
from workflow.service.workspace import governed_workspace_of

LEAVE = "no: the policy of before goes on judging"


def policy_change(directory: Path, who: Who, person: Person, run_id: str | None) -> PolicyChange:
    """What became weaker, as it is to be shown. Raises BadInput where there is nothing to approve; as `held_run`."""
    workspace = governed_workspace_of(directory)
    with held_run(workspace, choose(workspace, run_id), who, person, patience=PATIENCE) as engine:
        return engine.policy_change(engine.doors.me)


def approve_policy(
    directory: Path,
    who: Who,
    person: Person,
    seen: PolicyChange,
    digest: str | None,
    *,
    sign: bool = False,
    key: Path | None = None,
    ask: bool = True,
) -> PolicyVerdict:
    """Approve what was seen, by its digest or by whoever sits at the terminal.

    Without `ask` no passphrase is asked for: a key that needs one does not sign.

    Raises Waiting when nobody says yes here; BadInput for another digest, and when it would count for no gate.
    """
    workspace = governed_workspace_of(directory)
    via: PolicyApprovedVia = "command"
    if digest is None:
        digest, via = _asked(person, seen), "prompt"
    signature = ""
    named = is_named(digest, seen.digest, signed=seen.signed)
    if (seen.signed or sign or key is not None) and not seen.refusal and named:
        _require_no_passkey(seen)
        from workflow.doors.ssh_signature import SshSignatures

        may = "; ssh-keygen may ask for a passphrase or a touch" if ask else ""
        person.progress(f"signing {seen.digest[:SHORT]}{may}")
        signature = SshSignatures(workspace, key, ask=ask).sign(seen.text_to_sign)
    with held_run(workspace, seen.run, who, person, key=key, patience=PATIENCE) as engine:
        require_presence(engine.open_run, f"phasegate approve {seen.run} --policy")
        return engine.approve_policy(digest, via, by=engine.doors.me, signature=signature)


def _require_no_passkey(seen: PolicyChange) -> None:
    if seen.passkeys_alone:
        raise Waiting(
            f"the weaker policy of run {seen.run} waits for a passkey's signature of {seen.digest[:SHORT]}, and no key "
            "here makes one; the old one judges",
            next_command=BY_PASSKEY,
        )


def approve_policy_by_passkey(
    directory: Path, who: Who, person: Person, run_id: str, digest: str, passkey: PasskeySignature
) -> PolicyVerdict:
    """Approve the policy with this digest as the holder of the passkey that signed it. Raises as `approve_policy`."""
    workspace = governed_workspace_of(directory)
    with held_run(workspace, choose(workspace, run_id), who, person, patience=PATIENCE) as engine:
        by = replace(engine.doors.me, git=engine.policy_holder(passkey))
        return engine.approve_policy(digest, "web", by=by, signature=passkey)


def _asked(person: Person, seen: PolicyChange) -> str:
    """The digest, once whoever sits here said yes to it. Raises Waiting where nobody does."""
    short = seen.digest[:SHORT]
    yes = f"yes: approve exactly this ({short}) for this run"
    text = f"Does the weaker policy count for run {seen.run}?"
    question = Question("approve-policy", text, choices=(LEAVE, yes), approves=yes)
    said = None if seen.refusal else person.ask(question, LEAVE)
    if said is None or said[0] != yes:
        raise Waiting(
            f"the weaker policy of run {seen.run} waits for an approval of {short}; the old one judges"
            + (f"; {seen.refusal}" if seen.refusal else ""),
            next_command=BY_PASSKEY
            if seen.passkeys_alone
            else f"phasegate approve {seen.run} --policy "
            f"--digest {to_name(seen.digest, signed=seen.signed)}   # once you have read it",
        )
    return seen.digest
