"""How is an answer changed before its task is approved? The attempt ends, and the next one asks for it again.

Rules:
- Nothing of the attempt is lost: it ends as failed, or as rejected where it was shown already, with the reason.
- What the same person answered to its other questions is answered so again; what somebody else said is asked again,
  because only they can say it.
- A box is named as in an answers file, or by its id (`box 3`). A yes or n/a to the other boxes is kept where somebody
  can be asked for the rest; a no, one word for all of them, what an approver said, and a yes to a box that something
  looks at are said again.
- What the person said of commands is none of that, but for those that are not to be run: a command that may change
  something is run once more only when somebody says so now, and what became of it then is asked then.
- An attempt with an effect of which nobody knows whether it happened goes on first: what it acted on stays known.
- What was approved or committed stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from phases.checks.local.questions import run_check_name
from phases.manual.box_words import NOT_APPLICABLE, YES
from phases.manual.script_questions import question_name
from state.counted import counted
from state.errors import BadInput
from state.event_types import Answered, Worked
from state.late_pattern import late
from state.nearest import hint
from state.path_word import path_word
from state.task_boxes import box_question, boxes_of
from state.task_events import LEFT_OPEN
from state.task_state import TaskState, TaskStatus
from workflow.engine.looked_at_boxes import is_looked_at
from workflow.engine.open_run import OpenRun
from workflow.runs.checks_beside import checks_in
from workflow.runs.workflow_catalog import target_of

_OF_A_COMMAND_THAT_RAN = late(r"-command-\d+-(?:(?:failed|edited|passed|filled)-\d+|left)$")
NOT_ANY_MORE = (TaskStatus.APPROVED, TaskStatus.COMMITTING, TaskStatus.DONE, TaskStatus.STOPPED)


def ask_again(run: OpenRun, names: Sequence[str]) -> None:
    """End the current attempt where it has answered one of these questions, and keep the person's other answers.

    Raises BadInput for a question that this run has not answered, for one of a task that is approved or done, and while
    an effect of the attempt is in doubt; nothing was recorded then.
    """
    names = [_full_name(run, name) for name in names]
    task = _task_of(run, names)
    _require_no_doubt(run, task)
    mine = {**_own_answers(run, task), **_own_words(run, task)}
    _end_attempt(run, task, names)
    of_commands = _of_commands(run, task)
    kept = {
        question: answer
        for question, answer in mine.items()
        if question not in names
        and (answer == "skip" if question in of_commands else not _follows(question, of_commands))
    }
    run.answer_beforehand(kept)
    run.kept = frozenset(_at_no_place_of_their_own(run, task, kept))
    if run.doors.person.at_terminal:
        run.said_at_prompt = frozenset(kept).intersection(_said_at_prompt(run, task))
    if kept:
        run.doors.person.progress(f"{counted(len(kept), 'other answer')} of yours kept: {', '.join(kept)}")


def _at_no_place_of_their_own(run: OpenRun, task: TaskState, kept: Iterable[str]) -> Iterator[str]:
    """Those of these questions that the next attempt may have answered before anybody hands the work in."""
    planned = run.plan.task(task.key)
    if run.workflow.step_for(planned) is not None or run.state.is_of_0_1:
        return  # a step asks for them at once
    boxes = {box_question(planned, box.number) for box in boxes_of(planned)}
    elsewhere = {*boxes, *_of_commands(run, task)}
    yield from (name for name in kept if name not in elsewhere)


def _full_name(run: OpenRun, name: str) -> str:
    """The question's name where this is the id of a box of the current task."""
    task = run.state.current_task
    if task is None:
        return name
    planned = run.plan.task(task.key)
    return next((box_question(planned, box.number) for box in boxes_of(planned) if box.id == name), name)


def _name_of(run: OpenRun, event: Answered) -> str:
    """The name of the question that it answers; of a box, as an answers file has it."""
    if not event.item or event.task not in {each.key for each in run.plan.tasks}:  # an edit took it out
        return event.question or event.item
    planned = run.plan.task(event.task)
    return next((box_question(planned, box.number) for box in boxes_of(planned) if box.id == event.item), event.item)


def _task_of(run: OpenRun, names: Sequence[str]) -> TaskState:
    """The current task, where it has answered all of these questions and is not approved yet."""
    task = run.state.current_task
    answered = {_name_of(run, event) for event in _answers_of(run, task)} if task is not None else set()
    for name in names:
        if task is None or name not in answered or task.status in NOT_ANY_MORE:
            raise _refused(run, task, name, sorted(answered))
    assert task is not None
    return task


def _require_no_doubt(run: OpenRun, task: TaskState) -> None:
    """Raise BadInput while an effect of the attempt is in doubt."""
    in_doubt = [effect for effect, (_intent, result) in task.effects.items() if result is None]
    if task.status == TaskStatus.WORKING and in_doubt:
        raise BadInput(
            f"task {run.plan.task(task.key).label} was interrupted in {in_doubt[0]}, and what came of it is not known: "
            "the attempt goes on before an answer is changed",
            next_command=f"phasegate resume {run.run_id}",
        )


