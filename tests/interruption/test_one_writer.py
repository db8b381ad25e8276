"""One process at a time holds a run, whoever comes second is told who that is, and the dead hold nothing."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.command_world import YES, CommandWorld
from tests.worlds.processes import begin, end_group, ended, in_hook
from tests.worlds.run_world import RUNBOOK
from workflow.runs import begin as runs

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    return CommandWorld(tmp_path)


def test_a_held_run_refuses_every_writer_and_names_the_holder(world: CommandWorld) -> None:
    with in_hook(world.root, "run", "tasks.md", *YES) as (holder, _hook):
        before = world.files()
        for verb in (
            ["resume"],
            ["resume", world.run_id],
            ["approve", "--digest", "1234567"],
            ["reject", "--reason", "no"],
            ["note", "hm"],
            ["abort", "--reason", "no"],
            ["run", "tasks.md", *YES],
        ):
            told = world(*verb)
            assert told.code == 6, (verb, told.error)
            assert re.search(
                rf"run {world.run_id} (of tasks.md )?is held by process {holder.pid} on "
                rf"{re.escape(socket.gethostname())} since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC",
                told.error,
            ), told.error
            assert told.next == f"phasegate status {world.run_id}"
        looked = world("status")  # reading needs no lock
        assert looked.code == 0
        assert f"held by process {holder.pid}, which is working on it" in looked.out
        assert "resume" not in looked.out
        assert f"next: phasegate status {world.run_id} --watch" in looked.out.replace(f" -C {world.root}", "")
        assert json.loads(world("status", "--json").out)["held_by"] == f"process {holder.pid}"
        assert world("log").code == 0
        assert world.files() == before


def test_the_lock_of_a_dead_process_is_taken_over_silently(world: CommandWorld) -> None:
    with in_hook(world.root, "run", "tasks.md", *YES) as (holder, hook):
        end_group(holder)  # SIGKILL: it had no time to give anything up
    hook.path.unlink()
    assert json.loads(world("status", "--json").out)["held_by"] is None
    assert f"phasegate resume {world.run_id}" in world("status").out.replace(f" -C {world.root}", "")
    told = world.goes_on_to_the_end()
    assert "held" not in told.error
    assert str(holder.pid) not in told.error


def test_a_second_run_of_an_unfinished_runbook_is_refused(world: CommandWorld) -> None:
    assert world("run", "tasks.md", "--sandbox").code == 3
    before = world.files()
    told = world("run", "tasks.md", *YES)
    assert told.code == 2
    assert f"run {world.run_id} of tasks.md (tasks) is not finished; a second run would mix its commits" in told.error
    assert told.next == f"phasegate resume {world.run_id}"
    assert world.files() == before
    world.goes_on_to_the_end()


def test_two_runs_at_the_same_time_do_not_mix_their_commits(world: CommandWorld) -> None:
    (world.root / "other.md").write_bytes(RUNBOOK.replace(b"shed", b"fence"))
    world.git("add", "other.md")
    world.git("commit", "-q", "-m", "Another runbook")
    start = world.git("rev-parse", "HEAD").strip()
    assert world("run", "tasks.md", *YES, "--until", "1.1").code == 0
    with in_hook(world.root, "run", "other.md", *YES) as (other, hook):
        busy = world(
            "resume", "--yes", "--practice", next(path.name for path in (world.root / ".phasegate").glob("tasks-*"))
        )
        assert busy.code == 5 or busy.code == 2  # git is busy with the other's commit: refused, nothing lost
        hook.path.unlink()
        hook.go()
        code, error, _ = ended(other)
        assert code == 0, error
    assert world("resume", "--yes", "--practice").code == 0
    assert world.git("status", "--porcelain") == ""
    commits = world.git("log", "--format=%H", f"{start}..HEAD").split()
    assert len(commits) == 6
    for commit in commits:
        (run,) = world.git("log", "-1", "--format=%(trailers:key=Phasegate-Run,valueonly)", commit).split()
        name = run.split("-")[0]
        runbook = {"tasks": "tasks.md", "other": "other.md"}[name]
        changed = world.git("show", "--name-only", "--format=", commit).split()
        own = {name, run, runbook, ".gitattributes"}
        assert {path.split("/")[1] if "/" in path else path for path in changed} <= own
    assert (world.root / "other.md").read_bytes() == RUNBOOK.replace(b"shed", b"fence").replace(b"[ ]", b"[x]")
    assert (world.root / "tasks.md").read_bytes() == RUNBOOK.replace(b"[ ]", b"[x]")


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who waits for a lock")
def test_who_starts_while_another_starts_waits_and_is_then_refused(
    world: CommandWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = runs._refuse_second
    second: list[subprocess.Popen[str]] = []

    def look_then_be_overtaken(*arguments: Any) -> None:
        look(*arguments)
        second.append(begin(world.root, "run", "tasks.md", *YES))
        waits = re.compile(rf"^\d+: -> FLOCK .* {second[0].pid} ", re.MULTILINE)
        while second[0].poll() is None and not waits.search(Path("/proc/locks").read_text()):
            os.sched_yield()

    monkeypatch.setattr(runs, "_refuse_second", look_then_be_overtaken)
    told = world("run", "tasks.md", *YES)
    assert told.code == 0, told.error
    code, error, _ = ended(second[0])
    assert code in (2, 6), error  # the first still runs, or it is done and its boxes are ticked
    assert len(world.subjects()) == 3
    assert world.git("status", "--porcelain") == ""
