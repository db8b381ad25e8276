"""What only shows something ticks no box and opens no gate; the page counts what the commit changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

CLEAN = """# Clean up

## After the release

- [ ] Old dumps are gone (`{command}`)

## End

- [ ] Team knows
"""
SKIPPED = b"""# Shed

- [ ] 1. Paint
- [ ] 2* Tell the press (optional)
"""
PLAIN = b"""# Shed

## Phase 1: Paint

Paint it.

## Phase 2: Sign

By: ____
"""


def world_of(tmp_path: Path, command: str) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=CLEAN.format(command=command).encode())
    (world.root / "phasegate.yaml").write_text("default: {opened_by_policy: true, operator_may_approve: true}\n")
    (world.root / "backups").mkdir()
    (world.root / "backups" / "old.dump").write_text("old\n")
    world.git("add", "-A")
    world.git("commit", "-qm", "policy")
    assert world("run", "tasks.md").code == 3
    return world


def box(world: CommandWorld) -> str:
    return (world.root / "tasks.md").read_text().split("- [")[1][0]


@pytest.mark.parametrize("command", ["ls backups", "cat backups/old.dump", "du -s backups", "./look"])
def test_what_only_shows_something_ticks_nothing_and_opens_no_gate(tmp_path: Path, command: str) -> None:
    world = world_of(tmp_path, command)
    assert "its command runs, and a person says whether 'Old dumps are gone' holds" in world("status").out
    (world.root / "look").write_text("#!/bin/sh\nls backups\n")
    (world.root / "look").chmod(0o755)
    told = world("done", "--no-files", "--run", "all")
    assert told.code == 0, told.error
    assert world("resume").code == 3
    assert box(world) == " "
    assert "--waive '1:REASON'" in world("status").out
    assert "which does not say 'Old dumps are gone'" in world("status", "--review").out


def test_what_asks_for_it_does_both(tmp_path: Path) -> None:
    world = world_of(tmp_path, "test ! -e old.dump")
    assert "its command answers it" in world("status").out
    assert world("done", "--no-files", "--run", "all").code == 0
    world("resume")
    assert box(world) == "x"


def counted_and_committed(world: CommandWorld) -> tuple[str, bool, list[str]]:
    """How many files the page counts, whether it says that the runbook stays as it is, and what the commit changes."""
    page = world("status", "--review").out
    found = re.search(r"### Commit \((\d+) files?\)", page)
    assert found, page
    assert world("approve", "--digest", json.loads(world("status", "--json").out)["waiting_for"]["digest"]).code == 0
    world("resume")
    changed = world.git("show", "--name-only", "--format=", "HEAD").split()
    return found[1], "- `tasks.md`, in HEAD already as it is" in page, changed


@pytest.mark.parametrize("runbook", [SKIPPED, PLAIN])
def test_a_commit_counts_the_runbook_where_it_changes_it_only(tmp_path: Path, runbook: bytes) -> None:
    world = CommandWorld(tmp_path, runbook=runbook)
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "-A")
    world.git("commit", "-qm", "policy")
    (world.root / "a.yaml").write_text("phase-2-field-1: Ada\n")
    assert world("run", "tasks.md").code == 3
    seen = []
    while (key := json.loads(world("status", "--json").out)["to_do"]) is not None:
        skips = ("--skip", "nobody asked") if "press" in key else ()
        answers = ("--answers", str(world.root / "a.yaml")) if runbook == PLAIN else ()
        told = world("done", *(skips or ("--no-files", *answers)))
        assert told.code == 0, told.error
        number, stays, changed = counted_and_committed(world)
        assert (number, stays) == (str(len(changed)), "tasks.md" not in changed)
        seen.append(stays)
    assert seen == ([False, True] if runbook == SKIPPED else [True, False])
