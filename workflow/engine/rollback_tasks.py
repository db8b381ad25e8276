"""Which states does a rollback have? The plan of the rollback, then the workflow's own steps, or one by hand.

Rules:
- They are written down when a rollback begins (`rollback-started.tasks`) and read from there ever after: another
  version of phasegate, and the audit, see the states that were gone through.
- What the runbook has done after the rollback (`Post-Rollback`) is a state of its own behind that by hand: its boxes
  are what must hold; in the runbook they stay as they are. It may be a state of the plan that is done in some case, or
  a section that is none: beside the section on the way back, or inside of it, where the text of R2 leaves it out.
- A box in the text of R2 is a criterion that must hold, as those are that hold for every rollback by hand; the document
  stays as it is. Under grammar 1 boxes are text there, as they were.
- By hand is done what the runbook's own section on the way back says, which the reader leaves out of the states
  (`runbook/conditions.py`): one on rolling back before one on troubleshooting or emergencies, and the part of a task
  only when no other section says anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

from phases.step import Step
from state.event_types import RollbackTask
from state.late_pattern import late
from state.model import Command, Plan, PlannedTask
from state.run_state import RunState
from state.task_boxes import boxes_of
from workflow.runbook.boxes import find_boxes
from workflow.runbook.case_words import is_way_back
from workflow.runbook.conditions import natures
from workflow.runbook.details import read_details
from workflow.runbook.grammar import GRAMMARS, Grammar
from workflow.runbook.items import read_items
from workflow.runbook.lines import scan
from workflow.runbook.outline import Document, Section, last_text_line, outline, text_of
from workflow.runbook.report import Report
from workflow.runs.workflow_catalog import slug_of_plan

PLAN_ID, PLAN_TITLE = "R1", "Plan the rollback"
BY_HAND_ID, BY_HAND_TITLE = "R2", "Roll back by hand"
PLAN_TEXT = (
    "Say how bad it is and who has been told; read what was done, newest first, and what is going to be done about it. "
    "Nothing is taken back before this is approved."
)
WITHOUT_SECTION = (
    "The runbook does not say how to roll back. Undo what the plan of the rollback lists, the newest first; bring data "
    "back from backups where it has to be; see that the system is stable; write down what was done."
)
MUST_HOLD = (
    "everything that the plan of the rollback lists is undone, or stays on purpose",
    "data that was lost or damaged is restored",
    "the system is stable again",
    "what was done, and why, is written down",
)
_ABOUT_IT = late(r"(?i)\broll(?:ing|ed|s)?[ -]?backs?\b")
_AFTER_IT = late(r"(?i)\b(?:post|after)[ -]*(?:the[ -]+)?roll(?:ing)?[ -]?back\b")
_BACK = late(r"(?i)\b(?:roll(?:ing|ed|s)?[ -]?backs?|back(?:ing|ed|s)?[ -]?outs?)\b")


def rollback_tasks(plan: Plan, steps: Sequence[Step], runbook: bytes) -> list[RollbackTask]:
    """The states of the rollback, as `rollback-started` has them.

    Args:
        steps: the workflow's own steps for it; without any it is done by hand.
        runbook: its bytes as run.
    """
    ways: list[tuple[str, str, str, tuple[str, ...], int]] = [(PLAN_ID, PLAN_TITLE, PLAN_TEXT, (), 0)]
    ways += [(step.task_id, step.task_title, step.summary, (), 0) for step in steps]
    if not steps:
        document = _outlined(runbook, plan)
        (section, line), after = _section(document, plan), _after_it(document, plan)
        later = {criterion for *_, criteria, _line in after for criterion in criteria}
        boxes = [text for text in _boxes_in(section, plan.grammar) if text not in later]
        ways.append((BY_HAND_ID, BY_HAND_TITLE, section or WITHOUT_SECTION, (*boxes, *MUST_HOLD), line))
        ways += after
    taken = {task.key for task in plan.tasks}
    keys = (key for number in count(1) if (key := f"rollback_{number}") not in taken)
    return [
        RollbackTask(id_, next(keys), title, text, f"{slug_of_plan(plan)} rollback {id_}: {title}", criteria, line)
        for id_, title, text, criteria, line in ways
    ]


def _boxes_in(section: str, number: int) -> list[str]:
    """The texts of the boxes in this part of a runbook, each once, but for those that follow from others."""
    if number == 1 or not section:
        return []
    lines = scan(section.encode(), Report(), GRAMMARS[number])
    items = tuple(read_items(lines, find_boxes(lines, Report()), 0, len(lines), (), Report()))
    task = PlannedTask("", "", "", "rollback", 1, (), section, 1, section.count("\n") + 1, items=items)
    return list(dict.fromkeys(box.text for box in boxes_of(task) if box.text and not box.below))


def _outlined(runbook: bytes, plan: Plan) -> Document:
    return outline(scan(runbook, Report(), GRAMMARS[plan.grammar]), [])


def _after_it(document: Document, plan: Plan) -> list[tuple[str, str, str, tuple[str, ...], int]]:
    """What the runbook has done once it is rolled back: its boxes are what must hold then."""
    found = [
        (task.line, task.title, task.text, tuple(item.text for item in task.items))
        for task in plan.tasks
        if task.items and _AFTER_IT.search(task.title)
    ]
    lines = document.lines
    for section in _sections_after(document.sections, plan):
        assert section.heading is not None
        text = text_of(lines, section.first, last_text_line(lines, section.first, section.end), [])
        if boxes := _boxes_in(text, plan.grammar):
            found.append((section.first + 1, section.heading.text, text, tuple(boxes)))
    return [
        (f"R{number}", title, text, criteria, line)
        for number, (line, title, text, criteria) in enumerate(sorted(found), 3)
    ]


def _sections_after(sections: Sequence[Section], plan: Plan) -> list[Section]:
    """The outermost sections for afterwards that are in no task: the plan has them nowhere else."""
    if not GRAMMARS[plan.grammar].sections_around:
        return []
    found: list[Section] = []
    for each in _headed(sections, _AFTER_IT.search):
        if not _in_a_task(each, plan) and not (found and each.first < found[-1].end):
            found.append(each)
    return found


def with_rollback(plan: Plan, run: RunState) -> Plan:
    """The plan with the states of this run's rollback; as it is when none has begun."""
    return plan if run.rollback is None else _with(plan, run.rollback.tasks)


