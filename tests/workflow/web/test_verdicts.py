"""What a page can decide, and what it cannot: the same as the verbs, and less where a person must be there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.agent_world import BOXES, AgentWorld
from tests.worlds.command_world import CommandWorld
from tests.worlds.page_world import Answer, Page
from workflow.service.open_run import held_run
from workflow.service.this_process import terminal, who_runs_this

pytestmark = pytest.mark.slow
OPEN = "default: {presence: any}\n"
SIGNERS = 'ada@example.com namespaces="phasegate" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== ada\n'  # nobody's key


def waiting(tmp_path: Path, *, policy: str = OPEN, **given: str) -> tuple[AgentWorld, Page]:
    world = AgentWorld(tmp_path, policy=policy, files=given)
    world.starts()
    world.works("one.txt")
    page = Page(world.root)
    page.enters()
    return world, page


def approves(page: Page, **fields: str) -> Answer:
    return page.says("approve", page.get(page.gate()), confirmed="yes", **fields)


def test_an_approval_is_recorded_as_of_the_web_and_the_audit_takes_it(tmp_path: Path) -> None:
    world, page = waiting(tmp_path)
    told = approves(page, comment="looks\r\ngood")
    assert (told.status, told.location) == (303, page.run())
    (event,) = world.events("approved")
    assert (event["via"], event["by"]["git"], event["comment"]) == ("web", "Ada <ada@example.com>", "looks\ngood")
    assert (event["admits"], event["terminal"], "signature" in event) == (True, False, False)
    assert "task 1 is approved" in page.get(told.location).said()
    assert "task 1 is approved" not in page.get(told.location).said()  # it is told once
    world.drives()
    assert world.commits()[0].startswith("scripted 1.0 (agent) <agent@localhost>|Ada <ada@example.com>|shed task 1")
    assert world.findings() == []
    assert "presence" in world.unprovable()


@pytest.mark.parametrize(
    ("policy", "said", "characters", "typed"),
    [
        ("default: {presence: terminal}\n", "there was neither a terminal nor a signature", 7, ""),
        ("default: {presence: signed, allowed_signers: signers}\n", "is not signed", 64, " --key FILE"),
        ("default: {signed: true, presence: any, allowed_signers: signers}\n", "is not signed", 64, " --key FILE"),
    ],
    ids=["a terminal", "a signature for agents' work", "a signature for all"],
)
def test_where_a_person_must_be_there_a_page_says_what_to_type_and_opens_nothing(
    policy: str, said: str, characters: int, typed: str, tmp_path: Path
) -> None:
    world, page = waiting(tmp_path, policy=policy, signers=SIGNERS)
    gate = page.get(page.gate())
    assert "It is not approved here" in gate.said()
    command = f"phasegate approve {world.journal.parent.name} --digest {world.digest[:characters]}{typed}"
    assert re.search(rf"{re.escape(command)}(?![0-9a-f])", gate.said()), gate.said()
    with pytest.raises(KeyError):
        gate.fields("approve")
    form = {**gate.fields("note"), "digest": world.digest, "confirmed": "yes"}
    told = page.post(f"{page.run()}/approve", form)
    assert told.status == 409
    assert said in told.said()
    assert command in told.said()
    assert world.opened() == []


def test_a_key_of_this_machine_never_signs_for_a_page(tmp_path: Path) -> None:
    world, page = waiting(tmp_path, policy="default: {presence: signed, allowed_signers: signers}\n", signers=SIGNERS)
    form = {**page.get(page.gate()).fields("note"), "digest": world.digest, "confirmed": "yes"}
    with mock.patch("workflow.doors.ssh_signature.SshSignatures.sign", side_effect=AssertionError("it signed")):
        assert page.post(f"{page.run()}/approve", form).status == 409
    assert page.faults == []


def test_a_rejection_needs_a_reason_and_brings_the_task_back_to_work(tmp_path: Path) -> None:
    world, page = waiting(tmp_path)
    gate = page.get(page.gate())
    told = page.says("reject", gate, reason="  \r\n ")
    assert told.status == 409
    assert "the reason says nothing" in told.said()
    assert page.says("reject", gate, reason="not that green").status == 303
    (event,) = world.events("rejected")
    assert (event["reason"], event["by"]["git"]) == ("not that green", "Ada <ada@example.com>")
    world.drives()
    world.works("one.txt", "greener\n")
    assert "Earlier attempts ended because attempt 1 rejected by Ada" in page.get(page.gate()).said()


def test_in_an_agents_run_a_rejection_asks_for_the_same_presence(tmp_path: Path) -> None:
    world, page = waiting(tmp_path, policy="default: {presence: terminal}\n")
    gate = page.get(page.gate())
    assert "a rejection asks for a person at a terminal, too" in gate.said()
    with pytest.raises(KeyError):
        gate.fields("reject")
    told = page.post(f"{page.run()}/reject", {**gate.fields("note"), "reason": "no"})
    assert told.status == 409
    assert "there is no terminal here" in told.said()
    assert world.events("rejected") == []


def test_a_note_goes_into_the_working_log_and_onto_the_page(tmp_path: Path) -> None:
    world, page = waiting(tmp_path)
    assert page.says("note", page.get(page.gate()), text="ask Bob").status == 303
    assert [each["text"] for each in world.events("noted")] == ["ask Bob"]
    assert "Notes (1) Ada <ada@example.com>: ask Bob" in page.get(page.gate()).said()


def test_boxes_are_attested_or_waived_with_a_reason_before_the_approval(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=BOXES, policy=OPEN)
    world.starts()
    world.hands_in(boxes=("1=yes", "2=yes"))
    page = Page(world.root)
    page.enters()
    gate = page.get(page.gate())
    shown = gate.fields("approve")["digest"]
    told = page.says("approve", gate, confirmed="yes")
    assert told.status == 409  # nobody said a word of them
    assert world.opened() == []
    told = page.says("approve", gate, confirmed="yes", **{"box-1": "attest", "box-2": "waive", "why-2": ""})
    assert "box 2: a waiver needs a reason: say behind the box why it goes without" in told.said()
    assert "--waive" not in told.said()
    fields = {"box-1": "attest", "box-2": "waive", "why-2": "not this time"}
    assert page.says("approve", gate, confirmed="yes", **fields).status == 303
    words = [each for each in world.events("answered") if each["via"] == "web"]
    assert [(each["item"], each["verdict"], each.get("why")) for each in words] == [
        ("box 1", "attested", None),
        ("box 2", "waived", "not this time"),
    ]
    (approved,) = world.opened()
    assert approved["digest"] != shown  # the same evidence, with the words
    world.drives()
    assert world.findings() == []


def test_who_may_not_approve_may_not_on_a_page_either(tmp_path: Path) -> None:
    world, page = waiting(tmp_path, policy="default: {presence: any, who: [bob@example.com]}\n")
    told = approves(page)
    assert told.status == 409
    assert "ada@example.com" in told.said().lower()
    assert world.opened() == []


def test_of_two_that_are_asked_for_the_first_opens_nothing_and_counts_once(tmp_path: Path) -> None:
    world, page = waiting(tmp_path, policy="default: {presence: any, approvers: 2}\n")
    told = approves(page)
    assert told.status == 303
    assert "more approvals are needed" in page.get(told.location).said()
    assert approves(page).status == 409
    bob = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}
    with mock.patch.dict(os.environ, bob):
        assert approves(page).status == 303
    assert [each["admits"] for each in world.events("approved")] == [False, True]


def test_what_was_changed_behind_the_page_is_not_approved(tmp_path: Path) -> None:
    world, page = waiting(tmp_path)
    gate = page.get(page.gate())
    (world.root / "one.txt").write_text("something else\n")
    told = page.says("approve", gate, confirmed="yes")
    assert told.status == 409
    assert "the evidence changed after it was shown" in told.said()
    assert world.opened() == []


def test_a_run_that_another_process_holds_is_left_alone(tmp_path: Path) -> None:
    world, page = waiting(tmp_path)
    gate = page.get(page.gate())
    who = who_runs_this(world.root)
    with held_run(world.root, world.journal.parent.name, who, terminal(no_input=True)):
        told = page.says("approve", gate, confirmed="yes")
    assert (told.status, world.opened()) == (409, [])


def test_a_policy_that_is_not_where_it_is_read_opens_nothing(tmp_path: Path) -> None:
    world, page = waiting(tmp_path)
    (world.root / "phasegate.yml").write_text("default: {approvers: 2}\n")
    told = approves(page)
    assert (told.status, world.opened()) == (409, [])
    assert "phasegate.yml" in told.said()


def test_without_a_git_identity_nobody_approves(tmp_path: Path) -> None:
    world, page = waiting(tmp_path)
    gate = page.get(page.gate())
    git = "workflow.doors.git.repository"
    with mock.patch(f"{git}.identity", return_value=None), mock.patch(f"{git}.identity_of_both", return_value=None):
        told = page.says("approve", gate, confirmed="yes")
        assert told.status == 409
        assert "git does not know who you are" in told.said()
        assert "git does not know who you are" in page.get(page.gate()).said()
    assert world.opened() == []


def test_work_that_a_person_handed_in_is_approved_by_another_one_as_ever(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md", "--sandbox", "--yes", "--until", "1.1")
    world("resume")
    assert world("done", "--no-files").code == 0  # Ada, who may not approve what she handed in without a terminal
    page = Page(world.root)
    page.enters()
    told = approves(page)
    assert told.status == 409
    with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}):
        assert approves(page).status == 303
    assert world("resume").code in (0, 3)
    assert world("audit").code == 0


def test_a_verdict_is_taken_as_it_is_where_nobody_reads_what_the_server_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, page = waiting(tmp_path)
    shown = page.get(page.gate())
    (world.root / "one.txt").write_text("changed after it was shown")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as broken:
        monkeypatch.setattr("sys.stderr", broken)
        told = page.says("approve", shown, confirmed="yes")
    assert told.status == 409
    assert len(world.events("voided")) == 1
