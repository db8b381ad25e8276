"""Any byte of any field of a passkey's approval changed in a committed journal: the audit finds each, and says where.

What is tried is all of them: each character of what the journal keeps, each byte behind it, and what git and the record
otherwise say of it; judged by the very function of gate and audit, and by whole audits of rewritten histories.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gates.policy_change import SigningKeys, passkey_lines
from state.json_values import Misread
from state.passkey_signature import PasskeySignature
from tests.worlds.approval_world import ADA, BOB, EVE, ApprovalWorld
from tests.worlds.gates_world import GateForger
from tests.worlds.soft_authenticator import PASSKEYS, Authenticator
from workflow.audit import audit_workspace
from workflow.policy.passkeys import fault_of

TEXT = b"phasegate approval\nrun shed\n"
FIELDS = ("id", "authenticator_data", "client_data", "signature")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("field", FIELDS)
def test_every_character_of_what_the_journal_keeps(field: str) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    keys = SigningKeys(passkey_lines((bob.line + eve.line).encode())[0])
    good = bob.signs(TEXT).to_json()
    assert fault_of(keys, BOB, TEXT, PasskeySignature.from_json(good)) == ""
    written = str(good[field])
    for place, was in enumerate(written):
        others = [
            letter for letter in (*LETTERS[::9], LETTERS[(LETTERS.index(was) ^ 1)], "=", " ", "") if letter != was
        ]
        for letter in others:
            forged = {**good, field: written[:place] + letter + written[place + 1 :]}
            assert is_found(keys, forged), f"{field}[{place}]: {was} -> {letter}"


def test_every_bit_of_the_bytes_behind_it() -> None:
    bob = Authenticator(BOB)
    keys = SigningKeys(passkey_lines(bob.line.encode())[0])
    good = bob.signs(TEXT)
    for name in FIELDS[1:]:
        data = getattr(good, name)
        for place in range(len(data)):
            for bit in range(8):
                changed = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
                parts = {each: getattr(good, each) for each in FIELDS} | {name: changed}
                assert fault_of(keys, BOB, TEXT, PasskeySignature(**parts)), f"{name}[{place}], bit {bit}"


def is_found(keys: SigningKeys, forged: dict[str, Any]) -> bool:
    """Whether it is damage when it is read, or judged to be no approval."""
    try:
        return bool(fault_of(keys, BOB, TEXT, PasskeySignature.from_json(forged)))
    except Misread:
        return True


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> ApprovalWorld:
    """A whole run, each gate opened by Bob's passkey."""
    bob = Authenticator(BOB)
    world = ApprovalWorld(tmp_path_factory.mktemp("done"), policy=PASSKEYS, files={"passkeys": bob.line})
    world.pauses()
    for _task in range(3):
        world.approves(BOB, signature=bob.signs(world.to_sign()))
        world.resumes()
    assert [audit.findings for audit in audit_workspace(world.root, None)] == [[]]
    return world


def changed_in(field: str, event: dict[str, Any]) -> None:
    text = event["passkey"][field]
    middle = len(text) // 2
    event["passkey"][field] = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]


def moved(event: dict[str, Any]) -> None:
    event["signature"] = json.dumps(event.pop("passkey"))


FORGED: dict[str, tuple[Any, str]] = {
    **{field: (lambda event, field=field: changed_in(field, event), "signature-invalid") for field in FIELDS},
    "taken off": (lambda event: event.pop("passkey"), "signature-missing"),
    "in another's name": (lambda event: event["by"].update(git=EVE), "signature-invalid"),
    "in the operator's name": (lambda event: event["by"].update(git=ADA), "signature-invalid"),
    "as a text": (moved, "signature-invalid"),
    "with a field more": (lambda event: event["passkey"].update(more="AAAA"), "journal-damaged"),
    "beside a signature": (lambda event: event.update(signature="x"), "journal-damaged"),
    "padded": (lambda event: event["passkey"].update(id=event["passkey"]["id"] + "=="), "journal-damaged"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORGED)
def test_a_history_that_was_written_anew_with_it_is_found(name: str, done: ApprovalWorld, tmp_path: Path) -> None:
    change, code = FORGED[name]
    forger = GateForger.of_copy(done, tmp_path / "copy")

    def first(event: dict[str, Any]) -> None:
        if event["type"] == "approved" and event["task"] == "t1_1":
            change(event)

    forger.forge(first, fit=code != "journal-damaged")
    assert code in forger.codes()
