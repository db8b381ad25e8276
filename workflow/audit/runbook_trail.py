"""Did the runbook change by the run's marks and fields only? Followed from commit to commit, and into the working tree.

Rules:
- In a task's commit the runbook is what it was, with the boxes of the task (and of the parents it closes) ticked and
  its fields filled in, and not one byte else; in every other commit it does not change at all.
- The commit of the next task brings an edit that the run took, exactly as it was taken, under the marks.
- It is followed until the commit from which another run took the runbook over.
- Once the run is over, a commit may move it with the bytes that it had (to an archive): it is followed there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from gates.boxes import boxes_to_tick
from gates.fields import fields_to_fill
from state.errors import BadInput
from state.files import blob_id
from state.line_endings import with_lf
from state.model import Box, PlannedTask
from state.printable import as_name
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.runbook_copy import Planned, Plans
from workflow.runbook.fills import Fill, column_in, filled, fills_in, unfilled
from workflow.runbook.marks import changes_besides_marks, read_marks

# the engine ticks the boxes before it calls git
_MAY_BE_MARKED = (TaskStatus.APPROVED, TaskStatus.COMMITTING, TaskStatus.VOIDED)


@dataclass(slots=True)
class Trail:
    """The runbook as it should be (`right`) and as it is (`real`) after the commits seen so far, and where it is.

    Attributes:
        planned: the plan that the run goes by at that commit.
        known: its tasks by key.
        keys: the tasks that have left it as it should be.
        fills: what those have filled in.
        held: what the commit before holds, where an edit came in between; empty where that is `real`.
    """

    planned: Planned
    right: bytes
    real: bytes
    path: str
    known: Mapping[str, PlannedTask]
    keys: list[str]
    fills: list[Fill]
    held: bytes = b""

    @classmethod
    def begin(cls, run: RunState, planned: Planned, path: str, keys: Sequence[str]) -> Trail:
        """From here on, this is the runbook, in which these tasks have filled in their fields."""
        fills = _fills_of(run, planned, keys)
        data = filled(planned.original, fills)
        return cls(planned, data, data, path, {task.key: task for task in planned.plan.tasks}, [*keys], fills)


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
    report: Report,
) -> None:
    """Compare the runbook in each commit, at the tip and in the working tree with what the tasks' commits make of it.

    Args:
        task_of: commit -> task.
        ticked: tasks that were done before the first of these commits.
        over_after: the place of the commit that ended the run among them; None when the run is not over.
        to_the_end: whether nobody took the runbook over, so that tip and working tree still belong to this run.
    """
    path, trail = run.start.runbook, _beginning(run, plans, ticked)
    for place, commit in enumerate(commits):
        key = task_of.get(commit.sha, "")
        if key:
            trail = _with_edit(run, trail, plans.at(_intended(run, key)), path)
        over = over_after is not None and place > over_after
        if over and (moved := _moved(repository, commit, trail)):
            trail.path = moved
            report(
                Unprovable(
                    "moved",
                    f"{as_name(path)} was moved to {as_name(moved)} in {commit.sha[:10]}, after the run was over",
                )
            )
        elif key in trail.known or trail.path in commit.changes:
            _step(repository, run, commit, trail.known.get(key), trail, report)
    if to_the_end:
        merged = any(len(commit.parents) > 1 for commit in commits)
        _look_at_the_end(repository, run, plans, trail, report, merged=merged)


def _beginning(run: RunState, plans: Plans, ticked: Sequence[str]) -> Trail:
    """The runbook before the first commit that is looked at, with the boxes of these tasks ticked."""
    planned = plans.at(max((_intended(run, key) for key in ticked), default=0)) or plans.first
    assert planned is not None  # or nobody would ask
    trail = Trail.begin(run, planned, run.start.runbook, ticked)
    boxes = [box for key in ticked if key in trail.known for box in boxes_to_tick(run, trail.known[key])]
    trail.right = trail.real = _ticked(trail.right, boxes, trail)
    return trail


def _with_edit(run: RunState, trail: Trail, in_force: Planned | None, path: str) -> Trail:
    """The trail in a task's commit, which brings the edit that was taken before it."""
    if in_force is None or in_force is trail.planned:
        return trail
    edited = Trail.begin(run, in_force, path, trail.keys)
    edited.held = trail.real
    return edited


