"""A journal that was written anew, its chain whole, is refused: its beginning, and what is committed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.command_world import YES, CommandWorld
from tests.worlds.forger import Events, chained
from tests.worlds.journals import journal_bytes, journal_events, write_journal
from workflow.audit import audit_workspace

ONLY_IN_2 = ("grammar", "terminal", "entries")


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path)


def write_anew(world: CommandWorld, edit: Callable[[Events], Events]) -> bytes:
    """The journal with these events, every hash made again. Returns its bytes."""
    write_journal(world.journal, edit(journal_events(world.journal)))
    return journal_bytes(world.journal)


def as_format_1(events: Events) -> Events:
    found = [{**{name: value for name, value in each.items() if name not in ONLY_IN_2}, "v": 1} for each in events]
    for each in found:
        if each.get("before"):
            each["before"].pop("modes")
    return found


def holder(world: CommandWorld) -> Path:
    return world.root / ".git" / "phasegate" / f"{world.run_id}.holder"


@pytest.mark.parametrize("verb", [("resume",), ("done", "--no-files"), ("note", "hi"), ("abort", "--reason", "no")])
def test_a_run_written_down_as_one_of_0_1_before_its_first_commit_is_refused(
    world: CommandWorld, verb: tuple[str, ...]
) -> None:
    assert world("run", "tasks.md").code == 3
    data = write_anew(world, as_format_1)
    told = world(*verb)
    assert (told.code, journal_bytes(world.journal)) == (1, data)
    assert f".phasegate/{world.run_id}/journal.jsonl:1: is not the line that the run began with" in told.error
    assert told.next.startswith("git diff HEAD -- .phasegate/")


def test_any_other_first_line_is_refused_too_and_the_next_command_puts_the_run_aside(world: CommandWorld) -> None:
    assert world("run", "tasks.md").code == 3
    write_anew(world, lambda events: [{**events[0], "commit": "{id} {title}"}, *events[1:]])
    told = world("resume")
    assert told.code == 1
    aside = next(line for line in told.error.splitlines() if " && mv " in line)
    world.type(aside.partition("#")[0])
    assert world("run", "tasks.md").code == 3


def test_a_holder_of_0_1_or_one_that_a_power_cut_emptied_proves_nothing(world: CommandWorld) -> None:
    assert world("run", "tasks.md").code == 3
    body = json.loads(holder(world).read_text())
    del body["first"]
    for data in (json.dumps(body), ""):
        holder(world).write_text(data)
        assert world("note", "hi").code == 0
        assert json.loads(holder(world).read_text())["first"] == ""  # what was not kept is not made up later


def test_a_run_of_0_1_that_began_beside_one_of_format_2_is_found_without_a_holder(world: CommandWorld) -> None:
    (world.root / "other.md").write_text("# Other\n\n- [ ] 1. First\n- [ ] 2. Second\n")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "Another runbook")
    assert world("run", "other.md", *YES, "--until", "1").code == 0
    assert world("run", "tasks.md").code == 3
    (run_id,) = (each.name for each in (world.root / ".phasegate").glob("tasks-*"))
    journal = world.root / ".phasegate" / run_id / "journal.jsonl"
    journal.write_bytes(chained(as_format_1([json.loads(line) for line in journal.read_bytes().splitlines()])))
    (world.root / ".git" / "phasegate" / f"{run_id}.holder").unlink()
    told = world("resume", run_id)
    assert told.code == 1
    assert "says format 1, and run other-" in told.error
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "All of it")
    (found,) = audit_workspace(world.root, run_id)
    assert "journal-impossible" in [each.code for each in found.findings]


@pytest.mark.slow
def test_committed_lines_that_were_rewritten_are_refused_with_the_way_back(world: CommandWorld) -> None:
    world.up_to("1.1")
    assert world("resume").code == 3  # 1.2 has begun
    whole = journal_bytes(world.journal)

    def edit(events: Events) -> Events:
        return [{**each, "sandbox": False} if each["type"] == "run-started" else each for each in events]

    holder(world).unlink()
    data = write_anew(world, edit)
    for verb in (("resume",), ("done", "--no-files")):
        told = world(*verb)
        assert (told.code, journal_bytes(world.journal)) == (1, data)
        assert "journal.jsonl:1: is not the line that was committed" in told.error
    back = next(line for line in told.error.splitlines() if line.lstrip().startswith("git checkout HEAD -- "))
    with pytest.raises(subprocess.CalledProcessError) as waits:
        world.type(back.partition("#")[0])
    assert waits.value.returncode == 1  # what stood in the open file is gone with it
    world.type(world("resume").next)
    assert world("resume").code == 3  # the run goes on, and waits for its work
    assert journal_bytes(world.journal) != data
    assert whole.startswith(world.git("show", f"HEAD:.phasegate/{world.run_id}/journal.jsonl").encode())
