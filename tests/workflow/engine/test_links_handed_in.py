"""Links, submodules and files that git cannot store are refused when they are handed in, with a way that works."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.worlds.by_hand import events
from tests.worlds.command_world import CommandWorld, Told

pytestmark = pytest.mark.slow
RUNBOOK = b"# Job\n\n- [ ] 1. First\n- [ ] 2. Second\n"


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / ".gitattributes").write_text("*.txt working-tree-encoding=UTF-16LE\n")
    world.git("add", ".")
    world.git("commit", "-qm", "Attributes")
    assert world("run", "tasks.md").code == 3
    return world


def type_on(world: CommandWorld, told: Told) -> Told:
    """What is printed, typed."""
    words = told.next.split()
    assert words[:2] == ["phasegate", "done"]
    return world(*words[1:])


def test_a_link_is_not_suggested_and_the_way_on_leads_on(world: CommandWorld) -> None:
    (world.root / "out").symlink_to("/tmp")
    for order in (["done"], ["done", "--path", "out"], ["done", "--path", "out/f"], ["done", "--path", "."]):
        told = world(*order)
        assert told.code == 2
        assert "not ready for a run" not in told.error
        assert told.next.endswith(" --no-files")
    assert "is a symbolic link -> /tmp, which no run takes in" in world("done", "--path", "out").error
    assert type_on(world, told).code == 0
    assert "out" not in events(world, "handed-in")[-1]["paths"]


def test_the_files_beside_a_link_can_be_handed_in_as_printed(world: CommandWorld) -> None:
    (world.root / "out").symlink_to("/tmp")
    (world.root / "good").write_text("good")
    told = world("done", "--path", "good", "--path", "out")
    assert (told.code, told.next.endswith(" --path good")) == (2, True)
    assert type_on(world, told).code == 0
    assert events(world, "handed-in")[-1]["paths"] == ["good"]


def test_a_submodule_and_what_names_it_are_refused_together(world: CommandWorld, tmp_path: Path) -> None:
    other = tmp_path / "other"
    world.git("init", "-q", str(other))
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    world.git("-C", str(other), *who, "commit", "-q", "--allow-empty", "-m", "Start")
    world.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sm")
    for path in ("sm", ".gitmodules"):
        told = world("done", "--path", path)
        assert (told.code, "which no run takes in: commit it by yourself" in told.error) == (2, True)
        assert told.next.endswith(" --no-files")
    assert type_on(world, told).code == 0


def test_a_file_that_git_cannot_encode_is_found_when_it_is_handed_in(world: CommandWorld) -> None:
    (world.root / "x.txt").write_bytes(b"abc")
    told = world("done", "--path", "x.txt")
    assert (told.code, "git cannot store x.txt" in told.error) == (2, True)
    assert "working-tree-encoding=UTF-16LE" in told.error
    assert not events(world, "handed-in")
    (world.root / "x.txt").write_bytes("ab".encode("utf-16-le"))
    assert world("done", "--path", "x.txt").code == 0


def test_what_changed_is_told_by_content_whatever_git_is_set_to_go_by(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    for name, value in (("core.checkStat", "minimal"), ("core.trustctime", "false")):
        world.git("config", name, value)
    file = world.root / "f"
    file.write_text("abc")
    os.utime(file, (1, 1))
    world.git("add", "f")
    world.git("commit", "-qm", "F")
    assert world("run", "tasks.md").code == 3
    other = world.root / ".git" / "other"  # another file in its place: git goes by whole seconds of its ctime
    other.write_text("xyz")
    os.utime(other, (1, 1))
    other.rename(file)
    assert world.git("status", "--porcelain", "--", "f") == "", "git does not see it: else this shows nothing"
    told = world("done")
    assert (told.code, "\n  f\n" in told.error) == (2, True)
