"""What will a run of this plan ask, in which order? The questions that `askable` knows by name, with their answers.

Rules:
- What is asked only in some case says which; what depends on this very runbook (ticked boxes, commands, criteria) is
  read from it.
- Nothing outside is looked at, so a default that AWS's configuration gives is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from phases.asked import Asked
from phases.checks.answered import criteria_in_boxes
from phases.checks.exit_criteria import criterion_question, question_names, unmet_note, unmet_question
from phases.checks.local.questions import run_check_name, run_check_question
from phases.checks.profiles import asked_profile
from phases.manual.after_failure import Action
from phases.manual.blanks import askable_names, blanks, nameless
from phases.manual.boxes import boxes_unmet
from phases.manual.hand_work import TESTS
from phases.manual.script_questions import run_question
from phases.manual.stops import CONFIRMED, stop_question
from phases.step import AfterCrash, Workflow
from state.model import Plan, PlannedTask
from state.task_boxes import box_question, boxes_of, own_commands
from state.task_fields import field_question, fields_of
from state.task_name import number_and_title
from workflow.engine.conditions import condition_question
from workflow.engine.field_answers import EXPECTS
from workflow.engine.rollback_plan import CRITERIA, NOTIFIED, severity_question
from workflow.engine.rollback_tasks import PLAN_ID
from workflow.runs.checks_beside import checks_in
from workflow.runs.completed_tasks import BEGUN, adopt_question, begun_question, done_tasks, is_begun

if TYPE_CHECKING:
    from phases.checks.definition import Checks
    from workflow.runs.load_plan import RunTarget

IN_A_ROLLBACK = "in a rollback"
DIED = "where the process died in it"
FAILED = "where it failed or was interrupted"
TYPED = "where something was filled in at a terminal"
STOPS = "before a command below it is offered"
UNMET_BOX = "where a person at a terminal said no to a box"
UNMET = "where a person at a terminal said that it is not met"
FILLED = "once in a run, where a command that has it is run"


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one place: `title` is a task's name, or says when they come."""

    title: str
    questions: tuple[Asked, ...]


def asked_questions(target: RunTarget, workspace: Path) -> Sequence[Group]:
    """Every question that a run of this target may ask, in the order of its tasks; a rollback's come last.

    Raises BadInput for a checks file beside the runbook that is not sound.
    """
    plan, workflow = target.plan, target.workflow
    groups = [Group("before the run begins", tuple(_before(plan)))]
    declared = checks_in(workspace, plan.runbook, under_way=True)  # names alone are read here
    placeholders = _placeholders(plan, declared) if declared else {}
    if declared and declared.profiles:
        groups.append(Group("at the first task", (asked_profile(declared.profiles),)))
    asks_for_tests = _asks_for_tests(plan, workflow)
    for task in plan.tasks:
        found = [
            *(_of_workflow(workflow, task.id) if task.id else ()),
            *_of_task(task, workflow, has_checks=declared is not None),
        ]
        if task is asks_for_tests:
            found.insert(0, TESTS.asked(task=task.id, when="where phasegate.yaml has no `tests`"))
        found += placeholders.pop(task.key, ())
        found += _runs_of_checks(task, declared) if declared else ()
        groups.append(Group(number_and_title(task.id, task.title), tuple(found)))
    groups.append(Group("in any task", tuple(_of_workflow(workflow, ""))))
    groups.append(Group(IN_A_ROLLBACK, tuple(_rollback(plan, workflow))))
    return [each for each in _once(groups) if each.questions]


def _once(groups: Sequence[Group]) -> Iterator[Group]:
    """The groups with each name once, where it is asked first: who answers it answers it for the later ones, too."""
    places: dict[str, list[str]] = {}
    for group in groups:
        for each in group.questions:
            places.setdefault(each.name, []).append(group.title)
    told: set[str] = set()
    for group in groups:
        first = {each.name: each for each in reversed(group.questions) if each.name not in told}
        kept = [each for each in group.questions if first.get(each.name) is each]
        told.update(first)
        yield Group(group.title, tuple(_with_places(each, places[each.name][1:]) for each in kept))


def _with_places(asked: Asked, later: Sequence[str]) -> Asked:
    """The question, which says for what else its answer counts."""
    others = list(dict.fromkeys(later))
    return replace(asked, text=f"{asked.text} (also for {', '.join(others)})") if others else asked


def _asks_for_tests(plan: Plan, workflow: Workflow) -> PlannedTask | None:
    """The task that asks for the test command, which is the same in all of a run: its first checkpoint by hand."""
    return next((each for each in plan.tasks if each.kind == "checkpoint" and workflow.step_for(each) is None), None)


def questions_of(plan: Plan, workflow: Workflow) -> Iterator[Asked]:
    """As `asked_questions`, in no groups, without what the checks beside the runbook have to be told."""
    yield from _before(plan)
    yield from workflow.questions
    for task in plan.tasks:
        yield from _of_task(task, workflow, has_checks=False)
    yield from _rollback(plan, workflow)


def _before(plan: Plan) -> Iterator[Asked]:
    done = done_tasks(plan)
    if done:
        yield adopt_question(plan, done).asked(when="unless --adopt is given")
    begun = [task for task in plan.tasks if task not in done and is_begun(task)]
    if begun:
        yield begun_question(plan, begun).asked()
    for task in begun if len(begun) > 1 else ():
        yield begun_question(plan, [task]).asked(when=f"instead of `{BEGUN}`, for this task alone")


