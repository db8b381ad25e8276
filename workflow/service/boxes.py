"""Which words on a task's boxes does a command line hold, and is one missing? For `done` and `approve`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote

from phases.checks.answered import criterion_id, names_of_item
from phases.checks.exit_criteria import question_names
from phases.manual.box_words import read_word
from phases.manual.boxes import unlooked
from state.counted import counted
from state.errors import BadInput
from state.model import PlannedTask
from state.task_boxes import box_question, boxes_of, own_commands
from state.task_state import TaskStatus
from workflow.engine.engine import Engine
from workflow.runs.checks_beside import checks_in
from workflow.views.box_view import BoxWord
from workflow.views.boxes import answered_otherwise, how_to_answer, listed_boxes


def said_of_boxes(run_id: str, task: PlannedTask, given: Sequence[str]) -> list[BoxWord]:
    """The words of `--box N=yes|no|n/a:REASON`, each box once.

    Raises BadInput for a number that the task does not have, for a box that follows from others, for one that is named
    twice, and for a word that is none.
    """
    words = []
    for text in given:
        number, sign, word = text.partition("=")
        if not sign:
            raise _refused(run_id, task, f"--box {text}: expected N=yes, N=no or N=n/a:REASON")
        place = _number(run_id, task, "--box", number)
        try:
            words.append(BoxWord(place, *read_word(word)))
        except ValueError as error:
            raise _refused(run_id, task, f"--box {text}: {error}") from error
    return _each_once(run_id, task, "--box", words)


def words_of_approver(run_id: str, task: PlannedTask, attested: Sequence[str], waived: Sequence[str]) -> list[BoxWord]:
    """The words of `--attest N` and `--waive N:REASON`, each box once. Raises BadInput as `said_of_boxes`."""
    words = [BoxWord(_number(run_id, task, "--attest", text), "attested") for text in attested]
    for text in waived:
        number, _, reason = text.partition(":")
        place = _number(run_id, task, "--waive", number)
        if not reason.strip():
            raise _refused(run_id, task, f"--waive {text}: a waiver needs a reason: --waive {place}:REASON")
        words.append(BoxWord(place, "waived", reason.strip()))
    return _each_once(run_id, task, "--attest and --waive", words)


def require_all(
    engine: Engine, task: PlannedTask, words: Sequence[BoxWord], answers: Mapping[str, str], *, options: str
) -> None:
    """Raise BadInput, with every box by its number, when one has no answer and nothing but a word can answer it.

    `answers`: what the command says of other questions; an exit criterion that is written as a box answers that.
    `options`: the others of the command, for the one that is printed.
    """
    declared = checks_in(engine.workspace, engine.plan.runbook, under_way=engine.run.is_of_0_1)
    state = engine.run.task(task.key)
    said = {word.number for word in words} | _attested_as_criteria(task, answers)
    before = state.words if state.status == TaskStatus.WORKING else {}  # a new attempt begins with none
    missing = [
        box.number
        for box in unlooked(task, declared.checks if declared else ())
        if box.number not in said and box.id not in before and box_question(task, box.number) not in answers
    ]
    if missing:
        given = {word.number: "answered here" for word in words}
        raise BadInput(
            f"task {task.label} has {counted(len(missing), 'box', 'boxes')} without an answer, and each is answered by "
            "itself:",
            body=listed_boxes(boxes_of(task), {**_answered_otherwise(task, missing), **given}),
            next_command=how_to_answer(engine.run.run_id, missing, others=options),
        )


def _attested_as_criteria(task: PlannedTask, answers: Mapping[str, str]) -> set[int]:
    """The numbers of the boxes whose exit criteria are answered by these."""
    names = zip(question_names(task, task.exit_criteria), task.exit_criteria, strict=True)
    ids = {criterion_id(criterion) for name, criterion in names if name in answers}
    return {box.number for box in boxes_of(task) if not ids.isdisjoint(names_of_item(box.number, box.item))}


def _answered_otherwise(task: PlannedTask, missing: Sequence[int]) -> Mapping[int, str]:
    """What answers the boxes that are not missing, before they are looked at."""
    known = {box.number: answered_otherwise(task, box) for box in boxes_of(task) if box.number not in missing}
    return {number: words or "answered by its check, or before" for number, words in known.items()}


def _number(run_id: str, task: PlannedTask, option: str, text: str) -> int:
    boxes = boxes_of(task)
    if not text.isdecimal() or not 1 <= int(text) <= len(boxes):
        has = f"task {task.label} has {counted(len(boxes), 'box', 'boxes')} that are answered by themselves"
        raise _refused(run_id, task, f"{option} {text}: {has}")
    box = boxes[int(text) - 1]
    if box.below and not own_commands(task, box):
        below = ", ".join(map(str, box.below))
        raise _refused(run_id, task, f"{option} {text}: box {text} follows from {below}, which are answered instead")
    return box.number


def _each_once(run_id: str, task: PlannedTask, option: str, words: list[BoxWord]) -> list[BoxWord]:
    numbers = [word.number for word in words]
    twice = [number for number in numbers if numbers.count(number) > 1]
    if twice:
        raise _refused(run_id, task, f"{option}: box {twice[0]} is named twice")
    return words


def _refused(run_id: str, task: PlannedTask, message: str) -> BadInput:
    boxes = boxes_of(task)
    known = {box.number: f"follows from {', '.join(map(str, box.below))}" if box.below else "" for box in boxes}
    body = "\n".join(line.removesuffix("   ()") for line in listed_boxes(boxes, known).split("\n")) if boxes else ""
    look = "status {}   # lists its boxes by number" if boxes else "resume {}   # shows the task, which has no boxes"
    return BadInput(message, body=body, next_command=f"phasegate {look.format(quote(run_id))}")
