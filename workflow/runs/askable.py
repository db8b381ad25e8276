"""Can this run ask the questions that its answers file answers? Names and patterns of all of them, before it starts.

Rules:
- A workflow's own questions are declared (`Workflow.questions`); those of work by hand follow from the plan: commands,
  exit criteria, tests, placeholders of the checks beside the runbook.
- All tasks count, done or not, before or after `--until`: one answers file may serve a run to its end.
- An answer that no question can have is refused before anything is changed. Unused, it would be a misspelt one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from phases.checks.exit_criteria import question_names
from phases.checks.local.questions import run_check_name
from phases.checks.profiles import PROFILE
from phases.manual.after_failure import Action
from phases.manual.blanks import askable_names, nameless
from phases.manual.box_words import read_word
from phases.manual.boxes import boxes_unmet
from phases.manual.hand_work import TESTS, command_question
from phases.manual.stops import stop_name, stop_question
from phases.step import Workflow
from phases.tried_answers import region_refused
from state.errors import Problem
from state.model import Plan, PlannedTask
from state.nearest import hint
from state.task_boxes import box_question, boxes_of
from state.task_fields import field_question, fields_of
from workflow.doors.masking import mask
from workflow.engine.conditions import condition_question
from workflow.engine.field_answers import question_of
from workflow.engine.rollback_plan import CRITERIA, NOTIFIED
from workflow.engine.step_answers import problem_with_new
from workflow.runs.answers_file import GivenAnswers
from workflow.runs.checks_beside import checks_in
from workflow.runs.completed_tasks import ADOPT, BEGUN, STOP
from workflow.runs.workflow_catalog import target_of

if TYPE_CHECKING:
    from phases.checks.definition import Checks

REFILL = Action.FILL.value  # an answer to whether to run a command that has something to fill in


def refuse_unasked(
    given: GivenAnswers | Mapping[str, str], plan: Plan, workflow: Workflow, workspace: Path, then: str = ""
) -> None:
    """Raise BadInput, with file:line:column of each, for all that is wrong in an answers file.

    That is what is no answer, what no question of this run can have as its name, and what its question does not take.
    What was not read from a file is not looked at. `then`: the command that takes the file once it is right.
    """
    if not isinstance(given, GivenAnswers) or not given:
        return
    known, profiles = list(askable(plan, workflow)), list[str]()
    unknown = [name for name in given if not _is_one_of(name, known)]
    checks: Checks | None = None
    if unknown:  # reading the checks takes AWS's models, so it comes when nothing else knows the name
        checks = checks_in(workspace, plan.runbook, under_way=True)  # names alone are read here
        known += _of_checks(plan, checks) if checks else []
        profiles = [each.name for each in checks.profiles] if checks else []
        unknown = [name for name in unknown if not _is_one_of(name, known)]
    no_answers = {*unknown, *_named_in(given)}
    problems = [*given.problems, *(_problem(given, name, known) for name in unknown)]
    problems += _not_taken(given, plan, workflow, no_answers)
    problems += _no_regions(given, workflow, checks, no_answers)
    if PROFILE in given and PROFILE not in no_answers and (why := _why_no_choice(given[PROFILE], [profiles])):
        problems.append(_at(given, PROFILE, f"{PROFILE}: {why}"))
    if problems:
        asked = f"phasegate questions {target_of(workflow.name, plan.runbook)}   # what a run may ask"
        raise given.refusal(problems, asked, then)


def _named_in(given: GivenAnswers) -> set[str]:
    """The questions whose answer is none, which is said already."""
    wrong = {problem.where.removeprefix(f"{given.path}:") for problem in given.problems}
    return {name for name, place in given.places.items() if place in wrong}


def _not_taken(given: GivenAnswers, plan: Plan, workflow: Workflow, but: Collection[str]) -> Iterator[Problem]:
    """Answers that are none of those that their question can have, where that is known before the run asks."""
    if plan.grammar == 1:
        return
    from workflow.runs.asked_questions import questions_of  # where there is a file of answers only

    boxes = {box_question(task, box.number) for task in plan.tasks for box in boxes_of(task)}
    texts = {stop_name(task, stop): stop_question(task, stop) for task in plan.tasks for stop in task.stops}
    texts |= {
        field_question(task, each.number): question_of(task, each) for task in plan.tasks for each in fields_of(task)
    }
    asked = list(questions_of(plan, workflow))
    for name in given:
        if name in but:
            continue
        if name in boxes:
            why = _why_no_word(given[name])
        elif name in texts:
            problem = problem_with_new(texts[name], given[name])
            why = f"{problem}, seen {mask(given[name])!r}" if problem else ""
        else:
            why = _why_no_choice(given[name], [each.choices for each in asked if fnmatchcase(name, each.name)])
        if why:
            yield _at(given, name, f"{name}: {why}")


def _no_regions(
    given: GivenAnswers, workflow: Workflow, checks: Checks | None, but: Collection[str]
) -> Iterator[Problem]:
    """Answers that are to be a region of AWS's and are none."""
    asked = {each.name for each in workflow.questions if each.is_region}
    for name in given:
        regions = checks.regions_of(name) if checks is not None else frozenset()
        if name in but or (name not in asked and not regions):
            continue
        if why := region_refused(given[name], regions or _regions()):
            yield _at(given, name, f"{name}: {mask(why)}")


