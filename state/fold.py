"""How does an event bring a run forward? `fold(events)`: what is true of it after all of them, from the first one on.

Rules:
- Pure: events in, values out. The only fact it cannot know is whether an intended commit was made; the caller
  looks at git once while the current task is COMMITTING, and says so by `commit_found`.
- A task's status moves here alone: by its events (`task_state.LIFE`), by its commit (`commit_found`), and when a
  rollback stops it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from state.errors import JournalDamaged
from state.event_types import (
    Aborted,
    Answered,
    Approved,
    AttemptFailed,
    BoxesTakenBack,
    BranchSwitched,
    CommitIntended,
    EffectDone,
    EffectIntended,
    Event,
    HandedIn,
    Noted,
    PolicyApproved,
    Rejected,
    ReviewOpened,
    RollbackStarted,
    RunbookTaken,
    RunStarted,
    TaskEvent,
    TaskStarted,
    Voided,
    Worked,
)
from state.evidence import By
from state.position import Outcome
from state.run_state import RunbookVersion, RunState, copy_name
from state.task_events import is_taken_back
from state.task_state import BEFOREHAND, BEFOREHAND_HERE, HAD_RUN, LIFE, SHOWN, TaskState, TaskStatus

_DRIVES = (HandedIn, Answered, EffectIntended)  # by which somebody may do work
_HAS_RUN = r"-command-\d+(?:-\w+)*$"  # what is asked about a command of work by hand
LOOK = "phasegate audit   # shows what is wrong with it"


def fold(events: Iterable[Event]) -> RunState:
    """The state after these events.

    Raises JournalDamaged, with the line number, for an event that cannot follow the one before it.
    """
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, RunStarted):
        raise JournalDamaged("journal.jsonl:1: a run begins with run-started", next_command=LOOK)
    run = RunState(first, last=first)
    for key in first.adopted:
        run.tasks[key] = TaskState(key, TaskStatus.DONE, adopted=True)
        run.done.append(key)
    for event in stream:
        apply(run, event)
    return run


def apply(run: RunState, event: Event) -> None:
    """Bring a state forward by one event, in place. Raises as `fold`."""
    run.last = event
    try:
        _apply(run, event)
    except _Misplaced as why:
        run.segments.take(event)
        where = run.segments.place(event.seq)
        raise JournalDamaged(f"{where}: {event.type} cannot stand here: {why}", next_command=LOOK) from None
    run.segments.take(event)


def commit_found(run: RunState, sha: str) -> None:
    """git has the commit that was intended last, and it is what was approved: the current task is done.

    Raises ValueError when no commit was intended.
    """
    current = run.current_task
    if current is None or current.status != TaskStatus.COMMITTING:
        raise ValueError(f"commit {sha} belongs to no task: {current.status if current else 'none has begun'}")
    current.status, current.commit = TaskStatus.DONE, sha
    run.done.append(current.key)
    run.last_commit = sha


class _Misplaced(Exception):
    """Why an event cannot follow the one before."""


def _apply(run: RunState, event: Event) -> None:
    if run.aborted:
        raise _Misplaced(f"the run was {Outcome.ABORTED.words}")
    if isinstance(event, TaskEvent):
        _go_on(run, event)
        return
    match event:
        case Noted():
            _name_commit(run, event, event.after)
            run.notes.append((event.at, event.task, event.text, event.by.git))
            _take_back(run, event)
        case PolicyApproved():
            _approve_policy(run, event)
        case Aborted():
            _name_commit(run, event, event.after)
            run.aborted = True
        case RunbookTaken():
            _apply_runbook_edit(run, event)
        case BoxesTakenBack():
            _take_boxes_back(run, event)
        case RollbackStarted():
            _start_rollback(run, event)
        case _:
            raise _Misplaced("a run starts once")


def _approve_policy(run: RunState, event: PolicyApproved) -> None:
    """Another policy may count from here on; never between the intent of a commit and the commit."""
    _name_commit(run, event, event.after)
    current = run.current_task
    if current is not None and current.status == TaskStatus.COMMITTING:
        raise _Misplaced(f"task {current.key} is {current.status}")
    run.policy_approvals.append(event)


def _take_boxes_back(run: RunState, event: BoxesTakenBack) -> None:
    """The runbook that the run began with is in force with open boxes; before anything else happens."""
    if not run.start.again or run.tasks or len(run.runbook_versions) > 1:
        raise _Misplaced("boxes are taken back where a run begins again, before its first task")
    version = RunbookVersion(event.seq, copy_name(2), event.sha256, event.plan, run.start.tasks)
    run.runbook_versions.append(version)


def _apply_runbook_edit(run: RunState, event: RunbookTaken) -> None:
    """Another runbook is in force; the task under way goes on, or begins again, under its plan."""
    if run.rollback:
        raise _Misplaced("the run is being rolled back")
    _name_commit(run, event, event.after)
    current = run.current_task
    if current is not None and current.status in SHOWN:
        raise _Misplaced(f"task {current.key} is {current.status}, under the plan before it")
    if event.file != copy_name(len(run.runbook_versions) + 1):
        raise _Misplaced(f"its copy is {event.file}, expected {copy_name(len(run.runbook_versions) + 1)}")
    run.keys = frozenset(task.key for task in event.tasks)
    gone = [key for key in run.tasks if key not in run.keys]
    if gone:
        raise _Misplaced(f"its plan has no task {gone[0]}, which has begun")
    run.runbook_versions.append(RunbookVersion(event.seq, event.file, event.sha256, event.plan, event.tasks))


def _start_rollback(run: RunState, event: RollbackStarted) -> None:
    """The task under way stops as it is; what comes now is the rollback."""
    if run.rollback:
        raise _Misplaced("the run is being rolled back already")
    keys = [task.key for task in event.tasks]
    if not keys or len({*keys, *(task.key for task in run.sequence)}) < len(keys) + len(run.sequence):
        raise _Misplaced("the rollback must have tasks, and none of the plan's")
    _name_commit(run, event, event.after)
    current = run.current_task
    if current is not None and current.status != TaskStatus.DONE:
        current.status = TaskStatus.STOPPED
    run.rollback, run.current, run.keys = event, None, frozenset(keys)


def _go_on(run: RunState, event: TaskEvent) -> None:
    """An event of the current task, or the beginning of the next one."""
    if isinstance(event, TaskStarted) and event.task != run.current:
        _begin(run, event)
    if event.task != run.current:
        raise _Misplaced(f"the current task is {run.current}")
    task = run.tasks.get(event.task)
    if task is None:
        task = run.tasks[event.task] = TaskState(event.task)
    after = _status_after(task, event)
    attempt = task.attempt + 1 if isinstance(event, TaskStarted) else task.attempt
    if event.attempt != attempt:
        raise _Misplaced(f"it is of attempt {event.attempt}, expected {attempt}")
    task.status = after
    _record(run, task, event)
    if isinstance(event, AttemptFailed | Rejected):
        _take_back(run, event)


def _take_back(run: RunState, event: AttemptFailed | Rejected | Noted) -> None:
    """Answers that were taken back count for no later attempt and no later task."""
    for question in event.asked_again:
        run.answers.pop(question, None)


def _status_after(task: TaskState, event: TaskEvent) -> TaskStatus:
    """The status that the event brings the task to."""
    after = LIFE.get((task.status, event.type))
    if after is None or (isinstance(event, Answered) and task.status != TaskStatus.WORKING and not event.item):
        raise _Misplaced(f"task {task.key} is {task.status}")
    if isinstance(event, Approved) and not event.approval.admits:
        return task.status  # one approval of several
    return after


def _begin(run: RunState, event: TaskStarted) -> None:
    if event.task not in run.keys:
        raise _Misplaced(f"{event.task} is no task of the {'rollback' if run.rollback else 'plan'}")
    _name_commit(run, event, event.after)
    run.current = event.task


def _name_commit(run: RunState, event: Event, after: str | None) -> None:
    """The event that leaves a committing task names its commit."""
    current = run.current_task
    if current is None or after is None:
        if current is not None and isinstance(event, TaskStarted):
            raise _Misplaced(f"task {current.key} is {current.status}, not committed")
        if isinstance(event, Noted) and run.segments.are_kept_apart and run.segments.commit_is_unnamed:
            raise _Misplaced("it stands behind the intent of a commit, and names none")
        return
    if current.status == TaskStatus.DONE and current.commit == after:
        return  # the caller had looked at git already
    if current.status != TaskStatus.COMMITTING:
        raise _Misplaced(f"it names a commit of {current.key}, which is {current.status}")
    commit_found(run, after)


def _record(run: RunState, task: TaskState, event: TaskEvent) -> None:
    """What the event says of the task, whose status has been brought forward."""
    if isinstance(event, _DRIVES) and not (run.start.version == 1 or task.was_shown):
        _record_alone(task, event)
        _record_who_drove(task, event)
    match event:
        case Answered():  # first: most events are answers
            _record_answer(run, task, event)
        case TaskStarted():
            run.template = run.template if event.commit is None else event.commit
            _begin_attempt(task, event, run.template)
        case CommitIntended():
            task.commit_intent = event
        case HandedIn():
            task.handed_in = event
        case EffectIntended() | EffectDone():
            _record_effect(task, event)
        case BranchSwitched():
            _record_branch(run, event)
        case _:
            _record_review(task, event)


def _record_answer(run: RunState, task: TaskState, event: Answered) -> None:
    """A word on an item, or the answer to a question."""
    if event.item:
        task.words[event.item] = event
        task.worked, task.request, task.approvals = None, None, []  # what was shown is not what there is now
    else:
        task.words.pop(event.leaves_open, None)
        task.answers[event.question] = run.answers[event.question] = event.answer
        run.answered[event.question] = event
        why = f", {event.why}" if event.why else ""
        task.given_by[event.question] = f"{event.by.git} ({event.via}{why})"


def _record_branch(run: RunState, event: BranchSwitched) -> None:
    if event.from_branch != run.branch:
        raise _Misplaced(f"the run is on branch {run.branch}, not on {event.from_branch}")
    run.branch = event.branch


def _record_alone(task: TaskState, event: HandedIn | Answered | EffectIntended) -> None:
    """Who drove this part where no terminal was there."""
    match event:
        case EffectIntended(alone=By(git=who)) | Answered(terminal=False, by=By(git=who)) if who not in task.alone:
            task.alone.append(who)


def _record_who_drove(task: TaskState, event: HandedIn | Answered | EffectIntended) -> None:
    """Who did work of this attempt, and how; a word on what was shown already is an approver's, and no work.

    Who says at a prompt that a command is run does work, too: another one may hand in what it came to.
    """
    if isinstance(event, EffectIntended):
        return
    via: str = event.via
    if isinstance(event, Answered):
        if via not in BEFOREHAND:
            if "-command-" not in event.question or event.answer in ("skip", "pause"):
                return
            if not re.search(_HAS_RUN, event.question):
                return
            via = HAD_RUN
        elif event.terminal:
            via = BEFOREHAND_HERE
    if (event.by.git, via) not in task.drove:
        task.drove.append((event.by.git, via))


def _record_review(task: TaskState, event: TaskEvent) -> None:
    """What was shown, and what was said of it."""
    if is_taken_back(event, task.handed_in):
        assert task.handed_in is not None
        task.taken_back.append(task.attempt)
        task.failure = event if isinstance(event, AttemptFailed) else task.failure
        task.refusals.append(f"attempt {task.attempt} taken back by {task.handed_in.by.git}, who handed it in")
        return
    match event:
        case Worked():
            task.worked, task.request, task.was_shown = event.evidence, event.request, True
            task.approvals = []
        case ReviewOpened():
            task.request, task.approvals = event.request, []
        case Approved():
            task.approvals.append(event.approval)
            if event.approval.admits:
                task.approved_by, task.approved_at = event.by.git, event.at
        case Rejected():
            task.refusals.append(f"attempt {task.attempt} rejected by {event.by.git}: {event.reason}")
        case Voided():
            task.refusals.append(f"attempt {task.attempt} voided: {'; '.join(event.changed)}")
        case AttemptFailed():
            task.failure = event
            task.refusals.append(f"attempt {task.attempt} failed: {event.reason}")


def _begin_attempt(task: TaskState, event: TaskStarted, template: str) -> None:
    task.attempt, task.started_at, task.template = event.attempt, event.at, template
    task.first_started_at = task.first_started_at or event.at
    task.before = task.before or event.before
    task.effects, task.answers, task.given_by, task.words, task.approvals = {}, {}, {}, {}, []
    task.handed_in, task.drove, task.alone, task.was_shown = None, [], [], False
    task.worked = task.request = task.failure = task.commit_intent = None
    task.approved_by, task.approved_at = "", None


def _record_effect(task: TaskState, event: EffectIntended | EffectDone) -> None:
    known = task.effects.get(event.effect)
    if isinstance(event, EffectIntended):
        task.effects[event.effect] = (event.intent, None)
    elif known is None:
        raise _Misplaced(f"{event.effect} was never intended in this attempt")
    else:
        task.effects[event.effect] = (known[0], event.result)
