"""Workers at a bare repository: processes of their own, each in a clone of its own, and Bob, who approves.

world = Workers(tmp_path, keys)
run = world.order()                       # a run of `tests.worlds.barn` is ordered
world.once("w1")                          # a worker works until nothing can move any more
world.approve(run)                        # Bob, from his clone, signed
world.begin("w2")                         # one that goes on until it is ended
"""

from __future__ import annotations

import itertools
import os
import select
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from state.errors import PhasegateError
from state.event_parts import RunTarget
from state.evidence import By
from state.task_state import TaskStatus
from tests.worlds.approval_world import ADA, BOB, Keys
from tests.worlds.barn import NAMES, RUNBOOK, WORKFLOWS
from tests.worlds.forked_process import ForkedProcess, forked_process
from tests.worlds.forked_shell import forked
from tests.worlds.two_people import At, TwoPeople
from tests.worlds.workspaces import ROOT, environment, git
from workflow.meeting.orders import Order
from workflow.meeting.refs import Standing
from workflow.runs.workflow_catalog import KNOWN
from workflow.service.meeting_place import Place, place_of
from workflow.service.orders import put_order
from workflow.service.remote_verdict import decide
from workflow.service.run_in_tip import run_in
from workflow.service.this_process import nobody
from workflow.service.who import Who

POLICY = """default: {signed: true, operator_may_approve: false, allowed_signers: signers}
runners: runners
meeting: {lease: 3s}
"""
WORKER = "Eve the worker <worker@example.com>"  # with a key that approves nothing here
SANDBOX = RunTarget("", "", True)


WORKERS = ("w1", "w2", "w3")


