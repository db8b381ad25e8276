"""A rollback that cannot go on with the runbook as it is does not begin: the run stands as before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.journals import journal_bytes

RUNBOOK = b"# Move\n\n- [ ] Pack\n- [ ] Drive\n"
pytestmark = pytest.mark.slow


def edited(data: bytes) -> bytes:
    return data + b"- [ ] Unpack\n"


def with_other_line_ends(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def ticked(data: bytes) -> bytes:
    return data.replace(b"[ ] Drive", b"[x] Drive")


@pytest.mark.parametrize(
    ("edit", "is_committed"),
    [(edited, False), (edited, True), (ticked, False), (ticked, True), (with_other_line_ends, False)],
)
def test_an_edited_runbook_stops_it_before_anything_is_written(
    tmp_path: Path, edit: Callable[[bytes], bytes], is_committed: bool
) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    assert world("run", "tasks.md").code == 3
    runbook = world.root / "tasks.md"
    runbook.write_bytes(edit(runbook.read_bytes()))
    if is_committed:
        world.git("commit", "-qam", "An edit")
    before = journal_bytes(world.journal)
    refused = world("rollback", "--reason", "boxes are lost")
    assert refused.code == 2
    assert journal_bytes(world.journal) == before
    assert "--take-edit" not in refused.error
    (typed,) = re.findall(r"next: (.*phasegate rollback .* --reason )TEXT", refused.error)
    world.type(f"{typed}boxes-are-lost || test $? = 3")  # it waits for answers then
    status = json.loads(world("status", "--json").out)
    assert status["rollback"] is not None
    assert "boxes-are-lost" in journal_bytes(world.journal).decode()
