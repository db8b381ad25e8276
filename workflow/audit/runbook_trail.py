"""Did the runbook change by the run's marks only? Followed from commit to commit, and into the working tree.

Rules:
- In a task's commit the runbook is what it was, with the boxes of the task (and of the parents it closes) ticked, and
  not one byte else; in every other commit it does not change at all.
- The commit of the next task brings an edit that the run took, exactly as it was taken, under the marks.
- It is followed until the commit from which another run took the runbook over.
- Once the run is over, a commit may move it with the bytes that it had (to an archive): it is followed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from state.errors import BadInput
from state.files import blob_id
from state.line_endings import with_lf
from state.model import Box, PlannedTask
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.runbook_copy import Planned, Plans
from workflow.runbook.marks import changes_besides_marks, read_marks

Said = Callable[[Finding | Unprovable], None]

# the engine ticks the boxes before it calls git
_MAY_BE_MARKED = (TaskStatus.APPROVED, TaskStatus.COMMITTING, TaskStatus.VOIDED)


@dataclass(slots=True)
class Trail:
    """The runbook as it should be (`right`) and as it is (`real`) after the commits seen so far, and where it is."""

    right: bytes
    real: bytes
    path: str


def follow_runbook(
    repository: Repository,
    run: RunState,
    plans: Plans,
    commits: Sequence[Commit],
    task_of: Mapping[str, str],
    ticked: Sequence[str],
    *,
    over_after: int | None,
    to_the_end: bool,
    said: Said,
) -> None:
    """Compare the runbook in each commit, at the tip and in the working tree with what the tasks' commits make of it.

    Args:
        task_of: commit -> task.
        ticked: tasks that were done before the first of these commits.
        over_after: the place of the commit that ended the run among them; None when the run is not over.
        to_the_end: whether nobody took the runbook over, so that tip and working tree still belong to this run.
    """
    path = run.start.runbook
    planned = plans.at(max((_intended(run, key) for key in ticked), default=0)) or plans.first
    assert planned is not None  # or nobody would ask
    known = {task.key: task for task in planned.plan.tasks}
    begin = _ticked(planned.original, [box for key in ticked if key in known for box in _open(run, known[key])])
    trail = Trail(begin, begin, path)
    for place, commit in enumerate(commits):
        key = task_of.get(commit.sha, "")
        in_force = plans.at(_intended(run, key)) if key else planned
        if in_force is not None and in_force is not planned:  # the edit that was taken rides in this task's commit
            planned, trail = in_force, Trail(in_force.original, in_force.original, path)
            known = {task.key: task for task in planned.plan.tasks}
        task = known.get(key)
        if over_after is not None and place > over_after and (moved := _moved(repository, commit, trail)):
            trail.path = moved
            said(Unprovable("moved", f"{path} was moved to {moved} in {commit.sha[:10]}, after the run was over"))
        elif task is not None or trail.path in commit.changes:
            _step(repository, run, planned, trail.path, commit, task, trail, said)
    if not to_the_end:
        return
    if trail.path != path:
        _look_where_it_was_moved(repository, planned, trail, said)
        return
    tip = repository.at(repository.tip, path)
    if tip is None or tip.data != trail.real:
        for finding in _differences(planned, trail.real, tip.data if tip else None, "at the tip, by a merge"):
            said(finding)
    here = repository.worktree(path)
    if here is None or tip is None or with_lf(here) == with_lf(tip.data):
        return
    base = tip.data
    if plans.last is not None and plans.last is not planned:  # taken, and in no commit yet
        planned, base = plans.last, plans.last.original
    _look_at_working_tree(run, planned, base, here, said)


def _intended(run: RunState, key: str) -> int:
    """At which event the commit of a task was intended."""
    intent = run.task(key).commit_intent
    return intent.seq if intent else 0


def _moved(repository: Repository, commit: Commit, trail: Trail) -> str:
    """Where a commit moved the runbook to, byte for byte; "" when it did not."""
    gone = commit.changes.get(trail.path)
    if gone is None or gone.new:
        return ""
    same = blob_id(trail.real, repository.tip)
    return next((path for path, change in sorted(commit.changes.items()) if change.new == same != change.old), "")


def _look_where_it_was_moved(repository: Repository, planned: Planned, trail: Trail, said: Said) -> None:
    """At the tip the runbook is as it was when it was moved; moved on from there, it is out of sight."""
    tip = repository.at(repository.tip, trail.path)
    if tip is not None and tip.data != trail.real:
        for finding in _differences(planned, trail.real, tip.data, f"at the tip, in {trail.path}"):
            said(finding)


def _step(
    repository: Repository,
    run: RunState,
    planned: Planned,
    path: str,
    commit: Commit,
    task: PlannedTask | None,
    trail: Trail,
    said: Said,
) -> None:
    boxes = _open(run, task) if task else []
    trail.right = _ticked(trail.right, boxes)
    expected = _ticked(trail.real, boxes)
    change = commit.changes.get(path)
    if commit.boundary:
        held = repository.at(commit.sha, path)
        new = held.sha if held else ""
    else:
        new = change.new if change else blob_id(trail.real, repository.tip)
    for good in (expected, trail.right):
        if new == blob_id(good, repository.tip):
            trail.real = good
            return
    blob = repository.get(new) if new else None
    key = task.key if task else ""
    for finding in _differences(planned, expected, blob.data if blob else None, "", task=key, commit=commit.sha):
        said(finding)
    trail.real = blob.data if blob else b""


def _differences(
    planned: Planned, expected: bytes, seen: bytes | None, where: str, *, task: str = "", commit: str = ""
) -> Iterator[Finding]:
    place = f" {where}" if where else ""
    if seen is None:
        yield Finding("runbook-edited", f"{planned.plan.runbook} was removed{place}", task, commit)
        return
    if changes := changes_besides_marks(expected, seen, planned.plan):
        yield Finding("runbook-edited", f"{changes[0].where}{place}: {changes[0].message}", task, commit)
        return
    try:
        before, after = read_marks(expected, planned.plan), read_marks(seen, planned.plan)
    except BadInput as error:
        yield Finding("runbook-edited", f"{error.message}{place}", task, commit)
        return
    lines = {box.offset: box.line for each in planned.plan.tasks for box in each.boxes()}
    for offset, mark in before.items():
        if after[offset] != mark:
            code = "mark-missing" if task and mark in "xX" else "mark-without-commit"
            at = f"{planned.plan.runbook}:{lines[offset]}"
            yield Finding(code, f"{at}{place}: expected [{mark}], seen [{after[offset]}]", task, commit)


def _look_at_working_tree(run: RunState, planned: Planned, tip: bytes, here: bytes, said: Said) -> None:
    """The file that people see: as the tip (or the edit that was taken) has it, but for the marks of a task that is
    about to be committed."""
    if with_lf(here) == with_lf(tip):
        return
    seen = here if b"\r\n" in tip else with_lf(here)
    # a task that a rollback has stopped is unticked when the first step of the way back begins
    may_be = (*_MAY_BE_MARKED, *((TaskStatus.STOPPED,) if run.current_task is None else ()))
    marked = {state.key for state in run.tasks.values() if state.status in may_be}
    allowed = [box for task in planned.plan.tasks if task.key in marked for box in _open(run, task)]
    masked = bytearray(seen)
    if len(seen) == len(tip):
        for box in allowed:
            if seen[box.offset : box.offset + 1] == b"x":
                masked[box.offset] = tip[box.offset]
    for finding in _differences(planned, tip, bytes(masked), "in the working tree") if bytes(masked) != tip else ():
        said(finding)


def _open(run: RunState, task: PlannedTask) -> list[Box]:
    """The boxes that the task's commit ticks: none for one that was skipped."""
    return [] if run.task(task.key).skipped else [box for box in task.boxes() if not box.done]


def _ticked(data: bytes, boxes: Sequence[Box]) -> bytes:
    """The runbook with these boxes ticked, where there still is a box of one byte."""
    if not boxes:
        return data
    ticked = bytearray(data)
    for box in boxes:
        if ticked[box.offset - 1 : box.offset + 2] == f"[{box.state}]".encode():
            ticked[box.offset] = ord("x")
    return bytes(ticked)
