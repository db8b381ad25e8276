"""A policy that became weaker under a run judges its gates once somebody who may has approved that, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.approval_world import ADA, BOB, EVE, SIGNED, ApprovalWorld, Keys
from tests.worlds.gates_world import GateForger
from tests.worlds.journals import journal_bytes
from workflow.engine.engine import Settings

TWO = "default: {approvers: 2}\n"
ONE = "default: {approvers: 1}\n"
GREEN = Settings(answers={"colour": "green"})
ROBOT = "Robot <robot@example.com>"


def shown(world: ApprovalWorld) -> list[int]:
    """How many approvers each evidence asked for."""
    return [worked["policy"]["approvers"] for worked in world.events_of("worked")]


def admits(world: ApprovalWorld) -> list[bool]:
    return [event["admits"] for event in world.events_of("approved")]


def codes(world: ApprovalWorld, copy: Path) -> list[str]:
    return GateForger.of_copy(world, copy).codes()


def test_a_weaker_policy_opens_nothing_and_voids_nothing_until_it_is_approved(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.pauses()
    world.commits_files({"phasegate.yaml": ONE})
    world.resumes(GREEN)
    assert "phasegate.yaml at HEAD is weaker than what this run began with; the old one judges" in world.said
    assert f"phasegate approve {world.run_id} --policy" in world.said
    world.approves(BOB)
    assert (admits(world), world.events_of("voided")) == ([False], [])
    assert codes(world, tmp_path / "before") == ["policy-widened"]
    verdict = world.approves_policy(EVE)
    assert list(verdict.counts) == ["1.1", "1.2", "2.1"]
    world.resumes(GREEN)  # what waited is shown again, under the policy that counts now
    world.approves(BOB)
    assert (shown(world), admits(world)) == ([2, 1], [False, True])
    world.resumes(GREEN)
    assert codes(world, tmp_path / "after") == []


@pytest.mark.slow
def test_a_policy_that_became_weaker_before_the_first_gate_does_not_judge_it(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    with world.start(GREEN):
        pass
    world.commits_files({"phasegate.yaml": ONE})
    world.person.absent = True
    world.resumes(GREEN)
    assert shown(world) == [2]
    assert codes(world, tmp_path / "copy") == ["policy-widened"]


@pytest.mark.slow
def test_of_a_change_that_does_both_the_stricter_settings_hold_at_once(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {approvers: 2, expires: 24h}\n")
    world.pauses()
    world.commits_files({"phasegate.yaml": "default: {approvers: 1, expires: 1h}\n"})
    world.resumes(GREEN)
    (first, second) = (worked["policy"] for worked in world.events_of("worked"))
    assert (first["approvers"], first["expires_after"]) == (2, 86400)
    assert (second["approvers"], second["expires_after"]) == (2, 3600)
    assert codes(world, tmp_path / "copy") == ["policy-widened"]


NOT_ABOUT_IT = {
    "a comment": "# who may\n" + TWO,
    "another gate": TWO + 'gates: [{gate: "2.1", workflow: shed, expires: 1h}]\n',
    "another workflow": TWO + 'gates: [{gate: "*", workflow: fence, approvers: 1}]\n',
    "tests": TWO + 'tests: "true"\n',
    "commit": TWO + 'commit: "{name} {id}"\n',
}


@pytest.mark.slow
@pytest.mark.parametrize("policy", NOT_ABOUT_IT.values(), ids=NOT_ABOUT_IT)
def test_a_change_that_is_not_about_a_gate_voids_nothing_there(policy: str, tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.pauses()
    world.approves(BOB)
    world.commits_files({"phasegate.yaml": policy})
    world.approves(EVE)
    world.resumes(GREEN)
    assert (admits(world), world.events_of("voided")) == ([False, True], [])
    assert world.subjects()[-1] == "shed task 1.1: Choose a colour"
    assert codes(world, tmp_path / "copy") == []


@pytest.mark.slow
def test_a_policy_that_was_stricter_and_is_as_before_again_is_still_the_stricter(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=ONE)
    world.pauses()
    world.commits_files({"phasegate.yaml": TWO})
    world.commits_files({"phasegate.yaml": ONE})
    world.resumes(GREEN)
    assert shown(world) == [1, 2]
    world.approves_policy(EVE)
    world.resumes(GREEN)
    assert shown(world) == [1, 2, 1]
    world.commits_files({"phasegate.yaml": TWO})
    world.commits_files({"phasegate.yaml": ONE})  # the approval was of another commit
    world.resumes(GREEN)
    assert shown(world)[-1] == 2
    assert codes(world, tmp_path / "copy") == ["policy-widened"]


@pytest.mark.slow
def test_what_a_branch_held_before_it_was_merged_never_governed_the_run(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.git("branch", "aside")
    world.pauses()
    world.commits_files({"phasegate.yaml": "default: {approvers: 3}\n"})
    world.git("stash", "-q", "--include-untracked")
    world.git("switch", "-q", "aside")
    world.commits_files({"other.txt": "x\n"})
    world.git("switch", "-q", "main")
    world.git("merge", "-q", "--no-edit", "aside")
    world.git("stash", "pop", "-q")
    world.resumes(GREEN)
    assert shown(world) == [2, 3]
    assert codes(world, tmp_path / "copy") == []


# Who may


def signed_world(tmp_path: Path, keys: Keys) -> ApprovalWorld:
    world = ApprovalWorld(tmp_path, policy=SIGNED, files={"signers": keys.allow(BOB), "revoked": ""})
    world.pauses()
    world.commits_files({"signers": keys.allow(BOB) + keys.allow(EVE)})
    return world


@pytest.mark.slow
def test_a_new_key_opens_a_gate_once_a_signer_of_the_old_list_signed_for_it(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys)
    before = journal_bytes(world.journal)
    with pytest.raises(BadInput, match=r"not a key of eve@example\.com|is not in the allowed signers"):
        world.approves(EVE, signature=keys.sign(EVE, world.to_sign()))
    for person, signer, why in (
        (BOB, "", "is not signed, and the policy that counts has signers"),
        (EVE, EVE, "allowed signers"),
        (BOB, EVE, "not a key of bob@example.com"),
        (ADA, BOB, "did work of this run"),
    ):
        with pytest.raises(BadInput) as refused:
            world.approves_policy(person, keys=keys if signer else None, signer=signer)
        assert why in str(refused.value)
    assert journal_bytes(world.journal) == before
    world.approves_policy(BOB, keys=keys)
    world.resumes(GREEN)
    world.approves(EVE, signature=keys.sign(EVE, world.to_sign()))
    world.resumes(GREEN)
    assert world.subjects()[-1] == "shed task 1.1: Choose a colour"
    assert codes(world, tmp_path / "copy") == []


@pytest.mark.slow
def test_a_key_revoked_under_the_run_approves_no_policy(tmp_path: Path, keys: Keys) -> None:
    world = signed_world(tmp_path, keys)
    world.commits_files({"revoked": keys.public(BOB)})
    with pytest.raises(BadInput, match="is revoked"):
        world.approves_policy(BOB, keys=keys)


@pytest.mark.slow
@pytest.mark.parametrize("taken", ["the setting and the list", "the list"])
def test_whoever_takes_the_signatures_away_cannot_approve_that_without_a_key(
    taken: str, tmp_path: Path, keys: Keys
) -> None:
    world = signed_world(tmp_path, keys)
    if taken == "the list":
        world.commits_files({"signers": "# nobody\n"})
        world.commits_files({"signers": keys.allow(EVE)})
    else:
        world.commits_files({"phasegate.yaml": "default: {}\n"})
    with pytest.raises(BadInput, match="is not signed"):
        world.approves_policy(EVE)
    with pytest.raises(BadInput, match="allowed signers"):
        world.approves_policy(EVE, keys=keys)


@pytest.mark.slow
def test_the_first_signer_is_approved_by_the_approvers_that_there_are(tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {who: [bob@example.com, eve@example.com]}\n")
    world.pauses()
    policy = "default: {who: [bob@example.com, eve@example.com], signed: true, allowed_signers: signers}\n"
    world.commits_files({"phasegate.yaml": policy, "signers": keys.allow(EVE)})
    world.resumes(GREEN)
    for signature in ("", keys.sign(EVE, world.to_sign())):  # signatures are asked for, and nobody's key counts yet
        with pytest.raises(BadInput):
            world.approves(EVE, signature=signature)
    with pytest.raises(BadInput, match="is not among those who may approve here"):
        world.approves_policy(ROBOT)
    world.approves_policy(BOB)
    world.resumes(GREEN)
    world.approves(EVE, signature=keys.sign(EVE, world.to_sign()))
    world.resumes(GREEN)
    assert world.subjects()[-1] == "shed task 1.1: Choose a colour"
    assert codes(world, tmp_path / "copy") == []


@pytest.mark.slow
@pytest.mark.parametrize("operator", ["", "operator_may_approve: false, "])
def test_who_drove_the_run_does_not_approve_its_policy(operator: str, tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=f"default: {{{operator}approvers: 2}}\n")
    world.person.at_terminal = bool(operator)
    world.pauses()  # Ada's
    world.commits_files({"phasegate.yaml": "default: {operator_may_approve: true}\n"})
    with pytest.raises(BadInput, match="did work of this run"):
        world.approves_policy(ADA)
    world.approves_policy(BOB)


@pytest.mark.slow
def test_who_approved_a_policy_and_then_does_the_work_is_judged_by_the_old_one(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {operator_may_approve: false}\n")
    with world.start(GREEN):
        pass
    world.commits_files({"phasegate.yaml": "default: {operator_may_approve: true}\n"})
    world.approves_policy(ROBOT)
    world.person.absent, world.who = True, ROBOT
    world.resumes(GREEN)
    with pytest.raises(BadInput, match="asks for somebody else's approval"):
        world.approves(ROBOT)
    assert world.events_of("worked")[0]["policy"]["operator_may_approve"] is False


def test_where_nothing_is_weaker_there_is_nothing_to_approve(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=ONE)
    world.pauses()
    world.commits_files({"phasegate.yaml": TWO})
    with pytest.raises(BadInput, match="there is nothing to approve"):
        world.approves_policy(BOB)
    world.commits_files({"phasegate.yaml": ONE})
    (world.root / "phasegate.yaml").write_text(TWO)
    with pytest.raises(BadInput, match="differs from HEAD"):
        world.approves_policy(BOB)
    assert world.events_of("policy-approved") == []


def test_an_approval_names_what_was_seen(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    world.pauses()
    world.commits_files({"phasegate.yaml": ONE})
    with world.as_(BOB), world.reopen(work=False) as engine:
        seen = engine.policy_change().digest
    world.commits_files({"phasegate.yaml": "default: {operator_may_approve: true}\n"})
    with world.as_(BOB), world.reopen(work=False) as engine:
        for digest in (seen, engine.policy_change().digest[:6]):
            with pytest.raises(BadInput, match="the approval names"):
                engine.approve_policy(digest, "command", by=engine.doors.me)
    assert world.events_of("policy-approved") == []
