"""What is shown before anything is taken back? The step R1 of every rollback: how bad it is, what was done, what comes.

Rules:
- It looks and asks; it changes nothing outside, and may run again.
- How bad it is, people say: their answers are attested, so no policy opens this gate by itself.
- What was done is told newest first, the order in which it is undone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from phases.documents.markdown import bullets, checks_table, code, code_block, document, inline, table
from phases.manual.run_scripts import of_another_profile
from phases.step import (
    AfterCrash,
    Check,
    PastEffect,
    Question,
    ReviewSection,
    Step,
    StepContext,
    Work,
    Workflow,
    approving,
)
from state.event_types import Answered, Event, RollbackStarted
from state.json_values import format_time
from state.model import Plan
from state.run_state import RunState
from state.says_nothing import says_nothing
from state.task_name import name_among
from state.task_state import BEFOREHAND, TaskState, TaskStatus
from workflow.engine.rollback_tasks import PLAN_ID, PLAN_TITLE, with_rollback
from workflow.views.effects import effect_name, how_command_ended, is_command, script_of

# name -> what is asked; together they decide whether a deployment is rolled back
CRITERIA = {
    "rollback-critical-functionality": "critical functionality is broken",
    "rollback-data-integrity": "data integrity is compromised",
    "rollback-performance": "performance is severely degraded",
    "rollback-security": "a security vulnerability is exposed",
}
NOTIFIED = Question(
    "rollback-notified",
    "Who has been notified that this is stopped and rolled back?",
    default="nobody",
    problem_with=lambda answer: "expected who, or nobody, seen nothing" if says_nothing(answer) else None,
    suggest=False,
)
SHORT = 10  # characters of a commit's id


def for_rollback(plan: Plan, workflow: Workflow, run: RunState, events: Sequence[Event]) -> tuple[Plan, Workflow]:
    """Plan and workflow of a run that is being rolled back: with the states of that, and the steps that do them."""
    plan = with_rollback(plan, run)
    first = plan_step(plan, run, events, workflow.rollback, workflow.rollback_plan)
    return plan, replace(workflow, rollback=(first, *workflow.rollback))


def plan_step(plan: Plan, run: RunState, events: Sequence[Event], steps: Sequence[Step], path: str) -> Step:
    """The step that plans this run's rollback and writes its plan to `path`; `steps` are the workflow's own for it."""

    def plan_rollback(ctx: StepContext) -> Work:
        """Ask how bad it is, list what was done, and show what is going to be done about it."""
        assert run.rollback is not None
        ctx.require_answers([*(severity_question(name, what) for name, what in CRITERIA.items()), NOTIFIED])
        checks = [
            *_severity(ctx, events, of_0_1=run.is_of_0_1),
            *_in_doubt(plan, ctx.history()),
            *_of_other_profiles(plan, ctx),
        ]
        done, ahead = _done(plan, run, ctx.history()), _ahead(plan, steps)
        why = _why(plan, run, run.rollback)
        ctx.write(
            path,
            document(
                f"Rollback of {run.run_id}",
                why,
                "## How bad it is",
                checks_table(checks),
                "## What is going to be done",
                ahead,
                "## What was done, newest first",
                done,
            ),
        )
        sections = (("Why", why), ("What is going to be done", ahead), ("What was done, newest first", done))
        review = [*_approving(plan, steps), *(ReviewSection(*section) for section in sections)]
        return Work(checks, {"reason": run.rollback.reason}, review)

    return Step(PLAN_ID, PLAN_TITLE, (), (path,), AfterCrash.REDO, plan_rollback)


def severity_question(name: str, what: str) -> Question:
    """Whether one of the criteria holds."""
    return Question(name, f"Is this the case: {what}?", default="no", choices=("yes", "no"), suggest=False)


def _severity(ctx: StepContext, events: Sequence[Event], *, of_0_1: bool) -> list[Check]:
    checks = []
    answers = []
    for name, what in CRITERIA.items():
        question = severity_question(name, what)
        answers.append(ctx.ask(question))
        who = _who(ctx, events, name, of_0_1=of_0_1)
        checks.append(Check(what, "yes or no", f"{answers[-1]}, says {who}", "attested"))
    if "yes" not in answers:
        checks.append(Check("one of these holds", "at least one", "none", "note"))
    told = ctx.ask(NOTIFIED)
    who = _who(ctx, events, NOTIFIED.name, of_0_1=of_0_1)
    checks.append(Check("people were told", "who", f"{told}, says {who}", "attested"))
    return checks


def _who(ctx: StepContext, events: Sequence[Event], question: str, *, of_0_1: bool) -> str:
    """The git identity of who gave the latest answer, and by which way that was at no prompt."""
    given = (
        event.by.git if of_0_1 or event.via not in BEFOREHAND else f"{event.by.git} ({event.via})"
        for event in reversed(events)
        if isinstance(event, Answered) and (event.task, event.question) == (ctx.task.key, question)
    )
    return next(given)


def _in_doubt(plan: Plan, history: Sequence[PastEffect]) -> list[Check]:
    doubtful = [(effect_name(each.name), each) for each in history if each.result is None]
    return [
        Check(f"{name} of {name_among(plan.tasks, plan.task(each.task))}", "done or not", "nobody knows: look", "note")
        for name, each in doubtful
    ]


def _of_other_profiles(plan: Plan, ctx: StepContext) -> list[Check]:
    """That a command of the way back names another profile than the run's: it is offered as the document has it."""
    commands = [(task, command) for task in plan.rollback for command in task.commands]
    found = [(task, command, of_another_profile(ctx, command.text)) for task, command in commands]
    return [
        Check(
            f"what {task.id} offers is for this run's profile", "its own names", why, "not-checked", f"line {at.line}"
        )
        for task, at, why in found
        if why
    ]


