"""How is an open run taken as far as it goes, and who follows it meanwhile? Shared by `run`, `resume`, `rollback`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from state.cheap_classes import dataclass
from state.errors import INTERRUPTED, BadInput, PhasegateError
from state.event_types import Event
from state.model import Plan, PlannedTask
from state.nearest import hint
from state.path_word import path_word
from workflow.engine.engine import Engine
from workflow.runs.grow_plan import drive
from workflow.service.open_run import given_answers

if TYPE_CHECKING:  # how far it came is said only where it comes to an end
    from workflow.runs.answers_file import GivenAnswers
    from workflow.views.driven import Driven
    from workflow.views.stopped import Stopped
    from workflow.views.summary import Summary


@dataclass(frozen=True, slots=True)
class Driving:
    """How a run is to be driven.

    Attributes:
        answers: path of a file that answers questions, as the process sees it.
        until: id or key of the task after whose commit to stop.
        yes: open the gates of steps, in the sandbox only.
        practice: with `yes`, a rehearsal: work by hand is passed as well.
        wait: wait here where a task waits for a time.
        said: answers that the face gives itself, by question; they come before those of the file.
    """

    answers: str | None = None
    until: str | None = None
    yes: bool = False
    practice: bool = False
    wait: bool = False
    said: Mapping[str, str] = field(default_factory=dict)


def answers_of(driving: Driving) -> GivenAnswers:
    """The answers of the file and of the face; none without them. Raises as `given_answers`."""
    return given_answers(driving.answers, driving.said)


class Follower(Protocol):
    """Whoever follows a run while it is driven."""

    def event(self, event: Event) -> None:
        """This is on the disk now."""

    def stopped(self, why: Stopped) -> None:
        """Nothing comes after this."""


def go_on(engine: Engine, stop: Callable[[PlannedTask], bool] = lambda _task: False) -> Driven:
    """Drive the run. Raises as `Engine.drive`."""
    run_id = engine.run.run_id
    engine.doors.person.progress(f"run {run_id}")
    with engine.doors.person.working():
        drive(engine, stop)
    from workflow.views.driven import Driven

    done = [engine.run.task(task.key) for task in engine.plan.tasks if engine.run.is_done(task.key)]
    return Driven(
        run=run_id,
        outcome=engine.outcome,
        done=len(done),
        total=len(engine.plan.tasks),
        commits=sum(not state.adopted for state in done),
        steps=len(engine.plan.rollback),
        sandbox=engine.run.start.sandbox,
        summary=_summary(engine) if engine.complete else None,
        skipped=sum(bool(state.left_out) for state in done),
    )


def _summary(engine: Engine) -> Summary:
    from workflow.views.summary import summary_of

    return summary_of(engine.run, engine.journal.events, engine.workflow.log, engine.plan.tasks)


def stop_after(plan: Plan, until: str | None) -> Callable[[PlannedTask], bool]:
    """Whether a task is the one to stop after. Raises BadInput when the plan has no such task."""
    if until is None:
        return lambda _task: False
    keys = {task.key for task in plan.tasks if until in (task.id, task.key, task.title)}
    if not keys:
        names = [task.label for task in plan.tasks]
        ids = ", ".join(task.id or f'"{task.title}"' for task in plan.tasks)
        raise BadInput(
            f"--until {until}: the runbook has no such task; it has {ids}{hint(until, names)}",
            next_command=f"phasegate plan {path_word(plan.runbook)}",
        )
    return lambda task: task.key in keys


@contextmanager
def followed(engine: Engine, follower: Follower | None, already: Iterable[Event] = ()) -> Iterator[None]:
    """Tell the follower each event of the run, those `already` written first; at last, why it ends."""
    if follower is None:
        yield
        return
    for event in already:
        follower.event(event)
    engine.journal.listener = follower.event
    try:
        yield
    except PhasegateError as error:
        follower.stopped(_stopped(engine, error.exit_code, error.message, error.next_command))
        raise
    except KeyboardInterrupt:
        follower.stopped(_stopped(engine, INTERRUPTED, "interrupted", f"phasegate resume {engine.run.run_id}"))
        raise
    follower.stopped(_stopped(engine, 0, "complete" if engine.complete else "as asked", ""))


def _stopped(engine: Engine, exit_code: int, message: str, following: str) -> Stopped:
    from workflow.views.stopped import stopped

    current, state = engine.run.current_task, engine.machine.state
    task = engine.plan.task(current.key) if current is not None and current.key == state else None
    return stopped(
        engine.run,
        state,
        task,
        by_hand=task is not None and engine.workflow.step_for(task) is None,
        exit_code=exit_code,
        message=message,
        following=following,
    )