class Workers(TwoPeople):
    """See the module."""

    def __init__(self, root: Path, keys: Keys, *, policy: str = POLICY) -> None:
        super().__init__(root, keys, policy=policy, further=("a barn", self._barn))
        self.outside = root / "outside"
        self.outside.mkdir()
        self.base = self.ada.git("rev-parse", "HEAD").strip()
        self.running: dict[str, subprocess.Popen[bytes] | ForkedProcess] = {}
        self.real = False  # whether a worker that goes on is a Python of its own, or a fork
        self.verdicts = 0
        self.options: tuple[str, ...] = ()  # of each worker
        self._pushed: int | None = self._told_of_pushes()

    def _barn(self) -> None:
        (self.ada.root / "signers").write_text(self.keys.allow(BOB))
        (self.ada.root / "barn.md").write_text(RUNBOOK)
        self.ada.git("add", "-A")
        self.ada.git("commit", "-qm", "A barn")
        self.ada.git("push", "-q", "origin", "main")
        self.bob.git("pull", "-q", "origin", "main")

    def _told_of_pushes(self) -> int:
        """A named pipe with a line for each push that has come; open for both ends, so that no hook ever waits."""
        pipe, hook = self.origin / "pushed", self.origin / "hooks/post-receive"
        os.mkfifo(pipe)
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho >> {shlex.quote(str(pipe))}\n")
        hook.chmod(0o755)
        return os.open(pipe, os.O_RDWR | os.O_NONBLOCK)

    def wait_for_a_push(self) -> None:
        """Return when somebody has pushed, or a second later: who is killed in a push tells nobody."""
        assert self._pushed is not None
        if select.select([self._pushed], [], [], 1.0)[0]:
            os.read(self._pushed, 1 << 16)

    @property
    def place(self) -> Place:
        return place_of(self.bob.root)

    def clone(self, name: str) -> At:
        """The clone of the worker of this name.

        What serves its pushes is in a session of its own: the remote's end of them, which nobody kills with a worker.
        """
        if (self.root / name).exists():
            return At(self.root / name)
        found = self._clone(name, WORKER)
        found.git("config", "remote.origin.receivepack", "setsid --wait git-receive-pack")
        return found

    def order(
        self,
        run: str = "barn-20260102-030405-0a1b2c3d",
        target: RunTarget = SANDBOX,
        *,
        workflow: str = "barn",
        answers: Mapping[str, str] | None = None,
        profile: str = "",
    ) -> str:
        order = Order(run, workflow, "", answers or {}, target, "", By(ADA, "ada", "here"), profile)
        put_order(place_of(self.ada.root), order, self.base)
        return run

    def orders(self, count: int, workers: Sequence[str] = WORKERS) -> list[str]:
        """So many runs, in which everything has a name, and the workers, that have begun."""
        runs = [self.order(f"barn-20260102-{number:06d}-0a1b2c3d", workflow="barn-by-name") for number in range(count)]
        for name in workers:
            self.begin(name)
        return runs

    def decide_all(self, runs: Sequence[str], disturbed: Callable[[], object] = lambda: None) -> None:
        """Bob approves whatever waits, until all are over; after each of his verdicts, `disturbed` is called."""
        deadline = time.monotonic() + 30 * len(runs) + 60
        left = list(runs)
        while left:
            assert time.monotonic() < deadline, (left, [self.standing(run) for run in left])
            approved = [run for run in left if self._decided(run, disturbed)]
            if not approved:
                self.wait_for_a_push()
            left = [run for run in left if self.standing(run).state]
        for name in list(self.running):
            self.kill(name, signal.SIGTERM)

    def _decided(self, run: str, disturbed: Callable[[], object]) -> bool:
        if not self.approve(run):
            return False
        disturbed()
        return True

    def standing(self, run: str) -> Standing:
        return self.place.standing(run)

    def said(self, run: str) -> str:
        """What its tip says: the trailers."""
        tip = self.standing(run).tip
        self.place.remote.fetch([tip])
        return self.bob.git("log", "-1", "--format=%(trailers)", tip)

    def command(self, name: str, *words: str) -> list[str]:
        self.clone(name)
        program = [sys.executable, "-m", "tests.worlds.barn", "-C", str(self.root / name)]
        return [*program, *(words or self._words(name))]

    def _words(self, name: str) -> tuple[str, ...]:
        return ("worker", "--name", name, "--target", "sandbox", *self.options)

    @property
    def environment(self) -> dict[str, str]:
        return {**environment(), "BARN": str(self.outside), "PYTHONPATH": str(ROOT), "TMPDIR": str(self._scratch)}

    @property
    def _scratch(self) -> Path:
        (self.root / "scratch").mkdir(exist_ok=True)
        return self.root / "scratch"

    def left_behind(self) -> list[str]:
        """The workers' own clones that are still there."""
        return sorted(each.name for each in self._scratch.glob("phasegate-work-*"))

    def once(self, name: str, *options: str, code: int = 0) -> str:
        """A worker, until nothing can move any more; what it said."""
        target = () if "--target" in options else ("--target", "sandbox")
        words = ("worker", "--name", name, "--once", *target, *self.options, *options)
        with patch.dict(KNOWN, WORKFLOWS):
            done = forked(self.clone(name).root, *words, **self.environment)
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def begin(self, name: str) -> subprocess.Popen[bytes] | ForkedProcess:
        """A worker that goes on; what it says is in a file of its name."""
        process = self._started(name) if self.real else self._forked(name)
        self.running[name] = process
        return process

    def _forked(self, name: str) -> ForkedProcess:
        with patch.dict(KNOWN, WORKFLOWS):
            place, said = self.clone(name).root, self.root / f"{name}.said"
            return forked_process(place, *self._words(name), said=said, **self.environment)

    def _started(self, name: str) -> subprocess.Popen[bytes]:
        with (self.root / f"{name}.said").open("ab") as said:
            return subprocess.Popen(
                self.command(name),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=self.environment,
                start_new_session=True,
            )

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> int:
        """End it, and what it has started with SIGKILL; its exit code."""
        process = self.running.pop(name)
        if how is signal.SIGKILL:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
            os.killpg(process.pid, signal.SIGCONT)  # one that sleeps hears nothing
        return process.wait(timeout=60)

    def end(self) -> None:
        """End whatever is left; a stopped one, too. May be called again."""
        for name in list(self.running):
            process = self.running.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=60)
        if self._pushed is not None:
            os.close(self._pushed)
            self._pushed = None

    def hold(self, what: str) -> Path:
        """Have the next call of this name wait; returns the pipe to be read when it does."""
        for pipe in ("hold", "go"):
            os.mkfifo(self.outside / f"{pipe}-{what}")
        return self.outside / f"hold-{what}"

    def go(self, what: str) -> None:
        """Have no call of this name wait any more, and let go the one that does."""
        (self.outside / f"hold-{what}").unlink()
        pipe, for_the_late = self.outside / f"go-{what}", self.outside / f"go-on-{what}"
        for_the_late.write_text("on\n")
        with pipe.open("w") as those_who_wait:
            for_the_late.rename(pipe)  # who has said that it waits, and has not opened the pipe yet
            those_who_wait.write("on\n")

    def go_without(self, what: str) -> None:
        """Have no call of this name wait any more; nobody waits."""
        for pipe in ("hold", "go"):
            (self.outside / f"{pipe}-{what}").unlink()

    def until(self, run: str, state: str) -> None:
        """Return when the run is in this state at the remote, with no verdict that nobody took in."""
        deadline = time.monotonic() + 60
        while (seen := self.standing(run)).state != state or seen.verdicts:
            assert time.monotonic() < deadline, seen
            for name, process in self.running.items():
                assert process.poll() is None, (self.root / f"{name}.said").read_text()
            self.wait_for_a_push()

    def approve(self, run: str, directory: str = "") -> bool:
        """Bob approves what waits of this run, of this workspace; whether something did, and was not decided yet."""
        place, standing = place_of(self.bob.root / directory), self.standing(run)
        if standing.state != "waiting" or standing.verdicts:
            return False
        try:
            current = run_in(place.workspace, run, place.tip(run, standing)).current_task
            assert current is not None and current.request is not None and current.status == TaskStatus.IN_REVIEW
            by = Who(By(BOB, "bob", "there"))
            with patch.dict(KNOWN, WORKFLOWS):
                decide(place.workspace, by, nobody(), run, current.request.digest, "approve", "", ask=False)
        except PhasegateError:  # it moved meanwhile
            return False
        self.verdicts += 1
        return True

    def lines_of(self, name: str) -> list[str]:
        """What happened outside: `calls` that were made, and which of them were `refused`."""
        place = self.outside / name
        return place.read_text().split() if place.exists() else []

    def wrong_with(self, *runs: str) -> list[str]:
        """What is not as after undisturbed runs, by the bare repository and by what happened outside.

        The room of a worker that was killed stays until another one needs it.
        """
        refs = [ref for ref in self.refs() if "/slots/" not in ref]
        found = [f"refs {refs}"] if refs != sorted(f"refs/heads/phasegate/{run}" for run in runs) else []
        calls, refused = (Counter(self.lines_of(name)) for name in ("calls", "refused"))
        taken = calls - refused  # what the other side did not refuse a second time, by its name
        if set(taken.values()) != {1} or len(taken) != len(runs) * len(NAMES):
            found.append(f"calls {taken}")
        for run in runs:
            log = ("log", "--reverse", "--format=%(trailers:key=Phasegate-Task,valueonly)", f"phasegate/{run}")
            tasks = git(self.origin, *log).split()
            if tasks != [f"t{task}" for task in NAMES]:
                found.append(f"{run}: commits {tasks}")
            text = git(self.origin, "show", f"phasegate/{run}:.phasegate/{run}/journal.jsonl")
            below = git(self.origin, "ls-tree", "-r", "--name-only", f"phasegate/{run}", f".phasegate/{run}/journal/")
            text += "".join(git(self.origin, "show", f"phasegate/{run}:{path}") for path in below.split())
            if text.count('"type":"approved"') != len(NAMES):
                found.append(f"{run}: approvals {text.count(chr(34) + 'approved' + chr(34))}")
        return found


