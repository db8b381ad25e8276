"""A clone's journal runs nothing: an answer that makes a command run counts only where it was given."""

from __future__ import annotations

import json
import subprocess
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.command_world import CommandWorld, Told
from tests.worlds.forger import chained
from tests.worlds.golden_run import unpack
from tests.worlds.journals import journal_events

pytestmark = pytest.mark.slow

FAILS = "cat it && touch ran-here"  # not known to only read; fails where there is no `it`
QUESTION = "t1-command-1"
GOLDEN = Path(__file__).parents[2] / "golden" / "runs-0.1"


def book(command: str) -> bytes:
    return f"# Release\n\n- [ ] 1. Release it\n\n  ```bash\n  {command}\n  ```\n\n- [ ] 2. Tell them\n".encode()


def answers(world: CommandWorld, **said: str) -> str:
    file = world.root.parent / "answers.yaml"
    file.write_text("".join(f"{name.replace('_', '-')}: {json.dumps(value)}\n" for name, value in said.items()))
    return str(file)


def events(world: CommandWorld) -> list[dict[str, Any]]:
    return journal_events(world.journal)


def holder(world: CommandWorld) -> Path:
    return world.root / ".git" / "phasegate" / f"{world.run_id}.holder"


def failed(tmp_path: Path, command: str = FAILS) -> CommandWorld:
    """A run whose first task's command was run, and failed."""
    world = CommandWorld(tmp_path, runbook=book(command))
    assert world("run", "tasks.md").code == 3
    told = world("done", "--no-files", "--answers", answers(world, t1_command_1="run"))
    assert told.code == 3, told.error
    assert f"{QUESTION}-failed-1" in told.error
    return world


def add(world: CommandWorld, *said: tuple[str, str]) -> None:
    """Answers that somebody wrote into the journal, as the person's own."""
    known = events(world)
    like = next(each for each in known if each["type"] == "answered")
    made = [{**like, "at": known[-1]["at"], "question": name, "answer": answer} for name, answer in said]
    world.journal.write_bytes(chained([*known, *made]))


def clone_of(world: CommandWorld) -> CommandWorld:
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "As far as it came")
    clone = copy(world)
    clone.root = world.root.parent / "clone"
    subprocess.run(["git", "clone", "-q", str(world.root), str(clone.root)], check=True)
    clone.git("config", "user.name", "Ada")
    clone.git("config", "user.email", "ada@example.com")
    return clone


def asks(told: Told, question: str) -> None:
    assert told.code == 3, told.error
    assert question in told.error.partition("next: ")[2], told.error


def ran(world: CommandWorld, name: str) -> bool:
    return (world.root / name).exists()


EDITED = ((f"{QUESTION}-failed-1", "edit"), (f"{QUESTION}-edited-2", "touch ran-edited"))


def test_an_edit_that_a_journal_brought_is_asked_again_and_no_word_of_it_is_offered(tmp_path: Path) -> None:
    world = failed(tmp_path)
    add(world, *EDITED)
    clone = clone_of(world)
    asks(clone("resume"), f"{QUESTION}-failed-1")
    told = clone("resume", "--answers", answers(world, t1_command_1_failed_1="edit"))
    asks(told, f"{QUESTION}-edited-2")
    assert "ran-edited" not in told.error
    assert not ran(clone, "ran-edited")
    clone("resume", "--answers", answers(world, t1_command_1_edited_2="touch ran-mine"))
    assert ran(clone, "ran-mine")
    assert not ran(clone, "ran-edited")


def test_what_was_brought_stays_so_whatever_is_recorded_before_it_is_asked(tmp_path: Path) -> None:
    world = failed(tmp_path)
    add(world, *EDITED)
    clone = clone_of(world)
    brought = len(events(clone))
    for _ in range(2):
        assert clone("note", "hi").code == 0
        assert json.loads(holder(clone).read_text())["taken_on_at"] == brought
    asks(clone("resume"), f"{QUESTION}-failed-1")
    assert not ran(clone, "ran-edited")