def with_way_back(plan: Plan, steps: Sequence[Step], runbook: bytes) -> Plan:
    """The plan with the states that a rollback would have; the arguments are those of `rollback_tasks`."""
    return _with(plan, rollback_tasks(plan, steps, runbook))


def _with(plan: Plan, tasks: Sequence[RollbackTask]) -> Plan:
    after = len(plan.tasks) + 1
    grammar = GRAMMARS[plan.grammar]
    return replace(plan, rollback=tuple(_planned(task, after + at, grammar) for at, task in enumerate(tasks)))


def _planned(task: RollbackTask, ordinal: int, grammar: Grammar) -> PlannedTask:
    lines = scan(task.text.encode(), Report(), grammar)
    details = read_details(lines, 0, len(lines) - 1, title_open=False)
    above = max(task.line - 1, 0)  # lines of the runbook
    return PlannedTask(
        task.key,
        task.id,
        task.title,
        "rollback",
        ordinal,
        (),
        task.text,
        0,
        0,
        commit_message=task.message,
        exit_criteria=task.exit_criteria,
        commands=tuple(_below(each, above) for each in details.commands),
        stops=tuple(stop._replace(line=stop.line + above) for stop in details.stops_above_commands()),
    )


def _below(command: Command, above: int) -> Command:
    """The command as it stands in the runbook, which has so many lines above the text that it was read from."""
    return command._replace(line=command.line + above, lines=tuple(line + above for line in command.lines))


def rollback_section(runbook: bytes, plan: Plan) -> str:
    """The section of a runbook that says how to roll back, with its heading; "" when none does."""
    return _section(_outlined(runbook, plan), plan)[0]


def _section(document: Document, plan: Plan) -> tuple[str, int]:
    """As `rollback_section`, and the line that it begins in, from 1; 0 where it is put together from several parts."""
    lines = document.lines
    found = _on_the_way_back(document.sections, GRAMMARS[plan.grammar])
    if not found:
        backs = natures(document).backs
        texts = (text_of(lines, back.row, last_text_line(lines, back.row, back.end), []) for back in backs)
        return "\n\n".join(texts), backs[0].row + 1 if len(backs) == 1 else 0
    best = min(found, key=lambda section: _rank(section, plan))
    written = text_of(lines, best.first, best.end - 1, []).split("\n")
    for after in _sections_after(document.sections, plan):
        if best.first < after.first < best.end:
            written[after.first - best.first : after.end - best.first] = [""] * (after.end - after.first)
    return "\n".join(written).rstrip(), best.first + 1


def _on_the_way_back(sections: Sequence[Section], grammar: Grammar) -> list[Section]:
    """The sections that are about the way back, by their headings, in the words that the grammar knows."""
    if not grammar.sections_around:
        return _headed(sections, _ABOUT_IT.search)
    before = [each for each in sections if not (each.heading and _AFTER_IT.search(each.heading.text))]
    return _headed(before, is_way_back) or _headed(before, _BACK.search)


def _headed(sections: Sequence[Section], says: Callable[[str], object]) -> list[Section]:
    """The sections with a heading that says so."""
    return [each for each in sections if each.heading and says(each.heading.text)]


def _rank(section: Section, plan: Plan) -> tuple[bool, bool, int]:
    """The least is taken: what names the rollback before troubleshooting and emergencies, then what is in no task."""
    assert section.heading is not None
    return _BACK.search(section.heading.text) is None, _in_a_task(section, plan), section.heading.level


def _in_a_task(section: Section, plan: Plan) -> bool:
    return any(task.line <= section.first + 1 <= task.end_line for task in plan.tasks)
