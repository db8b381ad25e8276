"""What does a worker work by? Slots, at one run each: the process itself, or several children that are gone with it.

    slots.begin(run, seen)                    # only where `has_room`
    for run, came in slots.ended(patience): ...

Rules:
- A segment has a process to itself: signals, the profile in the environment and what commands are started with are
  those of a process. A child is forked before the worker has threads, and works as a worker of one slot does.
- The kernel ends a child when the worker's process is gone (PR_SET_PDEATHSIG): what it has in hand is taken over after
  a lease, as what any worker had that was killed.
- Ctrl-C, or a terminal that is closed, is for the worker's process, which ends each child by SIGTERM: one
  interruption, not two.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from state.errors import PhasegateError, WorkspaceRefused
from workflow.meeting.schedule import Ready
from workflow.service.look_at_tips import Seen

PATIENCE = 60.0  # for a child to leave what it has in hand [s]
_DIES_WITH_ITS_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True, slots=True)
class Came:
    """What a segment came to.

    Attributes:
        to: in a word; `failed` beside an error.
        error: why it was refused, or failed.
        moved: whether the run went on.
    """

    to: str
    error: PhasegateError | None = None
    moved: bool = False


Attempt = Callable[[Ready, Seen], Came]


class Slots(Protocol):
    """See the module."""

    def has_room(self) -> bool:
        """Whether another run can be begun."""

    @property
    def busy(self) -> Sequence[Ready]:
        """The runs that are worked at, or whose end nobody has taken yet."""

    def begin(self, run: Ready, seen: Seen) -> None:
        """Work at it."""

    def ended(self, patience: float) -> Sequence[tuple[Ready, Came]]:
        """Those that have ended, once each; waits so long for the first [s]."""

    def end(self) -> None:
        """Have what is under way left as after Ctrl-C, and the slots gone."""


class OneSlot:
    """This process itself: a run that is begun has ended when `begin` returns."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._ended: list[tuple[Ready, Came]] = []
        self._at: Ready | None = None

    def has_room(self) -> bool:
        return not self.busy

    @property
    def busy(self) -> Sequence[Ready]:
        return [self._at] if self._at is not None else [run for run, _ in self._ended]

    def begin(self, run: Ready, seen: Seen) -> None:
        self._at = run  # and stays, where Ctrl-C ends it
        self._ended.append((run, self._attempt(run, seen)))
        self._at = None

    def ended(self, patience: float) -> Sequence[tuple[Ready, Came]]:
        found, self._ended = self._ended, []
        return found

    def end(self) -> None:
        pass


@dataclass
class _Child:
    number: int
    process: BaseProcess
    pipe: Connection
    run: Ready | None = None


class ForkedSlots:
    """So many children. `serve` is given, in a child, its number, and a function that serves what it is sent."""

    def __init__(self, count: int, serve: Callable[[int, Callable[[Attempt], None]], None]) -> None:
        self._children: list[_Child] = []
        fork = multiprocessing.get_context("fork")
        for number in range(1, count + 1):
            ours, theirs = fork.Pipe()
            process = fork.Process(target=_child, args=(number, theirs, os.getpid(), serve), daemon=True)
            process.start()
            theirs.close()
            self._children.append(_Child(number, process, ours))

    def has_room(self) -> bool:
        return any(child.run is None for child in self._children)

    @property
    def busy(self) -> Sequence[Ready]:
        return [child.run for child in self._children if child.run is not None]

    def begin(self, run: Ready, seen: Seen) -> None:
        child = next(child for child in self._children if child.run is None)
        child.run = run
        with suppress(OSError):  # it is gone: `ended` finds that
            child.pipe.send((run, seen))

    def ended(self, patience: float) -> Sequence[tuple[Ready, Came]]:
        at_work: Mapping[object, _Child] = {child.pipe: child for child in self._children if child.run is not None}
        found = []
        for pipe in wait([child.pipe for child in at_work.values()], patience):
            child = at_work[pipe]
            assert child.run is not None
            found.append((child.run, self._came(child)))
            child.run = None
        return found

    def _came(self, child: _Child) -> Came:
        try:
            came: Came = child.pipe.recv()
            return came
        except (EOFError, OSError):
            child.process.join()
            self._children.remove(child)
            gone = WorkspaceRefused(
                f"slot {child.number} of this worker is gone, exit code {child.process.exitcode}; what it had in hand "
                "is taken over after a lease",
                next_command="phasegate worker   # again, with all of its slots",
            )
            if not self._children:
                raise gone from None
            return Came("failed", gone)

    def end(self) -> None:
        for child in self._children:
            child.process.terminate()
        for child in self._children:
            child.process.join(PATIENCE)
            child.process.kill()
            child.process.join()
            child.pipe.close()
        self._children.clear()


def _child(number: int, pipe: Connection, parent: int, serve: Callable[[int, Callable[[Attempt], None]], None]) -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_ITS_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        return  # it was gone before
    for told_to_all in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(told_to_all) is not signal.SIG_IGN:
            signal.signal(told_to_all, lambda _number, _frame: None)  # what is started here does not ignore it

    def each(attempt: Attempt) -> None:
        while True:
            try:
                run, seen = pipe.recv()
            except EOFError:
                return
            pipe.send(attempt(run, seen))

    with suppress(KeyboardInterrupt):  # by SIGTERM; what it had in hand is left by now
        serve(number, each)
