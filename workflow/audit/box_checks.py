"""Was each box of a task done by hand answered, by somebody or by what was looked at, as its evidence says?

That the runbook's ticks are those that the evidence stands for: `runbook_trail.py`.

Rules:
- The evidence is not believed: a person's word must be an event of that attempt, by that person, and the latest on its
  box; a pass must rest on checks that passed (on a word alone it is attested), what follows from other boxes on boxes
  that count.
- A task is not left while a box needs a word: what was left that way is found, whoever approved it.
- Runs of format 1 have one word for all boxes of a task: nothing is asked of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gates.boxes import RULES, unsettled, verdict_of, worthless_words
from gates.operators import operators_of
from gates.policy import GatePolicy
from state.event_types import Answered
from state.evidence import By, CheckResult, Evidence
from state.model import PlannedTask
from state.run_state import RunState
from state.task_boxes import boxes_of
from state.task_state import TaskState
from workflow.audit.findings import Finding

Report = Callable[[Finding], None]


def check_boxes(run: RunState, task: PlannedTask, state: TaskState, report: Report) -> None:
    """Report each box of a committed task that its evidence answers otherwise than the journal does, or not at all."""
    if run.is_of_0_1 or not task.items or state.handed_in is None or state.skipped or state.worked is None:
        return
    for why in _differences(run, task, state, state.worked):
        report(Finding("box-unanswered", why, state.key, state.commit or ""))


def _differences(run: RunState, task: PlannedTask, state: TaskState, worked: Evidence) -> Iterator[str]:
    checks = {check.answers: check for check in worked.checks if check.answers}
    known = {box.id for box in boxes_of(task)}
    for box in boxes_of(task):
        if box.id not in checks:
            yield f"{box.id} ({box.text}) has no verdict in what was approved"
        elif why := _why_not(checks[box.id], state, worked):
            yield f"{box.id} ({box.text}): {why}"
    yield from (f"{item} is no box of this task" for item in sorted(checks.keys() - known))
    yield from (f"{check.answers} was left open: {check.seen}" for check in unsettled(worked.checks))
    policy = GatePolicy.of(worked.policy) if worked.policy is not None else GatePolicy()
    yield from worthless_words(worked.checks, policy, operators=operators_of(run, state), sandbox=run.start.sandbox)


def _why_not(check: CheckResult, state: TaskState, worked: Evidence) -> str:
    """Why this verdict does not follow from what was said and looked at; "" when it does."""
    if check.by is not None:
        return _why_not_said(check, check.by, state.words.get(check.answers))
    if check.verdict == "attested" and not check.rests_on:
        return "attested by nobody"
    return _why_not_followed(check, worked) if check.verdict in ("pass", "derived", "attested") else ""


def _why_not_said(check: CheckResult, by: By, word: Answered | None) -> str:
    """Why this verdict is not the word that was recorded."""
    said = None if word is None else (verdict_of(word), word.why, word.by.git)
    if said != (check.verdict, check.why, by.git):
        return f"{check.verdict} by {by.git} is not what the journal has of that attempt"
    return ""


def _why_not_followed(check: CheckResult, worked: Evidence) -> str:
    """Why this verdict does not follow from the checks that it rests on."""
    named = {each.name: each for each in worked.checks} | {each.answers: each for each in worked.checks if each.answers}
    under = [named.get(each) for each in check.rests_on]
    if not under or not all(each is not None and RULES[each.verdict].settles for each in under):
        return f"{check.verdict} rests on {', '.join(check.rests_on) or 'nothing'}, which did not pass"
    only_said = all(each is not None and each.verdict == "attested" for each in under)
    if check.verdict != "derived" and only_said != (check.verdict == "attested"):
        what = "for which nothing but a person's word stands" if only_said else "for which no person's word stands"
        return f"{check.verdict} rests on {', '.join(check.rests_on)}, {what}"
    return ""
