"""Passkeys on the page, without a browser: what is asked of one, what is taken, whom it lets in, what is refused."""

from __future__ import annotations

import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from webauthn.helpers import encode_cbor

from state.passkey_signature import base64url, from_base64url
from tests.worlds.agent_world import BOXES, AgentWorld
from tests.worlds.approval_world import ADA, BOB, EVE
from tests.worlds.page_world import HERE, Answer, Page
from tests.worlds.passkey_forms import brought
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.policy.passkeys import PRESENT, VERIFIED

pytestmark = pytest.mark.slow
SIGNED = "default: {presence: signed, passkeys: passkeys}\n"
OUTSIDE = "https://gates.example.com"


def waiting(tmp_path: Path, *theirs: Authenticator) -> tuple[AgentWorld, Page]:
    world = AgentWorld(tmp_path, policy=SIGNED, files={"passkeys": "".join(each.line for each in theirs)})
    world.starts()
    world.works("one.txt")
    page = Page(world.root)
    page.enters()
    return world, page


def asked(page: Answer) -> dict[str, Any]:
    """What the page asks the browser for."""
    (options,) = re.findall(r'data-passkey="\w+" data-options="([^"]*)"', page.text)
    return dict(json.loads(html.unescape(options)))


def signs(theirs: Authenticator, page: Answer, **spoilt: Any) -> str:
    """What comes back for what the page asks."""
    client_data = {"challenge": asked(page)["challenge"], "origin": theirs.origin, **spoilt.pop("client_data", {})}
    return brought(theirs.signs(b"", client_data=client_data, **spoilt))


def approves(page: Page, theirs: Authenticator, **spoilt: Any) -> Answer:
    gate = page.get(page.gate())
    return page.says("approve", gate, confirmed="yes", credential=signs(theirs, gate, **spoilt))


def test_a_gate_that_asks_for_a_signature_is_opened_by_the_holder_whoever_serves_the_page(tmp_path: Path) -> None:
    bob, elsewhere = Authenticator(BOB), Authenticator(EVE, origin="http://localhost:9999")
    world, page = waiting(tmp_path, bob, elsewhere)
    gate = page.get(page.gate())
    assert [each["id"] for each in asked(gate)["allowCredentials"]] == [bob.id]  # of this address
    assert (asked(gate)["rpId"], asked(gate)["userVerification"]) == ("localhost", "required")
    told = approves(page, bob)
    assert (told.status, told.location) == (303, page.run())
    (event,) = world.events("approved")
    assert (event["via"], event["by"]["git"], event["admits"], event["terminal"]) == ("web", BOB, True, False)
    world.drives()
    assert "Approved-by: Bob <bob@example.com>" in git(world.root, "log", "-1", "--format=%B")
    assert world.findings() == []
    assert "presence" not in world.unprovable()


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"client_data": {"challenge": "AAAA"}}, "it signs another text than this approval"),
        ({"client_data": {"origin": "http://localhost:9999"}}, "it was made on a page of"),
        ({"flags": 1}, "its holder was not verified"),
    ],
    ids=["another challenge", "another origin", "not verified"],
)
def test_what_is_wrong_is_told_and_nothing_is_recorded(spoilt: dict[str, Any], why: str, tmp_path: Path) -> None:
    bob = Authenticator(BOB)
    world, page = waiting(tmp_path, bob)
    told = approves(page, bob, **spoilt)
    assert told.status == 409
    assert why in told.said()
    assert world.events("approved") == []


def test_who_is_in_no_list_opens_nothing_and_what_is_no_credential_is_refused(tmp_path: Path) -> None:
    bob = Authenticator(BOB)
    world, page = waiting(tmp_path, bob)
    assert "no passkey that counts here has the id" in approves(page, Authenticator(EVE)).said()
    gate = page.get(page.gate())
    for text in ("{", "[]", '{"id": "AAAA"}', '{"id": "AAAA", "response": {"signature": 1}}', "x" * 4000):
        told = page.says("approve", gate, confirmed="yes", credential=text)
        assert (told.status, "no signature of a passkey" in told.said()) == (409, True)
    assert page.says("approve", gate, confirmed="yes").status == 409
    assert (page.faults, world.events("approved")) == ([], [])


