"""Which answers of an answers file does a run not take, because it has others? Each is told by name, with the way on.

Rules:
- What this attempt was told stays until it is asked again; what an earlier task was told is approved, and stays so.
- A few answers count for the whole run (the test command, what fills in a command or a check): another one in the file
  is taken by whatever comes next, never by what waits at a gate.
- A run's profile, and what it was begun with, never change.
"""

from __future__ import annotations

from collections.abc import Iterator

from phases.checks.profiles import PROFILE
from phases.manual.box_words import read_word, said
from phases.manual.hand_work import TESTS
from state.event_types import Answered
from state.model import PlannedTask
from state.task_boxes import box_question, boxes_of
from state.task_state import SHOWN, TaskState, TaskStatus
from workflow.engine.ask_again import is_asked_once_more, unused
from workflow.engine.open_run import OpenRun
from workflow.runs.checks_beside import checks_in
from workflow.runs.workflow_catalog import target_of

FILL = "fill-"
NOT_APPLIES = "not-applicable"


def tell_of_unused(run: OpenRun) -> None:
    """Tell which answers of the answers file are others than those that the run has and keeps."""
    for line in unused_answers(run):
        run.doors.person.progress(run.doors.mask(line))


def unused_answers(run: OpenRun) -> Iterator[str]:
    """A sentence for each answer of the file that is not taken, in the file's order."""
    for name, other in run.settings.answers.items():
        if name in run.said_by_command:
            continue
        event = _latest(run, name)
        why = _of_a_box(run, name, other) if event is None else _why_not(run, name, event, other)
        if why:
            run.told_unused.add(name)
            yield why


def _latest(run: OpenRun, name: str) -> Answered | None:
    """The latest answer to this question, while it counts; what was taken back does not."""
    current = run.state.current_task
    if name not in run.state.answers and (current is None or name not in current.answers):
        return None
    said = (each for each in reversed(run.journal.events) if isinstance(each, Answered) and not each.item)
    return next((each for each in said if each.question == name), None)


def _why_not(run: OpenRun, name: str, event: Answered, other: str) -> str:
    """Why this answer of the file is not taken; "" where it is, or says the same."""
    if event.answer == other:
        return ""
    current = run.state.current_task
    if current is not None and event.task == current.key:
        if current.status in (TaskStatus.WORKING, TaskStatus.IN_REVIEW) and event.attempt == current.attempt:
            if _is_still_taken(name, current):
                return ""
            why = unused(run, name, event.answer, other)
            if current.status != TaskStatus.WORKING or not is_asked_once_more(name):
                return why
            run.maybe_unused[name] = why  # told when the work ends, if nobody was asked after all
            return ""
        if current.status not in SHOWN and name != PROFILE:
            return ""  # the next attempt asks again, and takes it
    kept = _kept(name, event.answer, _in_task(run, event), other)
    if name == PROFILE:
        target = target_of(run.state.start.workflow, run.plan.runbook)
        return f"{kept}: a run keeps its profile; for another one: phasegate run {target}"
    if not _counts_for_all(run, name):
        return _approved(run, kept)
    if current is not None and current.status == TaskStatus.IN_REVIEW:
        again = f"phasegate reject {run.run_id} --reason REASON, then resume with the file"
        return f"{kept} for what waits at the gate; it is taken once that is sent back: {again}"
    return ""  # taken where it is needed next


def _is_still_taken(name: str, current: TaskState) -> bool:
    """Whether the attempt takes the other answer, since nothing has used the one that it has."""
    if current.status != TaskStatus.WORKING:
        return False
    return name.startswith(FILL) or (name == TESTS.name and "tests" not in current.effects)


def _in_task(run: OpenRun, event: Answered) -> str:
    task = next((each for each in run.plan.tasks if each.key == event.task), None)
    return "" if task is None else f" in task {task.label}"


def _counts_for_all(run: OpenRun, name: str) -> bool:
    """Whether the whole run has one answer to this question, which later tasks use, too."""
    if name == TESTS.name or name.startswith(FILL):
        return True
    declared = checks_in(run.workspace, run.plan.runbook, under_way=True)
    asked = (*declared.checks, *declared.lookups) if declared is not None else ()
    return any(name == each for check in asked for _path, each in check.placeholders())


def _of_a_box(run: OpenRun, name: str, other: str) -> str:
    """Why the word of the file on a box is not taken; "" where it is, or where the name is no box's."""
    for task in run.plan.tasks:
        for box in boxes_of(task):
            if box_question(task, box.number) == name:
                return _other_word(run, task, box.id, name, other)
    return ""


def _other_word(run: OpenRun, task: PlannedTask, box: str, name: str, other: str) -> str:
    state = run.state.task(task.key)
    word = state.words.get(box)
    if word is None or state.status == TaskStatus.FAILED:
        return ""
    try:
        verdict, why = read_word(other)
    except ValueError:
        return ""  # refused where it is asked for
    of_words = why if verdict == NOT_APPLIES else ""
    if verdict == word.verdict and of_words == (word.why if verdict == NOT_APPLIES else ""):
        return ""
    if state.status in (TaskStatus.WORKING, TaskStatus.IN_REVIEW):
        return unused(run, name, said(word), other)
    if state.status in (TaskStatus.APPROVED, TaskStatus.COMMITTING, TaskStatus.DONE):
        return _approved(run, _kept(name, said(word), f" in task {task.label}", other))
    return ""


def _kept(name: str, answer: str, where: str, other: str) -> str:
    return f"{name} was answered {answer!r}{where}, so {other!r} of the answers file is not used"


def _approved(run: OpenRun, kept: str) -> str:
    return f"{kept}: what was approved stays as it is; what it answered: phasegate log {run.run_id}"