def _of_workflow(workflow: Workflow, task: str) -> Iterator[Asked]:
    return (each for each in workflow.questions if each.task == task)


def _of_task(task: PlannedTask, workflow: Workflow, *, has_checks: bool) -> Iterator[Asked]:
    step = workflow.step_for(task)
    if step is None:
        if task.condition:
            yield condition_question(task).asked(task=task.id, when="asked first; a no leaves the task out")
        yield from _of_commands(task)
        yield from _of_boxes(task, has_checks=has_checks)
        for field in fields_of(task):
            text = f"{field.label}, for line {field.line} of the runbook"
            yield Asked(field_question(task, field.number), text, task.id, expects=EXPECTS)
    elif step.after_crash is AfterCrash.ASK_A_PERSON:
        text = "The task was interrupted, and nothing can tell how far it came."
        yield Asked(f"repeat-{task.asked_as}-*", text, task.id, choices=("repeat",), when=DIED, suggest=False)
    in_boxes = criteria_in_boxes(task) if step is None else ()
    for name, criterion in zip(question_names(task, task.exit_criteria), task.exit_criteria, strict=True):
        if criterion in in_boxes:
            continue
        when = "where no check answers it" if has_checks or step is not None else ""
        yield criterion_question(name, criterion).asked(task=task.id, when=when)
        yield unmet_question(name).asked(task=task.id, when=UNMET)
        yield unmet_note(name).asked(task=task.id, when=UNMET)


def _of_commands(task: PlannedTask) -> Iterator[Asked]:
    told: set[str] = set()
    stops = list(task.stops)
    for number, command in enumerate(task.commands, 1):
        if nameless(command):
            continue  # it is never run as it stands, so nobody is asked
        while stops and stops[0].line < command.line:
            stop = stop_question(task, stops.pop(0))
            yield stop.asked(task=task.id, expects=f"{CONFIRMED}, by a person", when=STOPS)
        question = run_question(task, number)
        yield question.asked(task=task.id)
        for name, written in blanks(command).items():
            if name not in told:
                yield Asked(name, f"What is {written}?", task.id, when=FILLED)
        told.update(blanks(command))
        choices = tuple(each for each in Action if each is not Action.FILL or blanks(command))
        failed = f"{question.name}-failed-*"
        yield Asked(failed, "It failed: what then?", task.id, choices=choices, when=FAILED, suggest=False)
        yield Asked(f"{question.name}-edited-*", "The command, edited.", task.id, when=FAILED)
        yield Asked(f"{question.name}-left", "Why is it left as it is?", task.id, when=FAILED)
        what = "Run it, as it is filled in?"
        for filled in (f"{question.name}-filled", f"{question.name}-filled-*") if any(askable_names(command)) else ():
            yield Asked(filled, what, task.id, choices=question.choices, when=TYPED, suggest=False)


def _of_boxes(task: PlannedTask, *, has_checks: bool) -> Iterator[Asked]:
    for box in boxes_of(task):
        if not box.below:
            text = f"{box.text} (yes, no, or n/a: REASON)"
            looked_at = [*(["check"] if has_checks else []), *(["command"] if own_commands(task, box) else [])]
            when = f"unless its {' or '.join(looked_at)} answers it" if looked_at else ""
            yield Asked(box_question(task, box.number), text, task.id, when=when)
    if task.items:
        yield unmet_question(boxes_unmet(task), one_back="the box before").asked(task=task.id, when=UNMET_BOX)
        yield unmet_note(boxes_unmet(task)).asked(task=task.id, when=UNMET_BOX)


def _placeholders(plan: Plan, declared: Checks) -> dict[str, list[Asked]]:
    """What the checks beside the runbook have to be told, by the key of the first task that needs it."""
    found: dict[str, list[Asked]] = {}
    known = {name for each in declared.profiles for name in each.values}  # the profile gives them
    for task in plan.tasks:
        names = declared.to_be_told(declared.of(task))
        for name in sorted(names - known):
            text = f"A check is about {{{name}}}: what is that?"
            found.setdefault(task.key, []).append(Asked(name, text, task.id))
        known |= names
    return found


def _runs_of_checks(task: PlannedTask, declared: Checks) -> Iterator[Asked]:
    """Whether the commands of the task's checks may run that are not known to only read."""
    for check in declared.of(task):
        if check.changes:
            yield run_check_question(task, check.id, check.call.removeprefix("command ")).asked(task=task.id)
            again = f"{run_check_name(task, check.id)}-again-*"
            yield Asked(again, "It was interrupted: run it again?", task.id, choices=("run",), when=DIED, suggest=False)


def _rollback(plan: Plan, workflow: Workflow) -> Iterator[Asked]:
    for name, what in CRITERIA.items():
        yield severity_question(name, what).asked(task=PLAN_ID, when=IN_A_ROLLBACK)
    yield NOTIFIED.asked(task=PLAN_ID, when=IN_A_ROLLBACK)
    forward = {"", *(task.id for task in plan.tasks)}
    yield from (each for each in workflow.questions if each.task not in forward)
    if not workflow.rollback:
        text = "What the runbook says of the rollback: its commands and criteria."
        yield Asked("rollback-[0-9]*-*", text, when="planned when it begins")
        yield Asked("fill-*", "What is to be filled in in its commands.", when="planned when it begins")
