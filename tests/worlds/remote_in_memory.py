"""A remote in memory, and workers that meet at it: no git, no clock, milliseconds a point.

    world = Shed(["walls", "roof"]); world.order(); world.goes_on(); world.outside == ["walls", "roof"]

What moves refs is the product's own (`Holding`, `move`, `Names`); a run is a list of events and a list of commits.
A worker may die at any point, or sleep there until others are done.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from state.errors import RunFenced
from workflow.meeting.holding import Holding
from workflow.meeting.moves import AnswerLost, Move, PushRefused
from workflow.meeting.refs import Names, Standing, standing_of

RUN = "shed-20260102-030405-0a1b2c3d"
NAMES = Names()
Fault = Literal["refused before", "done and answered", "done, answer lost", "lost", "arrives late"]


class MemoryRemote:
    """Refs as a dict; `faults` says what becomes of the next pushes, in order."""

    name = "upstream"

    def __init__(self) -> None:
        self.refs: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.late: list[Sequence[Move]] = []
        self.pushes = 0

    def look(self, *patterns: str) -> Mapping[str, str]:
        def fits(ref: str, pattern: str) -> bool:
            return ref.startswith(pattern[:-1]) if pattern.endswith("*") else ref == pattern

        return {ref: sha for ref, sha in self.refs.items() if any(fits(ref, each) for each in patterns)}

    def push(self, moves: Sequence[Move]) -> None:
        self.pushes += 1
        fault = self.faults.pop(0) if self.faults else "done and answered"
        if fault == "refused before":
            raise PushRefused("no")
        if fault == "arrives late":
            self.late.append(moves)
        if fault in ("lost", "arrives late"):
            raise AnswerLost("the remote end hung up")
        self.take(moves)
        if fault == "done, answer lost":
            raise AnswerLost("the remote end hung up")

    def take(self, moves: Sequence[Move]) -> None:
        """As the server does, with `--atomic` and a lease on each ref."""
        if any(self.refs.get(each.ref, "") != each.old for each in moves):
            raise PushRefused("stale info")
        for each in moves:
            if each.new:
                self.refs[each.ref] = each.new
            else:
                self.refs.pop(each.ref, None)

    def arrive(self) -> None:
        """What was under way gets there now."""
        for moves in self.late:
            try:
                self.take(moves)
            except PushRefused:
                pass
        self.late.clear()


@dataclass(frozen=True)
class Content:
    """What a tip holds: events, and the tasks that are committed."""

    events: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()


class Died(Exception):
    """The worker's process is gone."""


@dataclass
class Point:
    """At which of its points a worker does what: `(name, do)`; every point it comes by is in `seen`."""

    at: int = -1
    do: Callable[[], None] = lambda: None
    seen: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.seen.append(name)
        if len(self.seen) - 1 == self.at:
            self.do()


class Shed:
    """A run with one call outside a task, and all that is outside of the workers.

    `by_no_name`: the tasks whose call is no effect of the journal, so that only a person can tell whether it was made.
    """

    def __init__(self, tasks: Sequence[str], *, by_no_name: Sequence[str] = (), lease: float = 60.0) -> None:
        self.tasks = tuple(tasks)
        self.by_no_name = frozenset(by_no_name)
        self.remote = MemoryRemote()
        self.tips: dict[str, Content] = {}
        self.heads: dict[str, tuple[str, ...]] = {"c0": ()}
        self.outside: list[str] = []  # each call that went out, by the name of its effect
        self.numbers = itertools.count(1)
        self.time = 0.0
        self.lease = lease

    def order(self) -> None:
        self.tips["t0"] = Content()
        self.remote.refs = {NAMES.of("todo", RUN): "t0", NAMES.branch(RUN): "c0"}

    @property
    def standing(self) -> Standing:
        return standing_of(self.remote.look(*NAMES.patterns_of(RUN)), NAMES, RUN, remote=self.remote.name)

    def approve(self) -> None:
        """A person in another clone approves what waits, once."""
        waits = self.tips[self.standing.tip].events[-1]
        ref = NAMES.verdict(RUN, waits.replace(" ", "-").ljust(12, "0"), "b" * 8)
        self.remote.push([Move(ref, self.remote.refs.get(ref, ""), f"v-{waits}")])

    def wrong_with(self) -> list[str]:
        """What is not as after an undisturbed run."""
        found = []
        head = self.remote.refs.get(NAMES.branch(RUN), "")
        if self.heads.get(head) != self.tasks:
            found.append(f"commits {self.heads.get(head)}")
        if set(self.remote.refs) != {NAMES.branch(RUN)}:
            found.append(f"refs {sorted(self.remote.refs)}")
        if self.outside != list(self.tasks):
            found.append(f"effects {self.outside}")
        final = max(
            (tip for tip, held in self.tips.items() if held.commits == self.tasks), key=lambda tip: int(tip[1:])
        )
        approvals = [event for event in self.tips[final].events if event.startswith("approved")]
        if approvals != [f"approved {task}" for task in self.tasks]:
            found.append(f"approvals {approvals}")
        return found

    def goes_on(self, worker: Worker | None = None) -> None:
        """Workers take turns until the run is over."""
        for _ in range(20):
            if worker is None:
                worker = Worker(self)
            try:
                worker.segment()
            except (Died, RunFenced):
                pass
            worker = None
            if not self.standing.state:
                return
            if self.standing.state == "waiting":
                self.approve()
        raise AssertionError(f"it does not come to its end: {self.remote.refs}")


