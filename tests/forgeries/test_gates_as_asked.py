"""Who opened a gate, by which policy, and whether they signed: what is not as the committed policy asks is found."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from state.fold import fold
from state.read_journal import parse
from tests.worlds.approval_world import ADA, BOB, EVE, ApprovalWorld, Keys
from tests.worlds.forged_gates import FORGED, Edit, by_policy, good_for_longer, named, on, policy
from tests.worlds.forger import Forger
from tests.worlds.gates_world import MALLORY, POLICY, GateForger, gated_run
from tests.worlds.run_world import RUNBOOK
from workflow.audit import RunAudit
from workflow.audit.approval_checks import check_approvals
from workflow.audit.findings import Finding
from workflow.audit.tables import text_lines
from workflow.doors.ssh_signature import SshSignatures
from workflow.engine.engine import Settings
from workflow.runbook.reader import read_runbook


@pytest.fixture(scope="session")
def gated_world(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> ApprovalWorld:
    return gated_run(tmp_path_factory.mktemp("gated"), keys)


@pytest.fixture
def gated(gated_world: ApprovalWorld, tmp_path: Path) -> GateForger:
    return GateForger.of_copy(gated_world, tmp_path / "copy")


def said(run: GateForger) -> str:
    return "\n".join(f"{each.code} {each.task}: {each.message}" for each in run.audit().findings)


def limits(found: RunAudit) -> list[str]:
    return [limit.code for limit in found.unprovable]


@pytest.mark.slow
@pytest.mark.parametrize(("edit", "codes"), FORGED.values(), ids=FORGED)
def test_with_the_whole_history_made_to_fit_it_is_found_that(edit: Edit, codes: set[str], gated: GateForger) -> None:
    gated.forge(edit)
    assert set(gated.codes()) == codes, said(gated)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["t1_1", "t1_2"])
@pytest.mark.parametrize(
    "stranger", [MALLORY, "Bob <bob@example.com.evil.org>", "bob <x@y>", "Bob bob@example.com <m@x.org>", "Nobody"]
)
def test_whoever_the_policy_does_not_name_is_found(stranger: str, task: str, gated: GateForger) -> None:
    gated.forge(on("approved", task, named(stranger)))
    assert f"approver-not-allowed {task}: {stranger} is not among " in said(gated)


@pytest.mark.slow
def test_times_that_were_changed_with_the_digest_left_as_it_was_are_found(gated: GateForger) -> None:
    gated.forge(on("worked", "t2_1", good_for_longer), fit=False)
    assert gated.codes() == ["digest-mismatch", "expiry-differs"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shown_at", "expires_at", "nonce"])
def test_what_a_signature_covers_cannot_be_made_to_fit(name: str, gated: GateForger) -> None:
    def change(event: dict[str, Any]) -> None:
        value = event["request"][name]
        event["request"][name] = value.replace("000Z", "001Z").replace("nonce", "once")

    gated.forge(on("worked", "t1_1", change))
    assert "signature-invalid" in gated.codes()


SIGNATURES: dict[str, tuple[Callable[[ApprovalWorld, Keys], str], str]] = {
    "somebody else's": (lambda world, keys: keys.sign(EVE, signed(world)), "is not a key of bob@example.com"),
    "of another task": (lambda world, keys: keys.sign(BOB, signed(world, b"task t1_1", b"task t1_2")), "another text"),
    "of another run": (lambda world, keys: keys.sign(BOB, signed(world, b"run shed", b"run shop")), "another text"),
    "of an earlier attempt": (lambda world, keys: keys.sign(BOB, signed(world, b"attempt 1", b"attempt 2")), "another"),
    "for git": (lambda world, keys: keys.sign(BOB, signed(world), "git"), "made for 'git'"),
    "wax": (lambda _world, _keys: "wax", "is not an SSH signature"),
}


def signed(world: ApprovalWorld, old: bytes = b"", new: bytes = b"") -> bytes:
    """The text that Bob signed, or another."""
    (request,) = [event["request"] for event in world.events_of("worked") if event["task"] == "t1_1"]
    lines = f"phasegate approval\nrun {world.run_id}\ntask t1_1\nattempt 1\n"
    text = f"{lines}digest {request['digest']}\nnonce {request['nonce']}\n".encode()
    assert old in text
    return text.replace(old, new) if old else text


def test_the_text_is_the_one_that_was_signed(gated: GateForger, gated_world: ApprovalWorld, keys: Keys) -> None:
    again = keys.sign(BOB, signed(gated_world))
    gated.forge(on("approved", "t1_1", lambda event: event.update(signature=again), BOB))
    assert gated.codes() == []


@pytest.mark.slow
@pytest.mark.parametrize(("make", "why"), SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_that_is_not_for_this_approval_is_found(
    make: Callable[[ApprovalWorld, Keys], str], why: str, gated: GateForger, gated_world: ApprovalWorld, keys: Keys
) -> None:
    signature = make(gated_world, keys)
    gated.forge(on("approved", "t1_1", lambda event: event.update(signature=signature), BOB))
    assert why in said(gated)
    assert "signature-invalid" in gated.codes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fitted", "codes"), [(False, {"approval-mismatch", "signature-invalid"}), (True, {"signature-invalid"})]
)
def test_an_approval_that_was_copied_from_another_run_is_found(
    fitted: bool, codes: set[str], gated: GateForger, keys: Keys, tmp_path: Path
) -> None:
    """Signed, of the same task, attempt and policy; then with the digest and nonce that were shown here."""
    (tmp_path / "other").mkdir()
    other = ApprovalWorld(tmp_path / "other")
    (other.root / "keys").mkdir()
    other.clock.nonces = 70
    other.commits_files({"phasegate.yaml": POLICY, "keys/signers": keys.allow(BOB), "keys/revoked": ""})
    other.pauses()
    other.approves(BOB, signature=keys.sign(BOB, other.to_sign()))
    (given,) = other.events_of("approved")
    names = ("signature",) if fitted else ("signature", "digest", "nonce")
    gated.forge(on("approved", "t1_1", lambda event: event.update({name: given[name] for name in names}), BOB))
    assert set(gated.codes()) == codes, said(gated)
    assert "signs another text than this approval" in said(gated)


@pytest.mark.slow
def test_a_key_that_was_revoked_before_the_commit_is_found(gated: GateForger, keys: Keys) -> None:
    first = gated.git("rev-parse", f"{gated.made()[0].sha}^").strip()
    revoked = {"keys/revoked": keys.public(BOB).encode()}
    tree = gated.tree_with(gated.git("rev-parse", f"{first}^{{tree}}").strip(), revoked)
    before = gated.git("commit-tree", tree, "-p", first, "-m", "Bob lost his key").strip()
    gated.forge(lambda _event: None, files=revoked, onto=before)
    assert f"signature-invalid t1_1: {BOB}: its key " in said(gated)
    assert " is revoked" in said(gated)
    assert "policy-differs t1_1: keys/revoked: recorded e3b0c44, seen another" in said(gated)


@pytest.mark.slow
def test_a_key_counts_while_it_is_valid_and_not_after(tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path)
    (world.root / "keys").mkdir()
    signers = keys.allow(BOB, 'namespaces="phasegate",valid-before="20260102040000"')  # UTC
    policy = POLICY.replace("approvers: 2", "approvers: 1")
    world.commits_files({"phasegate.yaml": policy, "keys/signers": signers, "keys/revoked": ""})
    world.pauses()
    world.approves(BOB, signature=keys.sign(BOB, world.to_sign()))
    world.resumes()
    run = GateForger.of_copy(world, tmp_path / "copy")
    assert said(run) == ""  # though the evidence was good until 07:04
    run.forge(on("approved", "t1_1", lambda event: event.update(at="2026-01-02T05:00:00.000Z")))
    assert "was not valid at 2026-01-02 05:00 UTC" in said(run)
    assert run.codes() == ["event-differs", "signature-invalid"]  # the first: its commit was intended before that


@pytest.mark.slow
def test_a_signature_that_the_policy_gives_no_keys_for_is_found(gated: GateForger, keys: Keys) -> None:
    signature = keys.sign(ADA, b"anything")
    gated.forge(on("approved", "t2_1", lambda event: event.update(signature=signature)))
    assert said(gated) == f"signature-invalid t2_1: {ADA}: the policy names no allowed_signers to verify it against"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Eve <eve@example.com>, {}", "{} <bob@example.com>", "Eve <> {}", "bob@example.com"])
def test_a_signature_stands_for_the_name_of_one_person(name: str, gated: GateForger) -> None:
    gated.forge(on("approved", "t1_1", named(name.format(BOB))))
    assert "is not the name of one person" in said(gated) or "approver-not-allowed" in said(gated)


@pytest.mark.slow
def test_a_policy_opens_nothing_that_it_leaves_to_people(gated: GateForger) -> None:
    gated.forge(on("approved", "t1_2", by_policy))
    assert said(gated) == "policy-did-not-open t1_2: the policy leaves this gate to people"


@pytest.mark.slow
def test_a_policy_opens_only_what_was_checked(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {opened_by_policy: true}\ngates: [{gate: 1.1, approvers: 2}]\n")
    world.pauses()  # 1.1 was checked and is open; at 1.2 nothing was checked: people are asked
    world.approves(BOB)
    world.resumes()
    world.approves(BOB)
    world.resumes()
    run = GateForger.of_copy(world, tmp_path / "copy")
    found = run.audit()
    assert [task.via for task in found.tasks] == ["policy", "command", "command"]
    assert found.findings == []
    (unsigned,) = [limit.message for limit in found.unprovable if limit.code == "unsigned-approval"]
    assert (
        unsigned == "who typed the approvals (command): they are not signed; way, user and host are listed as recorded"
    )
    run.forge(on("approved", "t1_2", by_policy))
    assert said(run) == "policy-did-not-open t1_2: not every check had been made and passed"


HOSTILE: dict[str, tuple[Edit, str]] = {
    "an endless time": (policy("t2_1", expires_after=10**30), "policy.expires_after"),
    "no time": (policy("t2_1", expires_after=True), "policy.expires_after"),
    "a digest that is none": (policy("t2_1", files={"phasegate.yaml": ["0"]}), "policy.files.phasegate.yaml"),
    "files that are none": (policy("t2_1", files=[]), "policy.files"),
    "a policy that is none": (on("worked", "t2_1", lambda event: event.update(policy="strict")), "policy"),
    "a signature that is none": (on("approved", "t1_1", lambda event: event.update(signature=1)), "signature"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("edit", "where"), HOSTILE.values(), ids=HOSTILE)
def test_a_journal_that_was_made_up_to_break_the_audit_is_damaged(edit: Edit, where: str, gated: GateForger) -> None:
    gated.forge(edit, fit=False)
    assert "journal-damaged" in gated.codes()
    assert f"field `{where}`: expected" in said(gated)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Bob\0 <bob@example.com>", "Bob <bob@\x1b[2Jexample.com>"])
def test_a_name_that_cannot_be_printed_signs_nothing(name: str, gated: GateForger) -> None:
    gated.forge(on("approved", "t1_1", named(name), BOB), fit=False)
    assert "signature-invalid" in gated.codes()
    assert "\x1b" not in "".join(text_lines(gated.audit()))


def test_half_a_character_in_a_journal_is_damage(gated: GateForger) -> None:
    journal = gated.root / gated.journal
    line = journal.read_bytes().splitlines()[0].replace(b'"user":"ada"', b'"user":"\\ud800"')
    journal.write_bytes(line + b"\n")
    assert "journal.jsonl:1: half a character" in said(gated)


@pytest.mark.slow
@pytest.mark.parametrize("committed", ["default: {approvers: 0}\n", "not: [a policy\n"])
def test_a_committed_policy_that_cannot_be_read_is_found(committed: str, gated: GateForger) -> None:
    gated.forge(lambda _event: None, files={"phasegate.yaml": committed.encode()})
    assert "policy-differs t1_2: phasegate.yaml cannot be read: " in said(gated)


# Nothing is found where nothing is wrong


@pytest.mark.parametrize(
    "golden", sorted((Path(__file__).parents[1] / "golden/v1").glob("[!e]*.jsonl")), ids=lambda path: path.stem
)
def test_digests_of_the_first_release_are_still_those_of_its_evidence(golden: Path) -> None:
    found: list[Finding] = []
    events, _ = parse(golden.read_bytes())
    start = fold(events[:1]).start
    beside = golden.with_suffix(".md")
    data = beside.read_bytes() if beside.exists() else RUNBOOK
    plan = read_runbook(data, name="shed", path="tasks.md", shape=start.shape)
    assert (plan.digest, plan.sha256) == (start.plan, start.runbook_sha256)
    check_approvals(events, lambda _seq: plan, found.append)
    assert any(event.type == "worked" for event in events)
    assert found == []


def test_a_run_of_the_first_release_is_sound(complete: Forger) -> None:
    """Neither policy nor operator are in its journal, and its digests do not cover the times."""

    def as_then(event: dict[str, Any]) -> None:
        event["v"] = 1
        event.pop("storage", None)
        event.pop("policy", None)
        if event["type"] == "worked":
            del event["by"], event["entries"]
        if event["type"] == "commit-intended":
            event["paths"] = [
                {"path": re.sub("/journal/.*", "/journal.jsonl", each["path"]), "object": each["blob"]}
                for each in event.pop("entries")
            ]

    run = GateForger(complete.root, complete.run_id)
    run.forge(as_then)
    assert said(run) == ""
    assert [task.policy for task in run.audit().tasks] == [None, None, None]


def test_a_signed_run_is_sound_and_says_so(gated: GateForger, tmp_path: Path) -> None:
    found = gated.audit()
    assert said(gated) == ""
    assert [task.signed for task in found.tasks] == [True, False, False]
    assert [task.approved_by for task in found.tasks] == [(BOB, EVE), (EVE,), (ADA,)]
    (unsigned,) = [limit.message for limit in found.unprovable if limit.code == "unsigned-approval"]
    assert (
        unsigned
        == "who typed 2 of the 4 approvals (command): they are not signed; way, user and host are listed as recorded"
    )
    gated.git("clone", "-q", "--bare", str(gated.root), str(tmp_path / "bare.git"))
    assert GateForger(tmp_path / "bare.git", gated.run_id).audit().to_json() == found.to_json()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_in_a_shallow_clone_the_gates_in_sight_are_judged(gated: GateForger, tmp_path: Path, depth: int) -> None:
    clone = tmp_path / "shallow"
    gated.git("clone", "-q", f"--depth={depth}", f"file://{gated.root}", str(clone))
    shallow = GateForger(clone, gated.run_id)
    assert said(shallow) == ""
    assert shallow.audit().tasks[0].signed  # the keys of then are still those of the tip


@pytest.mark.slow
def test_keys_and_policies_that_change_later_undo_nothing(gated: GateForger, keys: Keys, tmp_path: Path) -> None:
    gated.write("keys/signers", keys.allow(ADA).encode())
    gated.write("keys/revoked", keys.public(BOB).encode())
    gated.write("phasegate.yaml", b"default: {approvers: 3}\n")
    gated.commit("new people", "keys", "phasegate.yaml")
    assert said(gated) == ""
    clone = tmp_path / "shallow"  # where the keys of then cannot be seen any more
    gated.git("clone", "-q", "--depth=1", f"file://{gated.root}", str(clone))
    found = GateForger(clone, gated.run_id).audit()
    assert found.findings == []
    assert limits(found).count("signature-unverified") == 2
    assert not found.tasks[0].signed


@pytest.mark.slow
def test_a_policy_that_gets_stricter_during_a_run_is_no_finding_and_a_weaker_one_is(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {approvers: 1}\n")
    world.pauses()
    world.approves(BOB)
    world.commits_files({"phasegate.yaml": "default: {approvers: 2}\n"})  # voids what was approved
    world.resumes(Settings(answers={"colour": "green"}))
    world.approves(BOB)
    assert said(GateForger.of_copy(world, tmp_path / "half")) == ""  # half a quorum waits
    world.approves(EVE)
    world.resumes()
    world.approves(BOB)
    world.approves(EVE)
    world.commits_files({"phasegate.yaml": "default: {approvers: 1}\n"})
    changed = GateForger.of_copy(world, tmp_path / "changed")  # what was approved is void, and nobody has looked yet
    assert changed.codes() == ["policy-widened"]
    world.resumes()
    world.approves(ADA)
    world.resumes()
    run = GateForger.of_copy(world, tmp_path / "copy")
    assert run.codes() == ["policy-widened"]
    assert [task.attempt for task in run.audit().tasks] == [2, 1, 1]  # the weaker one voids nothing, and opens nothing


@pytest.mark.slow
def test_half_a_quorum_that_was_sent_back_is_no_finding(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {approvers: 2}\n")
    world.pauses()
    world.approves(BOB)
    with world.reopen(work=False) as engine:
        engine.reject("not green")
    run = GateForger.of_copy(world, tmp_path / "copy")
    assert said(run) == ""
    assert [task.status for task in run.audit().tasks] == ["rejected", "pending", "pending"]


@pytest.mark.slow
def test_a_worthless_approval_that_the_run_refused_is_no_finding_of_the_policy(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {who: [bob@example.com]}\n")
    world.pauses()
    world.approves(BOB)
    world.rewrites(lambda events: events[-1]["by"].update(git=MALLORY))
    assert "approver-not-allowed" in said(GateForger.of_copy(world, tmp_path / "before"))
    world.resumes(Settings(answers={"colour": "green"}))
    world.approves(BOB)
    world.resumes()
    assert said(GateForger.of_copy(world, tmp_path / "copy")) == ""


@pytest.mark.slow
@pytest.mark.parametrize("attributes", ["keys/* filter=rot\n", ""])
def test_crlf_and_filters_over_policy_and_keys_are_no_finding(attributes: str, tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path)
    world.git("config", "core.autocrlf", "true")
    (world.root / ".gitattributes").write_text(attributes)
    for way in ("clean", "smudge"):
        world.git("config", f"filter.rot.{way}", "tr a-z n-za-m")
    (world.root / "keys").mkdir()
    policy = POLICY.replace("approvers: 2", "approvers: 1").replace("signed: true", "signed: false")
    (world.root / "phasegate.yaml").write_bytes(policy.replace("\n", "\r\n").encode())
    (world.root / "keys/signers").write_bytes((keys.allow(BOB) + keys.allow(EVE)).encode())
    (world.root / "keys/revoked").write_bytes(b"")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "A policy")
    world.pauses()
    world.approves(BOB)
    world.resumes()
    found = GateForger.of_copy(world, tmp_path / "copy").audit()
    assert found.findings == []
    assert "filtered-file" not in limits(found)  # what git stores is what counted, and what was recorded


def test_without_ssh_keygen_signatures_are_said_to_be_unproved(
    gated: GateForger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = gated.audit()
    assert found.findings == []
    unproved = [limit.message for limit in found.unprovable if limit.code == "signature-unverified"]
    assert len(unproved) == 2
    assert all("ssh-keygen was not found" in message for message in unproved)
    assert not found.tasks[0].signed


def test_where_nothing_is_signed_ssh_keygen_is_not_started(complete: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_given: object, **_named: object) -> str:
        raise AssertionError("a signature was looked at")

    monkeypatch.setattr(SshSignatures, "verify", started)
    assert complete.codes() == []