def _of_commands(run: OpenRun, task: TaskState) -> frozenset[str]:
    """The names of the questions whether to run the task's commands, and those of its checks."""
    planned = run.plan.task(task.key)
    checks = checks_in(run.workspace, run.plan.runbook, under_way=True)
    return frozenset(
        (
            *(question_name(planned, number) for number in range(1, len(planned.commands) + 1)),
            *(run_check_name(planned, check.id) for check in (checks.of(planned) if checks else ())),
        )
    )


def _follows(question: str, of_commands: frozenset[str]) -> bool:
    """Whether this was asked about a command after somebody had it run: it failed, say."""
    return question.startswith(tuple(f"{name}-" for name in of_commands))


def _own_answers(run: OpenRun, task: TaskState) -> dict[str, str]:
    """What whoever runs this process answered in the attempt, by question."""
    latest = [event for event in _answers_of(run, task) if event.attempt == task.attempt]
    own = [event for event in latest if event.seq >= run.taken_on_at]  # a journal that was brought can name anybody
    mine = [event for event in own if event.by.git == run.doors.me.git and event.answer != LEFT_OPEN]
    return {event.question: event.answer for event in mine if event.question}


def _own_words(run: OpenRun, task: TaskState) -> dict[str, str]:
    """What whoever runs this process said of boxes while they did the work, by the box's question."""
    if not run.doors.person.at_terminal:  # handed in from elsewhere, they are said by `done --box`
        return {}
    planned = run.plan.task(task.key)
    found = checks_in(run.workspace, run.plan.runbook, under_way=True)
    declared = found.checks if found else ()
    kept = {}
    for box in boxes_of(planned):
        word = task.words.get(box.id)
        if word is None or not _is_own_work(run, task, word):
            continue
        if word.verdict == "not-applicable":
            kept[box_question(planned, box.number)] = f"{NOT_APPLICABLE}:{word.why}"
        elif word.verdict == "attested" and not word.why and not is_looked_at(planned, box, declared):
            kept[box_question(planned, box.number)] = YES
    return kept


def _said_at_prompt(run: OpenRun, task: TaskState) -> set[str]:
    """The names of the questions and boxes whose last answer was given at a prompt."""
    last = {_name_of(run, event): event.via for event in _answers_of(run, task)}
    return {name for name, via in last.items() if via == "prompt"}


def _is_own_work(run: OpenRun, task: TaskState, word: Answered) -> bool:
    """Whether whoever runs this process said it, and before the attempt was shown: no word of an approver's."""
    worked = [each for each in run.journal.events if isinstance(each, Worked) and each.task == task.key]
    shown = [each.seq for each in worked if each.attempt == task.attempt]
    return word.by.git == run.doors.me.git and run.taken_on_at <= word.seq < min(shown, default=word.seq + 1)


def _end_attempt(run: OpenRun, task: TaskState, names: Sequence[str]) -> None:
    """Take these answers back; what is asked once in a run is asked for again by whichever process comes next."""
    reason = f"asked again: {', '.join(names)}"
    taken_back: dict[str, Any] = {} if run.state.is_of_0_1 else {"asked_again": list(names)}
    if task.status == TaskStatus.WORKING:
        run.record("step-failed", reason=reason, problems=[], **taken_back)
    elif task.status == TaskStatus.IN_REVIEW:
        assert task.request is not None
        run.record("rejected", digest=task.request.digest, reason=reason, by=None, **taken_back)
    elif taken_back:  # the attempt had ended before
        run.record("noted", text=reason, task=task.key, **taken_back)
    for name in names:
        run.state.answers.pop(name, None)


def is_asked_once_more(name: str) -> bool:
    """Whether it is about a command that has run, of which the same is asked once more where somebody goes back."""
    return _OF_A_COMMAND_THAT_RAN.search(name) is not None


def unused(run: OpenRun, question: str, answer: str, other: str) -> str:
    """That an answers file, which has another answer than the journal, does not change it, and what does."""
    return (
        f"{question} was answered {answer!r}, so {other!r} of the answers file is not used; "
        f"it is asked again by: phasegate resume {run.run_id} --ask-again {question} "
        f"--answers {path_word(run.settings.file_to_add_to)}"
    )


def _answers_of(run: OpenRun, task: TaskState) -> list[Answered]:
    """What was answered in all of the task's attempts."""
    return [event for event in run.journal.events if isinstance(event, Answered) and event.task == task.key]


def _refused(run: OpenRun, task: TaskState | None, name: str, answered: Sequence[str]) -> BadInput:
    events = [event for event in reversed(run.journal.events) if isinstance(event, Answered)]
    before = next((event for event in events if name and _name_of(run, event) == name), None)
    if before is not None:
        label = run.plan.task(before.task).label
        status = run.state.task(before.task).status
        return BadInput(
            f"{name} was answered in task {label}, which is {status}: what was approved stays as it is",
            next_command=f"phasegate status {run.run_id}",
        )
    as_run = target_of(run.state.start.workflow, run.plan.runbook)
    known = ", ".join(answered) or "nothing yet"
    at = f"task {run.plan.task(task.key).label} has" if task is not None else "this run has"
    return BadInput(
        f"--ask-again {name}: no question of that name was answered; {at} answered {known}{hint(name, answered)}",
        next_command=f"phasegate questions {as_run}   # what a run may ask",
    )
