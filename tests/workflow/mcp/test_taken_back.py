"""What an agent takes back is told as that by every face, is no person's rejection, and costs it no attempt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.agent_world import AGENT, CLIENT, AgentWorld
from tests.worlds.page_world import Page
from tests.worlds.soft_authenticator import Authenticator
from workflow.audit import audit_workspace
from workflow.doors.terminal import Terminal
from workflow.service.inbox import Inbox
from workflow.service.reject import reject
from workflow.service.status import log, status
from workflow.service.status import review as status_review
from workflow.service.this_process import who_runs_this

TOLD = f"attempt 1 taken back by {AGENT}, who handed it in"


def page_of(world: AgentWorld, place: str) -> str:
    page = Page(world.root)
    page.enters()
    return page.get({"run": page.run(), "gate": page.gate(), "inbox": "/"}[place]).said()


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    bob = Authenticator("Bob <bob@example.com>")
    made = AgentWorld(
        tmp_path, policy="default: {presence: signed, passkeys: passkeys, attempts: 2}\n", files={"passkeys": bob.line}
    )
    made.starts()
    made.works("one.txt")
    made.tools.take_back(CLIENT, None)
    return made


def test_each_face_tells_it_as_taken_back(world: AgentWorld) -> None:
    lines = [each.text() for each in log(world.root, None)]
    assert any(re.search(rf"taken-back +1#1 +by {AGENT}, who handed it in$", line) for line in lines)
    assert not any("rejected" in line for line in lines)
    assert "taken-back" in page_of(world, "run") and "rejected" not in page_of(world, "run")
    world.drives()
    assert TOLD in str(world.tools.task(None))
    world.works("one.txt", "another\n")
    for said in (page_of(world, "gate"), status_review(world.root, None), str(world.tools.task(None))):
        assert TOLD in said and "rejected by" not in said
    (audited,) = audit_workspace(world.root, None)
    assert list(audited.tasks[0].refusals) == [TOLD]


def test_it_is_no_unsigned_rejection_and_a_persons_is_one(world: AgentWorld) -> None:
    assert "unsigned-rejection" not in world.unprovable()
    world.drives()
    world.works("one.txt", "another\n")
    world.rejects(at_terminal=True)
    assert "unsigned-rejection" in world.unprovable()
    assert world.findings() == []


def test_it_costs_no_attempt(world: AgentWorld) -> None:
    for text in ("b\n", "c\n"):
        world.drives()
        assert world.works("one.txt", text)["status"] == "waiting-for-approval"
        world.tools.take_back(CLIENT, None)
    for text in ("d\n", "e\n"):
        world.drives()
        assert world.works("one.txt", text)["status"] == "waiting-for-approval"
        world.rejects(at_terminal=True)
    told = world.drives()
    assert "an agent has had 2 attempts at it" in str(told["message"])
    assert told["status"] == "waiting-for-person"
    assert str(told["then"]).startswith("A person goes on")
    assert world.findings() == []


def test_who_rejects_with_the_same_words_rejects(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {attempts: 1}\n")
    world.starts()
    world.works("one.txt")
    reject(world.root, who_runs_this(world.root), Terminal(interactive=True), None, "taken back by who handed it in")
    assert any("rejected" in each.text() for each in log(world.root, None))
    assert "an agent has had 1 attempt at it" in str(world.drives()["message"])


def test_a_task_that_an_agent_is_at_is_no_persons_to_do(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)
    world.starts()
    said = page_of(world, "inbox")
    assert "Work that an agent is at 1 Choose a colour" in said and "Work that a person does" not in said
    (line,) = Inbox({"shed": world.root}).look(60).lines
    assert line.waits_for == "agent"
    found = status(world.root, None)
    assert not any("phasegate done" in each for each in found.following)
    assert "phasegate done" not in page_of(world, "run")
    assert "1 is an agent's to do" in "\n".join(found.lines())
    assert found.to_json()["to_do_by_agent"] is True
