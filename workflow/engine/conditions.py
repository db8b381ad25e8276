"""Is a task that is done in some case only the case in this run? Its condition is asked, before its work is.

Rules:
- A no settles the task as not applicable, with its condition as the reason: it is handed in as one that is left out, so
  that its approver sees it, and none of its boxes is ticked.
- One condition of several tasks is asked about once, before the first of them: what was said there holds for the
  others. A no does not hold for one that is begun again (its approver has rejected it), nor where the file has its own.
- Asked where somebody sits, or where the answers file says so; else the task waits as any other: done, or skipped.
- In runs of format 1, and in a rehearsal whose answers file says nothing of it, nobody is asked: such a task is
  optional there, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.step import Question, StepContext
from state.model import PlannedTask
from workflow.engine.open_run import OpenRun
from workflow.runbook.case_words import the_case, what_is_done
from workflow.views.leaves_out import text_left_out

NOT_THE_CASE = "not applicable, since this is not the case"


def condition_question(task: PlannedTask, out: Sequence[PlannedTask] = ()) -> Question:
    """Whether the case is there in which the task is done at all; `out`: what a no leaves out, which is shown whole."""
    named = what_is_done(task.condition) if task.condition.rstrip(": ") in task.label else task.in_words.strip('"')
    only = f'"{named}" is done in one case only. ' if named else ""
    return Question(
        f"{task.asked_as}-condition",
        f"{only}Is this the case: {the_case(task.condition)}?",
        choices=("yes", "no"),
        suggest=False,
        shown=f"A no leaves out:\n\n{text_left_out(out)}" if out else "",
    )


def why_left_out(run: OpenRun, task: PlannedTask, ctx: StepContext) -> str:
    """Why the task does not apply, after asking for its condition; "" when it does, or nobody can be asked.

    Raises as `StepContext.ask`.
    """
    if not task.condition or run.state.is_of_0_1:
        return ""
    question = condition_question(task, _of_the_same(run, task))
    if run.rehearses and question.name not in run.settings.answers:
        return ""
    if said_before := _said_before(run, task, question):
        return f"{NOT_THE_CASE}: {the_case(task.condition)}" if said_before == "no" else ""
    known = question.name in run.settings.answers or question.name in run.state.task(task.key).answers
    if not known and not run.doors.person.at_terminal:
        return ""
    return f"{NOT_THE_CASE}: {the_case(task.condition)}" if ctx.ask(question) == "no" else ""


def _of_the_same(run: OpenRun, task: PlannedTask) -> list[PlannedTask]:
    """The task, and those behind it that are done in the same case and for which nobody is asked again."""
    behind = [each for each in run.plan.tasks if each.ordinal > task.ordinal]
    same = [each for each in behind if task.condition_line and each.condition_line == task.condition_line]
    return [task, *same]


def _said_before(run: OpenRun, task: PlannedTask, question: Question) -> str:
    """What was said of the same condition for a task before this one; "" where this one is asked about by itself."""
    state = run.state.task(task.key)
    if question.name in run.settings.answers or question.name in state.answers or not task.condition_line:
        return ""
    before = (each for each in run.plan.tasks if each.ordinal < task.ordinal)
    names = [condition_question(each).name for each in before if each.condition_line == task.condition_line]
    said = [answer for name in names if (answer := run.state.answers.get(name))]
    return "" if not said or (said[-1] == "no" and state.attempt > 1) else said[-1]
