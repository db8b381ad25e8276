"""The policy that governs: the committed one, recorded with what is shown, and told before anything is written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gates.policy import GatePolicy
from state.errors import BadInput, Waiting
from state.files import sha256
from tests.worlds.approval_world import ADA, BOB, SIGNED, ApprovalWorld, Keys
from tests.worlds.journals import journal_bytes
from tests.worlds.workspaces import git
from workflow.engine.engine import Settings

TWO = "default: {approvers: 2}\n"


def refused_before_anything_is_written(world: ApprovalWorld) -> str:
    with pytest.raises(BadInput) as refused, world.start():
        pass
    assert not (world.root / ".phasegate").exists()
    return str(refused.value)


def test_without_a_file_the_default_is_recorded(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    (worked,) = world.events_of("worked")
    assert worked["policy"] == GatePolicy().recorded().to_json()
    assert worked["by"]["git"] == ADA


def test_the_policy_in_force_is_recorded_with_the_digests_of_its_files(tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path, policy=SIGNED, files={"signers": keys.allow(BOB), "revoked": keys.public(ADA)})
    world.pauses()
    (worked,) = world.events_of("worked")
    assert worked["policy"]["signed"] is True
    assert worked["policy"]["files"] == {
        path: sha256((world.root / path).read_bytes()) for path in ("phasegate.yaml", "signers", "revoked")
    }


def test_a_bad_policy_is_refused_with_its_place(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default:\n  approvers: many\n")
    assert "phasegate.yaml:2:3: approvers" in refused_before_anything_is_written(world)


def test_a_rule_for_a_gate_that_is_not_there_is_refused(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="gates:\n  - {gate: 1.l, workflow: shed}\n  - {gate: 9, workflow: fence}\n")
    said = refused_before_anything_is_written(world)
    assert "phasegate.yaml:2:6: no task of shed is called '1.l'" in said
    assert "fence" not in said


@pytest.mark.parametrize("spoil", ["changed", "deleted", "never committed", "staged only"])
def test_a_policy_that_is_not_as_committed_is_refused(spoil: str, tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="" if spoil in ("never committed", "staged only") else TWO)
    path = world.root / "phasegate.yaml"
    if spoil == "deleted":
        path.unlink()
    else:
        path.write_text("default: {approvers: 1}\n")
    if spoil == "staged only":
        world.git("add", "phasegate.yaml")
    said = refused_before_anything_is_written(world)
    assert "differs from HEAD: phasegate.yaml" in said
    assert "git commit" in said


@pytest.mark.parametrize("path", ["signers", "revoked"])
def test_a_file_that_the_policy_names_must_be_there_and_committed(path: str, tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path, policy=SIGNED, files={"signers": keys.allow(BOB), "revoked": ""})
    (world.root / path).write_text("other")
    assert f"differs from HEAD: {path}" in refused_before_anything_is_written(world)
    (world.root / path).unlink()
    assert f"names {path}, which is not there" in refused_before_anything_is_written(world)


def test_before_the_first_enrolment_a_run_says_how_to_enrol(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {passkeys: .phasegate-passkeys}\n")
    said = refused_before_anything_is_written(world)
    assert "names .phasegate-passkeys, which is not there" in said
    assert "phasegate serve   # under People: enrol a passkey" in said


@pytest.mark.slow
def test_a_policy_changed_mid_run_governs_the_next_gate(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {}\n")
    with world.start() as engine:
        engine.segment()
    world.commits_files({"phasegate.yaml": TWO})
    world.person.absent = True
    world.resumes()
    first, second = world.events_of("worked")
    assert [worked["policy"]["approvers"] for worked in (first, second)] == [1, 2]
    assert "voided" not in [event.type for event in world.resumes().journal.events]


def test_a_policy_changed_while_a_gate_waits_has_it_put_before_the_approver_anew(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {}\n")
    world.pauses()
    world.commits_files({"phasegate.yaml": TWO})
    world.resumes(Settings(answers={"colour": "green"}))
    (voided,) = world.events_of("voided")
    assert voided["changed"][0].startswith("phasegate.yaml was ")
    assert [worked["policy"]["approvers"] for worked in world.events_of("worked")] == [1, 2]


def test_a_policy_that_is_not_committed_while_a_gate_waits_is_refused_and_voids_nothing(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    journal = journal_bytes(world.journal)
    (world.root / "phasegate.yaml").write_text("default: {}\n")
    with pytest.raises(BadInput, match=r"differs from HEAD: phasegate\.yaml"):
        world.resumes()
    with pytest.raises(BadInput, match=r"differs from HEAD: phasegate\.yaml"):
        world.approves(BOB)
    assert journal_bytes(world.journal) == journal
    (world.root / "phasegate.yaml").unlink()
    world.approves(BOB)
    assert [event["admits"] for event in world.events_of("approved")] == [True]


def filtered(world: ApprovalWorld, clean: str) -> None:
    """This clone's own git stores phasegate.yaml through a filter; no commit tells of it."""
    (world.root / ".git/info/attributes").write_text("phasegate.yaml filter=mine\n")
    world.git("config", "filter.mine.clean", clean)
    world.git("config", "filter.mine.smudge", "cat")


