"""What may an edit of the runbook touch, and how is it shown before it is committed? `apply_runbook_edit.py` takes it.

Rules:
- What was approved and committed stays what it was: a task that is done may not change by a letter, go, or move, and
  its boxes stay ticked. A task that has begun keeps id, title and place. Whatever comes later is free.
- Nobody commits an edit unseen: copy and difference are part of the evidence of the task in whose commit it rides, and
  no policy opens that gate by itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path

from phases.documents.markdown import code_block
from phases.step import Check, ReviewSection
from state.errors import Problem
from state.line_endings import with_lf
from state.model import Plan, PlannedTask
from state.run_state import RunbookVersion, RunState
from state.task_state import TaskStatus
from workflow.engine.expected_runbook import ticked
from workflow.runbook.kept_runbook import read_kept
from workflow.trailers import copy_of_runbook


def edit_problems(plan: Plan, edited: Plan, begun: Sequence[str], done: Collection[str]) -> list[Problem]:
    """Where an edit touches what it may not, by task. `begun`: keys in order, the done ones among them."""
    places = {task.key: place for place, task in enumerate(edited.tasks)}
    problems = []
    for place, key in enumerate(begun):
        task, what = plan.task(key), "done" if key in done else "under way"
        if key not in places:
            problems.append(_problem(plan, task, f"it is {what}, and the edit removes it"))
            continue
        now = edited.tasks[places[key]]
        if places[key] != place:
            problems.append(_problem(edited, now, f"it is {what}, and the edit moves it"))
        elif key in done and _said(task) != _said(now):
            problems.append(_problem(edited, now, "it is done, and the edit changes it, or what is ticked with it"))
        elif (task.id, task.title, task.kind) != (now.id, now.title, now.kind):
            problems.append(_problem(edited, now, "it is under way, and the edit changes its id, title or kind"))
    for task in edited.tasks:
        wrong = next((box for box in task.boxes() if box.done != (task.key in done)), None)
        if wrong is not None:
            what = "is not ticked, and it is done" if task.key in done else "is ticked, and it is not done"
            problems.append(Problem(f"{edited.runbook}:{wrong.line}", f"task {task.label}: its box {what}"))
    if set(done) >= places.keys():
        problems.append(Problem(edited.runbook, "no task is left to do, and an edit rides in a task's commit"))
    return problems


def edits_to_show(workspace: Path, run: RunState) -> tuple[dict[str, str], list[Check], list[ReviewSection]]:
    """What edits that no commit holds yet add to the current task's evidence: copies by digest, checks, differences."""
    if len(run.runbook_versions) == 1:  # nearly always
        return {}, [], []
    copies: dict[str, str] = {}
    shown = []
    uncommitted = run.uncommitted_versions()
    for before, version in pairwise(run.runbook_versions):
        if version in uncommitted:
            path = copy_of_runbook(run.run_id, version)
            copies[path] = version.sha256
            body = difference(as_ticked(workspace, run, before), as_ticked(workspace, run, version))
            shown.append(ReviewSection(f"Edit of {run.start.runbook}, kept as {path}", body))
    # "not-checked": a policy opens no gate behind which something lies that only a person can judge
    checks = [Check("edit of the runbook", "seen by a person", "its difference is shown", "not-checked")]
    return copies, checks if shown else [], shown


def as_ticked(workspace: Path, run: RunState, version: RunbookVersion) -> bytes:
    """The run's copy of a runbook that has been in force, with the boxes of the tasks that are done now ticked."""
    data = (workspace / copy_of_runbook(run.run_id, version)).read_bytes()
    plan = read_kept(data, run.start)
    return ticked(data, plan, run, [key for key, state in run.tasks.items() if state.status == TaskStatus.DONE])


def difference(before: bytes, after: bytes) -> str:
    """What an edit changed, line ends apart, as a fenced unified diff."""
    old, new = (with_lf(data).decode("utf-8", "replace").split("\n") for data in (before, after))
    lines = difflib.unified_diff(old, new, "before", "after", lineterm="", n=1)
    return code_block("\n".join(lines) or "line ends only", "diff")


def _said(task: PlannedTask) -> Sequence[object]:
    """Everything of a task that was approved, or that its commit ticked."""
    ticked = (task.box is not None, len(task.items), [(parent.id, parent.title) for parent in task.parents])
    return task.id, task.title, task.kind, task.optional, task.text, ticked


def _problem(plan: Plan, task: PlannedTask, message: str) -> Problem:
    return Problem(f"{plan.runbook}:{task.line}", f"task {task.label}: {message}")
