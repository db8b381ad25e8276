"""An agent with every tool and a shell, where passkeys and SSH keys open gates: it opens, rejects and widens none.

It has keys and authenticators of its own, and writes whatever it likes; it has no person's.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from state.errors import PhasegateError
from state.fold import fold
from state.passkey_signature import PasskeySignature
from state.read_journal import read
from state.run_state import RunState
from tests.worlds.agent_world import CLIENT, AgentWorld
from tests.worlds.approval_world import ADA, BOB, EVE, Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.engine.gatekeeper import rejection_to_sign, text_to_sign
from workflow.service.agent import agent
from workflow.service.reject import reject, reject_by_passkey
from workflow.service.this_process import nobody, who_runs_this
from workflow.service.verdict import approve, say_of_boxes

pytestmark = pytest.mark.slow
TRIES = 50
POLICY = "default: {presence: signed, allowed_signers: signers, passkeys: passkeys}\n"
Try = Callable[[], object]


@pytest.fixture
def bob() -> Authenticator:
    return Authenticator(BOB)


@pytest.fixture
def world(tmp_path: Path, keys: Keys, bob: Authenticator) -> AgentWorld:
    world = AgentWorld(tmp_path, policy=POLICY, files={"signers": keys.allow(ADA), "passkeys": bob.line})
    world.starts()
    world.works("one.txt")
    return world


def state(world: AgentWorld) -> RunState:
    return fold(read(world.journal))


def approves(world: AgentWorld, signature: PasskeySignature) -> None:
    who = who_runs_this(world.root)
    approve(world.root, who, nobody(), None, world.digest, via="web", passkey=signature)


def rejects(world: AgentWorld, signature: PasskeySignature, reason: str = "no") -> None:
    run = world.journal.parent.name
    reject_by_passkey(world.root, who_runs_this(world.root), nobody(), run, world.digest, reason, signature)


def _by_passkey(world: AgentWorld, bob: Authenticator) -> Iterator[Try]:
    """Assertions that are no approval and no rejection of Bob's."""
    own, text = Authenticator(BOB), text_to_sign(state(world))
    no = rejection_to_sign(state(world), "no")
    seen = bob.signs(b"phasegate sign-in\n")  # what Bob signed elsewhere, and the agent saw
    as_bob = own.signs(text)
    for given in (
        own.signs(text),
        PasskeySignature(bob.id, as_bob.authenticator_data, as_bob.client_data, as_bob.signature),
        PasskeySignature(bob.id, seen.authenticator_data, as_bob.client_data, seen.signature),
        PasskeySignature(bob.id, seen.authenticator_data, seen.client_data, seen.signature),
        bob.signs(text, client_data={"origin": "http://localhost:1"}),
        bob.signs(text, client_data={"crossOrigin": True}),
        bob.signs(text, client_data={"type": "webauthn.create"}),
        bob.signs(text, flags=1),
        bob.signs(no),
    ):
        yield lambda given=given: approves(world, given)  # type: ignore[misc]
    for given in (own.signs(no), bob.signs(text), seen, bob.signs(no, flags=1), bob.signs(no, rp_id="evil.example")):
        yield lambda given=given: rejects(world, given)  # type: ignore[misc]
    yield lambda: rejects(world, bob.signs(rejection_to_sign(state(world), "yes")))
    yield lambda: rejects(world, bob.signs(no), " ")


def _by_key(world: AgentWorld, keys: Keys) -> Iterator[Try]:
    """SSH keys of its own, and the command line."""
    person, server = who_runs_this(world.root), agent(world.root, *CLIENT)
    for who, key in ((person, keys.file(EVE)), (person, keys.file(BOB)), (server, keys.file(EVE)), (server, None)):
        yield lambda who=who, key=key: reject(  # type: ignore[misc]
            world.root, who, nobody(), None, "no", sign=True, key=key, ask=False
        )
    run = world.journal.parent.name
    for words in (
        ("reject", run, "--reason", "no"),
        ("reject", run, "--reason", "no", "--sign"),
        ("reject", run, "--reason", "no", "--key", str(keys.file(EVE))),
        ("reject", run, "--reason", "no", "--remote", "--digest", world.digest),
        ("approve", run, "--digest", world.digest, "--remote"),
        ("approve", run, "--digest", world.digest, "--attest", "1"),
        ("done", run, "--no-files"),
        ("resume", run, "--ask-again", "1"),
        ("rollback", run, "--reason", "no"),
    ):
        yield lambda words=words: phasegate(world.root, *words)  # type: ignore[misc]
    yield lambda: say_of_boxes(world.root, person, nobody(), run, world.digest, ["1"], ["2:no"])


