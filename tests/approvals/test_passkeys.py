"""An approval by a passkey: taken for exactly this, at the page where it was enrolled, refused for anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from gates.policy_change import SigningKeys, passkey_lines
from state.errors import BadInput
from state.passkey_signature import PasskeySignature, base64url
from tests.worlds.approval_world import ADA, BOB, EVE, ApprovalWorld, Keys
from tests.worlds.soft_authenticator import PASSKEYS, Authenticator
from workflow.audit import audit_workspace
from workflow.engine.engine import Settings
from workflow.policy.passkeys import fault_of

MADE = {
    "P-256": Authenticator(BOB),
    "Ed25519": Authenticator(BOB, ed25519.Ed25519PrivateKey.generate()),
    "RSA": Authenticator(BOB, rsa.generate_private_key(65537, 2048)),
}
MINE = MADE["P-256"]
EVES = Authenticator(EVE)


def waiting(root: Path, *lines: str, policy: str = PASSKEYS, **files: str) -> ApprovalWorld:
    world = ApprovalWorld(root, policy=policy, files={"passkeys": "".join(lines), **files})
    world.pauses()
    return world


@pytest.mark.parametrize("kind", MADE)
def test_it_opens_its_gate_and_the_audit_of_a_bare_clone_verifies_it(kind: str, tmp_path: Path) -> None:
    theirs = MADE[kind]
    world = waiting(tmp_path, theirs.line)
    given = theirs.signs(world.to_sign())
    world.approves(BOB, signature=given)
    (event,) = world.events_of("approved")
    assert event["passkey"] == given.to_json()
    assert "signature" not in event
    world.resumes()
    assert "shed task 1.1: Choose a colour" in world.subjects()
    world.git("clone", "-q", "--bare", str(world.root), str(tmp_path / "bare.git"))
    (audit,) = audit_workspace(tmp_path / "bare.git", None)
    assert [f"{each.code}: {each.message}" for each in audit.findings] == []
    assert "unsigned-approval" not in [each.code for each in audit.unprovable]


def test_a_later_use_of_the_passkey_does_not_spoil_an_earlier_approval(tmp_path: Path) -> None:
    world = waiting(tmp_path, MINE.line)
    world.approves(BOB, signature=MINE.signs(world.to_sign()))
    world.resumes()
    MINE.counter += 1000
    world.approves(BOB, signature=MINE.signs(world.to_sign()))
    MINE.counter = 0  # as the passkeys do that count nothing
    world.resumes()
    world.approves(BOB, signature=MINE.signs(world.to_sign()))
    world.resumes()
    assert [audit.findings for audit in audit_workspace(world.root, None)] == [[]]


Spoils = Callable[[ApprovalWorld], PasskeySignature]


def of_somebody_else(world: ApprovalWorld) -> PasskeySignature:
    return EVES.signs(world.to_sign())


REFUSED: dict[str, tuple[Spoils, str]] = {
    "another text": (lambda world: MINE.signs(world.to_sign() + b"x"), "it signs another text than this approval"),
    "another origin": (
        lambda world: MINE.signs(world.to_sign(), client_data={"origin": "http://localhost:9999"}),
        "it was made on a page of 'http://localhost:9999', expected http://localhost:8471",
    ),
    "another host": (lambda world: MINE.signs(world.to_sign(), rp_id="example.com"), "another host than 'localhost'"),
    "an enrolment's answer": (
        lambda world: MINE.signs(world.to_sign(), client_data={"type": "webauthn.create"}),
        "it was made for 'webauthn.create'",
    ),
    "in a frame": (lambda world: MINE.signs(world.to_sign(), client_data={"crossOrigin": True}), "in a frame"),
    "nobody there": (lambda world: MINE.signs(world.to_sign(), flags=0), "nobody was there"),
    "holder not verified": (lambda world: MINE.signs(world.to_sign(), flags=1), "its holder was not verified"),
    "of somebody else": (of_somebody_else, "it was made with a passkey of eve@example.com, which is not bob@"),
    "of nobody": (lambda world: Authenticator(BOB).signs(world.to_sign()), "no passkey that counts here has the id"),
    "another's id": (
        lambda world: PasskeySignature(MINE.id, *_parts(EVES.signs(world.to_sign()))),
        "it is no signature of the passkey",
    ),
    "cut short": (
        lambda world: PasskeySignature(MINE.id, b"short", *_parts(MINE.signs(world.to_sign()))[1:]),
        "its authenticator data has 5 bytes",
    ),
    "no client data": (
        lambda world: PasskeySignature(MINE.id, _parts(MINE.signs(world.to_sign()))[0], b"x", b"y"),
        "its client data cannot be read",
    ),
}


def _parts(given: PasskeySignature) -> tuple[bytes, bytes, bytes]:
    return given.authenticator_data, given.client_data, given.signature


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> ApprovalWorld:
    """A gate that waits, and goes on waiting: what is refused changes nothing."""
    return waiting(tmp_path_factory.mktemp("shown"), MINE.line, EVES.line)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_what_is_wrong_and_nothing_is_recorded(name: str, shown: ApprovalWorld) -> None:
    spoils, why = REFUSED[name]
    before = shown.journal.read_bytes()
    with pytest.raises(BadInput) as refusal:
        shown.approves(BOB, signature=spoils(shown))
    assert why in refusal.value.message
    assert refusal.value.next_command.startswith(f"phasegate status {shown.run_id} --review")
    assert shown.journal.read_bytes() == before


def test_an_id_that_two_lines_have_is_nobodys() -> None:
    eves = Authenticator(EVE)
    eves.id = MINE.id
    keys = SigningKeys(passkey_lines(MINE.line.encode() + eves.line.encode())[0])
    for who, theirs in ((BOB, MINE), (EVE, eves)):
        assert "no passkey that counts here has the id" in fault_of(keys, who, b"text", theirs.signs(b"text"))
    assert fault_of(SigningKeys(passkey_lines(MINE.line.encode())[0]), BOB, b"text", MINE.signs(b"text")) == ""


def test_one_that_was_good_once_is_no_second_persons_and_no_other_gates(tmp_path: Path) -> None:
    two = PASSKEYS.replace("signed: true", "signed: true, approvers: 2")
    world = waiting(tmp_path, MINE.line, EVES.line, policy=two)
    mine = MINE.signs(world.to_sign())
    world.approves(BOB, signature=mine)
    with pytest.raises(BadInput, match="has approved this already"):
        world.approves(BOB, signature=mine)
    world.approves(EVE, signature=EVES.signs(world.to_sign()))
    world.resumes()
    with pytest.raises(BadInput, match="it signs another text"):
        world.approves(BOB, signature=mine)
    assert [each["admits"] for each in world.events_of("approved")] == [False, True]


def test_two_addresses_with_one_key_are_one_person(tmp_path: Path) -> None:
    again = Authenticator(EVE, MINE.key)
    again.id = base64url(b"another credential id")
    world = waiting(
        tmp_path, MINE.line, again.line, policy=PASSKEYS.replace("signed: true", "signed: true, approvers: 2")
    )
    world.approves(BOB, signature=MINE.signs(world.to_sign()))
    world.approves(EVE, signature=again.signs(world.to_sign()))
    assert [each["admits"] for each in world.events_of("approved")] == [False, False]


def test_a_holder_who_is_not_verified_counts_where_the_policy_says_so(tmp_path: Path) -> None:
    world = waiting(tmp_path, MINE.line, policy=PASSKEYS.replace("}", ", user_verified: false}"))
    world.approves(BOB, signature=MINE.signs(world.to_sign(), flags=1))
    assert world.events_of("worked")[0]["policy"]["user_verified"] is False
    world.resumes()
    assert [audit.findings for audit in audit_workspace(world.root, None)] == [[]]


def test_ssh_and_passkey_are_two_ways_at_one_gate(tmp_path: Path, keys: Keys) -> None:
    policy = PASSKEYS.replace("signed: true", "signed: true, approvers: 2, allowed_signers: signers")
    world = waiting(tmp_path, MINE.line, policy=policy, signers=keys.allow(EVE))
    world.approves(BOB, signature=MINE.signs(world.to_sign()))
    world.approves(EVE, signature=keys.sign(EVE, world.to_sign()))
    world.resumes()
    assert [audit.findings for audit in audit_workspace(world.root, None)] == [[]]


def test_where_the_policy_names_no_passkeys_none_counts(tmp_path: Path, keys: Keys) -> None:
    policy = "default: {signed: true, operator_may_approve: false, allowed_signers: signers}\n"
    world = waiting(tmp_path, MINE.line, policy=policy, signers=keys.allow(BOB))
    with pytest.raises(BadInput, match="names no passkeys to verify it against"):
        world.approves(BOB, signature=MINE.signs(world.to_sign()))


# --- the file changes under a run ----------------------------------------------------------------------------------


def test_a_passkey_that_goes_or_is_revoked_counts_no_more_from_then_on(tmp_path: Path) -> None:
    for place, change in (("gone", ""), ("revoked", MINE.line + json.dumps({"revoked": MINE.id}) + "\n")):
        (tmp_path / place).mkdir()
        world = waiting(tmp_path / place, MINE.line, EVES.line)
        world.approves(BOB, signature=MINE.signs(world.to_sign()))
        world.commits_files({"passkeys": EVES.line + change})
        world.resumes(Settings(answers={"colour": "green"}))
        assert "shed task 1.1: Choose a colour" not in world.subjects()
        (voided,) = world.events_of("voided")
        assert voided["changed"][0].startswith("passkeys was ")
        with pytest.raises(BadInput, match=r"is revoked|has the id"):
            world.approves(BOB, signature=MINE.signs(world.to_sign()))
        world.approves(EVE, signature=EVES.signs(world.to_sign()))
        world.resumes()
        assert [audit.findings for audit in audit_workspace(world.root, None)] == [[]]


def test_a_new_passkey_counts_once_one_of_before_has_approved_it(tmp_path: Path) -> None:
    world = waiting(tmp_path, MINE.line)
    world.commits_files({"passkeys": MINE.line + EVES.line})
    with pytest.raises(BadInput, match="no passkey that counts here has the id"):
        world.approves(EVE, signature=EVES.signs(world.to_sign()))
    (audit,) = audit_workspace(world.root, None)
    assert [each.code for each in audit.findings] == ["policy-widened"]
    assert "1 line more among the allowed signers opens it (a passkey of eve@example.com)" in audit.findings[0].message
    with pytest.raises(BadInput, match="counts for no gate"):
        world.approves_policy(ADA)
    with world.as_(BOB), world.reopen(work=False) as engine:
        change = engine.policy_change()
        given = MINE.signs(change.text_to_sign)
        assert engine.policy_holder(given) == BOB
        engine.approve_policy(change.digest, "web", by=engine.doors.me, signature=given)
    world.resumes()
    world.approves(EVE, signature=EVES.signs(world.to_sign()))
    world.resumes()
    assert [audit.findings for audit in audit_workspace(world.root, None)] == [[]]


def test_not_to_verify_holders_any_more_is_weaker_and_waits(tmp_path: Path) -> None:
    world = waiting(tmp_path, MINE.line)
    world.commits_files({"phasegate.yaml": PASSKEYS.replace("}", ", user_verified: false}")})
    with pytest.raises(BadInput, match="its holder was not verified") as refusal:
        world.approves(BOB, signature=MINE.signs(world.to_sign(), flags=1))
    assert "a passkey opens it without verifying its holder" in refusal.value.message


SOUND = json.loads(MINE.line)
UNSOUND: dict[str, tuple[dict[str, Any] | str, str]] = {
    "no JSON": ("{", "passkeys:2: not a JSON line"),
    "an SSH key": ("bob@example.com ssh-ed25519 AAAA", "passkeys:2: not a JSON line"),
    "a field more": ({"more": 1}, "field `more`"),
    "no key": ({"public_key": "AAAA"}, "field `public_key`: expected a key"),
    "a padded id": ({"id": "AAAA=="}, "field `id`: expected base64url without padding"),
    "a spare bit": ({"id": "AAB"}, "field `id`: expected base64url without padding"),
    "an origin without TLS": ({"origins": ["http://gates.example.com"]}, "field `origins`"),
    "another host's origin": ({"origins": ["https://evil.example"]}, "field `origins`"),
    "an origin with a path": ({"origins": ["http://localhost:8471/"]}, "field `origins`"),
    "no origin": ({"origins": []}, "field `origins`"),
    "a name in brackets": ({"name": "Bob <x>"}, "field `name`"),
    "no time": ({"enrolled_at": "yesterday"}, "field `enrolled_at`"),
    "there twice": ({}, "is there twice"),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_a_file_with_a_line_that_is_none_opens_nothing(name: str, tmp_path: Path) -> None:
    line, why = UNSOUND[name]
    text = line if isinstance(line, str) else json.dumps({**SOUND, **line})
    world = ApprovalWorld(tmp_path, policy=PASSKEYS, files={"passkeys": f"{MINE.line}{text}\n"})
    with pytest.raises(BadInput) as refusal, world.start():
        pass
    assert "the passkeys in passkeys are refused" in refusal.value.message
    assert why in str(refusal.value.problems[0])
