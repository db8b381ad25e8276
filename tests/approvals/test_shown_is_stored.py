"""What an approver is shown of a file is what git stores of it, in every face; what a program changes is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from state.errors import BadInput
from state.tree_entry import TreeEntry
from tests.worlds.agent_world import AgentWorld
from tests.worlds.page_world import Page
from tests.worlds.run_world import RunWorld
from tests.worlds.workspaces import git
from workflow.audit import audit_workspace
from workflow.doors.git.repository import GitDoor
from workflow.doors.page_lines import diff_lines
from workflow.ports import ReviewView, Verdict
from workflow.service.status import review as status_review

FILE = "deploy.cfg"
LARGE = b"version https://git-lfs.github.com/spec/v1\n"


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    made = AgentWorld(tmp_path, policy="default: {presence: any, operator_may_approve: true}\n")
    made.starts()
    return made


def filters(world: AgentWorld, clean: str) -> None:
    git(world.root, "config", "filter.x.clean", clean)
    (world.root / ".git/info").mkdir(exist_ok=True)
    (world.root / ".git/info/attributes").write_text("*.cfg filter=x\n")


def gate(world: AgentWorld) -> str:
    page = Page(world.root)
    page.enters()
    return page.get(page.gate()).said()


def terminal(world: AgentWorld) -> str:
    """What `s` shows at a terminal."""
    entries = [TreeEntry.from_json(each) for each in world.events("worked")[-1]["entries"]]
    return GitDoor(world.root).diff_of([each for each in entries if each.path == FILE], "HEAD")


def test_a_filter_that_changes_a_file_is_refused_before_anything_is_recorded(world: AgentWorld) -> None:
    filters(world, "sed s/good/evil/")
    before = world.journal.read_bytes()
    refused: Any = world.works(FILE, "all good here\n")
    assert (refused["status"], refused["exit_code"]) == ("refused", 2)
    assert f"{FILE}: expected that git stores its 14 bytes; seen filter=x, which stores 14 other" in str(refused)
    shows, _attribute = refused["next"]
    assert git(world.root, *shows["person"].split()[1:]) == "all evil here\n"
    assert world.journal.read_bytes() == before
    (world.root / FILE).write_text("all evil here\n")  # as the refusal says: what git would store is in the file
    world.hands_in(FILE)
    assert "+all evil here" in gate(world)
    world.approves(at_terminal=True)
    world.drives()
    assert git(world.root, "show", f"HEAD:{FILE}") == "all evil here\n"
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


ENDS = [b"\r\n", b"\r\r\n", b"\r", b"\v\n", b"\f\n", b"\xc2\x85\n", b"\xe2\x80\xa8\n", b"\xe2\x80\xa9\n"]
AS_SEEN = [r"\r", r"\r\r", r"\r", r"\x0b", r"\x0c", r"\x85", r"\u2028", r"\u2029"]


@pytest.mark.parametrize(("end", "seen"), [*zip(ENDS, AS_SEEN, strict=True)])
def test_what_ends_a_line_beside_lf_is_seen_on_the_page_and_at_the_terminal(
    tmp_path: Path, end: bytes, seen: str
) -> None:
    world = AgentWorld(tmp_path, policy="default: {presence: any, operator_may_approve: true}\n")
    (world.root / FILE).write_bytes(b"two" + end)
    git(world.root, "add", FILE)
    git(world.root, "commit", "-qm", "as it was")
    world.starts()
    (world.root / FILE).write_bytes(b"two\n")
    world.hands_in(FILE)
    page = Page(world.root)
    page.enters()
    text = page.get(page.gate()).text
    assert f'<span class="sign">-</span><span class="text">two{seen}</span>' in text
    assert '<span class="sign">+</span><span class="text">two</span>' in text
    at_terminal = [shown for line in terminal(world).split("\n") for shown in diff_lines(line, 80)]
    assert f"-two{seen}" in at_terminal and "+two" in at_terminal


def test_a_filter_over_the_runbook_is_refused_by_its_name(world: AgentWorld) -> None:
    git(world.root, "config", "filter.x.clean", "sed s/Order/Steal/")
    (world.root / ".git/info").mkdir(exist_ok=True)
    (world.root / ".git/info/attributes").write_text("shed.md filter=x\n")
    refused: Any = world.works(FILE, "all good here\n")
    assert "shed.md: has the attribute filter=x, which changes what git stores of it" in str(refused)
    assert world.events("worked") == []


def test_a_pointer_that_names_the_file_is_shown_as_what_is_stored(world: AgentWorld) -> None:
    text = b"all good here\n"
    pointer = LARGE + f"oid sha256:{hashlib.sha256(text).hexdigest()}\nsize {len(text)}\n".encode()
    (world.root.parent / "pointer").write_bytes(pointer)
    filters(world, f"cat >/dev/null; cat '{world.root.parent / 'pointer'}'")
    world.works(FILE, text.decode())
    for said in (gate(world), terminal(world), status_review(world.root, None)):
        assert f"oid sha256:{hashlib.sha256(text).hexdigest()}" in said
        assert "+all good here" not in said
    assert f"filter=x: git stores {len(pointer)} bytes (a pointer to the file's SHA-256" in gate(world)
    (world.root.parent / "pointer").write_bytes(pointer.replace(b"size 14", b"size 15"))
    with pytest.raises(BadInput, match="evidence changed"):
        world.approves(at_terminal=True)


def ident(world: AgentWorld) -> tuple[str, bytes, str]:
    (world.root / ".gitattributes").write_text("*.cfg ident\n")
    return "$Id: all good $\n", b"$Id$\n", "ident"


def encoding(world: AgentWorld) -> tuple[str, bytes, str]:
    (world.root / ".git/info").mkdir(exist_ok=True)
    (world.root / ".git/info/attributes").write_text("*.cfg working-tree-encoding=UTF-7\n")
    return "+AGUAdgBpAGw-\n", b"evil\n", "working-tree-encoding=UTF-7"


def line_ends(world: AgentWorld) -> tuple[str, bytes, str]:
    (world.root / ".gitattributes").write_text("*.cfg text=auto\n")
    return "good\r\n", b"good\n", "text=auto"


@pytest.mark.parametrize("what", [ident, encoding, line_ends])
def test_what_git_itself_stores_otherwise_is_shown_and_named(
    world: AgentWorld, what: Callable[[AgentWorld], tuple[str, bytes, str]]
) -> None:
    text, stored, by = what(world)
    (world.root / FILE).write_bytes(text.encode())
    paths = (FILE, ".gitattributes") if (world.root / ".gitattributes").exists() else (FILE,)
    world.hands_in(*paths)
    line = f"+{stored.decode().rstrip()}"
    assert line in terminal(world).split("\n")
    said = gate(world)
    assert line in said
    assert f"{by}: git stores {len(stored)} bytes" in said
    assert f"git stores {len(stored)} bytes of it, as shown here" in said
    assert f"{by}: git stores {len(stored)} bytes" in status_review(world.root, None)
    world.approves(at_terminal=True)
    world.drives()
    assert git(world.root, "show", f"HEAD:{FILE}").encode() == stored


def test_what_is_stored_and_is_not_here_any_more_cannot_be_approved_on_the_page(world: AgentWorld) -> None:
    (world.root / ".gitattributes").write_text("*.cfg ident\n")
    (world.root / FILE).write_text("$Id: all good $\n")
    world.hands_in(FILE, ".gitattributes")
    blob = git(world.root, "hash-object", FILE).strip()
    (world.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert f"{FILE} is another file now than the one that was shown" in gate(world)
    assert terminal(world) == f"{FILE} is not shown: it was changed since it was put before its approvers\n"


def test_the_difference_of_entries_takes_no_attribute_and_writes_nothing(world: AgentWorld) -> None:
    below = world.root / "a:b"
    below.mkdir()
    (below / "new line\n.txt").write_text("good\n")
    (below / "link").symlink_to("nowhere")
    door = GitDoor(below)
    entries = list(door.entries(["new line\n.txt", "link"]).values())
    filters(world, "false")
    objects = sorted((world.root / ".git/objects").rglob("*"))
    shown = door.diff_of(entries, "HEAD")
    assert "+good" in shown
    assert "+nowhere" in shown
    assert sorted((world.root / ".git/objects").rglob("*")) == objects


def test_the_difference_at_a_terminal_is_of_what_waits_and_not_of_what_a_filter_makes_by_now(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    seen: list[str] = []
    review = world.person.review

    def looks(view: ReviewView) -> Verdict | None:
        world.git("config", "filter.x.clean", "tr a-z A-Z")
        attributes = world.root / ".git/info/attributes"
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text("*.md filter=x\n")
        seen.append(view.diff())
        attributes.unlink()
        return review(view)

    with mock.patch.object(world.person, "review", looks), world.start() as engine:
        engine.segment()
    assert "+green" in seen[0]
