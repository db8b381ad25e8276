"""Passkeys at a remote: read and decided on the page over a bare repository, judged again by who holds the run."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from state.evidence import By
from state.passkey_signature import PasskeySignature
from tests.worlds.approval_world import ADA, BOB, EVE, Keys
from tests.worlds.page_world import Answer, Page
from tests.worlds.passkey_forms import brought
from tests.worlds.remote_world import RemoteWorld
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.two_people import TwoPeople
from tests.worlds.workspaces import git
from workflow.audit import audit_workspace
from workflow.engine.gatekeeper import rejection_to_sign, text_to_sign
from workflow.meeting.verdicts import GivenVerdict

pytestmark = pytest.mark.slow
POLICY = """default: {signed: true, operator_may_approve: false, passkeys: passkeys}
runners: runners
meeting: {lease: 1s}
"""


# --- on the page ---------------------------------------------------------------------------------------------------


def signs(theirs: Authenticator, page: Answer, **spoilt: Any) -> str:
    (options,) = re.findall(r'data-passkey="\w+" data-options="([^"]*)"', page.text)
    asked = json.loads(html.unescape(options))
    client_data = {"challenge": asked["challenge"], "origin": theirs.origin, **spoilt.pop("client_data", {})}
    return brought(theirs.signs(b"", client_data=client_data, **spoilt))


class AtTheRemote:
    """Bob's page over his clone, and the gate of Ada's run at the remote."""

    def __init__(self, tmp_path: Path, keys: Keys, *theirs: Authenticator, policy: str = POLICY) -> None:
        self.world = TwoPeople(tmp_path, keys, policy=policy, passkeys="".join(each.line for each in theirs))
        self.run = self.world.waits()
        self.page = Page(self.world.bob.root)
        self.page.enters()
        self.base = f"/there/bob/{self.run}"

    def says(self, act: str, page: Answer, **fields: str) -> Answer:
        return self.page.post(f"{self.base}/{act}", {**page.fields(act), **fields})

    def verdicts(self) -> list[str]:
        return [each for each in self.world.refs() if "/verdicts/" in each]


def test_a_gate_is_listed_read_approved_and_rejected_with_a_passkey_and_any_clone_proves_it(
    tmp_path: Path, keys: Keys
) -> None:
    bob = Authenticator(BOB)
    here = AtTheRemote(tmp_path, keys, bob)
    (seen,) = here.page.site.remotes.settled().values()
    assert [each.run for each in seen.waiting] == [here.run]
    inbox = here.page.get("/")
    assert f'href="{here.base}"' in inbox.text
    gate = here.page.get(here.base)
    assert gate.status == 200
    assert f"Digest {seen.waiting[0].digest}" in gate.said()
    with pytest.raises(KeyError):
        gate.fields("note")
    told = here.says("approve", gate, confirmed="yes", comment="as agreed", credential=signs(bob, gate))
    assert (told.status, told.location) == (303, "/")
    assert "signed and pushed to remote origin" in here.page.get("/").said()
    (after,) = here.page.site.remotes.settled().values()
    assert after.waiting[0].why_not == "you have decided"
    here.world.ada("resume", code=3)
    assert here.verdicts() == []
    assert here.world.ada.git("log", "-1", "--format=%s").strip() == "release task 1: Build it"

    here.world.ada("done", "--no-files")
    to_sign = here.says("sign-rejection", here.page.get(here.base), reason="not on a Friday, password=hunter2hunter2")
    assert "hunter2" not in to_sign.text
    assert here.says("reject", to_sign, credential=signs(bob, to_sign)).status == 303
    assert "rejected by Bob <bob@example.com>: not on a Friday" in here.world.ada("resume", code=3)

    here.world.ada("done", "--no-files")
    gate = here.page.get(here.base)
    assert "Earlier attempts ended because" in gate.said()
    assert here.says("approve", gate, confirmed="yes", credential=signs(bob, gate)).status == 303
    assert "complete, 2 tasks in 2 commits" in here.world.ada("resume")
    git(tmp_path, "clone", "-q", "--bare", "-b", f"phasegate/{here.run}", f"file://{here.world.origin}", "third.git")
    (audit,) = audit_workspace(tmp_path / "third.git", None)
    assert [each.message for each in audit.findings] == []
    assert not {"unsigned-rejection", "unsigned-approval"} & {each.code for each in audit.unprovable}
    assert [(task.via, task.signed) for task in audit.tasks] == [("remote", True)] * 2
    assert here.page.faults == []


def test_what_is_wrong_is_told_on_the_page_and_nothing_is_pushed(tmp_path: Path, keys: Keys) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    here = AtTheRemote(tmp_path, keys, bob)
    gate = here.page.get(here.base)
    good = {"confirmed": "yes", "credential": signs(bob, gate)}
    tries: list[tuple[str, dict[str, str], str]] = [
        ("approve", {**good, "confirmed": ""}, "is not ticked"),
        ("approve", {**good, "digest": "0" * 64}, "what waits on remote origin is"),
        ("approve", {**good, "digest": "0" * 7}, "expected the 64"),
        ("approve", {**good, "credential": ""}, "no signature of a passkey"),
        ("approve", {**good, "credential": signs(eve, gate)}, "no passkey that counts here"),
        ("approve", {**good, "credential": signs(bob, gate, flags=1)}, "its holder was not verified"),
        (
            "approve",
            {**good, "credential": signs(bob, gate, client_data={"origin": "http://localhost:1"})},
            "it was made on a page of",
        ),
        ("reject", {**good, "reason": "no"}, "it signs another text"),
        ("reject", {"reason": "no"}, "no signature of a passkey"),
        ("sign-rejection", {"reason": " "}, "the reason says nothing"),
    ]
    for act, fields, why in tries:
        form = {**gate.fields("approve"), "credential": "", **fields}
        told = here.page.post(f"{here.base}/{act}", form)
        assert (told.status, why in told.said()) == (409, True), told.said()
    form = {**gate.fields("approve"), **good}
    assert here.page.post(f"{here.base}/approve", {**form, "token": ""}).status == 403
    assert here.page.post(f"{here.base}/words", form).status == 404
    assert here.page.post(f"/there/nobody/{here.run}/approve", form).status == 404
    assert [here.page.get(f"/there/bob/{run}").status for run in ("..%2f..", "*", here.run[:-1] + "~")] == [409] * 3
    assert (here.verdicts(), here.page.faults) == ([], [])


def test_a_gate_that_is_not_signed_is_shown_and_not_decided_there(tmp_path: Path, keys: Keys) -> None:
    policy = POLICY.replace("signed: true, ", "")
    here = AtTheRemote(tmp_path, keys, Authenticator(BOB), policy=policy)
    gate = here.page.get(here.base)
    assert "asks for no signature, and without one a verdict at a remote is anybody's" in gate.said()
    with pytest.raises(KeyError):
        gate.fields("approve")
    with pytest.raises(KeyError):
        gate.fields("reject")


def test_a_remote_that_does_not_answer_is_named_and_the_inbox_is_there(tmp_path: Path, keys: Keys) -> None:
    here = AtTheRemote(tmp_path, keys, Authenticator(BOB))
    here.world.origin.rename(tmp_path / "gone.git")
    here.page.site.remotes.asks_soon()
    here.page.site.remotes.settled()
    assert "remote origin does not answer" in here.page.get("/").said()
    told = here.page.get(here.base)
    assert (told.status, "remote origin does not answer" in told.said(), here.page.faults) == (409, True, [])


# --- pushed by anybody ---------------------------------------------------------------------------------------------


@pytest.fixture
def bob() -> Authenticator:
    return Authenticator(BOB)


@pytest.fixture
def world(tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch, bob: Authenticator) -> RemoteWorld:
    world = RemoteWorld(tmp_path, keys, monkeypatch, policy=POLICY, passkeys=bob.line)
    world.segment(world.others)
    return world


def signed(world: RemoteWorld, bob: Authenticator, **spoilt: Any) -> GivenVerdict:
    return world.verdict(BOB, signature=bob.signs(text_to_sign(world.there()), **spoilt))


def rejection(world: RemoteWorld, bob: Authenticator, reason: str) -> GivenVerdict:
    signature = bob.signs(rejection_to_sign(world.there(), reason))
    return world.verdict(BOB, verdict="reject", text=reason, signature=signature)


def one_byte(given: GivenVerdict, field: str) -> GivenVerdict:
    assert isinstance(given.signature, PasskeySignature)
    data = getattr(given.signature, field)
    changed = replace(given.signature, **{field: data[:-1] + bytes([data[-1] ^ 1])})
    return replace(given, signature=changed)


Made = Callable[[RemoteWorld, Authenticator], GivenVerdict]
WORTHLESS: dict[str, tuple[Made, str]] = {
    "unsigned": (lambda w, bob: w.verdict(BOB, signature=""), "not signed"),
    "an SSH signature": (lambda w, bob: w.verdict(BOB), "names no allowed_signers"),
    "of nobody's": (lambda w, bob: signed(w, Authenticator(BOB)), "no passkey that counts here"),
    "in Eve's name": (lambda w, bob: replace(signed(w, bob), by=By(EVE, "eve", "x")), f"and {BOB}'s by its passkey"),
    "in another name": (
        lambda w, bob: replace(signed(w, bob), by=By("Boss <bob@example.com>", "b", "x")),
        f"and {BOB}'s by its passkey",
    ),
    "not verified": (lambda w, bob: signed(w, bob, flags=1), "its holder was not verified"),
    "of another page": (
        lambda w, bob: signed(w, bob, client_data={"origin": "http://localhost:1"}),
        "it was made on a page of",
    ),
    "of another host": (lambda w, bob: signed(w, bob, rp_id="example.com"), "it was made for another host"),
    "a byte of the client data": (lambda w, bob: one_byte(signed(w, bob), "client_data"), "client data cannot be read"),
    "a byte of the authenticator": (
        lambda w, bob: one_byte(signed(w, bob), "authenticator_data"),
        "a byte of it was changed",
    ),
    "a byte of the signature": (lambda w, bob: one_byte(signed(w, bob), "signature"), "a byte of it was changed"),
    "for another digest": (lambda w, bob: replace(signed(w, bob), digest="0" * 64), "is for 0000000"),
    "for another attempt": (lambda w, bob: replace(signed(w, bob), attempt=2), "what waits is attempt 1"),
    "for another run": (lambda w, bob: replace(signed(w, bob), run="shed-20260102-030405"), "is for run shed"),
    "for another showing": (lambda w, bob: replace(signed(w, bob), nonce="before"), "is for an earlier showing of"),
    "over another nonce": (
        lambda w, bob: w.verdict(BOB, signature=bob.signs(b"phasegate approval\nrun other\n")),
        "it signs another text",
    ),
    "a rejection for another reason": (
        lambda w, bob: replace(rejection(w, bob, "too bright"), text="too dark"),
        "signs another text",
    ),
    "an approval as a rejection": (
        lambda w, bob: replace(signed(w, bob), verdict="reject", text="no"),
        "signs another text",
    ),
    "a rejection as an approval": (
        lambda w, bob: replace(rejection(w, bob, "no"), verdict="approve", text=""),
        "signs another text",
    ),
    "with a secret in its reason": (
        lambda w, bob: rejection(w, bob, "password=hunter2hunter2"),
        "its reason holds a secret",
    ),
}


def test_what_is_no_verdict_counts_nothing_and_says_why(world: RemoteWorld, bob: Authenticator) -> None:
    said = {}
    for what, (make, _) in WORTHLESS.items():
        ref = world.push(make(world, bob), "0badc0de")
        world.segment(world.others)
        assert not world.others.events_of("approved") and not world.others.events_of("rejected"), what
        assert ref not in world.refs(), what
        said[what] = world.place(world.others).tip(world.run_id, world.standing()).said("Phasegate-Refused")
    assert {what: why for what, (_, why) in WORTHLESS.items() if why not in said[what]} == {}, said


def test_what_was_good_once_is_no_verdict_on_the_next_task(world: RemoteWorld, bob: Authenticator) -> None:
    good = signed(world, bob)
    world.push(good)
    world.segment(world.others)  # 1.1 is committed; 1.2 waits
    (event,) = world.others.events_of("approved")
    assert (event["via"], event["by"]["git"], event["passkey"]["id"]) == ("remote", BOB, bob.id)
    assert isinstance(good.signature, PasskeySignature)
    world.push(good)
    world.push(world.verdict(BOB, signature=good.signature), "0badc0de")
    world.segment(world.others)
    assert len(world.others.events_of("approved")) == 1


def test_a_verdict_keeps_its_passkey_byte_for_byte_and_never_has_two_signatures(bob: Authenticator) -> None:
    by = By(ADA, "ada", "here")
    given = GivenVerdict("shed", "t1_1", 1, "0" * 64, "n", "approve", by, "", bob.signs(b"x"))
    assert GivenVerdict.from_bytes(given.to_bytes()) == given
    both = {**json.loads(given.to_bytes()), "signature": "x"}
    with pytest.raises(ValueError, match="none beside `signature`"):
        GivenVerdict.from_bytes(json.dumps(both).encode())