def test_a_replay_is_no_second_approval_and_opens_no_other_gate(tmp_path: Path) -> None:
    bob = Authenticator(BOB)
    world, page = waiting(tmp_path, bob)
    gate = page.get(page.gate())
    form = {**gate.fields("approve"), "confirmed": "yes", "credential": signs(bob, gate)}
    assert page.post(f"{page.run()}/approve", form).status == 303
    assert page.post(f"{page.run()}/approve", form).status == 409
    world.drives()
    world.works("two.txt")
    told = page.says("approve", page.get(page.gate()), confirmed="yes", credential=form["credential"])
    assert "it signs another text than this approval" in told.said()
    assert len(world.events("approved")) == 1


def test_a_key_file_that_changes_while_the_page_is_open_opens_nothing(tmp_path: Path) -> None:
    bob = Authenticator(BOB)
    world, page = waiting(tmp_path, bob)
    gate = page.get(page.gate())
    form = {**gate.fields("approve"), "confirmed": "yes", "credential": signs(bob, gate)}
    (world.root / "passkeys").write_text(bob.line + Authenticator(EVE).line)
    told = page.post(f"{page.run()}/approve", form)
    assert "the policy must be as committed" in told.said()
    (world.root / "passkeys").write_text(f'{bob.line}{{"revoked": "{bob.id}"}}\n')
    git(world.root, "commit", "-qam", "revoked")
    told = page.post(f"{page.run()}/approve", form)
    assert told.status == 409
    assert "passkeys was" in told.said()
    assert world.events("approved") == []


def test_boxes_are_answered_first_and_the_passkey_signs_what_waits_with_them(tmp_path: Path) -> None:
    ada = Authenticator(ADA)
    policy = "default: {presence: any, signed: true, passkeys: passkeys}\n"
    world = AgentWorld(tmp_path, runbook=BOXES, policy=policy, files={"passkeys": ada.line})
    world.starts()
    world.hands_in(boxes=("1=yes", "2=yes"))
    page = Page(world.root)
    page.enters()
    gate = page.get(page.gate())
    with pytest.raises(KeyError):
        gate.fields("approve")
    told = page.says("words", gate, **{"box-1": "attest", "box-2": "waive", "why-2": "not this time"})
    assert (told.status, told.location) == (303, page.gate())
    assert approves(page, ada).status == 303
    world.drives()
    assert world.findings() == []


def test_behind_an_agents_work_boxes_are_a_persons_at_a_terminal(tmp_path: Path) -> None:
    ada = Authenticator(ADA)
    world = AgentWorld(tmp_path, runbook=BOXES, policy=SIGNED, files={"passkeys": ada.line})
    world.starts()
    world.hands_in(boxes=("1=yes", "2=yes"))
    page = Page(world.root)
    page.enters()
    gate = page.get(page.gate())
    assert "Boxes need a person's word first" in gate.said()
    form = {**gate.fields("note"), "digest": world.digest, "box-1": "attest", "box-2": "attest"}
    assert page.post(f"{page.run()}/words", form).status == 409
    assert [each for each in world.events("answered") if each["via"] == "web"] == []


def test_without_a_passkey_at_this_address_the_page_says_where_one_is_enrolled(tmp_path: Path) -> None:
    _world, page = waiting(tmp_path, Authenticator(EVE, origin="http://localhost:9999"))
    said = page.get(page.gate()).said()
    assert "No passkey whose approval would count now is enrolled at this address: People" in said


