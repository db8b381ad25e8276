"""Which answers of a run did its journal bring along, and which were given in this clone?

Rules:
- An answer that makes a command run counts only where it was given: a journal that came by a clone is a text that
  somebody else wrote, and no text of theirs runs anything here.
- `OpenRun.taken_on_at` says up to which event the journal was there when this clone first took the run on; it is 0 for
  a run that began here. That a text of somebody else's runs nothing holds in runs of format 1, too.
- Whoever has a command run that another person said is to be run did that work, too: at a terminal they are asked,
  elsewhere the answer is recorded once more, by them.
- Once asked again the new answer is an event of this clone, so that nothing is asked a third time.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from gates.policy import email_of
from phases.step import Question
from state.event_types import Answered, EffectIntended, Event
from workflow.engine.open_run import OpenRun


def is_brought(run: OpenRun, question: str) -> bool:
    """Whether the latest answer to this question, in any attempt, came with the journal."""
    asked = (each for each in _latest_first(run) if isinstance(each, Answered) and not each.item)
    return _is_before(run, next((each for each in asked if each.question == question), None))


def is_asked_again(run: OpenRun, question: Question, answer: str) -> bool:
    """Whether this answer in the journal would make a command run, and was not given in this clone."""
    return (question.runs is None or answer in question.runs) and is_brought(run, question.name)


def is_anothers(run: OpenRun, task: str, question: Question, answer: str) -> bool:
    """Whether this answer, which makes a command run that has not begun, was given by another person than runs this."""
    if run.state.is_of_0_1 or question.runs is None or answer not in question.runs:
        return False
    asked = (each for each in reversed(run.journal.events) if isinstance(each, Answered) and not each.item)
    event = next((each for each in asked if (each.task, each.question) == (task, question.name)), None)
    return event is not None and email_of(event.by.git) != email_of(run.doors.me.git)


def was_begun_elsewhere(run: OpenRun, task: str, attempt: int, effect: str) -> bool:
    """Whether the intent of this attempt's effect came with the journal."""
    begun = (each for each in _latest_first(run) if isinstance(each, EffectIntended))
    here = (task, attempt, effect)
    return _is_before(run, next((each for each in begun if (each.task, each.attempt, each.effect) == here), None))


def _latest_first(run: OpenRun) -> Iterable[Event]:
    """None of a run that began here: nothing is looked for there."""
    return islice(reversed(run.journal.events), len(run.journal.events) if run.taken_on_at else 0)


def _is_before(run: OpenRun, event: Event | None) -> bool:
    return event is not None and event.seq < run.taken_on_at
