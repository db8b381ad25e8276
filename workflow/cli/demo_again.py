"""How does `demo --again` show a further run? On a changed sample, and one that is killed on its way and resumed.

A process that kills itself is a real one: it is ended by SIGKILL as soon as the event that it is to be killed at is on
the disk, and this process goes on with what is left there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from phases.step import SampleChange
from state.event_types import Event, TaskStarted
from workflow.cli.next_line import Standing
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service.demo import asked_about, change_sample
from workflow.service.drive import Driving
from workflow.service.resume import resume
from workflow.service.run import Wanted, run
from workflow.views.driven import Driven
from workflow.views.stopped import Stopped

_PACKAGES = str(Path(__file__).parents[2])


def run_again(at: Standing, workflow: str, change: SampleChange, driving: Driving) -> Driven:
    """Change the sample, run it again to the end, and say what was asked about. Raises as `run` and `resume`."""
    say(f"\n--- {change.title}", err=True)
    change_sample(at.path, change)
    if change.killed_at:
        _killed(at, workflow, change.killed_at, driving)
        driven = resume(*order(at), None, driving)
    else:
        driven = run(*order(at), Wanted(workflow, sandbox=True, again=True), driving)
    say(f"{driven.run}: {change.title}\n{asked_about(at.path, driven.run).text()}")
    return driven


def _killed(at: Standing, workflow: str, task_id: str, driving: Driving) -> None:
    """Run it again in a process of its own, until that is killed at the beginning of this task, or ends before."""
    words = [at.directory, workflow, task_id, *(["yes"] if driving.yes else []), *(["no-input"] if at.no_input else [])]
    command = [sys.executable, "-P", "-m", "workflow.cli.demo_again", *words]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": _PACKAGES}, check=False)
    killed = "was killed" if ended.returncode == -signal.SIGKILL else f"ended with {ended.returncode}"
    say(f"the process {killed} at the beginning of task {task_id}", err=True)


class _KillAt:
    """Follows a run, and kills its process when this task has begun."""

    def __init__(self, key: str, kill: Callable[[], object]) -> None:
        self._key = key
        self._kill = kill

    def event(self, event: Event) -> None:
        if isinstance(event, TaskStarted) and event.task == self._key:
            self._kill()

    def stopped(self, _why: Stopped) -> None: ...


def main(directory: str, workflow: str, task_id: str, *more: str) -> None:
    """Run it again in this process, and be killed at the beginning of this task."""
    yes = "yes" in more
    at = Standing(directory, no_input="no-input" in more)
    kill = _KillAt(f"t{task_id.replace('.', '_')}", lambda: os.kill(os.getpid(), signal.SIGKILL))
    run(
        *order(at),
        Wanted(workflow, sandbox=True, again=True),
        Driving(yes=yes, practice=yes, wait=True),
        follower=kill,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
