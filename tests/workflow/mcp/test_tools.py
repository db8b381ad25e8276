"""What an agent hands in is an agent's, whatever it says; and a person who is there opens its gates, nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.agent_world import AGENT, BOXES, CLIENT, AgentWorld
from workflow.service.agent import agent

pytestmark = pytest.mark.slow
CRITERIA = """# Release

## Phase 1: Build

- [ ] Build it

**Exit Criteria**:
- It stands
"""


@pytest.fixture
def waiting(tmp_path: Path) -> AgentWorld:
    """The first task is handed in, and waits."""
    world = AgentWorld(tmp_path)
    world.starts()
    world.works("one.txt")
    return world


def test_a_waiting_gate_is_a_plain_answer_with_the_command_for_a_person(waiting: AgentWorld) -> None:
    told = waiting.tools.task(None)
    assert told["status"] == "waiting-for-approval"
    (command,) = told["approve"]  # type: ignore[misc]
    assert f"--digest {waiting.digest[:7]}" in str(command)
    assert str(command).endswith("   # in a terminal")  # no allowed_signers: nothing signs


def test_the_work_and_its_commit_are_the_agents_and_the_person_is_committer(waiting: AgentWorld) -> None:
    waiting.approves(at_terminal=True)
    waiting.drives()
    (handed_in,) = waiting.events("handed-in")
    assert (handed_in["by"]["git"], handed_in["via"], handed_in["terminal"]) == (AGENT, "mcp", False)
    author, ada = "scripted 1.0 (agent) <agent@localhost>", "Ada <ada@example.com>"
    assert waiting.commits() == [f"{author}|{ada}|shed task 1: Choose a colour"]
    (approved,) = waiting.events("approved")
    assert (approved["by"]["git"], approved["terminal"]) == (ada, True)
    assert waiting.findings() == []
    assert "presence" in waiting.unprovable()


def test_a_command_without_a_terminal_does_not_count_and_says_what_does(waiting: AgentWorld) -> None:
    with pytest.raises(BadInput, match="neither a terminal nor a signature") as refused:
        waiting.approves(at_terminal=False)
    assert refused.value.next_command.endswith("   # in a terminal")
    assert waiting.events("approved") == []


def test_with_presence_any_a_command_counts_and_the_audit_says_what_that_proves(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {presence: any}\n")
    world.starts()
    world.works("one.txt")
    world.approves(at_terminal=False)
    world.drives()
    assert len(world.commits()) == 1
    assert world.findings() == []
    assert "presence" in world.unprovable()


def test_rejected_work_comes_back_with_its_reason_and_after_the_last_attempt_it_is_a_persons(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {attempts: 2}\n")
    world.starts()
    for text in ("a\n", "b\n"):
        assert world.works("one.txt", text)["status"] == "waiting-for-approval"
        world.rejects(at_terminal=True)
    told = world.tools.task(None)["task"]
    assert isinstance(told, dict)
    assert [str(each)[:18] for each in told["refusals"]] == ["attempt 1 rejected", "attempt 2 rejected"]  # type: ignore[union-attr]
    again = world.works("one.txt", "c\n")
    assert "an agent has had 2 attempts at it" in str(again["message"])
    assert len(world.events("handed-in")) == 2


def test_a_rejection_in_an_agents_run_asks_for_a_person_who_is_there(waiting: AgentWorld) -> None:
    with pytest.raises(BadInput, match="there is no terminal here"):
        waiting.rejects(at_terminal=False)
    assert waiting.events("rejected") == []


def test_what_an_agent_says_of_a_box_ticks_nothing_until_a_person_says_it(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=BOXES)
    world.starts()
    told = world.hands_in(boxes=("1=yes", "2=n/a:nobody looks"))
    assert told["status"] == "waiting-for-approval", told
    checks = [check for check in world.events("worked")[-1]["checks"] if check.get("answers")]
    assert [check["verdict"] for check in checks] == ["said-by-agent", "said-by-agent"]
    with pytest.raises(BadInput, match="need a person's word first"):
        world.approves(at_terminal=True)
    with pytest.raises(BadInput, match="neither a terminal nor a signature"):
        world.approves(at_terminal=False, attest=("1", "2"))
    world.approves(at_terminal=True, attest=("1", "2"))
    world.drives()
    assert (world.root / "shed.md").read_text().count("[x]") == 2
    assert world.findings() == []


def test_an_exit_criterion_that_an_agent_attests_is_its_word(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=CRITERIA)
    world.starts()
    told = world.hands_in(boxes=("1=yes",), attest=("all",))
    assert told["status"] == "waiting-for-approval", told
    verdicts = [check["verdict"] for check in world.events("worked")[-1]["checks"]]
    assert "said-by-agent" in verdicts
    assert "attested" not in verdicts


def test_an_agent_takes_back_its_own_work(waiting: AgentWorld) -> None:
    assert waiting.tools.take_back(CLIENT, None)["status"] == "as-asked"
    assert waiting.works("two.txt")["status"] == "waiting-for-approval"
    assert len(waiting.events("handed-in")) == 2


def test_another_client_does_not_take_it_back(waiting: AgentWorld) -> None:
    told = waiting.tools.take_back(("another", "2"), None)
    assert "was handed in by agent: scripted 1.0" in str(told["message"])


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (("claude-code", "2.1"), "agent: claude-code 2.1"),
        (("Ada <ada@example.com>", ""), "agent: Ada-ada-example.com"),
        (("\x1b[2J\nevil", "1"), "agent: 2J-evil 1"),
        (("", ""), "agent: unknown"),
        (("x" * 200, "1"), "agent: " + "x" * 60),
    ],
)
def test_no_name_of_a_client_is_a_persons(said: tuple[str, str], name: str, tmp_path: Path) -> None:
    assert agent(tmp_path, *said).by.git == name


def test_ticked_boxes_are_taken_over_by_no_agent(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook="# Shed\n\n- [x] 1. Choose a colour\n- [ ] 2. Order the paint\n")
    told = world.tools.start(CLIENT, "shed.md", sandbox=False, answers={"adopt": "adopt"})
    assert "by a person only" in str(told["message"])
    assert not (world.root / ".phasegate").exists()


def test_a_commit_that_names_another_author_is_found(waiting: AgentWorld) -> None:
    from tests.worlds.workspaces import git

    waiting.approves(at_terminal=True)
    waiting.drives()
    git(waiting.root, "commit", "-q", "--amend", "--no-edit", "--author", "Ada <ada@example.com>")
    assert any(each.startswith("author-differs") for each in waiting.findings())


def test_an_approval_that_was_made_without_anybody_there_is_found(waiting: AgentWorld) -> None:
    waiting.approves(at_terminal=True)

    def forge(events: list[dict[str, object]]) -> None:
        next(each for each in events if each["type"] == "approved")["terminal"] = False

    waiting.rewrites(forge)
    assert any(each.startswith("presence-missing") for each in waiting.findings())
    waiting.drives()
    assert waiting.commits() == []  # the gate looks again, too