def _look_at_the_end(
    repository: Repository, run: RunState, plans: Plans, trail: Trail, report: Report, *, merged: bool
) -> None:
    """The runbook at the tip and in the working tree, of a run from which nobody took it over.

    `merged`: whether a merge may have brought what no commit shows. A tip that is as the run's commits make it has
    nothing to be told of: what other commits made of it beside them was named there.
    """
    held = repository.at(repository.tip, trail.path)
    tip = held.data if held else None
    if trail.path != run.start.runbook:  # moved; moved on from there, it is out of sight
        if tip is not None:
            _compare(trail, tip, f"at the tip, in {as_name(trail.path)}", report)
        return
    if tip != trail.right:
        _compare(trail, tip, "at the tip, by a merge" if merged else "at the tip", report)
    here = repository.worktree(trail.path)
    if here is None or tip is None or with_lf(here) == with_lf(tip):
        return
    last = plans.last or trail.planned
    if last is not trail.planned:  # an edit that was taken, and is in no commit yet
        trail = Trail.begin(run, last, trail.path, trail.keys)
        tip = trail.right
    _look_at_working_tree(run, trail, tip, here, report)


def _compare(trail: Trail, seen: bytes | None, where: str, report: Report) -> None:
    """Report how the runbook there is not as the commits left it."""
    if (seen or b"") != trail.real:  # removed: the commit that did it was named
        for finding in _differences(trail, trail.real, seen, where):
            report(finding)


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


def _step(
    repository: Repository,
    run: RunState,
    commit: Commit,
    task: PlannedTask | None,
    trail: Trail,
    report: Report,
) -> None:
    boxes = boxes_to_tick(run, task) if task else []
    keys = [task.key] if task else []
    fills = _fills_of(run, trail.planned, keys)
    is_right = trail.real is trail.right
    trail.right = filled(_ticked(trail.right, boxes, trail), fills)
    expected = trail.right if is_right else filled(_ticked(trail.real, boxes, trail), fills)
    trail.keys += keys
    trail.fills = [*trail.fills, *fills]
    new = _blob_after(repository, commit, trail)
    trail.held = b""
    for good in (expected,) if is_right else (expected, trail.right):
        if new == blob_id(good, repository.tip):
            trail.real = good
            return
    blob = repository.get(new) if new else None
    key = task.key if task else ""
    seen = blob.data if blob else None
    for finding in _differences(trail, expected, seen, "", task=key, commit=commit.sha):
        report(finding)
    trail.real = seen or b""


def _blob_after(repository: Repository, commit: Commit, trail: Trail) -> str:
    """The blob of the runbook in a commit; "" when it is not there."""
    if commit.boundary:
        held = repository.at(commit.sha, trail.path)
        return held.sha if held else ""
    change = commit.changes.get(trail.path)
    return change.new if change else blob_id(trail.held or trail.real, repository.tip)


def _differences(
    trail: Trail, expected: bytes, seen: bytes | None, where: str, *, task: str = "", commit: str = ""
) -> Iterator[Finding]:
    planned, place = trail.planned, where and f" {where}"
    if seen is None:
        yield Finding("runbook-edited", f"{as_name(planned.plan.runbook)} was removed{place}", task, commit)
        return
    if changed := _other_fields(trail, expected, seen):
        line, was, now = changed
        message = f"{as_name(planned.plan.runbook)}:{line}{place}: expected {was!r}, seen {now!r}"
        yield Finding("runbook-edited", message, task, commit)
        return
    expected, seen = unfilled(expected, trail.fills), unfilled(seen, trail.fills)
    if changes := changes_besides_marks(expected, seen, planned.plan):
        yield Finding("runbook-edited", f"{changes[0].where}{place}: {changes[0].message}", task, commit)
        return
    try:
        before, after = read_marks(expected, planned.plan), read_marks(seen, planned.plan)
    except BadInput as error:
        yield Finding("runbook-edited", f"{error.message}{place}", task, commit)
        return
    for line, mark, now in _other_marks(planned, before, after):
        code = "mark-missing" if task and mark in "xX" else "mark-without-commit"
        message = f"{as_name(planned.plan.runbook)}:{line}{place}: expected [{mark}], seen [{now}]"
        yield Finding(code, message, task, commit)