@pytest.mark.slow
@pytest.mark.parametrize("hidden", ["a filter of this clone", "assume-unchanged", "skip-worktree"])
def test_what_head_holds_is_the_policy_whatever_the_file_here_says(hidden: str, tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO)
    if hidden == "a filter of this clone":
        filtered(world, "sed s/1/2/")
    else:
        world.git("update-index", f"--{hidden}", "phasegate.yaml")
    (world.root / "phasegate.yaml").write_text(TWO.replace("2", "1"))
    assert world.git("status", "--porcelain") == ""
    if hidden == "a filter of this clone":  # git would store what HEAD holds
        world.pauses()
        (worked,) = world.events_of("worked")
        assert (worked["policy"]["approvers"], worked["policy"]["files"]) == (
            2,
            {"phasegate.yaml": sha256(TWO.encode())},
        )
        world.approves(BOB)
        assert [event["admits"] for event in world.events_of("approved")] == [False]
    else:
        said = refused_before_anything_is_written(world)
        assert f"differs from HEAD: phasegate.yaml, which is marked {hidden}: git does not see its changes" in said
        assert f"next: git update-index --no-{hidden} phasegate.yaml" in said
        world.git("update-index", f"--no-{hidden}", "phasegate.yaml")
        assert "git -P diff HEAD -- phasegate.yaml" in refused_before_anything_is_written(world)


