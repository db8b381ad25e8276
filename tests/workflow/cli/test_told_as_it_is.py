"""What is told of a command, of a box and of a gate is so: what is asked for first, and once; who may approve."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.manual.script_questions import run_question
from state.errors import Waiting
from state.model import Command
from tests.worlds.by_hand import made
from tests.worlds.command_world import CommandWorld
from tests.worlds.release_world import Release
from workflow.engine.by_hand import ByHand
from workflow.engine.step_context import context_for
from workflow.runbook.reader import read_runbook
from workflow.views.plan_listing import _command

TWO = b"# R\n\n- [ ] 1. Ship\n\n  ```sh\n  ./d.sh [version] $TARGET_OF_IT\n  ```\n"
FOUR = b"# R\n\n- [ ] 1. Say\n\n  ```sh\n  echo <host-of-it> {{HOST_OF_IT}} $HOST_OF_IT ${HOST_OF_IT}\n  ```\n"
PLAIN = b"# R\n\n- [ ] 1. Say\n\n  ```sh\n  make it\n  ```\n"
BOXES = b"# R\n\n## T-0\n- [ ] Announced\n- [ ] Built (`test -e built`)\n\n## Later\n- [ ] Told\n"


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ((), "[version], $TARGET_OF_IT are asked for first."),
        (("fill-version",), "something. $TARGET_OF_IT is asked for first."),
        (("fill-version", "fill-target-of-it"), "It may change something."),
    ],
)
def test_only_what_is_not_known_is_asked_for_first(known: tuple[str, ...], told: str) -> None:
    (task,) = read_runbook(TWO, name="r", path="r.md").tasks
    assert run_question(task, 1, known=known).text.endswith(told)


def test_in_a_run_too(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        "First `echo [version]`, then `echo [version] $TARGET_OF_IT`.",
        fill_version="1.2",
        fill_target_of_it="here",
        t1_command_1_filled="run",
        t1_command_2_filled="run",
    )
    release.is_shown()
    text = next(each for each in release.person.questions if "$TARGET_OF_IT`?" in each)
    assert text.endswith("It may change something. $TARGET_OF_IT is asked for first.")


def test_the_plan_names_a_value_once_however_it_is_written() -> None:
    (task,) = read_runbook(FOUR, name="r", path="r.md").tasks
    command: Command = task.commands[0]
    assert _command(command).endswith("# asks for <host-of-it>")


@pytest.mark.parametrize(("runbook", "listed"), [(PLAIN, False), (TWO, True)])
def test_whether_it_runs_as_filled_in_is_a_question_where_something_is_filled_in(
    tmp_path: Path, runbook: bytes, listed: bool
) -> None:
    world = CommandWorld(tmp_path, runbook=runbook)
    assert ("t1-command-1-filled" in world("questions", "tasks.md").out) is listed


def test_an_order_that_leaves_out_the_commands_of_boxes_says_how_they_are_run(tmp_path: Path) -> None:
    world = made(tmp_path, BOXES)
    told = world("done", "--no-files")
    assert told.code == 2
    assert "--box 1=yes   # where all of it is so; --run 1 beside it has the commands of boxes run" in told.error
    assert "beside it" not in world("done", "--no-files", "--run", "1").error


def test_the_next_look_is_told_as_no_deadline(tmp_path: Path) -> None:
    release = Release(tmp_path, "Make it.")
    release.is_shown()
    with release.reopen() as engine:
        run, task = engine.open_run, engine.plan.task("t1")
        ctx = context_for(run, task, ByHand(run).step(task))
        with pytest.raises(Waiting) as waiting:
            ctx.look_again(10.0, "whoever owns the address", None)
    assert waiting.value.message == "task 1 waits for whoever owns the address"
    assert waiting.value.until != ""
