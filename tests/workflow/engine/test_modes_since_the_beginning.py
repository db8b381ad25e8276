"""A file that was changed before a task and only made executable since is the task's work, and may be handed in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from state.event_types import TaskStarted
from state.events import from_line
from state.json_values import Misread
from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RUNBOOK


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    for name in ("kept.sh", "tool.sh"):
        (world.root / name).write_text("echo kept\n")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "Tools")
    for name in ("kept.sh", "tool.sh", "new.sh"):
        (world.root / name).write_text("echo begun\n")  # before the task began
    assert world("run", "tasks.md").code == 3
    return world


def hand_in(world: CommandWorld, *paths: str) -> str:
    told = world("done", *(word for path in paths for word in ("--path", path)))
    return told.error if told.code != 0 else ""


@pytest.mark.parametrize("name", ["tool.sh", "new.sh"])
def test_only_made_executable_since_the_task_began_it_is_handed_in_and_committed_so(
    world: CommandWorld, name: str
) -> None:
    (world.root / name).chmod(0o755)
    assert hand_in(world, name) == ""
    worked = json.loads(world.journal.read_text().splitlines()[-1])
    assert {each["path"]: each["mode"] for each in worked["entries"]}[name] == "100755"


def test_what_was_changed_before_and_not_since_is_taken_when_it_is_named_and_the_page_says_so(
    world: CommandWorld,
) -> None:
    assert hand_in(world, ".") != ""  # a directory brings what changed since
    assert hand_in(world, "kept.sh") == ""
    assert "kept.sh" in world("status", "--review").out


def test_a_mode_that_git_does_not_keep_is_no_change(world: CommandWorld) -> None:
    world.git("config", "core.fileMode", "false")
    (world.root / "tool.sh").chmod(0o755)
    assert hand_in(world, ".") != ""


def test_a_mode_taken_back_is_no_change(world: CommandWorld) -> None:
    (world.root / "tool.sh").chmod(0o755)
    (world.root / "tool.sh").chmod(0o644)
    assert hand_in(world, ".") != ""


def beginning(world: CommandWorld, **changed: object) -> TaskStarted:
    """The line with which the task began, read again with other fields in `before` or at its top (`v`)."""
    line = json.loads(world.journal.read_text().splitlines()[1])
    version = changed.pop("v", line["v"])
    event = from_line(json.dumps({**line, "v": version, "before": {**line["before"], **changed}}).encode())
    assert isinstance(event, TaskStarted)
    return event


def test_the_journal_has_the_modes_and_a_line_of_0_1_none(world: CommandWorld) -> None:
    before, of_0_1 = beginning(world).before, beginning(world, v=1).before
    assert before is not None
    assert before.modes == dict.fromkeys(("kept.sh", "new.sh", "tool.sh"), "100644")
    assert of_0_1 is not None
    assert of_0_1.modes is None


@pytest.mark.parametrize("modes", [{"tool.sh": "100664"}, {"other.sh": "100644"}, {"tool.sh": 33188}, ["100644"]])
def test_a_mode_that_no_file_has_is_damage(world: CommandWorld, modes: object) -> None:
    with pytest.raises(Misread, match=r"field `before\.modes"):
        beginning(world, modes=modes)