def _by_files(world: AgentWorld, keys: Keys) -> Iterator[Try]:
    """Keys and policy written, hidden from git, handed in, and committed."""
    own = Authenticator(BOB)

    def tries() -> None:
        for given in (own.signs(text_to_sign(state(world))),):
            approves(world, given)

    def written(path: str, text: str, *then: tuple[str, ...]) -> Try:
        def act() -> None:
            before = (world.root / path).read_text()
            (world.root / path).write_text(text)
            try:
                for words in then:
                    git(world.root, *words)
                tries()
            finally:
                git(world.root, "update-index", "--no-skip-worktree", "--no-assume-unchanged", path)
                (world.root / path).write_text(before)

        return act

    lines = (world.root / "passkeys").read_text() + own.line
    yield written("passkeys", lines)
    yield written("passkeys", own.line, ("update-index", "--skip-worktree", "passkeys"))
    yield written("passkeys", own.line, ("update-index", "--assume-unchanged", "passkeys"))
    yield written("phasegate.yaml", "default: {presence: any}\n", ("add", "phasegate.yaml"), ("reset", "-q"))
    yield written("signers", keys.allow(EVE).replace("eve@", "ada@"))
    for path in ("passkeys", "phasegate.yaml", "signers", ".phasegate/x", ".git/config"):
        yield lambda path=path: world.hands_in(path)  # type: ignore[misc]
    for link in ("phasegate.yaml", "passkeys"):
        yield lambda link=link: _linked(world, link, tries)  # type: ignore[misc]
    yield lambda: _replaced(world, own, tries)
    yield lambda: _served(world)


def _linked(world: AgentWorld, path: str, then: Callable[[], None]) -> None:
    """The file becomes a link to one of the agent's."""
    place, kept = world.root / path, (world.root / path).read_bytes()
    (world.root.parent / "mine").write_text("default: {presence: any}\n")
    place.unlink()
    place.symlink_to(world.root.parent / "mine")
    try:
        then()
    finally:
        place.unlink()
        place.write_bytes(kept)


def _replaced(world: AgentWorld, own: Authenticator, then: Callable[[], None]) -> None:
    """What git holds for the passkeys is another blob, by a replacement that only this clone knows."""
    blob = git(world.root, "rev-parse", "HEAD:passkeys").strip()
    (world.root.parent / "own").write_text(own.line)
    other = git(world.root, "hash-object", "-w", str(world.root.parent / "own")).strip()
    git(world.root, "replace", blob, other)
    try:
        then()
    finally:
        git(world.root, "replace", "-d", blob)


def _served(world: AgentWorld) -> None:
    """A page of the agent's own says that it serves the repository."""
    place = world.root / ".git" / "phasegate" / "served"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps({"pid": os.getpid(), "address": "http://localhost:1", "name": "shed"}))
    world.drives()


def _by_journal(world: AgentWorld) -> Iterator[Try]:
    """Approvals with passkeys, and policies, written into the journal and driven on."""
    own = Authenticator(BOB)
    for via, who, fault in (("web", BOB, ""), ("remote", BOB, ""), ("web", ADA, ""), ("web", BOB, "both")):
        fields: dict[str, Any] = {"via": via, "by": {"git": who, "user": "bob", "host": "h"}, "terminal": False}
        fields["passkey"] = own.signs(text_to_sign(state(world))).to_json()
        fields |= {"signature": "x"} if fault else {}
        yield lambda fields=fields: _forges(world, fields)  # type: ignore[misc]


def _forges(world: AgentWorld, fields: dict[str, Any]) -> None:
    def change(events: list[dict[str, Any]]) -> None:
        shown = next(each for each in reversed(events) if each["type"] == "worked")
        same = {name: shown[name] for name in ("v", "seq", "at", "task", "attempt")}
        request = {name: shown["request"][name] for name in ("digest", "nonce")}
        events.append({**same, "type": "approved", **request, **fields, "admits": True})

    whole = world.journal.read_bytes()
    world.rewrites(change)
    try:
        world.drives()
    finally:
        if not world.commits():
            world.journal.write_bytes(whole)


def _by_tools(world: AgentWorld) -> Iterator[Try]:
    run = world.journal.parent.name
    for who in ((BOB, "1"), ("phasegate", "serve"), ("web", ""), ("remote", "1")):
        yield lambda who=who: world.tools.note(who, run, f"reject: {secrets.token_hex(2)}")  # type: ignore[misc]
        yield lambda who=who: world.tools.drive(who, run, {"passkey": "yes", "reject": "no"})  # type: ignore[misc]
    yield lambda: world.tools.start(CLIENT, "phasegate.yaml", sandbox=False, answers={})
    yield lambda: world.tools.start(CLIENT, "shed.md", sandbox=True, answers={"approve": "yes"})


def test_none_of_fifty_tries_opens_rejects_or_widens_a_gate(world: AgentWorld, keys: Keys, bob: Authenticator) -> None:
    base = git(world.root, "rev-parse", "HEAD").strip()
    tries = [
        *_by_passkey(world, bob),
        *_by_key(world, keys),
        *_by_files(world, keys),
        *_by_journal(world),
        *_by_tools(world),
    ]
    assert len(tries) >= TRIES, len(tries)
    for number, attempt in enumerate(tries):
        try:
            attempt()
        except PhasegateError:
            pass
        assert git(world.root, "rev-parse", "HEAD").strip() == base, f"try {number} was committed"
        assert world.opened() == [], f"try {number} opened a gate"
        assert world.events("rejected") == [], f"try {number} rejected"
        assert world.events("policy-approved") == [], f"try {number} widened the policy"
    if state(world).current_task is None or world.tools.task(None)["status"] != "waiting-for-approval":
        world.works("one.txt", "again\n")
    approves(world, bob.signs(text_to_sign(state(world))))  # Bob's own opens it
    assert len(world.opened()) == 1
