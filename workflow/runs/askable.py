"""Can this run ask the questions that its answers file answers? Names and patterns of all of them, before it starts.

Rules:
- A workflow's own questions are declared (`Workflow.questions`); those of work by hand follow from the plan: commands,
  exit criteria, tests, placeholders of the checks beside the runbook.
- All tasks count, done or not, before or after `--until`: one answers file may serve a run to its end.
- An answer that no question can have is refused before anything is changed. Unused, it would be a misspelt one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from phases.checks.exit_criteria import question_names
from phases.manual.hand_work import TESTS, command_question
from phases.step import Workflow
from state.errors import BadInput, Problem
from state.model import Plan, PlannedTask
from workflow.engine.rollback_plan import CRITERIA, NOTIFIED
from workflow.runs.answers_file import GivenAnswers
from workflow.runs.checks_beside import checks_in
from workflow.runs.completed_tasks import ADOPT


def refuse_unasked(given: GivenAnswers | Mapping[str, str], plan: Plan, workflow: Workflow, workspace: Path) -> None:
    """Raise BadInput, with each one's file:line, for answers that no question of this run can have.

    What was not read from a file is not looked at.
    """
    if not isinstance(given, GivenAnswers) or not given:
        return
    known = list(askable(plan, workflow))
    unknown = [name for name in given if not _is_one_of(name, known)]
    if unknown:  # reading the checks takes AWS's models, so it comes when nothing else knows the name
        known += _placeholders(plan, workspace)
        unknown = [name for name in unknown if not _is_one_of(name, known)]
    if unknown:
        raise BadInput(
            f"answers file {given.path}: expected answers to questions of {workflow.name}, seen "
            f"{len(unknown)} that it never asks",
            next_command=f"correct {given.path}, then run the same command again",
            problems=[_problem(given, name, known) for name in unknown],
        )


def askable(plan: Plan, workflow: Workflow) -> Iterator[str]:
    """Names, and patterns with `*`, of what a run of this plan may ask; placeholders of a checks file apart."""
    yield ADOPT
    yield from (*CRITERIA, NOTIFIED.name)
    yield from workflow.questions
    for task in (*plan.tasks, *plan.rollback):
        yield f"begun-{_slug(task)}"
        yield from question_names(task, task.exit_criteria)
        if workflow.step_for(task) is None:
            yield from _by_hand(task)
        else:
            yield f"repeat-{_slug(task)}-*"
            if task.exit_criteria:  # a step has a part of them attested: those without words are numbered in that part
                yield f"{_slug(task)}-[0-9]*"
    if not workflow.rollback and not plan.rollback:
        yield "rollback-[0-9]*-*"  # the rollback by hand, which is planned when it begins


def _by_hand(task: PlannedTask) -> Iterator[str]:
    for number in range(1, len(task.commands) + 1):
        yield command_question(task, number).name
        yield f"{_slug(task)}-command-{number}-again-*"
    if task.kind == "checkpoint":
        yield TESTS.name


def _placeholders(plan: Plan, workspace: Path) -> list[str]:
    declared = checks_in(workspace, plan.runbook)
    return [name for check in (declared.checks if declared else ()) for _path, name in check.placeholders()]


def _is_one_of(name: str, known: Sequence[str]) -> bool:
    return any(fnmatchcase(name, each) for each in known)


def _problem(given: GivenAnswers, name: str, known: Sequence[str]) -> Problem:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Problem(f"{given.path}:{given.lines.get(name, 1)}", f"no question is called {name}{hint}")


def _slug(task: PlannedTask) -> str:
    return task.key.replace("_", "-")
