"""Approvals from other processes: quorums, signatures, forgeries. Each worthless one has its own message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from state.errors import BadInput, StepFailed
from tests.worlds.approval_world import ADA, BOB, EVE, SIGNED, ApprovalWorld, Keys
from tests.worlds.journals import journal_bytes
from workflow.engine.engine import Settings

GREEN = Settings(answers={"colour": "green"})
TWO = "default: {approvers: 2}\n"


def signed_world(root: Path, keys: Keys, *allowed: str, policy: str = SIGNED, revoked: str = "") -> ApprovalWorld:
    signers = "".join(allowed) or keys.allow(BOB) + keys.allow(EVE)
    world = ApprovalWorld(root, policy=policy, files={"signers": signers, "revoked": revoked})
    world.pauses()
    return world


def refused(world: ApprovalWorld, person: str, signature: str = "") -> str:
    before = journal_bytes(world.journal)
    with pytest.raises(BadInput) as refusal:
        world.approves(person, signature=signature)
    assert journal_bytes(world.journal) == before
    return str(refusal.value)


@pytest.mark.slow
def test_two_approve_one_after_the_other_and_both_are_named(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.pauses()
    world.approves(ADA)
    world.resumes()
    assert "1 approval of" in world.said  # half a quorum opens nothing
    assert world.subjects() == ["A policy"]
    world.approves(BOB, comment="green is fine")
    world.resumes()
    message = world.git("log", "-1", "--format=%B")
    assert message.endswith(f"Approved-by: {ADA}\nApproved-by: {BOB}\n\n")
    log = (world.root / "artifacts/shed/working_log.md").read_text("utf-8")
    assert f"- {BOB} said: green is fine" in log


def test_the_same_person_twice_makes_no_quorum(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.pauses()
    world.approves(ADA)
    assert "has approved this already" in refused(world, "Another Ada <ADA@example.com>")


def test_the_operator_cannot_approve_their_own_work_where_the_policy_says_so(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {operator_may_approve: false}\n")
    world.pauses()
    assert "Ada <ada@example.com> ran this task" in refused(world, ADA)
    world.approves(BOB)
    world.resumes()
    assert "1.1" in world.subjects()[-1]


def test_who_ordered_the_run_approves_neither_it_nor_the_policy_that_would_let_them(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {orderer_may_approve: false}\n")
    world.pauses()  # Ada's, whom nobody ordered to
    assert "Ada <ada@example.com> ordered this run" in refused(world, ADA)
    world.commits_files({"phasegate.yaml": "default: {orderer_may_approve: true}\n"})
    with pytest.raises(BadInput, match="ordered this run, and the policy that counts"):
        world.approves_policy(ADA)
    world.approves(BOB)
    world.resumes()
    assert "1.1" in world.subjects()[-1]


@pytest.mark.slow
def test_whoever_did_the_work_is_the_operator_not_who_started_the_run(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {operator_may_approve: false}\n")
    world.pauses()
    world.approves(EVE)
    with world.as_(BOB):
        world.resumes()  # Bob does task 1.2
    assert "ran this task" in refused(world, BOB)
    world.approves(ADA)


def test_a_stranger_is_told_who_may(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {who: ['bob@*', ada@example.com]}\n")
    world.pauses()
    assert f"{EVE} is not among those who may approve here: bob@*, ada@example.com" in refused(world, EVE)
    world.approves(BOB)


def test_a_signed_approval_opens_the_gate_and_is_kept(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys)
    signature = keys.sign(BOB, world.to_sign())
    world.approves(BOB, signature=signature)
    world.resumes()
    assert world.events_of("approved")[0]["signature"] == signature
    assert f"Approved-by: {BOB}" in world.git("log", "-1", "--format=%B")


@pytest.mark.slow
def test_at_the_prompt_the_approval_is_signed_where_the_policy_asks(tmp_path: Path, keys: Keys) -> None:
    policy = SIGNED.replace("operator_may_approve: false, ", "")
    world = ApprovalWorld(tmp_path, policy=policy, files={"signers": keys.allow(ADA), "revoked": ""})
    with world.as_(ADA, keys.file(ADA)), world.start() as engine:
        engine.drive()
        assert engine.complete
    assert all("BEGIN SSH SIGNATURE" in event["signature"] for event in world.events_of("approved"))


BAD_SIGNATURES: dict[str, tuple[Callable[[ApprovalWorld, Keys], str], str]] = {
    "none": (lambda _w, _k: "", "is not signed, and the policy asks for signatures"),
    "somebody else's key": (lambda w, k: k.sign(EVE, w.to_sign()), "which is not a key of bob@example.com"),
    "another namespace": (lambda w, k: k.sign(BOB, w.to_sign(), "git"), "it was made for 'git'"),
    "another digest": (lambda w, k: k.sign(BOB, changed(w, b"digest ")), "it signs another text"),
    "another nonce": (lambda w, k: k.sign(BOB, changed(w, b"nonce ")), "it signs another text"),
    "another run": (lambda w, k: k.sign(BOB, changed(w, b"run ")), "it signs another text"),
    "another task": (lambda w, k: k.sign(BOB, changed(w, b"task ")), "it signs another text"),
    "another attempt": (lambda w, k: k.sign(BOB, changed(w, b"attempt ")), "it signs another text"),
    "wax": (lambda _w, _k: "wax", "it is not an SSH signature"),
}


def changed(world: ApprovalWorld, line: bytes) -> bytes:
    assert line in world.to_sign()
    return world.to_sign().replace(line, line + b"0")


@pytest.mark.parametrize(("make", "why"), BAD_SIGNATURES.values(), ids=BAD_SIGNATURES)
def test_a_bad_signature_is_refused(
    make: Callable[[ApprovalWorld, Keys], str], why: str, tmp_path: Path, keys: Keys
) -> None:
    world = signed_world(tmp_path, keys)
    assert why in refused(world, BOB, make(world, keys))


def test_a_person_who_is_not_in_the_allowed_signers_is_refused(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys, keys.allow(EVE))
    assert "bob@example.com is not in the allowed signers" in refused(world, BOB, keys.sign(BOB, world.to_sign()))


def test_a_revoked_key_is_refused(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys, revoked=keys.public(BOB))
    assert "is revoked" in refused(world, BOB, keys.sign(BOB, world.to_sign()))


def test_a_key_that_is_not_valid_any_more_is_refused(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys, keys.allow(BOB, 'valid-before="20260101"'))
    assert "was not valid at 2026-01-02" in refused(world, BOB, keys.sign(BOB, world.to_sign()))


def test_a_signature_that_nobody_asked_for_is_verified_too(tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    assert "names no allowed_signers" in refused(world, BOB, keys.sign(BOB, world.to_sign()))


def test_a_key_revoked_between_approval_and_commit_stops_the_commit(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys)
    world.approves(BOB, signature=keys.sign(BOB, world.to_sign()))
    world.commits_files({"revoked": keys.public(BOB)})
    world.resumes(GREEN)
    assert world.events_of("voided")[0]["changed"][0].startswith("revoked was ")
    assert world.subjects() == ["A policy", "A policy"]


@pytest.mark.slow
def test_a_key_that_goes_after_the_commit_does_not_undo_it(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys)
    world.approves(BOB, signature=keys.sign(BOB, world.to_sign()))
    with world.reopen() as engine:
        engine.segment()
    world.commits_files({"signers": keys.allow(EVE), "revoked": keys.public(BOB)})
    with world.reopen() as engine:
        assert engine.machine.state == "t1_2"
    assert world.events_of("voided") == []


Forge = Callable[[list[dict[str, Any]], dict[str, Any], str], dict[str, Any]]
FORGED: dict[str, tuple[Forge, str]] = {
    "without a signature": (lambda _events, made, _sig: made, "is not signed"),
    "with another's signature": (lambda _events, made, sig: {**made, "signature": sig}, "not a key of bob@"),
    "by the operator": (lambda _events, made, _sig: {**made, "by": {**made["by"], "git": ADA}}, "ran this task"),
    "as the policy": (lambda _events, made, _sig: {**made, "by": {**made["by"], "git": "policy"}}, "does not open"),
    "of another digest": (lambda _events, made, _sig: {**made, "digest": "0" * 64}, "is for 0000000"),
    "of another showing": (lambda _events, made, _sig: {**made, "nonce": "n"}, "that this run never showed"),
    "too late": (lambda _events, made, _sig: {**made, "at": "2027-01-01T00:00:00.000Z"}, "came too late"),
}


@pytest.mark.parametrize(("forge", "why"), FORGED.values(), ids=FORGED)
def test_an_approval_written_into_the_journal_by_hand_commits_nothing(
    forge: Forge, why: str, tmp_path: Path, keys: Keys
) -> None:
    world = signed_world(tmp_path, keys)
    eves = keys.sign(EVE, world.to_sign())
    request = world.events_of("worked")[0]["request"]
    made = {
        "v": 2,
        "at": "2026-01-02T03:05:00.000Z",
        "type": "approved",
        "task": "t1_1",
        "attempt": 1,
        "digest": request["digest"],
        "nonce": request["nonce"],
        "via": "command",
        "admits": True,
        "by": {"git": BOB, "user": "bob", "host": "there"},
    }
    world.rewrites(lambda events: events.append(forge(events, made, eves)))
    world.resumes(GREEN)
    assert why in "; ".join(world.events_of("voided")[0]["changed"])
    assert world.subjects() == ["A policy"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("from_attempt", "to_task", "why"),
    [
        (1, "t1_1", "was given for attempt 1, and is good once only"),
        (2, "t1_2", "was given for task t1_1, not for t1_2"),
    ],
    ids=["an earlier attempt", "another task"],
)
def test_an_approval_that_is_used_again_is_refused(from_attempt: int, to_task: str, why: str, tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    world.approves(BOB)
    (world.root / "artifacts/shed/colour.md").write_text("pink\n")  # voids it: attempt 2
    world.resumes(GREEN)
    if to_task == "t1_2":
        world.approves(BOB)
        world.resumes()
    before = world.subjects()

    def replay(events: list[dict[str, Any]]) -> None:
        copied = next(e for e in events if e["type"] == "approved" and e["attempt"] == from_attempt)
        attempt = events[-1]["attempt"]
        events.append({**copied, "task": to_task, "attempt": attempt, "at": events[-1]["at"]})

    world.rewrites(replay)
    world.resumes(GREEN)
    assert why in "; ".join(world.events_of("voided")[-1]["changed"])
    assert world.subjects() == before


@pytest.mark.slow
def test_a_worthless_approval_among_several_does_not_block_the_gate_for_ever(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.pauses()
    world.approves(BOB)
    world.rewrites(lambda events: events[-1].update(nonce="made up"))
    world.resumes(GREEN)
    assert "never showed" in world.events_of("voided")[0]["changed"][0]
    world.approves(BOB)
    world.approves(ADA)
    world.resumes()
    assert "shed task 1.1: Choose a colour" in world.subjects()


def test_half_a_quorum_that_claims_to_be_whole_commits_nothing(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.pauses()
    world.approves(BOB)
    world.rewrites(lambda events: events[-1].update(admits=True))
    world.resumes(GREEN)
    assert world.events_of("voided")[0]["changed"][0].startswith("the gate still waits for 1 approval of")


@pytest.mark.slow
def test_an_approval_and_a_commit_made_by_hand_are_taken_back(tmp_path: Path, keys: Keys) -> None:
    """A forger with write access does all that the engine does, except for signing."""
    world = signed_world(tmp_path, keys)
    world.approves(BOB, signature=keys.sign(BOB, world.to_sign()))
    with world.reopen() as engine:
        engine.segment()
    world.git("reset", "-q", "--soft", "HEAD~1")

    def forge(events: list[dict[str, Any]]) -> None:
        for event in events:
            event.pop("signature", None)

    message = world.events_of("commit-intended")[0]["message"]
    world.rewrites(forge)
    world.git("add", str(world.journal))
    world.git("commit", "-q", "-m", message)
    with pytest.raises(StepFailed, match=r"taken back: approval by Bob <bob@example\.com> is not signed"):
        world.resumes()
    assert world.subjects() == ["A policy"]


def test_without_a_terminal_nobody_is_asked_and_nothing_is_assumed(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    for _ in range(2):
        world.resumes()
    assert world.events_of("approved") == []
    assert world.subjects() == []