def _other_fields(trail: Trail, expected: bytes, seen: bytes) -> tuple[int, str, str] | None:
    """The first line whose fields are not filled in as they should be: its number, as it should be, and as it is."""
    versions = (expected, unfilled(expected, trail.fills), seen, unfilled(seen, trail.fills))
    old, old_empty, new, new_empty = (version.split(b"\n") for version in versions)
    if len(old) != len(new):
        return None  # lines came or went, and that is reported
    for row in sorted({fill.line - 1 for fill in trail.fills}):
        if (old[row] == old_empty[row]) != (new[row] == new_empty[row]):
            was, now = (lines[row].decode("utf-8", "backslashreplace") for lines in (old, new))
            return row + 1, was, now
    return None


def _other_marks(
    planned: Planned, before: Mapping[int, str], after: Mapping[int, str]
) -> Iterator[tuple[int, str, str]]:
    """The boxes that are not as they were: line, state before and now. Both are given by byte offset."""
    lines = {box.offset: box.line for task in planned.plan.tasks for box in task.boxes()}
    for offset, mark in before.items():
        if after[offset] != mark:
            yield lines[offset], mark, after[offset]


def _look_at_working_tree(run: RunState, trail: Trail, tip: bytes, here: bytes, report: Report) -> None:
    """The file that people see: as the tip (or the edit that was taken) has it, but for the marks and the fields of a
    task that is about to be committed."""
    if with_lf(here) == with_lf(tip):
        return
    seen = here if b"\r\n" in tip else with_lf(here)
    pending = _may_be_marked(run, trail.planned)
    seen = unfilled(seen, _fills_of(run, trail.planned, [task.key for task in pending]))
    if len(seen) == len(tip):
        boxes = [box for task in pending for box in boxes_to_tick(run, task)]
        seen = _without_ticks(seen, tip, boxes, trail)
    for finding in _differences(trail, tip, seen, "in the working tree") if seen != tip else ():
        report(finding)


def _may_be_marked(run: RunState, planned: Planned) -> list[PlannedTask]:
    """The tasks that are about to be committed."""
    # a task that a rollback has stopped is unticked when the first step of the way back begins
    may_be = (*_MAY_BE_MARKED, *((TaskStatus.STOPPED,) if run.current_task is None else ()))
    marked = {state.key for state in run.tasks.values() if state.status in may_be}
    return [task for task in planned.plan.tasks if task.key in marked]


def _without_ticks(seen: bytes, tip: bytes, boxes: Sequence[Box], trail: Trail) -> bytes:
    """The file with these boxes, where they are ticked, as the tip has them."""
    masked = bytearray(seen)
    for _box, offset in _places(tip, boxes, trail):
        if seen[offset : offset + 1] == b"x":
            masked[offset] = tip[offset]
    return bytes(masked)


def _ticked(data: bytes, boxes: Sequence[Box], trail: Trail) -> bytes:
    """The runbook with these boxes ticked, where there still is a box of one byte."""
    if not boxes:
        return data
    ticked = bytearray(data)
    for box, offset in _places(data, boxes, trail):
        if ticked[offset - 1 : offset + 2] == f"[{box.state}]".encode():
            ticked[offset] = ord("x")
    return bytes(ticked)


def _places(data: bytes, boxes: Sequence[Box], trail: Trail) -> Iterator[tuple[Box, int]]:
    """The byte offset of each box in this version of the runbook, over which the trail's fields are laid."""
    if not trail.fills:
        yield from ((box, box.offset) for box in boxes)
        return
    starts = [0, *accumulate(len(line) + 1 for line in data.split(b"\n"))]
    for box in boxes:
        if box.line <= len(starts):
            yield box, starts[box.line - 1] + column_in(trail.fills, trail.planned.original, box)


def _fills_of(run: RunState, planned: Planned, keys: Sequence[str]) -> list[Fill]:
    """What these tasks, where the plan has them, fill in."""
    tasks = filter(None, map(planned.plan.forward_task, keys))
    chosen = [each for task in tasks for each in fields_to_fill(run, task)]
    return fills_in(planned.original, chosen) if chosen else []