@pytest.mark.parametrize("answer", ["again", "pause"])
def test_another_run_of_it_is_asked_again_and_a_pause_said_here_is_one(tmp_path: Path, answer: str) -> None:
    world = failed(tmp_path)
    add(world, (f"{QUESTION}-failed-1", answer))
    clone = clone_of(world)
    brought = len(events(clone))
    (clone.root / "it").write_text("")  # it would pass now
    asks(clone("resume"), f"{QUESTION}-failed-1")
    assert not ran(clone, "ran-here")
    told = clone("resume", "--answers", answers(world, t1_command_1_failed_1="pause"))
    assert "paused: " in told.error
    assert [each["type"] for each in events(clone)[brought:]] == ["answered"]  # asked once
    clone("resume", "--answers", answers(world, t1_command_1_failed_1="again"))
    assert ran(clone, "ran-here")


def test_a_run_that_was_said_and_not_begun_is_asked_again(tmp_path: Path) -> None:
    world = failed(tmp_path)
    at = next(i for i, each in enumerate(events(world)) if each["type"] == "answered")
    world.journal.write_bytes(chained(events(world)[: at + 1]))
    clone = clone_of(world)
    (clone.root / "it").write_text("")
    asks(clone("resume"), QUESTION)
    assert not ran(clone, "ran-here")
    assert clone("done", "--no-files", "--answers", answers(world, t1_command_1="run")).code in (0, 3)
    assert ran(clone, "ran-here")


def test_a_command_that_only_reads_and_was_begun_elsewhere_is_not_run_unasked(tmp_path: Path) -> None:
    world = failed(tmp_path, "cat it")
    at = next(i for i, each in enumerate(events(world)) if each["type"] == "effect-intended")
    world.journal.write_bytes(chained(events(world)[: at + 1]))
    clone = clone_of(world)
    asks(clone("resume"), f"{QUESTION}-failed-1")
    assert events(clone)[at + 1]["result"]["exit_code"] is None


def test_a_run_begun_here_goes_on_as_it_was_said(tmp_path: Path) -> None:
    world = failed(tmp_path)
    assert json.loads(holder(world).read_text())["taken_on_at"] == 0
    add(world, *EDITED)
    world("resume")
    assert ran(world, "ran-edited")


def test_a_run_without_its_holder_is_one_of_a_clone_and_an_older_holder_with_its_beginning_is_not(
    tmp_path: Path,
) -> None:
    world = failed(tmp_path)
    add(world, *EDITED)
    body = json.loads(holder(world).read_text())
    holder(world).unlink()
    asks(world("resume"), f"{QUESTION}-failed-1")
    assert not ran(world, "ran-edited")
    del body["taken_on_at"]
    holder(world).write_text(json.dumps({**body, "first": ""}))
    asks(world("resume"), f"{QUESTION}-failed-1")
    assert not ran(world, "ran-edited")
    holder(world).write_text(json.dumps(body))
    world("resume")
    assert ran(world, "ran-edited")


def test_a_test_command_that_was_answered_elsewhere_is_asked_again(tmp_path: Path) -> None:
    text = b"# Release\n\n- [ ] 1. Checkpoint - ensure all tests pass\n- [ ] 2. Tell them\n"
    world = CommandWorld(tmp_path, runbook=text)
    (world.root / ".git" / "info" / "exclude").write_text("ran\n")
    told = world("run", "tasks.md", "--answers", answers(world, test_command="touch ran; false"))
    assert ran(world, "ran"), told.error
    at = next(i for i, each in enumerate(events(world)) if each["type"] == "answered")
    world.journal.write_bytes(chained(events(world)[: at + 1]))
    add(world, ("other", "a value"))
    clone = clone_of(world)
    asks(clone("resume"), "test-command")
    asks(clone("resume", "--ask-again", "other"), "test-command")  # keeps none that only claims to be one's own
    assert not ran(clone, "ran")
    clone("resume", "--answers", answers(world, test_command="touch mine"))
    assert ran(clone, "mine")


def test_in_a_run_of_0_1_a_clone_runs_nothing_that_was_answered_elsewhere(tmp_path: Path) -> None:
    """The golden run is cut behind the answer that has its command run; where 0.1 held it, it goes on."""
    world = copy(CommandWorld(tmp_path))
    world.root = unpack(GOLDEN / "step-failed" / "workspace.tar.gz", tmp_path / "own")
    (journal,) = world.root.glob(".phasegate/*/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    assert b'"question":"t1-command-1","answer":"run"' in lines[3]
    journal.write_bytes(b"".join(lines[:4]))
    clone = clone_of(world)
    asks(clone("resume"), QUESTION)
    told = world("resume")
    assert (told.code, "exit 1" in told.error) == (5, True), told.error
