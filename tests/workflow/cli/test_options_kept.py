"""A refusal of `done` prints the order once more with all that was typed: typed as printed, it goes on from there."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow

RUNBOOK = b"""# Release

## Phase 1: Deploy
- [ ] Announced

### Exit Criteria
- It answers
- Nobody complains

## Phase 2: Close
- [ ] Closed
"""
REST = ["--attest", "1", "--attest", "2", "--box", "1=yes"]


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    assert world("run", "tasks.md").code == 3
    return world


@pytest.mark.parametrize(
    ("given", "changed"), [(["--path", "nope"], "a file.txt"), (["--path", "nope"], ""), ([], "a file.txt")]
)
def test_a_refused_file_loses_none_of_the_other_options(world: CommandWorld, given: list[str], changed: str) -> None:
    if changed:
        (world.root / changed).write_text("made\n")
    told = world("done", *REST, *given)
    assert told.code == 2, told.error
    files = "--path 'a file.txt'" if changed else "--no-files"
    assert told.next == f"phasegate done {world.run_id} --attest 1 --attest 2 --box 1=yes {files}"
    world.type(told.next)
    assert "in-review" in world("status").out


def test_the_files_that_were_right_stay_named(world: CommandWorld) -> None:
    (world.root / "made").mkdir()
    (world.root / "made" / "one").write_text("made\n")
    (world.root / "two").write_text("made\n")
    told = world("done", *REST, "--path", "made", "--path", "nope", "--path", "tasks.md", "--path", "two")
    assert "nope: is not there" in told.error
    assert "--path made --path two\n" in told.error + "\n"
    assert "tasks.md --path" not in told.next
    world.type(told.next)
    assert "made/one" in world("status", "--review").out


def test_files_are_named_as_they_are_seen_where_the_order_works(
    world: CommandWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = world.root / "docs"
    below.mkdir()
    (below / "one").write_text("made\n")
    monkeypatch.chdir(below)
    with mock.patch.object(world, "root", below):
        told = world("done", "--path", "one", "--box", "1=yes")
    assert "--path docs/one --box 1=yes --attest 1 --attest 2" in told.error
    assert "exit criteria" in told.error


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["--path", "one", "--no-files"], "cannot both be given"),
        (["--path", ""], "--path names nothing"),
        (["--path", "../elsewhere"], "lies outside"),
    ],
)
def test_files_that_are_refused_at_once_lose_nothing_either(world: CommandWorld, files: list[str], says: str) -> None:
    told = world("done", world.run_id, *files, *REST)
    assert (told.code, says in told.error) == (2, True)
    assert f"next: phasegate done {world.run_id} --attest 1 --attest 2 --box 1=yes --path FILE" in told.error
