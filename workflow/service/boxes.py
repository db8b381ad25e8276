"""Which words on a task's boxes does a command line hold? For `done` and `approve`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import quote

from phases.manual.box_words import read_word
from phases.tried_answers import is_no_words
from state.counted import counted
from state.errors import BadInput
from state.model import PlannedTask
from state.printable import printable_line
from state.says_nothing import says_nothing
from state.task_boxes import boxes_of, own_commands
from workflow.views.box_view import BoxWord
from workflow.views.boxes import listed_boxes, listed_criteria


def said_of_boxes(run_id: str, task: PlannedTask, given: Sequence[str]) -> list[BoxWord]:
    """The words of `--box N=yes|no|n/a:REASON`, each box once.

    Raises BadInput, with all that is wrong, for numbers that the task does not have, for boxes that follow from others,
    for those that are named twice, and for words that are none.
    """

    def word(text: str) -> BoxWord:
        number, sign, said = text.partition("=")
        if not sign:
            raise ValueError("expected N=yes, N=no or N=n/a:REASON")
        place = _number(task, number)
        return BoxWord(place, *read_word(said))

    return _words(run_id, task, [(f"--box {text}", text, word) for text in given])


def words_of_approver(
    run_id: str, task: PlannedTask, attested: Sequence[str], waived: Sequence[str], *, on_a_page: bool = False
) -> list[BoxWord]:
    """The words of `--attest N` and `--waive N:REASON`, each box once. Raises BadInput as `said_of_boxes`.

    `on_a_page`: they were said by a form, and what is wrong is told in its words.
    """

    def attest(text: str) -> BoxWord:
        return BoxWord(_number(task, text), "attested")

    def waive(text: str) -> BoxWord:
        number, _, reason = text.partition(":")
        place = _number(task, number)
        if says_nothing(reason):
            how = "say behind the box why it goes without" if on_a_page else f"--waive {place}:REASON"
            raise ValueError(f"a waiver needs a reason: {how}")
        if is_no_words(reason):
            raise ValueError(f"{reason.strip()!r} stands for a reason of yours")
        return BoxWord(place, "waived", reason.strip())

    def told(option: str, text: str) -> str:
        return f"box {text.partition(':')[0]}" if on_a_page else f"{option} {text}"

    given = [(told("--attest", text), text, attest) for text in attested]
    return _words(run_id, task, given + [(told("--waive", text), text, waive) for text in waived])


def _words(run_id: str, task: PlannedTask, given: Sequence[tuple[str, str, Callable[[str], BoxWord]]]) -> list[BoxWord]:
    """What was said, each as (what it is called, text, how it is read). Raises BadInput with all that is wrong."""
    words, wrong = dict[int, BoxWord](), list[str]()
    for called, text, read in given:
        try:
            word = read(text)
        except ValueError as error:
            wrong.append(f"{called}: {error}")
            continue
        if word.number in words:
            wrong.append(f"{called}: box {word.number} is named twice")
        words[word.number] = word
    if wrong:
        raise _refused(run_id, task, wrong)
    return list(words.values())


def _number(task: PlannedTask, text: str) -> int:
    """Raises ValueError for what is no box of the task, or follows from others."""
    boxes = boxes_of(task)
    if not text.isdecimal() or not 1 <= int(text) <= len(boxes):
        each = ", each answered by itself" if len(boxes) > 1 else ""
        raise ValueError(f"task {task.label} has {counted(len(boxes), 'box', 'boxes')}{each}")
    box = boxes[int(text) - 1]
    if box.below and not own_commands(task, box):
        raise ValueError(f"box {text} follows from {', '.join(map(str, box.below))}, which are answered instead")
    return box.number


def _refused(run_id: str, task: PlannedTask, wrong: Sequence[str]) -> BadInput:
    many = f"{counted(len(wrong), 'answer')} are refused, none is taken:"
    message, *more = wrong if len(wrong) == 1 else [many, *wrong]
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
    told = [f"  {printable_line(each)}" for each in more]
    body = "\n".join([*told, *([body] if body else [])])
    return BadInput(message, body=body, next_command=f"phasegate {look.format(quote(run_id))}")