class Worker:
    """One process with a clone of its own."""

    def __init__(self, shed: Shed, point: Point | None = None) -> None:
        self.shed = shed
        self.point = point or Point()
        self.here = Content()
        self.holding = Holding(
            Seen(shed.remote, self.point), NAMES, RUN, self, self, lease=shed.lease, now=lambda: shed.time
        )

    def segment(self) -> None:
        """Gate to gate, as docs/remote.md has it."""
        seen = self.shed.standing
        if not seen.state:
            return
        self.point("before the claim")
        self.holding.claim(seen)
        self.here = self.shed.tips[seen.tip]
        self._take_in(seen)
        self._leave()
        if len(self.here.commits) == len(self.shed.tasks):
            self.holding.park("", "over", taken_in=list(seen.verdicts or ()))
            return
        self._work(self.shed.tasks[len(self.here.commits)])
        self.holding.park("waiting", "waits", taken_in=list(seen.verdicts or ()))

    def _take_in(self, seen: Standing) -> None:
        for verdict in (seen.verdicts or {}).values():
            waits = verdict.removeprefix("v-")
            if self.here.events and self.here.events[-1] == waits:
                self._record(f"approved {waits.removeprefix('waits ')}")

    def _leave(self) -> None:
        if self.here.events and self.here.events[-1].startswith("approved "):
            task = self.here.events[-1].removeprefix("approved ")
            self._record(f"commit-intended {task}")
            self.here = replace(self.here, commits=(*self.here.commits, task))
            self.point("committed")

    def _work(self, task: str) -> None:
        if f"waits {task}" in self.here.events:
            return
        begun = f"task-started {task}" in self.here.events
        if not begun:
            self._record(f"task-started {task}")
            self.holding.announce("started")
        if task in self.shed.by_no_name:  # ASK_A_PERSON: who looks whether it was done
            self._call(task, found=begun and task in self.shed.outside)
        elif f"effect-done {task}" not in self.here.events:
            self._effect(task)
        self._record(f"waits {task}")

    def _effect(self, task: str) -> None:
        """As `StepContext.effect`: what was intended before is looked for, and only then made."""
        if f"effect-intended {task}" in self.here.events:
            found = task in self.shed.outside
        else:
            found = False
            self._record(f"effect-intended {task}")
            self.holding.announce(f"intent {task}")
        self._call(task, found=found)
        self._record(f"effect-done {task}")

    def _call(self, task: str, *, found: bool) -> None:
        self.point("before the guard")
        if not found:
            self.holding.guard()
            self.point("between guard and call")
            self.shed.outside.append(task)
            self.point("after the call")

    def _record(self, event: str) -> None:
        self.holding.require()
        self.here = replace(self.here, events=(*self.here.events, event))
        self.point(event)

    # Tips and Kept, as the door to git is

    def make(self, parent: str, because: str, said: Mapping[str, str], *, as_before: bool) -> tuple[str, str]:
        number = next(self.shed.numbers)
        content = self.shed.tips[parent] if as_before and parent else self.here
        tip, head = f"t{number}", f"c{number}"
        self.shed.tips[tip] = content
        known = self.holding.standing.branch
        if self.shed.heads.get(known) == content.commits:
            return tip, known
        self.shed.heads[head] = content.commits
        return tip, head

    def trying(self, tip: str) -> None: ...

    def pushed(self, tip: str) -> None: ...

    def fenced(self) -> None: ...


class Seen:
    """The remote, with a point before and behind each push."""

    def __init__(self, remote: MemoryRemote, point: Point) -> None:
        self._remote, self._point = remote, point

    def look(self, *patterns: str) -> Mapping[str, str]:
        return self._remote.look(*patterns)

    def push(self, moves: Sequence[Move]) -> None:
        what = moves[0].ref.split("/")[2] if len(moves) == 1 else "+".join(each.ref.split("/")[2] for each in moves)
        self._point(f"before the push of {what}")
        self._remote.push(moves)
        self._point(f"after the push of {what}")
