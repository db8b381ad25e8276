"""A journal whose line ends git converted is refused by that name, with the command that finds the attribute."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path)
    assert world("run", "tasks.md").code == 3
    return world


@pytest.mark.parametrize("verb", [("status",), ("log",), ("resume",), ("note", "hi"), ("status", "--json")])
def test_every_command_says_that_the_line_ends_were_converted(world: CommandWorld, verb: tuple[str, ...]) -> None:
    """As a clone has it where a `.gitattributes` beside the journal sets text."""
    data = world.journal.read_bytes().replace(b"\n", b"\r\n")
    world.journal.write_bytes(data)
    told = world(*verb)
    assert (told.code, world.journal.read_bytes()) == (1, data)
    assert "journal.jsonl:1: it ends with CR LF: git converted the line ends" in told.error
    attribute = world.git("check-attr", "text", "--", f".phasegate/{world.run_id}/journal.jsonl")
    assert told.next.startswith("git check-attr text eol -- .phasegate/")
    assert attribute.strip().endswith("text: unset")
