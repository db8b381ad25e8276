"""Which plan is meant? The runbook named on the command line, or the one a run was started with."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from phases.step import Workflow
from state.cheap_classes import NamedTuple
from state.errors import BadInput, JournalDamaged, Problem
from state.files import sha256
from state.model import Plan, Shape
from state.nearest import nearest
from state.outside_file import RUNBOOK, read_outside
from state.path_word import path_word
from state.printable import as_name
from workflow.engine.rollback_tasks import with_rollback
from workflow.runbook.kept_runbook import read_kept
from workflow.runbook.reader import read_runbook
from workflow.runs.runbook_name import name_here
from workflow.runs.workflow_catalog import find_workflow, guided, is_markdown, placed
from workflow.trailers import copy_of_runbook

if TYPE_CHECKING:
    from state.run_state import RunState


MANY = 2_000  # directories that are looked through for a runbook that is not where it was named
EVERY_RUNBOOK = "find . -name '*.md' -not -path './.*'   # every file that may be one"


class RunTarget(NamedTuple):
    """What is to run: the plan, how its tasks are done, the runbook's bytes, and the shape that was asked for."""

    plan: Plan
    workflow: Workflow
    data: bytes
    shape: Shape | None = None


def load_plan(
    workspace: Path,
    target: str,
    runbook: str | None,
    *,
    or_own: bool = False,
    shape: Shape | None = None,
    strict: bool = False,
) -> RunTarget:
    """The workflow or runbook file named on the command line, read as `shape` when one is given.

    With `or_own` a workflow whose runbook is not in the workspace is read from phasegate's own copy.

    Raises BadInput when there is no such workflow or file, and with every problem of the runbook; with `strict` its
    warnings are problems.
    """
    named = is_markdown(target)
    known = None if named else find_workflow(target, files=_markdown_in(workspace))
    relative = _inside(workspace, runbook or (known.runbook if known else target))
    workflow = known or guided(name_here(workspace, relative))
    if or_own and workflow.steps and runbook is None and not (workspace / relative).exists():
        data = workflow.runbook_text()
    else:
        data = _read(
            workspace,
            relative,
            _instead(workspace, relative) if named else f"phasegate init {target}   # puts one there",
        )
    plan = read_runbook(data, name=workflow.name, path=relative, shape=shape, strict=strict)
    workflow = placed(workflow, relative, plan.grammar)
    _require_own_tasks(plan, workflow)
    found = RunTarget(plan, workflow, data, shape)
    check_bindings(found, workspace)
    return found


def _markdown_in(directory: Path) -> list[str]:
    """The names of the Markdown files in it; none where it is no directory that can be read."""
    try:
        return sorted(name for name in os.listdir(directory) if is_markdown(name))  # noqa: PTH208 - names, not paths
    except OSError:
        return []


def _beside(workspace: Path, relative: str) -> list[str]:
    """Paths, from the workspace, of the Markdown files in the directory where this one would be."""
    place = PurePosixPath(relative).parent
    return [(place / name).as_posix() for name in _markdown_in(workspace / place)]


def _meant(workspace: Path, relative: str) -> str:
    """The runbook that may be meant by a path where none is: one with a name like it beside it, else one of its name.

    "" where there is none.
    """
    return nearest(relative, _beside(workspace, relative)) or _of_this_name(workspace, relative)


def _of_this_name(workspace: Path, relative: str) -> str:
    """The first file of this name in the workspace, hidden directories apart; "" where none is found in a while."""
    name = PurePosixPath(relative).name
    for place, directories, files in islice(os.walk(workspace), MANY):
        directories[:] = sorted(each for each in directories if not each.startswith("."))
        if name in files:
            return (Path(place) / name).relative_to(workspace).as_posix()
    return ""


def _instead(workspace: Path, relative: str) -> str:
    """What to type where no runbook is at this path."""
    if near := _meant(workspace, relative):
        return f"phasegate plan {path_word(near)}"
    return "ls ./*.md" if _markdown_in(workspace) and "/" not in relative else EVERY_RUNBOOK


