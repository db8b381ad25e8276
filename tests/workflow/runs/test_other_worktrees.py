"""A run that is driven in another worktree is named from here: where, whose, how far, and what to type."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.workspaces import git
from workflow.cli.main import run
from workflow.service.inbox import Inbox

pytestmark = pytest.mark.slow
NAMED = "is driven in another worktree, "


class Told(NamedTuple):
    code: int
    out: str
    error: str


def typed(place: Path, *words: str) -> Told:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as error:
        code = run(["-C", str(place), *words])
    return Told(code, out.getvalue(), error.getvalue())


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """A run whose first task waits for approval."""
    world = CommandWorld(tmp_path, runbook=b"# Shed\n\n- [ ] 1. Paint\n- [ ] 2. Dry\n")
    assert world("run", "tasks.md").code == 3
    world.hand_in()
    return world


def second(world: CommandWorld, place: Path, *options: str) -> Path:
    world.git("worktree", "add", "-q", *options)
    return place


@pytest.mark.parametrize(
    "verb", ["status", "log", "resume", "audit", "abort --reason wrong", "note hello", "rollback --reason so"]
)
def test_every_verb_that_looks_for_a_run_says_where_it_is_driven(
    world: CommandWorld, tmp_path: Path, verb: str
) -> None:
    other = second(world, tmp_path / "a second one", "-b", "two", str(tmp_path / "a second one"))
    told = typed(other, *verb.split())
    assert told.code == 2
    assert f"run {world.run_id} (tasks.md, begun by " in told.error
    assert f"{NAMED}{world.root}, on branch {branch(world)}; it is at 1 Paint (in-review)" in told.error
    assert f"next: phasegate -C {world.root} status {world.run_id}" in told.error
    by_beginning = typed(other, "status", world.run_id[:8])
    assert (by_beginning.code, NAMED in by_beginning.error) == (2, True)
    assert not (other / ".phasegate").exists()


def test_runs_doctor_and_the_inbox_of_a_page_name_it(world: CommandWorld, tmp_path: Path) -> None:
    other = second(world, tmp_path / "two", "-b", "two", str(tmp_path / "two"))
    told = typed(other, "runs")
    assert (told.code, NAMED in told.out) == (0, True)
    assert f"next: phasegate -C {world.root} status {world.run_id}" in told.out
    there = [{"run": world.run_id, "directory": str(world.root), "branch": branch(world)}]
    assert json.loads(typed(other, "runs", "--json").out)["other_worktrees"] == there
    assert NAMED in typed(other, "doctor").out
    assert [NAMED in what for _, what in Inbox({"two": other}).look().problems] == [True]
    assert Inbox({"two": other, "one": world.root}).look().problems == []
    assert NAMED not in typed(tmp_path, "runs", "--below", ".").out, "it is listed there itself"


def test_the_worktree_that_drives_it_is_told_nothing(world: CommandWorld, tmp_path: Path) -> None:
    second(world, tmp_path / "two", "-b", "two", str(tmp_path / "two"))
    for verb in ("status", "runs", "doctor"):
        assert NAMED not in typed(world.root, verb).out
    body = json.loads(typed(world.root, "status", "--json").out)
    assert (body["driven_in"], body["other_worktrees"]) == (None, [])


def test_a_copy_is_said_to_be_one_and_offers_nothing_that_is_refused(world: CommandWorld, tmp_path: Path) -> None:
    other = second(world, tmp_path / "two", "-b", "two", str(tmp_path / "two"))
    shutil.copytree(world.root / ".phasegate", other / ".phasegate")
    told = typed(other, "status")
    assert (told.code, "this is a copy of the run, and may be older: " in told.out) == (0, True)
    assert [line for line in told.out.split("\n") if "phasegate " in line] == [
        f"next: phasegate -C {world.root} status {world.run_id}"
    ]
    page = typed(other, "status", "--review")
    assert (page.code, page.out) == (2, "")
    assert f"next: phasegate -C {world.root} status {world.run_id} --review" in page.error


def test_a_finished_run_here_is_shown_with_the_one_that_is_driven_there(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=b"# Shed\n\n- [ ] 1. Paint\n")
    assert world("run", "tasks.md", "--sandbox", "--yes", "--practice").code == 0
    (world.root / "more.md").write_text("# More\n\n- [ ] 1. Varnish\n")
    git(world.root, "add", "more.md")
    git(world.root, "commit", "-q", "-m", "More")
    other = second(world, tmp_path / "two", "-b", "two", str(tmp_path / "two"))
    assert world("run", "more.md").code == 3
    told = typed(other, "status")
    assert (told.code, told.out.partition(":")[0]) == (0, run_of(world, "tasks"))
    assert "(more.md, begun by " in told.out
    assert told.out.rstrip().endswith(f"next: phasegate -C {world.root} status {run_of(world, 'more')}")


@pytest.mark.parametrize("given_up", ["over", "switched", "detached", "gone"])
def test_what_is_over_or_given_up_there_is_driven_nowhere(world: CommandWorld, tmp_path: Path, given_up: str) -> None:
    other = second(world, tmp_path / "two", "-b", "two", str(tmp_path / "two"))
    if given_up == "over":
        assert world("abort", "--reason", "not today").code == 0
    elif given_up == "switched":
        world.git("switch", "-q", "-c", "aside")
    elif given_up == "detached":
        world.git("switch", "-q", "--detach")
    else:
        shutil.rmtree(world.root / ".phasegate")
    assert NAMED not in typed(other, "status").error


def test_no_second_run_begins_on_the_branch_that_one_commits_to(world: CommandWorld, tmp_path: Path) -> None:
    other = second(world, tmp_path / "two", "--force", str(tmp_path / "two"), branch(world))
    told = typed(other, "run", "tasks.md")
    assert (told.code, "a second run would mix its commits with it" in told.error) == (6, True)
    assert not (other / ".phasegate").exists()
    git(other, "switch", "-q", "-c", "apart")
    assert typed(other, "run", "tasks.md").code == 3


def branch(world: CommandWorld) -> str:
    return world.git("symbolic-ref", "--short", "HEAD").strip()


def run_of(world: CommandWorld, name: str) -> str:
    return next(each.name for each in (world.root / ".phasegate").iterdir() if each.name.startswith(f"{name}-"))
