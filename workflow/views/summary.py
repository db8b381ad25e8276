"""What became of a run, in a few lines? For whoever drove it to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from os.path import commonpath

from gates.fields import entries_of
from state.cheap_classes import dataclass
from state.counted import counted
from state.event_types import Approved, Event, Rejected, ReviewOpened, Voided, Worked
from state.model import PlannedTask
from state.printable import printable_line
from state.run_state import RunState
from state.task_fields import fields_of
from state.task_name import number_and_title
from state.task_state import TaskState, TaskStatus
from state.time_span import span
from workflow.views.commands_left import commands_left
from workflow.views.items import BY_PROFILE_KEY, count_items, in_words, total, unasked

MOST_PLACES = 4  # directories that are named one by one
NOT_HERE = "is not installed"  # of a tool (`phases/checks/local/look_here.py`)


@dataclass(frozen=True, slots=True)
class Summary:
    """A run that is complete.

    Attributes:
        approvers: who approved, and how many approvals each gave that count.
        took: from its first event to its last.
        waited: how much of that something waited for a verdict.
        files: that its tasks committed beside the runbook and the log.
        places: the directories that hold them, each with how many, those with most first; "" is the top.
        log: workspace path of the working log.
        skipped: each task that is left out, as people know it, and why.
        items: how many items came to which verdict, those of tasks that were left out among them.
        open_fields: each field that nobody filled in, with its line in the runbook: an open sign-off, say.
        not_passed: each command of a task that is done which did not pass, with its task and what became of it.
        missing: the items, each in a line, whose tool or program was not there.
    """

    approvers: tuple[tuple[str, int], ...]
    took: timedelta
    waited: timedelta
    files: int
    places: tuple[tuple[str, int], ...]
    log: str
    skipped: tuple[tuple[str, str], ...] = ()
    items: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    open_fields: tuple[str, ...] = ()
    not_passed: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Indented, one a fact."""
        approved = ", ".join(f"{printable_line(name)} ({number})" for name, number in self.approvers)
        return [
            *(f"  skipped: {printable_line(f'{name} ({why})')}" for name, why in self.skipped),
            *(f"  not passed: {printable_line(each)}" for each in self.not_passed),
            *self._item_lines(),
            *(f"  left open: {printable_line(each)}" for each in self.open_fields),
            *([f"  approved by: {approved}"] if approved else []),
            f"  took: {span(self.took)}, of which {span(self.waited)} waiting for approval",
            f"  artifacts: {counted(self.files, 'file')}{self._where()}",
            f"  working log: {printable_line(self.log)}",
        ]

    def _where(self) -> str:
        """The directory that holds all files; where only the top does, the directories one by one."""
        names = [name for name, _number in self.places]
        common = commonpath(names) if names and "" not in names else ""
        if common or not names:
            return f" below {printable_line(common)}" if common else ""
        told = [f"{printable_line(name or 'the top directory')} ({number})" for name, number in self.places]
        further = len(told) - MOST_PLACES
        more = [f"and {counted(further, 'other directory', 'other directories')}"] if further > 0 else []
        return f": {', '.join([*told[:MOST_PLACES], *more])}"

    def _item_lines(self) -> Iterator[str]:
        """How many items came to which verdict, and how many of them nobody was asked about."""
        if not self.items:
            return
        yield f"  {in_words(self.items)}"
        by = {"pass": "passed", "derived": "derived", BY_PROFILE_KEY: "not applicable by profile"}
        if told := [f"{self.items[name]} {word}" for name, word in by.items() if self.items.get(name)]:
            yield f"  without a person's word: {unasked(self.items)} of {total(self.items)} ({', '.join(told)})"
        yield from (f"  not found here: {printable_line(each)}" for each in self.missing)


def summary_of(run: RunState, events: Iterable[Event], log: str, tasks: Sequence[PlannedTask] = ()) -> Summary:
    """The summary of a run that is complete, from its events; `tasks` of its plan, for the items of those left out."""
    done = [state for state in run.tasks.values() if state.status == TaskStatus.DONE]
    approvers = Counter(each.by.git for state in done for each in state.approvals)
    files = _files(done)
    last = run.last or run.start
    return Summary(
        approvers=tuple(approvers.most_common()),
        took=last.at - run.start.at,
        waited=_waited(events),
        files=len(files),
        places=tuple(Counter(path.rpartition("/")[0] for path in sorted(files)).most_common()),
        log=log,
        skipped=tuple(_skipped(run)),
        items=count_items(done, [task for task in tasks if run.task(task.key).left_out]),
        missing=tuple(_missing(done)),
        open_fields=(*_open_fields(done), *_fields_left_out(run, tasks)),
        not_passed=tuple(_not_passed(run)),
    )


def _files(done: Iterable[TaskState]) -> set[str]:
    """What these tasks left."""
    return {artifact.path for state in done if state.worked for artifact in state.worked.artifacts}


def _skipped(run: RunState) -> Iterator[tuple[str, str]]:
    """The name of each task that was skipped, and why."""
    for task in run.all_tasks:
        if why := run.task(task.key).left_out:
            yield number_and_title(task.id, task.title), why


def _not_passed(run: RunState) -> Iterator[str]:
    """The commands that did not pass, with the name of their task."""
    for task in run.all_tasks:
        state = run.task(task.key)
        if state.status == TaskStatus.DONE:
            yield from (f"{number_and_title(task.id, task.title)}: {each}" for each in commands_left(state))


def _open_fields(done: Iterable[TaskState]) -> Iterator[str]:
    """The fields that these tasks left open; none on the line of a box that was looked at: of a sign-off, say."""
    for state in (each for each in done if each.worked is not None and not each.skipped):
        assert state.worked is not None
        looked = {each.where for each in state.worked.checks if each.answers and each.verdict in ("pass", "derived")}
        for entry in entries_of(state):
            if isinstance(entry, Mapping) and not entry.get("value") and f"line {entry.get('line')}" not in looked:
                yield f"{entry.get('label')} (line {entry.get('line')} of the runbook)"


def _fields_left_out(run: RunState, tasks: Sequence[PlannedTask]) -> Iterator[str]:
    """The fields of the tasks that were left out; runs of 0.1 fill in none."""
    for task in () if run.is_of_0_1 else tasks:
        if run.task(task.key).left_out:
            name = number_and_title(task.id, task.title)
            yield from (f"{each.label} (line {each.line} of the runbook), of {name}" for each in fields_of(task))


def _missing(done: Iterable[TaskState]) -> Iterator[str]:
    """The checks that found no tool where one should be, and did not close their gate."""
    for check in (each for state in done if state.worked for each in state.worked.checks):
        if check.verdict in ("note", "not-checked") and not check.answers and NOT_HERE in check.seen:
            yield check.name


def _waited(events: Iterable[Event]) -> timedelta:
    """How long something waited for a verdict."""
    total, since = timedelta(), None
    for event in events:
        if isinstance(event, Worked | ReviewOpened):
            since = since or event.at
        elif isinstance(event, Approved | Rejected | Voided) and since is not None:
            total, since = total + (event.at - since), None
    return total
