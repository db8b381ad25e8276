"""A runbook whose run nobody could name in a command is refused at the start, with the command that renames it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

UNFIT = (
    "-x.md",
    "--yes.md",
    " my shed.md",
    "\tshed.md",
    "\u3000shed.md",
    "-.md",
    " .md",
    "- - a.md",
    "'q' \"d\".md",
    '"q.md',
)
FIT = (
    "x-.md",
    "it's.md",
    'q\' "d".md',
    "$HOME.md",
    "a\\b.md",
    "a  b.md",
    "d/-x.md",
    "-d/x.md",
    " d/x.md",
    "d/ x.md",
    "_x.md",
    "x .md",
)


def world_with(tmp_path: Path, path: str) -> CommandWorld:
    world = CommandWorld(tmp_path)
    (world.root / path).parent.mkdir(exist_ok=True)
    world.git("mv", "--", "tasks.md", path)
    world.git("commit", "-q", "-m", "Another name")
    return world


@pytest.mark.slow
@pytest.mark.parametrize("path", UNFIT, ids=repr)
def test_a_name_that_no_command_can_take_is_refused_and_renamed_as_printed(tmp_path: Path, path: str) -> None:
    world = world_with(tmp_path, path)
    before = world.files()
    told = world("run", f"./{path}")
    assert told.code == 2
    assert "begins with no hyphen" in told.error
    assert world.files() == before
    world.type(told.next)
    (renamed,) = (line for line in world.git("ls-files", "-z").split("\0") if line.endswith(".md"))
    told = world("run", renamed)
    assert told.code == 3, told.error


@pytest.mark.slow
@pytest.mark.parametrize("path", FIT, ids=repr)
def test_other_names_run_and_every_command_that_is_printed_takes_them(tmp_path: Path, path: str) -> None:
    world = world_with(tmp_path, path)
    told = world("run", f"./{path}")
    assert told.code == 3, told.error
    line = re.search(r"^next: (.* --path) FILE", told.error, re.MULTILINE)
    assert line
    (world.root / "new.txt").write_text("x\n")
    world.type(f"{line[1]} new.txt")