def test_a_policy_that_git_stores_as_something_else_is_refused_as_that(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    filtered(world, "tr a-z n-za-m")
    world.commits_files({"phasegate.yaml": TWO})
    said = refused_before_anything_is_written(world)
    assert "what git stores of phasegate.yaml is not the file here" in said
    assert "next: git -P show HEAD:phasegate.yaml" in said


def test_a_policy_edited_mid_run_is_refused_before_the_next_work_begins(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy=TWO.replace("2", "1"))
    with world.start() as engine:
        engine.segment()
    (world.root / "phasegate.yaml").write_text("default: {opened_by_policy: true}\n")
    with pytest.raises(BadInput, match="must be as committed"):
        world.resumes()
    assert len(world.events_of("task-started")) == 1
    assert world.outside == []


@pytest.mark.parametrize("spoil", ["changed", "deleted", "made"])
def test_a_policy_that_changes_in_the_middle_of_a_process_is_seen(spoil: str, tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="" if spoil == "made" else TWO.replace("2", "1"))
    path = world.root / "phasegate.yaml"
    with world.start() as engine:
        engine.segment()
        if spoil == "deleted":
            path.unlink()
        else:
            path.write_text("default: {opened_by_policy: true}\n")
        with pytest.raises(BadInput, match="must be as committed"):
            engine.segment()
    assert len(world.events_of("task-started")) == 1


def test_the_policy_opens_gates_by_itself_and_never_under_a_persons_name(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {opened_by_policy: true}\n")
    with world.start() as engine:
        engine.segment()
        world.person.absent = True
        with pytest.raises(Waiting, match=r"task 1\.2 waits for approval"):  # nothing was checked there
            engine.segment()
    (approved,) = world.events_of("approved")
    assert (approved["by"]["git"], approved["via"]) == ("policy", "policy")
    assert world.person.views == [] or all(view.task.id != "1.1" for view in world.person.views)
    assert "\nApproved-by: policy\n" in world.git("log", "-1", "--format=%B")


@pytest.mark.parametrize(
    "policy",
    ["default: {operator_may_approve: false}\n", SIGNED.replace("operator_may_approve: false, ", ""), TWO],
    ids=["not the operator", "signed", "two"],
)
def test_yes_does_not_stand_against_a_stricter_policy(policy: str, tmp_path: Path, keys: Keys) -> None:
    world = ApprovalWorld(tmp_path, policy=policy, files={"signers": keys.allow(ADA), "revoked": ""})
    world.pauses(Settings(answers={"colour": "green"}, yes=True))
    assert [event["admits"] for event in world.events_of("approved")] == ([False] if policy == TWO else [])
    assert world.subjects() == ["A policy"]


def test_the_expiry_is_the_policys(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="gates: [{gate: 1.1, expires: 30m}]\n")
    world.pauses()
    request = world.events_of("worked")[0]["request"]
    assert (request["shown_at"][11:16], request["expires_at"][11:16]) == ("03:04", "03:34")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["phasegate.yaml", ".signers"])
def test_a_policy_or_its_keys_behind_a_link_are_refused_by_the_link_and_the_next_command_mends_it(
    path: str, tmp_path: Path
) -> None:
    world = ApprovalWorld(tmp_path)
    world.commits_files({"phasegate.yaml": "default: {allowed_signers: .signers}\n", ".signers": "# none\n"})
    (world.root / path).rename(world.root / "elsewhere")
    (world.root / path).symlink_to("elsewhere")
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "A link")
    with pytest.raises(BadInput, match=f"{path} is a symbolic link -> elsewhere") as refused, world.start():
        pass
    for command in refused.value.next_command.split("\n"):
        typed = command.partition("   #")[0].strip().replace("git commit", "git commit -q -m own")
        subprocess.run(["sh", "-c", typed], cwd=world.root, check=True)
    with world.start():
        assert not (world.root / path).is_symlink()


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["allowed_signers", "revoked_keys", "passkeys"])
@pytest.mark.parametrize(
    ("kind", "why"),
    [("link", "goes through keys, which is a symbolic link"), ("repository", "stands in keys, which is another")],
)
def test_keys_behind_a_linked_directory_or_in_another_repository_are_refused(
    setting: str, kind: str, why: str, tmp_path: Path
) -> None:
    world = ApprovalWorld(tmp_path)
    (world.root / "keys").mkdir()
    world.commits_files({"phasegate.yaml": f"default: {{{setting}: keys/them}}\n", "keys/them": "# none\n"})
    if kind == "link":
        (world.root / "keys").rename(tmp_path / "elsewhere")
        (world.root / "keys").symlink_to(tmp_path / "elsewhere")
    else:
        git(world.root / "keys", "init", "-q")
        git(world.root / "keys", "add", "-A")
        git(world.root / "keys", "commit", "-q", "-m", "Another repository")
        world.git("rm", "-rq", "--cached", "keys")
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Keys that this repository does not hold")
    with pytest.raises(BadInput, match=f"keys/them {why}"), world.start():
        pass
    assert not (world.root / ".phasegate").exists()
