"""Which words on a task's boxes does a command line hold? For `done` and `approve`."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from phases.manual.box_words import read_word
from state.counted import counted
from state.errors import BadInput
from state.model import PlannedTask
from state.task_boxes import boxes_of, own_commands
from workflow.views.box_view import BoxWord
from workflow.views.boxes import listed_boxes, listed_criteria


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
    if boxes:
        look = "status {}   # lists its boxes by number"
    elif task.exit_criteria:
        body = "\n".join(["its exit criteria, each by --attest N:", *listed_criteria(task)])
        look = "status {}   # lists its exit criteria by number"
    else:
        look = "resume {}   # shows the task, which has no boxes"
    return BadInput(message, body=body, next_command=f"phasegate {look.format(quote(run_id))}")
