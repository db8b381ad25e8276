"""What `status` says of a command that runs now, and of one that nobody works at any more: it looks from within."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from state.event_types import EffectIntended
from state.fold import fold
from tests.worlds.command_world import CommandWorld
from tests.worlds.real_command import PHASEGATE
from workflow.doors.lock_holder import Holder
from workflow.runs.find_run import events_of
from workflow.service.follow import watch
from workflow.service.status import seen_now

pytestmark = pytest.mark.slow

RUNBOOK = b"""# Shed

## Build

- [ ] Built (`sh build.sh`)

## End

- [ ] Seen
"""


def world_of(tmp_path: Path, script: str) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "build.sh").write_text(script)
    world.git("add", "-A")
    world.git("commit", "-qm", "build")
    assert world("run", "tasks.md").code == 3
    return world


def test_a_command_that_runs_is_no_failed_one(tmp_path: Path) -> None:
    world = world_of(tmp_path, f"{PHASEGATE} status > seen.txt\n{PHASEGATE} status --json > seen.json\n")
    told = world("done", "--no-files", "--run", "all")
    assert told.code == 0, told.error
    seen = json.loads((world.root / "seen.json").read_text())
    assert seen["failed_command"] is None
    running = seen["running_command"]
    assert (running["name"], running["script"]) == ("command 1", "sh build.sh")
    text = (world.root / "seen.txt").read_text()
    assert f"\ncommand 1 runs now, since {running['since'][:19].replace('T', ' ')} UTC\n  $ sh build.sh\n" in text
    assert "(its command answers it: command 1: runs now)" in text.replace("runs, and a person says", "answers it")
    assert "interrupted" not in text + json.dumps(seen)
    assert json.loads(world("status", "--json").out)["running_command"] is None


def test_one_whose_process_is_gone_was_interrupted_also_while_a_later_one_holds_the_run(tmp_path: Path) -> None:
    world = world_of(tmp_path, "echo > began; read word < go\n")
    for name in ("began", "go"):
        os.mkfifo(world.root / name)
    done = subprocess.Popen([PHASEGATE, "-C", str(world.root), "done", "--no-files", "--run", "all"], text=True)
    (world.root / "began").read_text()  # until it is there
    (looked,) = [view for _turn, view in zip(range(1), watch(world.root, None, lambda _seconds: None), strict=False)]
    assert looked.running_command is not None
    done.kill()
    done.wait()
    (world.root / "go").write_text("on\n")
    seen = json.loads(world("status", "--json").out)
    assert (seen["running_command"], seen["failed_command"]["ended"][:11]) == (None, "interrupted")
    events = events_of(world.root, world.run_id)
    at = next(event.at for event in reversed(events) if isinstance(event, EffectIntended))
    for began, runs in ((at - timedelta(seconds=9), True), (at + timedelta(seconds=9), False), (None, False)):
        view = seen_now(world.root, fold(events), events, Holder("process 1", began))
        assert (view.running_command is not None) is runs
