"""The side of before is hashed where it is shown: a forged one is refused by its id, at a page and a terminal."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from state.tree_entry import TreeEntry
from tests.worlds.agent_world import AgentWorld
from tests.worlds.page_world import Page
from tests.worlds.workspaces import git
from workflow.doors.git.handed_over import ObjectDiffers
from workflow.doors.git.repository import GitDoor

FILE = "fw.txt"


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    """Work waits that changes a committed file, whose blob then gets other bytes under its id."""
    made = AgentWorld(tmp_path, policy="default: {presence: any, operator_may_approve: true}\n")
    (made.root / FILE).write_text("rule: deny all\nport: 22\n")
    git(made.root, "add", FILE)
    git(made.root, "commit", "-qm", "Firewall")
    made.starts()
    (made.root / FILE).write_text("rule: allow all\nport: 22\n")
    made.hands_in(FILE)
    return made


def forge(world: AgentWorld) -> str:
    id_ = git(world.root, "rev-parse", f"HEAD:{FILE}").strip()
    file = world.root / ".git" / "objects" / id_[:2] / id_[2:]
    data = b"rule: allow all\nport:22\n"
    file.unlink()
    file.write_bytes(zlib.compress(b"blob %d\0" % len(data) + data))
    return id_


def test_a_page_refuses_the_gate_by_the_id(world: AgentWorld) -> None:
    page = Page(world.root)
    page.enters()
    assert "deny all" in page.get(page.gate()).said()
    id_ = forge(world)
    answer = page.get(page.gate())
    assert id_ in answer.said()
    assert "git fsck" in answer.said()
    assert 400 <= answer.status < 500


def test_a_terminal_refuses_the_difference_by_the_id(world: AgentWorld) -> None:
    id_ = forge(world)
    entries = [TreeEntry.from_json(each) for each in world.events("worked")[-1]["entries"]]
    with pytest.raises(ObjectDiffers, match=id_):
        GitDoor(world.root).diff_of([each for each in entries if each.path == FILE], "HEAD")