def _read(workspace: Path, path: str, otherwise: str) -> bytes:
    """The runbook's bytes. Raises BadInput, with this next command, when it is not there."""
    try:
        return read_outside(workspace / path, "runbook", limit=RUNBOOK, name=path)
    except FileNotFoundError as error:
        meant = _meant(workspace, path)
        hint = f"; did you mean {as_name(meant)}?" if meant else ""
        raise BadInput(f"runbook {as_name(path)} is not there{hint}", next_command=otherwise) from error


def _require_own_tasks(plan: Plan, workflow: Workflow) -> None:
    """Raise BadInput when a workflow's runbook has none of its tasks: it is another document with the same name."""
    if workflow.steps and not any(workflow.step_for(task) for task in plan.tasks):
        step, first = workflow.steps[0], plan.tasks[0]
        raise BadInput(
            f"{as_name(plan.runbook)} has none of {workflow.name}'s tasks: expected {step.task_id} "
            f"{step.task_title!r} and the "
            f"like, seen {f'{first.id} {first.title!r}'.strip()} on line {first.line}",
            next_command=f"phasegate plan {path_word(plan.runbook)}   # as a runbook of its own",
        )


def _inside(workspace: Path, path: str) -> str:
    try:
        full = (workspace / path).resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead to one another
        why = error.strerror if isinstance(error, OSError) else "links that lead to one another"
        raise BadInput(f"runbook {as_name(path[:200])} is refused: {why}", next_command="ls -l ./*.md") from error
    if not full.is_relative_to(workspace.resolve()):
        raise BadInput(
            f"runbook {as_name(path)} lies outside of the repository {workspace.name}; its marks could not "
            "be committed",
            next_command=f"ls -l {path_word(path)}   # a runbook is a file of the repository",
        )
    return full.relative_to(workspace.resolve()).as_posix()


def check_bindings(target: RunTarget, workspace: Path) -> None:
    """Raise BadInput unless every file that a step reads is written by an earlier one, or is there already."""
    plan, workflow = target.plan, target.workflow
    written: set[str] = set()
    problems = []
    for task in plan.tasks:
        step = workflow.step_for(task)
        if step is None:
            continue
        missing = [path for path in step.reads if path not in written and not (workspace / path).exists()]
        problems += [
            Problem(
                f"{as_name(plan.runbook)}:{task.line}",
                f"task {task.label} reads {path}, which no task before it writes",
            )
            for path in missing
        ]
        written |= set(step.writes)
    if problems:
        raise BadInput(
            f"{as_name(plan.runbook)} leaves out tasks that others need",
            problems=problems,
            next_command=f"$EDITOR {path_word(plan.runbook)}   # put them back, then the same command again",
        )


def plan_of(workspace: Path, run: RunState) -> Plan:
    """The plan in force, from the run's own copy of the runbook, read as it was then; with the rollback.

    Raises JournalDamaged when one of its copies is not the one the journal names.
    """
    for version in run.runbook_versions:
        path = copy_of_runbook(run.run_id, version)
        copy = workspace / path
        data = copy.read_bytes() if copy.is_file() else b""
        if sha256(data) != version.sha256:
            first = version is run.runbook_versions[0]
            runbook, kept = path_word(run.start.runbook), path_word(path)
            source = f"git -P show {run.start.base[:10]}:./{runbook} > {kept}"
            raise JournalDamaged(
                f"{as_name(path)} is not the runbook that run {run.run_id} "
                f"{'started with' if first else 'took the edit of'}: "
                f"expected {version.sha256[:12]}, seen {sha256(data)[:12]}",
                next_command=(source if first else f"git checkout -- {kept} || cp {runbook} {kept}")
                + f" && phasegate resume {run.run_id}",
            )
    plan = read_kept(data, run.start)
    if plan.digest != run.runbook.plan:
        raise JournalDamaged(
            f"this phasegate reads another plan from the runbook than the one run {run.run_id} goes by",
            next_command="phasegate --version   # expected: the one that started the run",
        )
    return with_rollback(plan, run)
