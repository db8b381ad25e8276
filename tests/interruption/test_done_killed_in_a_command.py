"""`kill -9` of `done` while what it runs is running: what the order said is there, and nothing is done twice.

The real command, killed alone, when the command or check that it runs has begun: that one tells so by a FIFO.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.by_hand import events, words
from tests.worlds.command_world import CommandWorld
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow
PHASEGATE = str(Path(sys.executable).with_name("phasegate"))
RUNBOOK = b"""# Cut

## T-0

By: ____

- [ ] Old is read-only
- [ ] Backup made (`sh ../slow.sh`)
- [ ] Disk has room

## Later

- [ ] Told
"""
SLOW = "echo run >> ../runs\nif [ -p ../up ]; then echo up > ../up; cat ../down; fi\ntouch backup.ok\n"
CHECKS = 'checks:\n- {id: room, name: Room, command: {run: cat ../gate}, expect: {equals: "open"}, line: 9}\n'


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "tasks.checks.yaml").write_text(CHECKS)
    git(world.root, "add", "-A")
    git(world.root, "commit", "-q", "-m", "Checks")
    (tmp_path / "slow.sh").write_text(SLOW)
    (tmp_path / "gate").write_text("open\n")
    (tmp_path / "field.yaml").write_text("t-0-field-1: Bob\n")
    assert world("run", "tasks.md").code == 3
    return world


def killed(world: CommandWorld, begun: Callable[[], object], *options: str) -> None:
    """`done`, killed without a word when `begun` returns."""
    words = ["--box", "1=yes", "--box", "2=yes", "--box", "3=yes", "--run", "all", "--path", "backup.ok", *options]
    with subprocess.Popen([PHASEGATE, "-C", str(world.root), "done", *words], stderr=subprocess.DEVNULL) as process:
        begun()
        process.kill()
    assert process.returncode == -9


def test_in_a_command_of_the_runbook(world: CommandWorld, tmp_path: Path) -> None:
    for name in ("up", "down"):
        os.mkfifo(tmp_path / name)
    killed(world, (tmp_path / "up").read_text, "--answers", str(tmp_path / "field.yaml"))
    for name in ("up", "down"):
        (tmp_path / name).unlink()
    assert words(world) == {"box 1": "attested"}, "a yes counts when its command has passed"
    status = world("status").out
    assert "counts once that is known" in status
    resumed = world("resume")
    assert (resumed.code, "nothing can tell how far it came" in resumed.error) == (3, True)
    assert (tmp_path / "runs").read_text() == "run\n", "it is not run again unasked"
    (tmp_path / "again.yaml").write_text("t-0-command-1-failed-1: again\n")
    told = world("done", "--run", "all", "--path", "backup.ok", "--answers", str(tmp_path / "again.yaml"))
    assert told.code == 0, told
    assert (tmp_path / "runs").read_text() == "run\nrun\n"
    assert words(world) == {"box 1": "attested", "box 2": "attested"}, "box 3 is answered by its check"
    fields = [event["answer"] for event in events(world, "answered") if event.get("question") == "t-0-field-1"]
    assert fields == ["Bob"]


def test_in_a_check_of_the_box(world: CommandWorld, tmp_path: Path) -> None:
    (tmp_path / "gate").unlink()
    os.mkfifo(tmp_path / "gate")
    opened: list[int] = []
    killed(
        world,
        lambda: opened.append(os.open(tmp_path / "gate", os.O_WRONLY)),
        "--answers",
        str(tmp_path / "field.yaml"),
    )
    os.close(opened[0])
    (tmp_path / "gate").unlink()
    (tmp_path / "gate").write_text("open\n")
    assert words(world) == {"box 1": "attested"}
    told = world("resume")
    assert "waits for approval" in told.error or told.code == 3, told
    assert words(world) == {"box 1": "attested", "box 2": "attested"}, "box 3 is answered by its check"
    assert (tmp_path / "runs").read_text() == "run\n", "what had passed is not run again"
    assert events(world, "worked"), "nothing had to be said again"