def test_a_weaker_policy_is_approved_by_a_passkey_that_counted_before(tmp_path: Path) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    world, page = waiting(tmp_path, bob)
    (world.root / "passkeys").write_text(bob.line + eve.line)
    git(world.root, "commit", "-qam", "Eve, too")
    run = page.get(page.run()).said()
    assert "Look at the change" in run
    assert "To type next" in run and "phasegate serve" not in run  # whoever reads it is there
    change = page.get(f"{page.run()}/policy")
    assert "eve@example.com" in change.said()
    assert "expires: 24 h" in change.said()
    assert [each["id"] for each in asked(change)["allowCredentials"]] == [bob.id]
    told = page.says("policy", change, confirmed="yes", credential=signs(eve, change))
    assert "no passkey that counts here" in told.said()
    assert "phasegate serve" not in told.said()
    told = page.says("policy", change, credential=signs(bob, change))
    assert "the box that says what is approved is not ticked" in told.said()
    assert page.says("policy", change, confirmed="yes", credential=signs(bob, change)).status == 303
    (event,) = world.events("policy-approved")
    assert (event["via"], event["by"]["git"], event["passkey"]["id"]) == ("web", BOB, bob.id)
    world.drives()
    assert approves(page, eve).status == 303
    world.drives()
    assert world.findings() == []


# --- rejecting -----------------------------------------------------------------------------------------------------


def sends_back(page: Page, reason: str) -> Answer:
    """The page on which the rejection is signed."""
    return page.says("sign-rejection", page.get(page.gate()), reason=reason)


def test_in_an_agents_run_a_passkey_rejects_from_the_page_and_the_audit_proves_who(tmp_path: Path) -> None:
    bob = Authenticator(BOB)
    world, page = waiting(tmp_path, bob)
    gate = page.get(page.gate())
    with pytest.raises(KeyError):
        gate.fields("reject")  # unsigned it asks for a terminal
    to_sign = sends_back(page, "not that green:\r\nsee password=hunter2hunter2")
    assert to_sign.status == 200
    assert "hunter2" not in to_sign.text
    assert world.events("rejected") == []
    told = page.says("reject", to_sign, credential=signs(bob, to_sign))
    assert (told.status, told.location) == (303, page.run())
    assert "is rejected, signed with a passkey" in page.get(page.run()).said()
    (event,) = world.events("rejected")
    assert (event["via"], event["by"]["git"], event["passkey"]["id"]) == ("web", BOB, bob.id)
    assert event["reason"].startswith("not that green:\nsee ") and "hunter2" not in event["reason"]
    assert "hunter2" not in world.journal.read_text()
    assert page.says("reject", to_sign, credential=signs(bob, to_sign)).status == 409  # once
    world.drives()
    world.works("one.txt", "greener\n")
    assert "Earlier attempts ended because attempt 1 rejected by Bob" in page.get(page.gate()).said()
    told = page.says("reject", to_sign, credential=signs(bob, to_sign))  # of what waited before
    assert (told.status, len(world.events("rejected"))) == (409, 1)
    assert approves(page, bob).status == 303
    world.drives()
    assert world.findings() == []
    assert "unsigned-rejection" not in world.unprovable()


@pytest.mark.parametrize(
    ("fields", "spoilt", "why"),
    [
        ({"reason": "another"}, {}, "it signs another text"),
        ({"digest": "0" * 64}, {}, "what waits"),
        ({"digest": "0000000"}, {}, "expected the 64"),
        ({}, {"flags": 1}, "its holder was not verified"),
        ({}, {"client_data": {"origin": "http://localhost:9999"}}, "it was made on a page of"),
        ({"credential": "{"}, {}, "no signature of a passkey"),
        ({"credential": ""}, {}, "there is no terminal here"),
    ],
    ids=["a reason", "a digest", "few digits", "not verified", "another origin", "no credential", "unsigned"],
)
def test_a_rejection_that_is_not_what_was_signed_is_refused(
    fields: dict[str, str], spoilt: dict[str, Any], why: str, tmp_path: Path
) -> None:
    bob = Authenticator(BOB)
    world, page = waiting(tmp_path, bob)
    to_sign = sends_back(page, "not that green")
    told = page.says("reject", to_sign, **{"credential": signs(bob, to_sign, **spoilt), **fields})
    assert (told.status, world.events("rejected"), page.faults) == (409, [], [])
    assert why in told.said()


