"""SIGKILL to the real command, again and again in one run: at fifteen moments, and in a git hook."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.end_state import assert_good_end, end_facts, git, good_end
from tests.worlds.real_command import RESUME, START, RealCommand
from workflow.sandbox import control

pytestmark = pytest.mark.slow

# Lines of progress, in the order in which they come.
MOMENTS = [
    "run stage-06-",
    "1.1 Set up",
    "1.1 committed",
    "1.4 Configure",
    "2.1 Add template outputs",
    "making change set",
    "3.1 committed",
    "executing arn:",
    "CREATE_COMPLETE              MediaFilesTable",
    "CREATE_COMPLETE              Dashboard",
    "3.2 committed",
    "4.1 Verify",
    "probing Customers",
    "probing media-files",
    "5.3 Create",
    "Output Validation Checklist",
]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[RealCommand]:
    command = RealCommand(tmp_path / "repo")
    yield command
    control.stop(command.sandbox)


@pytest.mark.timeout(900)
def test_a_run_that_is_killed_at_fifteen_moments_ends_as_if_it_had_not_been(command: RealCommand) -> None:
    left, kills = list(MOMENTS), 0
    words: tuple[str, ...] = START
    while left and (moment := command.killed_at(left, *words)):
        kills += 1
        left = left[left.index(moment) + 1 :]
        words = RESUME
    done = command.run(*RESUME)
    assert done.returncode == 0, done.stderr
    assert kills >= 12  # a kill may come after the next moment has passed, too
    assert_good_end(end_facts(command.root, command.aws))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("hook", ["pre-commit", "post-commit"])
def test_killed_in_a_git_hook_the_task_is_committed_once(command: RealCommand, hook: str) -> None:
    """Before the commit is made, with git's locks in place; and after it, when nobody was told."""
    reached = command.root / ".git" / "reached"
    os.mkfifo(reached)
    command.hook(hook, "if [ -p .git/reached ]; then echo > .git/reached; exec sleep 300; fi\n")
    with command.started(*START) as process:
        reached.read_bytes()  # waits for the hook
        second = command.run(*RESUME)
        assert second.returncode == 6, second.stderr
        assert f"held by process {process.pid} on " in second.stderr
    made = hook == "post-commit"
    assert len(command.commits()) == made
    assert (command.root / ".git" / "index.lock").exists() or made
    reached.unlink()
    done = command.run(*RESUME, "--until", "1.2")
    assert done.returncode == 0, done.stderr
    assert command.commits() == good_end()["subjects"][1:3]
    assert git(command.root, "status", "--porcelain") == ""
    assert not list((command.root / ".git").glob("*.lock"))
