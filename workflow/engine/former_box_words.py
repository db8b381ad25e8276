"""What was said of a task's boxes before? In this attempt until its evidence was shown, and in attempts before it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

from state.event_types import Answered, Worked
from state.model import PlannedTask
from state.task_boxes import box_question, boxes_of
from workflow.engine.open_run import OpenRun
from workflow.views.box_view import BoxWord


def words_before_shown(run: OpenRun, task: PlannedTask) -> Mapping[int, Answered]:
    """The words on the task's boxes that were said in this attempt before its evidence was first shown."""
    state = run.state.task(task.key)
    if not state.words:
        return {}
    mine = [each for each in run.journal.events if isinstance(each, Answered | Worked) and each.task == task.key]
    here = [each for each in mine if each.attempt == state.attempt]
    said = list(takewhile(lambda each: isinstance(each, Answered), here))
    by_item = {each.item: each for each in said if isinstance(each, Answered) and each.item}
    return {box.number: by_item[box.id] for box in boxes_of(task) if box.id in by_item}


def former_words(run: OpenRun, task: PlannedTask) -> dict[int, BoxWord]:
    """What this person said of the task's boxes in attempts before, the latest of each, where it was not a no.

    None that was taken back, and none that a journal brought here.
    """
    state = run.state.task(task.key)
    if state.attempt < 2:
        return {}
    found: dict[str, Answered] = {}
    for event in run.journal.events[run.taken_on_at :]:
        if isinstance(event, Answered) and event.item and event.task == task.key and event.attempt < state.attempt:
            found[event.item] = event
        elif taken_back := getattr(event, "asked_again", ()):
            for box in boxes_of(task):
                if box_question(task, box.number) in taken_back:
                    found.pop(box.id, None)
    mine = {box.number: found[box.id] for box in boxes_of(task) if box.id in found}
    return {
        number: BoxWord(number, word.verdict, "" if word.verdict == "attested" else word.why)
        for number, word in mine.items()
        if word.by.git == run.doors.me.git and word.verdict in ("attested", "not-applicable")
    }