def test_what_is_to_be_signed_needs_a_reason_a_token_and_what_waits(tmp_path: Path) -> None:
    world, page = waiting(tmp_path, Authenticator(BOB))
    assert "the reason says nothing" in sends_back(page, " \r\n").said()
    gate = page.get(page.gate())
    assert page.says("sign-rejection", gate, reason="no", token="").status == 403
    assert "what waits is" in page.says("sign-rejection", gate, reason="no", digest="0" * 64).said()
    assert (world.events("rejected"), page.faults) == ([], [])


# --- enrolling -----------------------------------------------------------------------------------------------------


def made(theirs: Authenticator, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED, **client_data: str) -> str:
    """What a browser brings back of a passkey that it made (attestation: none)."""
    public = theirs.key.public_key()
    assert isinstance(public, EllipticCurvePublicKey)
    numbers = public.public_numbers()
    cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
    id_ = from_base64url(theirs.id) or b""
    head = hashlib.sha256(theirs.rp_id.encode()).digest() + bytes([flags | 0x40]) + bytes(4)
    data = head + bytes(16) + len(id_).to_bytes(2, "big") + id_ + cose
    said = {"type": "webauthn.create", "challenge": options["challenge"], "origin": theirs.origin, **client_data}
    response = {
        "clientDataJSON": base64url(json.dumps(said).encode()),
        "attestationObject": base64url(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        "transports": ["internal"],
    }
    return json.dumps({"id": theirs.id, "rawId": theirs.id, "type": "public-key", "response": response})


def enrols(page: Page, theirs: Authenticator, *, spoilt: dict[str, Any] | None = None, **named: str) -> Answer:
    people = page.get("/people")
    form = {**people.fields("enrol"), **named, "credential": made(theirs, asked(people), **(spoilt or {}))}
    return page.post("/r/shed/enrol", form)


def test_a_passkey_is_enrolled_committed_and_opens_a_gate(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy=SIGNED, files={"passkeys": "# nobody yet\n"})
    page = Page(world.root)
    page.enters()
    options = asked(page.get("/people"))
    assert (options["rp"]["id"], options["user"]["name"]) == ("localhost", "ada@example.com")
    ada, bob = Authenticator(ADA), Authenticator(BOB)
    assert enrols(page, ada).status == 303
    assert enrols(page, bob, name="Bob", address="bob@example.com").status == 303
    people = page.get("/people").said()
    assert people.count("not committed") == 2
    assert "git add -- passkeys phasegate.yaml && git commit" in people
    lines = (world.root / "passkeys").read_text().splitlines()
    assert lines[0] == "# nobody yet"
    written = [json.loads(line) for line in lines[1:]]
    assert [(each["address"], each["enrolled_by"], each["origins"]) for each in written] == [
        ("ada@example.com", ADA, [HERE]),
        ("bob@example.com", ADA, [HERE]),
    ]
    git(world.root, "commit", "-qam", "passkeys")
    assert "not committed" not in page.get("/people").said()
    world.starts()
    world.works("one.txt")
    assert approves(page, bob).status == 303
    world.drives()
    assert world.findings() == []


@pytest.mark.parametrize(
    ("spoilt", "named"),
    [
        ({"challenge": "AAAA"}, {}),
        ({"origin": "http://localhost:9999"}, {}),
        ({"type": "webauthn.get"}, {}),
        ({"flags": PRESENT}, {}),
        ({}, {"name": "Bob"}),
        ({}, {"name": "Bob", "address": "nobody"}),
        ({}, {"name": "Bob <x>", "address": "bob@example.com"}),
    ],
    ids=[
        "another challenge",
        "another origin",
        "no enrolment",
        "not verified",
        "no address",
        "none at all",
        "brackets",
    ],
)
def test_what_is_no_enrolment_of_this_page_writes_nothing(
    spoilt: dict[str, Any], named: dict[str, str], tmp_path: Path
) -> None:
    world = AgentWorld(tmp_path, policy=SIGNED, files={"passkeys": ""})
    page = Page(world.root)
    page.enters()
    assert enrols(page, Authenticator(ADA), spoilt=spoilt, **named).status == 409
    assert ((world.root / "passkeys").read_text(), page.faults) == ("", [])


def test_an_enrolment_is_good_once_and_a_passkey_there_once(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy=SIGNED, files={"passkeys": ""})
    page = Page(world.root)
    page.enters()
    ada, people = Authenticator(ADA), page.get("/people")
    form = {**people.fields("enrol"), "credential": made(ada, asked(people))}
    assert page.post("/r/shed/enrol", form).status == 303
    bob = {**form, "credential": made(Authenticator(ADA), asked(people))}
    assert page.post("/r/shed/enrol", bob).status == 409  # its challenge was taken
    assert len((world.root / "passkeys").read_text().splitlines()) == 1
    assert "is in passkeys already" in enrols(page, ada).said()
    for text in ("", "{", "[]", "{}", '{"id": 1}', made(ada, asked(page.get("/people")))[:-9]):
        assert page.post("/r/shed/enrol", {**form, "credential": text}).status == 409
    assert page.faults == []


def test_without_a_file_in_the_policy_or_a_token_nothing_is_enrolled(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {presence: any}\n")
    page = Page(world.root)
    page.enters()
    people = page.get("/people")
    assert "phasegate.yaml names no file for them" in people.said()
    assert page.post("/r/shed/enrol", {"credential": "{}"}).status == 403
    assert page.post("/r/other/enrol", {"credential": "{}"}, origin="http://localhost:1").status == 403


# --- behind TLS ----------------------------------------------------------------------------------------------------


class Outside:
    """Requests as they come by the proxy."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def get(self, path: str) -> Answer:
        return self.page.get(path, host="gates.example.com")

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self.page.post(path, fields, host="gates.example.com", origin=OUTSIDE)

    def signs_in(self, theirs: Authenticator, **spoilt: Any) -> Answer:
        self.page.cookie = ""
        door = self.get("/")
        told = self.post("/sign-in", {**door.fields("sign-in"), "credential": signs(theirs, door, **spoilt)})
        self.page.cookie = told.headers.get("set-cookie", "").partition(";")[0]
        return told


def test_behind_tls_somebody_signs_in_by_passkey_acts_as_themselves_and_sees_what_has_it(tmp_path: Path) -> None:
    theirs = {"origin": OUTSIDE, "rp_id": "gates.example.com"}
    bob, eve = Authenticator(BOB, **theirs), Authenticator(EVE, **theirs)
    open_ = "default: {presence: any, passkeys: passkeys}\n"
    world = AgentWorld(tmp_path, policy=open_, files={"passkeys": bob.line})
    (tmp_path / "other").mkdir()
    other = AgentWorld(tmp_path / "other", policy=open_, files={"passkeys": eve.line})
    for each in (world, other):
        each.starts()
        each.works("one.txt")
    page = Page(world.root, other.root, origin=OUTSIDE)
    outside = Outside(page)
    told = outside.signs_in(bob)
    assert (told.status, told.location) == (303, "/")
    assert "Secure" in told.headers["set-cookie"]
    inbox = outside.get("/")
    assert "Bob <bob@example.com>" in inbox.said()
    runs = re.findall(r'href="(/r/[^"/]+/[^"/]+)"', inbox.text)
    assert {run.split("/")[2] for run in runs} == {"shed"}
    theirs_run = f"/r/shed-2/{other.journal.parent.name}"
    assert outside.get(theirs_run).status == 404
    gate = outside.get(f"{runs[0]}/gate")
    assert outside.post(f"{runs[0]}/approve", {**gate.fields("approve"), "confirmed": "yes"}).status == 303
    (event,) = world.events("approved")
    assert (event["by"]["git"], event["via"]) == (BOB, "web")
    (world.root / "passkeys").write_text("")
    git(world.root, "commit", "-qam", "Bob left")
    assert outside.get(runs[0]).status == 404  # from then on nothing is there
    assert "waits for approval" not in outside.get(f"{runs[0]}/gate").said()


@pytest.mark.parametrize(
    ("spoilt", "who"),
    [
        ({"client_data": {"challenge": "AAAA"}}, BOB),
        ({"client_data": {"origin": "http://localhost:8471"}}, BOB),
        ({"client_data": {"type": "webauthn.create"}}, BOB),
        ({"rp_id": "localhost"}, BOB),
        ({"flags": 1}, BOB),
        ({}, EVE),
    ],
    ids=["another challenge", "another origin", "an enrolment", "another host", "not verified", "nobody's"],
)
def test_nobody_else_is_let_in(spoilt: dict[str, Any], who: str, tmp_path: Path) -> None:
    theirs = {"origin": OUTSIDE, "rp_id": "gates.example.com"}
    bob, eve = Authenticator(BOB, **theirs), Authenticator(EVE, **theirs)
    world = AgentWorld(tmp_path, policy=SIGNED, files={"passkeys": bob.line})
    outside = Outside(Page(world.root, origin=OUTSIDE))
    told = outside.signs_in(bob if who == BOB else eve, **spoilt)
    assert told.status == 401
    assert "set-cookie" not in told.headers


def test_a_challenge_is_good_once_an_uncommitted_passkey_never_and_on_loopback_nobody_signs_in(tmp_path: Path) -> None:
    bob = Authenticator(BOB, origin=OUTSIDE, rp_id="gates.example.com")
    world = AgentWorld(tmp_path, policy=SIGNED, files={"passkeys": ""})
    (world.root / "passkeys").write_text(bob.line)
    outside = Outside(Page(world.root, origin=OUTSIDE))
    assert outside.signs_in(bob).status == 401
    git(world.root, "commit", "-qam", "Bob")
    door = outside.get("/")
    form = {**door.fields("sign-in"), "credential": signs(bob, door)}
    assert outside.post("/sign-in", form).status == 303
    assert outside.post("/sign-in", form).status == 401
    page = Page(world.root)
    assert "sign-in" not in page.get("/").text
    assert page.post("/sign-in", form).status == 401


def test_somebody_elsewhere_is_invited_to_enrol_and_to_nothing_else(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy=SIGNED, files={"passkeys": ""})
    (tmp_path / "other").mkdir()
    other = AgentWorld(tmp_path / "other", policy=SIGNED, files={"passkeys": ""})
    page = Page(world.root, other.root, origin=OUTSIDE)
    page.enters()
    outside = Outside(page)
    people = outside.get("/people")
    told = outside.post("/r/shed/invite", {**people.fields("invite"), "name": "Bob", "address": "bob@example.com"})
    assert told.status == 303
    (link,) = re.findall(rf"{OUTSIDE}(/open/[\w-]+)", outside.get("/people").said())
    page.cookie = ""
    page.cookie = outside.get(link).headers["set-cookie"].partition(";")[0]
    assert outside.get("/").status == 401
    people = outside.get("/people")
    assert "shed-2" not in people.said()
    bob = Authenticator(BOB, origin=OUTSIDE, rp_id="gates.example.com")
    assert asked(people)["user"]["name"] == "bob@example.com"
    with pytest.raises(KeyError):
        people.fields("invite")
    form = {
        **people.fields("enrol"),
        "credential": made(bob, asked(people)),
        "name": "Eve",
        "address": "eve@example.com",
    }
    assert outside.post("/r/shed/enrol", form).status == 303
    assert outside.post("/r/shed/invite", form).status == 409
    assert outside.post("/r/shed-2/enrol", form).status == 404
    written = json.loads((world.root / "passkeys").read_text())
    assert (written["address"], written["enrolled_by"], written["rp_id"]) == (
        "bob@example.com",
        BOB,
        "gates.example.com",
    )
