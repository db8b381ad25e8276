"""What a run would not go on with in the open file of its journal, which no commit has yet, the audit finds, too."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import last_file

pytestmark = pytest.mark.slow

Spoil = Callable[[Path], object]


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """1.1 is committed, 1.2 waits for approval: what is known of it stands in `journal/00/01.jsonl` alone."""
    world = CommandWorld(tmp_path)
    world.up_to("1.1")
    assert world("resume").code == 3
    world.hand_in()
    assert last_file(world.journal).name == "01.jsonl"
    assert world("audit").code == 0
    return world


def with_crlf(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def replaced(make: Spoil) -> Spoil:
    def spoil(file: Path) -> None:
        file.unlink()
        make(file)

    return spoil


def linked_directory(file: Path) -> None:
    below = file.parent.parent
    shutil.move(below, below.parent.parent.parent.parent / "elsewhere")
    below.symlink_to(below.parent.parent.parent.parent / "elsewhere")


DAMAGED: dict[str, Spoil] = {
    "its lines end with CR LF": with_crlf,
    "a line is edited": lambda file: file.write_bytes(file.read_bytes().replace(b"Robot", b"Roger", 1)),
    "it is a link to a file like it": lambda file: file.symlink_to(shutil.move(file, file.with_suffix(".kept"))),
    "it is a link to a device": replaced(lambda file: file.symlink_to("/dev/zero")),
    "it is a directory": replaced(lambda file: file.mkdir()),
    "it is a FIFO": replaced(lambda file: os.mkfifo(file)),
    "its directory is a link": linked_directory,
}


@pytest.mark.parametrize("spoil", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_resume_refuses_is_found_and_the_refusals_next_command_finds_its_file(
    world: CommandWorld, spoil: Spoil
) -> None:
    spoil(last_file(world.journal))
    assert world("status").code in (1, 2)
    refused = world("resume")
    assert refused.code in (1, 2)
    told = world("audit")
    assert (told.code, "journal-damaged: " in told.out) == (1, True), told.out
    assert "nothing was written" not in told.out
    world.type(refused.next)  # from the top of the repository, where it stands


GONE: dict[str, Spoil] = {
    "it is removed": lambda file: file.unlink(),
    "its directory is removed": lambda file: shutil.rmtree(file.parent.parent),
    "a file stands for its directory": lambda file: (shutil.rmtree(file.parent.parent), file.parent.parent.touch()),
}


@pytest.mark.parametrize("spoil", GONE.values(), ids=GONE.keys())
def test_a_file_that_this_clone_knows_to_have_been_there_is_found_to_be_gone(world: CommandWorld, spoil: Spoil) -> None:
    file = last_file(world.journal)
    spoil(file)
    told = world("audit")
    assert told.code == 1
    assert f"journal-missing: {file.relative_to(world.root)} is gone" in told.out
    assert world("resume").code == 1


def test_an_empty_file_is_listed_for_a_kill_can_leave_one(world: CommandWorld) -> None:
    last_file(world.journal).write_bytes(b"")
    told = world("audit")
    assert told.code == 0
    assert "uncommitted-events: that nothing was done since the last commit" in told.out
    assert "01.jsonl holds no event" in told.out


def test_what_a_later_commit_has_is_not_gone_on_an_older_one(world: CommandWorld, tmp_path: Path) -> None:
    world.goes_on_to_the_end()
    for back in range(3):
        world.git("checkout", "-q", f"main~{back}")
        assert "is gone" not in world("audit").out, back
    clone = tmp_path / "clone"
    world.git("clone", "-q", str(world.root), str(clone))
    assert world("-C", str(clone), "audit").code == 0
