"""With what are the fields of a task done by hand filled in? Suggested from what the run knows, and asked for.

Rules:
- Each is a question of its own, journaled as it is answered; Enter takes the suggestion, an empty answer leaves the
  field open. Nobody is asked while a check has failed.
- What is known: who handed the work in, today's date, HEAD, the branch, the run's id; by the words of the label alone.
  Who approves, reviews or signs off is nobody that a run knows before its gate.
- The values are part of the evidence (`gates/fields.py`), so what is approved is what the commit fills in.
- In runs of format 1 no field is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from phases.checks.answered import answering
from phases.checks.local.of_the_run import SIGNED_OFF
from phases.documents.markdown import code
from phases.manual.boxes import own_checks
from phases.step import Check, Question, ReviewSection, any_failed
from state.counted import counted
from state.errors import Waiting
from state.model import PlannedTask
from state.task_boxes import boxes_of
from state.task_fields import TaskField, field_question, fields_of
from workflow.engine.answer_line import answer_lines
from workflow.engine.open_run import OpenRun
from workflow.engine.step_context import EngineContext

SHORT = 10  # characters of a commit's id
EXPECTS = "one line, '' leaves it open"
_KNOWN: Mapping[str, str] = {
    "operator": r"(?:operator|engineer|(?:deployed|executed|performed|run|done|started|operated|completed) by)",
    "date": r"(?:date|today|(?:deployment|deploy|release|run|execution|start) date|date of (?:the )?\w+)",
    "commit": r"(?:(?:git )?commit(?: (?:id|sha|hash))?|(?:git )?(?:sha|revision))",
    "run": r"(?:phasegate )?run(?: id)?",
    "branch": r"(?:git )?branch(?: name)?",
}


def question_of(task: PlannedTask, field: TaskField, suggestion: str = "") -> Question:
    """What fills in this field."""
    return Question(
        field_question(task, field.number),
        f"{field.label}? It goes into line {field.line} of the runbook; an empty answer leaves it open.",
        default=suggestion if field.problem_with(suggestion) is None else "",
        problem_with=field.problem_with,
    )


def questions_of(run: OpenRun, task: PlannedTask, signed: Collection[int]) -> list[tuple[TaskField, Question]]:
    """The task's fields but for those of these lines, each with what fills it in and what is suggested for it."""
    fields = [each for each in fields_of(task) if each.line not in signed]
    return [(field, question_of(task, field, _suggestion(run, task, field))) for field in fields]


def fill_in(
    run: OpenRun, task: PlannedTask, ctx: EngineContext, checks: Sequence[Check]
) -> tuple[list[dict[str, object]], list[ReviewSection]]:
    """The task's fields as its evidence has them, after asking for each, and how they are shown; nothing without any.

    Raises Waiting, with every field that has no answer, where nobody can be asked; BadAnswer as `StepContext.ask`.
    """
    asked = _questions(run, task, checks)
    if not asked:
        return [], []
    missing = [question for question in asked.values() if ctx.known(question) is None]
    if missing and not run.doors.person.at_terminal:
        raise _waits(run, task, missing)
    entries: list[dict[str, object]] = []
    lines: list[str] = []
    for field in fields_of(task):
        value = ctx.ask(asked[field.number]) if field.number in asked else ""
        entries.append({"number": field.number, "line": field.line, "label": field.label, "value": value})
        lines.append(f"- line {field.line}, {field.label}: {_shown(value)}")
    return entries, [ReviewSection(f"Fields ({len(entries)})", "\n".join(lines))]


def _questions(run: OpenRun, task: PlannedTask, checks: Sequence[Check]) -> dict[int, Question]:
    """What fills in each field that nobody signs off, by its number; none once a check has failed."""
    if run.state.is_of_0_1 or any_failed(checks):
        return {}
    signed = _signed_off(task, checks)
    return {field.number: question for field, question in questions_of(run, task, signed)}


def _signed_off(task: PlannedTask, checks: Sequence[Check]) -> set[int]:
    """The lines of boxes that a sign-off answers: their fields are never typed, the working log has who and when."""
    items = answering([SIGNED_OFF], checks)
    return {box.item.box.line for box in boxes_of(task) if own_checks(task, box, items)}


def ask_field(run: OpenRun, task: PlannedTask, ctx: EngineContext, field: TaskField) -> str:
    """What fills in this field, asked for at its place; `fill_in` finds the answer. Raises as `StepContext.ask`."""
    return ctx.ask(question_of(task, field, _suggestion(run, task, field)))


def _suggestion(run: OpenRun, task: PlannedTask, field: TaskField) -> str:
    """What the run knows of a field, by its label; "" for nothing."""
    label = field.label.rsplit(": ", 1)[-1].lower()
    kind = next((kind for kind, words in _KNOWN.items() if re.fullmatch(words, label)), "")
    match kind:
        case "operator":
            handed_in = run.state.task(task.key).handed_in
            return (handed_in.by.git if handed_in else run.doors.me.git).split(" <", 1)[0]
        case "date":
            return f"{run.doors.clock.now():%Y-%m-%d}"
        case "commit":
            return run.doors.git.head()[:SHORT]
        case "run":
            return run.run_id
        case "branch":
            return run.doors.git.branch()
    return ""


def _shown(value: str) -> str:
    return code(value) if value else "left open"


def _waits(run: OpenRun, task: PlannedTask, missing: Sequence[Question]) -> Waiting:
    lines = answer_lines([(each.name, each.default or "", ()) for each in missing], file=run.settings.file_to_add_to)
    return Waiting(
        f"task {task.label} has {counted(len(missing), 'field')} to fill in, without an answer:",
        body="\n".join(f"  {each.name}: {each.text}" for each in missing),
        next_command="\n      ".join([*lines, run.resume_with_answers]),
    )
