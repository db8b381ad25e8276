"""What must the runbook look like now? The run's copy of the one in force, with the boxes of done tasks ticked.

Rules:
- In the line ends that the file has here, where git gave it others than the copy has (`workspace_guard.py` asks git).
- The copy is read again each time; what was ticked in it already is remembered, so that a task costs its own boxes
  and not those of the whole plan.
- Tasks are done in their order and stay done: how many are done says which. Those that were done before the run
  stand before them. The boxes of a task that was skipped stay open.
"""

from __future__ import annotations

from collections.abc import Iterable

from state.line_endings import turned_like
from state.model import Plan, PlannedTask
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.engine.open_run import OpenRun
from workflow.runbook.marks import flip_all
from workflow.trailers import copy_of_runbook


class ExpectedRunbook:
    """The runbook of one run as the run has left it."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run
        self._copy = b""
        self._ticked = b""
        self._done = 0  # how many tasks are ticked in it

    def now(self, *, also: PlannedTask | None = None) -> bytes:
        """Its bytes; `also` adds the boxes of a task that is about to be done.

        Raises BadInput when a box of the plan is not in the copy: the copy was changed.
        """
        run, plan, workspace = self._run.state, self._run.plan, self._run.workspace
        keys = [state.key for state in run.tasks.values() if state.status == TaskStatus.DONE]
        done = len(keys)
        copy = (workspace / copy_of_runbook(run.run_id, run.runbook)).read_bytes()
        if copy != self._copy or done < self._done:
            self._copy, self._ticked, self._done = copy, copy, 0
        if done > self._done:
            self._ticked = ticked(self._ticked, plan, run, keys[self._done :])
            self._done = done
        expected = self._ticked if also is None else ticked(self._ticked, plan, run, [also.key])
        file = workspace / plan.runbook
        if not file.is_file() or file.stat().st_size == len(expected):
            return expected
        return turned_like(expected, file.read_bytes())

    def more_a_line(self, wanted: bytes) -> int:
        """By how many bytes each line of what `now` gave is longer than in the copy: 1, 0 or -1."""
        return (len(wanted) > len(self._copy)) - (len(wanted) < len(self._copy))


def ticked(data: bytes, plan: Plan, run: RunState, keys: Iterable[str]) -> bytes:
    """The runbook that the plan was read from, with the boxes of these tasks ticked; not those that were skipped."""
    tasks = [plan.task(key) for key in keys if not run.task(key).skipped]
    return flip_all(data, [box for task in tasks for box in task.boxes() if not box.done])


def is_partly(seen: bytes, before: bytes, after: bytes) -> bool:
    """Whether `seen` is `before` with some, none or all of the changes of `after`: a kill comes between two marks."""
    if seen in (before, after):
        return True
    return len(seen) == len(before) == len(after) and all(
        byte in (old, new) for byte, old, new in zip(seen, before, after, strict=True)
    )