def _regions() -> Iterable[str]:
    from workflow.doors.aws.models import BotocoreModels  # botocore, where a file names a region only

    return BotocoreModels().regions()


def _why_no_word(answer: str) -> str:
    """Why this is no answer to a box; "" where it is one."""
    try:
        read_word(answer)
    except ValueError as error:
        return mask(str(error))
    return ""


def _why_no_choice(answer: str, choices: Sequence[Sequence[str]]) -> str:
    """Why it is none of what the questions of its name take; "" where it is, or where one of them takes any text."""
    taken = list(dict.fromkeys(choice for each in choices for choice in each))
    if not choices or not all(choices) or answer in (REFILL, *taken) or (STOP in taken and answer == "done"):
        return ""
    return f"expected one of {', '.join(taken)}, seen {mask(repr(answer))}"


def askable(plan: Plan, workflow: Workflow) -> Iterator[str]:
    """Names, and patterns with `*`, of what a run of this plan may ask; placeholders of a checks file apart."""
    yield from (ADOPT, BEGUN)
    yield from (*CRITERIA, NOTIFIED.name)
    yield from (each.name for each in workflow.questions)
    for task in (*plan.tasks, *plan.rollback):
        yield f"begun-{task.asked_as}"
        for name in question_names(task, task.exit_criteria):
            yield from (name, f"{name}-unmet", f"{name}-unmet-note")
        if workflow.step_for(task) is None:
            yield from _by_hand(task, plan.grammar)
        else:
            yield f"repeat-{task.asked_as}-*"
            if task.exit_criteria:  # a step has a part of them attested: those without words are numbered in that part
                yield f"{task.asked_as}-[0-9]*"
    if not workflow.rollback and not plan.rollback:
        yield from ("rollback-[0-9]*-*", "fill-*")  # the rollback by hand, which is planned when it begins


def _by_hand(task: PlannedTask, grammar: int) -> Iterator[str]:
    """What is asked of work by hand; by grammar 1, so in runs of 0.1, nothing is filled in, edited or left."""
    yield from _of_commands(task, grammar)
    if task.kind == "checkpoint":
        yield TESTS.name
    if task.condition:
        yield condition_question(task).name
    if grammar != 1:
        yield from (field_question(task, field.number) for field in fields_of(task))
    if task.items and grammar != 1:
        yield from (f"{boxes_unmet(task)}-unmet", f"{boxes_unmet(task)}-unmet-note")
    yield from (box_question(task, box.number) for box in boxes_of(task) if not box.below or box.item.commands)


def _of_commands(task: PlannedTask, grammar: int) -> Iterator[str]:
    if grammar != 1:
        yield from (stop_name(task, stop) for stop in task.stops)
    for number, command in enumerate(task.commands, 1):
        name = command_question(task, number).name
        if grammar == 1:
            yield from (name, f"{name}-again-*")
        elif not nameless(command):
            yield from (name, f"{name}-failed-*", f"{name}-edited-*", f"{name}-left")
            if to_fill_in := list(askable_names(command)):
                yield from (f"{name}-filled", f"{name}-filled-*", *to_fill_in)


def _of_checks(plan: Plan, declared: Checks) -> list[str]:
    """Placeholders of the checks beside the runbook, and whether those may run that may change something."""
    asked = (*declared.checks, *declared.lookups)  # an answer counts before a lookup
    known = [name for check in asked for _path, name in check.placeholders()]
    known += [PROFILE] if declared.profiles else []
    for task in plan.tasks:
        for name in (run_check_name(task, check.id) for check in declared.of(task) if check.changes):
            known += (name, f"{name}-again-*")
    return known


def _is_one_of(name: str, known: Sequence[str]) -> bool:
    return any(fnmatchcase(name, each) for each in known)


def _problem(given: GivenAnswers, name: str, known: Sequence[str]) -> Problem:
    return _at(given, name, f"no question is called {name}{hint(name, known)}")


def _at(given: GivenAnswers, name: str, message: str) -> Problem:
    return Problem(f"{given.path}:{given.places.get(name, '1:1')}", message)
