"""What may an edit of the runbook touch, and how is it shown before it is committed? `apply_runbook_edit.py` takes it.

Rules:
- What was approved and committed stays what it was: a task that is done may not change by a letter, go, or move, and
  its boxes stay ticked. A task that has begun keeps id, title and place. Whatever comes later is free.
- Nobody commits an edit unseen: copy and difference are part of the evidence of the task in whose commit it rides, and
  no policy opens that gate by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from gates.boxes import boxes_to_tick
from phases.documents.markdown import code_block
from phases.documents.text_difference import text_difference
from phases.step import Check, ReviewSection
from state.errors import Problem
from state.line_endings import turned_like
from state.model import Plan, PlannedTask
from state.printable import as_name
from state.run_state import RunbookVersion, RunState
from state.task_state import TaskStatus
from workflow.engine.expected_runbook import as_left
from workflow.runbook.kept_runbook import read_kept
from workflow.trailers import copy_of_runbook


def edit_problems(
    plan: Plan, edited: Plan, begun: Sequence[str], done: Collection[str], run: RunState
) -> list[Problem]:
    """Where an edit touches what it may not, by task. `begun`: keys in order, the done ones among them.

    `run` knows which boxes of those were ticked.
    """
    places = {task.key: place for place, task in enumerate(edited.tasks)}
    problems = []
    for place, key in enumerate(begun):
        task, what = plan.task(key), "done" if key in done else "under way"
        if key not in places:
            problems.append(_problem(plan, task, f"it is {what}, and the edit removes it"))
        elif places[key] != place:
            problems.append(_problem(edited, edited.tasks[places[key]], f"it is {what}, and the edit moves it"))
        elif why := _why_other(task, edited.tasks[place], done=key in done):
            problems.append(_problem(edited, edited.tasks[place], why))
    problems += _wrong_ticks(plan, edited, done, run)
    if set(done) >= places.keys():
        problems.append(Problem(as_name(edited.runbook), "no task is left to do, and an edit rides in a task's commit"))
    return problems


def _why_other(task: PlannedTask, now: PlannedTask, *, done: bool) -> str:
    """What an edit changes of a task that has begun; "" for nothing that it may not."""
    if done and _said(task) != _said(now):
        return "it is done, and the edit changes it, or what is ticked with it"
    if (task.id, task.title, task.kind) != (now.id, now.title, now.kind):
        return "it is under way, and the edit changes its id, title or kind"
    return ""


def _wrong_ticks(plan: Plan, edited: Plan, done: Collection[str], run: RunState) -> Iterator[Problem]:
    """The first box of each task that is ticked and should not be, or the other way round."""
    known = {task.key for task in plan.tasks}
    for task in edited.tasks:
        ticked_ones = _ticked_places(plan.task(task.key), run) if task.key in done and task.key in known else set()
        wrong = next((box for place, box in enumerate(task.boxes()) if box.done != (place in ticked_ones)), None)
        if wrong is not None:
            what = "is ticked, and it is not done" if wrong.done else "is not ticked, and it is done"
            yield Problem(f"{as_name(edited.runbook)}:{wrong.line}", f"task {task.label}: its box {what}")


def edits_to_show(workspace: Path, run: RunState) -> tuple[dict[str, str], list[Check], list[ReviewSection]]:
    """What edits that no commit holds yet add to the current task's evidence: copies by digest, checks, differences."""
    if len(run.runbook_versions) == 1:  # nearly always
        return {}, [], []
    copies: dict[str, str] = {}
    shown = []
    uncommitted = run.uncommitted_versions()
    edited = False
    for number, (before, version) in enumerate(pairwise(run.runbook_versions)):
        if version in uncommitted:
            path = copy_of_runbook(run.run_id, version)
            copies[path] = version.sha256
            ordered = number == 0 and run.start.again != ""
            old = _copy(workspace, run, before) if ordered else as_ticked(workspace, run, before)
            name = as_name(run.start.runbook)
            what = f"Boxes of {name} taken back" if ordered else f"Edit of {name}"
            shown.append(ReviewSection(f"{what}, kept as {path}", difference(old, as_ticked(workspace, run, version))))
            edited = edited or not ordered
    # "not-checked": a policy opens no gate behind which something lies that only a person can judge
    checks = [Check("edit of the runbook", "seen by a person", "its difference is shown", "not-checked")]
    return copies, checks if edited else [], shown


def as_ticked(workspace: Path, run: RunState, version: RunbookVersion) -> bytes:
    """The run's copy of a runbook that has been in force, as the tasks that are done now have left it."""
    data = _copy(workspace, run, version)
    plan = read_kept(data, run.start)
    return as_left(data, plan, run, [key for key, state in run.tasks.items() if state.status == TaskStatus.DONE])


def _copy(workspace: Path, run: RunState, version: RunbookVersion) -> bytes:
    return (workspace / copy_of_runbook(run.run_id, version)).read_bytes()


def difference(before: bytes, after: bytes) -> str:
    """What an edit changed, as a fenced unified diff; that each line end became another one is said in front."""
    alike = turned_like(after, before)
    old, new = (data.decode("utf-8", "backslashreplace") for data in (before, alike))
    turned = [] if alike == after else [f"each line end is {_line_end(after)} now, and was {_line_end(before)}"]
    lines = text_difference(old, new, "before", "after", context=1)
    return code_block("\n".join([*turned, *([lines] if lines else [])]), "diff")


def _line_end(data: bytes) -> str:
    return "CR LF" if b"\r\n" in data else "LF"


def _ticked_places(task: PlannedTask, run: RunState) -> set[int]:
    """Which of the boxes of a task that is done are ticked: by their places among its boxes."""
    by_run = {box.offset for box in boxes_to_tick(run, task)}
    return {place for place, box in enumerate(task.boxes()) if box.done or box.offset in by_run}


def _said(task: PlannedTask) -> Sequence[object]:
    """Everything of a task that was approved, or that its commit ticked."""
    ticked = (task.box is not None, len(task.items), [(parent.id, parent.title) for parent in task.parents])
    return task.id, task.title, task.kind, task.optional, task.text, ticked


def _problem(plan: Plan, task: PlannedTask, message: str) -> Problem:
    return Problem(f"{as_name(plan.runbook)}:{task.line}", f"task {task.label}: {message}")