def _why(plan: Plan, run: RunState, begun: RollbackStarted) -> str:
    stopped = [state for state in run.tasks.values() if state.status == TaskStatus.STOPPED]
    if stopped:
        task = plan.task(stopped[0].key)
        where = f"in task {task.label} ({task.title})"
    else:
        left = [task for task in plan.tasks if run.task(task.key).status != TaskStatus.DONE]
        where = f"before task {left[0].label} ({left[0].title})" if left else "after its last task"
    return bullets(
        [
            f"Reason: {begun.reason}",
            f"By {begun.by.git} at {_when(begun.at, of_0_1=run.is_of_0_1)}",
            f"{plan.name} was stopped {where}",
        ]
    )


def _when(at: datetime, *, of_0_1: bool) -> str:
    """As people read it; what runs of 0.1 have shown stays as it was."""
    return format_time(at) if of_0_1 else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _done(plan: Plan, run: RunState, history: Sequence[PastEffect]) -> str:
    """A row for each task that began, the latest first, with its effects, the latest first; then each command."""
    rows, scripts = [], []
    for task in reversed(plan.tasks):
        state = run.task(task.key)
        if state.attempt:
            effects = [each for each in reversed(history) if each.task == task.key]
            name = name_among(plan.tasks, task)
            rows.append((name, _state(state), "; ".join(map(_effect, effects)) or "-"))
            scripts += [_script(name, each) for each in effects if is_command(each.name, each.intent)]
    return "\n\n".join((table(("Task", "State", "Outside"), rows), *scripts))


def _script(task: str, effect: PastEffect) -> str:
    """A command of work by hand: whose, how it ended, and its script."""
    ended = how_command_ended(effect.intent, effect.result)
    title = f"Task {inline(task)}, {effect_name(effect.name)}: {ended}"
    return f"{title}\n\n{code_block(script_of(effect.intent))}"


def _state(state: TaskState) -> str:
    return f"committed as {code((state.commit or '')[:SHORT])}" if state.status == TaskStatus.DONE else state.status


def _effect(effect: PastEffect) -> str:
    if is_command(effect.name, effect.intent):
        return f"{effect_name(effect.name)}: {how_command_ended(effect.intent, effect.result)}"
    facts = effect.intent if effect.result is None else {**effect.intent, **effect.result}
    told = ", ".join(f"{name} {code(value)}" for name, value in facts.items())
    name = effect_name(effect.name)
    return f"{name}{' (in doubt)' if effect.result is None else ''}: {told}" if told else name


def _approving(plan: Plan, steps: Sequence[Step]) -> list[ReviewSection]:
    """That the way back begins at once, where steps do it."""
    _, *ahead = plan.rollback
    if not steps or not ahead:
        return []
    return [approving(f"begins the rollback at once: {ahead[0].id} {ahead[0].title}.")]


def _ahead(plan: Plan, steps: Sequence[Step]) -> str:
    _, *ahead = plan.rollback
    if not steps:
        texts = (f"{task.id} {task.title}, by what the runbook says:\n\n{task.text}" for task in ahead)
        return re.sub(r"\n{3,}", "\n\n", "\n\n".join(texts))  # where R2 leaves out what R3 has
    return bullets(f"{task.id} {task.title}: {task.text}" for task in ahead)
