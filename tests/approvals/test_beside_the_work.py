"""What stands beside work that is handed in: commits of others since its task began, and files that nobody named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.page_world import Page
from tests.worlds.workspaces import git
from workflow.audit import audit_workspace
from workflow.service.status import review as status_review


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    made = AgentWorld(tmp_path, policy="default: {presence: any, operator_may_approve: true}\n")
    made.starts()
    return made


def gate(world: AgentWorld) -> str:
    page = Page(world.root)
    page.enters()
    return page.get(page.gate()).said()


def commits(world: AgentWorld, path: str, *more: str) -> str:
    (world.root / path).write_text("evil\n")
    git(world.root, "add", path)
    git(world.root, "commit", "-qm", "wip", *more)
    return git(world.root, "rev-parse", "HEAD").strip()


def test_work_that_was_committed_beforehand_is_shown_against_what_the_task_began_from(world: AgentWorld) -> None:
    sha = commits(world, "f6.txt")
    world.hands_in("f6.txt")
    for said in (gate(world), status_review(world.root, None)):
        assert f"1 commit of others, by no gate of this run: {sha[:10]} wip" in said
        assert re.search(rf"{sha[:10]} `?wip`? by `?Ada <ada@example.com>`?: `?f6.txt", said)
    assert "+evil" in gate(world)
    world.approves(at_terminal=True)
    world.drives()
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []
    (said,) = (each for each in found.unprovable if each.code == "foreign-commits")
    assert f"{sha[:10]} wip (Ada <ada@example.com>): f6.txt" in said.message


def test_a_commit_of_something_else_is_named_as_well_and_one_of_another_run_as_that(world: AgentWorld) -> None:
    sha = commits(world, "other.txt")
    commits(world, "theirs.txt", "-m", "Phasegate-Run: other-run")
    world.works("one.txt")
    said = gate(world)
    assert f"1 commit of others, by no gate of this run: {sha[:10]} wip" in said
    assert "says it is of run other-run: theirs.txt" in said.replace("`", "")


def test_files_that_nobody_named_are_listed_where_no_command_ran(world: AgentWorld) -> None:
    (world.root / "unnamed.txt").write_text("evil\n")
    world.works("one.txt")
    assert "unnamed.txt: nobody named them, so they stay out of the commit" in gate(world)


def test_the_commit_counts_what_it_changes(world: AgentWorld) -> None:
    world.works("one.txt")
    assert "### Commit (6 files)" in status_review(world.root, None)
    world.approves(at_terminal=True)
    world.drives()
    world.works("two.txt")
    page = status_review(world.root, None)
    assert "### Commit (4 files)" in page
    assert len(re.findall("in HEAD already as it is", page)) == 2
    assert "Commit (4 files)" in gate(world)
    world.approves(at_terminal=True)
    world.drives()
    assert len(git(world.root, "show", "--name-only", "--format=", "HEAD").split()) == 4
