"""Rejections, signed and not: what the gate takes, and what the audit says of each from the commits alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from state.errors import BadInput
from state.evidence import By
from state.passkey_signature import Signature
from tests.worlds.agent_world import AgentWorld
from tests.worlds.approval_world import ADA, BOB, EVE, SIGNED, ApprovalWorld, Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.journals import journal_events, write_journal
from tests.worlds.soft_authenticator import PASSKEYS, Authenticator
from workflow.audit import audit_workspace
from workflow.doors.terminal import Terminal
from workflow.engine.engine import Settings
from workflow.engine.gatekeeper import rejection_to_sign, text_to_sign
from workflow.service.reject import reject
from workflow.service.who import Who

pytestmark = pytest.mark.slow
FILES = {"signers": f"{BOB} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{'A' * 43}\n", "revoked": ""}  # nobody's key


def said(world: ApprovalWorld) -> list[str]:
    (audit,) = audit_workspace(world.root, None)
    assert [each.message for each in audit.findings] == []
    return [each.message for each in audit.unprovable if each.code == "unsigned-rejection"]


def rejected(tmp_path: Path, policy: str, *, late: bool = False) -> ApprovalWorld:
    world = ApprovalWorld(tmp_path, policy=policy, files=FILES)
    world.pauses()
    if late:
        world.clock.at += timedelta(days=2)
        world.resumes()
    else:
        with world.reopen() as engine:
            engine.reject("not that green")
    assert len(world.events_of("rejected")) == 1
    return world


def test_who_rejected_where_signatures_are_asked_for_cannot_be_proved(tmp_path: Path) -> None:
    assert said(rejected(tmp_path, SIGNED)) == ["who gave 1 rejection: none is signed, and none opens anything"]


def test_where_nobody_signs_it_is_not_said(tmp_path: Path) -> None:
    assert said(rejected(tmp_path, "default: {approvers: 1}\n")) == []


def test_what_nobody_decided_in_time_is_nobodys_rejection(tmp_path: Path) -> None:
    assert said(rejected(tmp_path, SIGNED, late=True)) == []


# --- signed --------------------------------------------------------------------------------------------------------

BOTH = PASSKEYS.replace("passkeys: passkeys", "passkeys: passkeys, allowed_signers: signers")
REASON = "not that green"
GREEN = Settings(answers={"colour": "green"})


def signed_world(tmp_path: Path, keys: Keys, bob: Authenticator) -> ApprovalWorld:
    files = {"passkeys": bob.line, "signers": keys.allow(BOB) + keys.allow(EVE)}
    world = ApprovalWorld(tmp_path, policy=BOTH, files=files)
    world.pauses()
    return world


def rejects(world: ApprovalWorld, who: str, signature: Signature, *, reason: str = REASON, digest: str = "") -> None:
    shown = world.state.current_task
    assert shown is not None and shown.request is not None
    with world.as_(who), world.reopen(work=False) as engine:
        engine.reject_signed(digest or shown.request.digest, reason, "command", by=engine.doors.me, signature=signature)


@pytest.mark.parametrize("by_passkey", [True, False], ids=["a passkey", "an SSH key"])
def test_a_signed_rejection_is_proved_by_the_audit_and_not_listed(by_passkey: bool, tmp_path: Path, keys: Keys) -> None:
    bob = Authenticator(BOB)
    world = signed_world(tmp_path, keys, bob)
    text = rejection_to_sign(world.state, REASON)
    rejects(world, BOB, bob.signs(text) if by_passkey else keys.sign(BOB, text))
    (event,) = world.events_of("rejected")
    assert (event["via"], event["by"]["git"], "passkey" in event, "signature" in event) == (
        "command",
        BOB,
        by_passkey,
        not by_passkey,
    )
    assert said(world) == []
    world.resumes(GREEN)
    world.approves(BOB, signature=bob.signs(world.to_sign()))
    world.resumes()
    assert said(world) == []


Wrong = Callable[[ApprovalWorld, Keys, Authenticator], tuple[str, Signature]]
WRONG: dict[str, tuple[Wrong, str]] = {
    "an approval": (lambda w, k, bob: (BOB, bob.signs(text_to_sign(w.state))), "signs another text"),
    "for another reason": (lambda w, k, bob: (BOB, bob.signs(rejection_to_sign(w.state, "too dark"))), "another text"),
    "in another's name": (lambda w, k, bob: (EVE, bob.signs(rejection_to_sign(w.state, REASON))), "not eve@"),
    "by another key": (lambda w, k, bob: (BOB, k.sign(EVE, rejection_to_sign(w.state, REASON))), "not a key of bob@"),
    "by nobody's": (
        lambda w, k, bob: (BOB, Authenticator(EVE).signs(rejection_to_sign(w.state, REASON))),
        "no passkey that counts",
    ),
    "not verified": (
        lambda w, k, bob: (BOB, bob.signs(rejection_to_sign(w.state, REASON), flags=1)),
        "its holder was not verified",
    ),
    "elsewhere": (
        lambda w, k, bob: (BOB, bob.signs(rejection_to_sign(w.state, REASON), client_data={"origin": "http://x"})),
        "made on a page of",
    ),
    "not at all": (lambda w, k, bob: (BOB, ""), "it is not signed"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_rejection_whose_signature_is_none_is_refused_and_nothing_is_recorded(
    what: str, tmp_path: Path, keys: Keys
) -> None:
    bob = Authenticator(BOB)
    world = signed_world(tmp_path, keys, bob)
    make, why = WRONG[what]
    before = world.journal.read_bytes()
    with pytest.raises(BadInput, match=why):
        rejects(world, *make(world, keys, bob))
    assert world.journal.read_bytes() == before


def test_what_another_digest_was_signed_for_is_refused(tmp_path: Path, keys: Keys) -> None:
    bob = Authenticator(BOB)
    world = signed_world(tmp_path, keys, bob)
    signature = bob.signs(rejection_to_sign(world.state, REASON))
    with pytest.raises(BadInput, match="what waits"):
        rejects(world, BOB, signature, digest="0" * 64)
    with world.reopen() as engine:
        engine.reject("again")
    world.resumes(GREEN)
    with pytest.raises(BadInput, match="signs another text"):  # of the attempt before
        rejects(world, BOB, signature)
    assert len(world.events_of("rejected")) == 1


def test_a_reason_that_would_be_masked_is_not_what_was_signed(tmp_path: Path, keys: Keys) -> None:
    bob = Authenticator(BOB)
    world = signed_world(tmp_path, keys, bob)
    reason = "the key AKIAIOSFODNN7EXAMPLE is in it, password=hunter2hunter2"
    with pytest.raises(BadInput, match="its reason holds a secret"):
        rejects(world, BOB, bob.signs(rejection_to_sign(world.state, reason)), reason=reason)
    with world.reopen(work=False) as engine:
        masked = engine.doors.mask(reason)
    assert masked != reason
    rejects(world, BOB, bob.signs(rejection_to_sign(world.state, masked)), reason=masked)
    assert said(world) == []


def test_a_key_that_is_revoked_later_has_signed_what_it_signed(tmp_path: Path, keys: Keys) -> None:
    bob = Authenticator(BOB)
    world = signed_world(tmp_path, keys, bob)
    rejects(world, BOB, bob.signs(rejection_to_sign(world.state, REASON)))
    world.commits_files({"passkeys": f'{bob.line}{{"revoked": "{bob.id}"}}\n'})
    world.resumes(GREEN)
    assert said(world) == []
    with pytest.raises(BadInput, match="revoked"):
        rejects(world, BOB, bob.signs(rejection_to_sign(world.state, REASON)))


def test_in_an_agents_run_the_command_line_rejects_with_a_key_and_no_terminal(tmp_path: Path, keys: Keys) -> None:
    policy = "default: {presence: signed, allowed_signers: signers}\n"
    world = AgentWorld(tmp_path, policy=policy, files={"signers": keys.allow(ADA)})
    world.starts()
    world.works("one.txt")
    unsigned = phasegate(world.root, "reject", "--reason", "not that green")
    assert (unsigned.returncode, "there is no terminal here" in unsigned.stderr) == (2, True)
    eves = ("reject", "--reason", "no", "--key", str(keys.file(EVE)))
    assert "is not a key of ada@example.com" in phasegate(world.root, *eves).stderr
    named = ("reject", "--reason", "no", "--digest", "0" * 64)
    assert "give --sign, --key or --remote" in phasegate(world.root, *named).stderr
    with_key = ("--key", str(keys.file(ADA)))
    assert "the rejection names '000" in phasegate(world.root, *named, *with_key).stderr
    assert world.events("rejected") == []
    given = phasegate(world.root, "reject", "--reason", "not that green", "--digest", world.digest, *with_key)
    assert (given.returncode, given.stdout.splitlines()[0].endswith("rejected")) == (0, True), given.stderr
    (event,) = world.events("rejected")
    assert (event["via"], event["by"]["git"]) == ("command", ADA)
    assert (world.findings(), "unsigned-rejection" in world.unprovable()) == ([], False)


def test_a_run_of_format_1_records_no_signed_rejection(tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path, policy=SIGNED, files={**FILES, "signers": keys.allow(BOB)})
    world.pauses()
    write_journal(world.journal, [{**each, "v": 1} for each in journal_events(world.journal)])
    nobody = Terminal(interactive=False)
    with pytest.raises(BadInput, match="is of format 1, which cannot record a signed rejection"):
        reject(world.root, Who(By(BOB, "bob", "here")), nobody, None, "no", key=keys.file(BOB), ask=False)