class Disturbed:
    """After every so many verdicts one of the three workers is killed, put to sleep, woken, or ended by SIGTERM.

    Where there is one `alone`, it is killed and ended: nobody would give a verdict while it sleeps.
    """

    def __init__(self, world: Workers, *, every: int, alone: bool = False) -> None:
        self._world, self._every = world, every
        self._calls = itertools.count(1)
        several = (self._kills, self._puts_to_sleep, self._kills_another, self._wakes, self._ends)
        self._what = itertools.cycle((self._kills, self._ends) if alone else several)
        self.done: set[str] = set()

    def __call__(self) -> None:
        if next(self._calls) % self._every == 0:
            next(self._what)()

    def _kills(self) -> None:
        self._again("w1", signal.SIGKILL, "killed")

    def _puts_to_sleep(self) -> None:
        os.killpg(self._world.running["w2"].pid, signal.SIGSTOP)
        self.done.add("asleep")

    def _kills_another(self) -> None:
        self._again("w3", signal.SIGKILL, "killed")

    def _wakes(self) -> None:
        os.killpg(self._world.running["w2"].pid, signal.SIGCONT)
        self.done.add("awake")

    def _ends(self) -> None:
        self._again("w1", signal.SIGTERM, "ended")

    def _again(self, name: str, how: signal.Signals, what: str) -> None:
        self._world.kill(name, how)
        self._world.begin(name)
        self.done.add(what)
