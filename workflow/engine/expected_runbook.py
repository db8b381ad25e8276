"""What must the runbook look like now? The run's copy of the one in force, with the boxes of done tasks ticked and
their fields filled in.

Rules:
- Values are laid over the ticks last (`workflow/runbook/fills.py`): until then every box is where the copy has it.
- In the line ends that the file has here, where git gave it others than the copy has (`workspace_guard.py` asks git).
- The copy is read again each time; what was ticked in it already is remembered, so that a task costs its own boxes
  and not those of the whole plan.
- Tasks are done in their order and stay done: how many are done says which. Those that were done before the run
  stand before them. The boxes of a task that was skipped stay open, and so does a box whose answer does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gates.boxes import boxes_to_tick
from gates.fields import fields_to_fill
from state.line_endings import turned_like
from state.model import Plan, PlannedTask
from state.run_state import RunState
from workflow.engine.open_run import OpenRun
from workflow.runbook.fills import Fill, filled, fills_in
from workflow.runbook.marks import flip_all
from workflow.trailers import copy_of_runbook


class ExpectedRunbook:
    """The runbook of one run as the run has left it."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run
        self._file = run.workspace / run.plan.runbook
        self._kept = ("", self._file)  # the name of the copy in force, and where it is
        self._copy = b""
        self._ticked = b""
        self._fills: list[Fill] = []
        self._done = 0  # how many tasks are ticked in it

    def now(self, *, also: PlannedTask | None = None) -> bytes:
        """Its bytes; `also` adds the boxes and the fields of a task that is about to be done.

        Raises BadInput when a box or a field of the plan is not in the copy: the copy was changed.
        """
        run, plan = self._run.state, self._run.plan
        self._bring_up_to_date()
        expected = self._ticked if also is None else ticked(self._ticked, plan, run, [also.key])
        fills = self._with(also)
        expected = filled(expected, fills)
        if not self._file.is_file() or (not fills and self._file.stat().st_size == len(expected)):
            return expected
        return turned_like(expected, self._file.read_bytes())

    def fills(self, *, also: PlannedTask | None = None) -> list[Fill]:
        """What the tasks that are done have filled in, and `also`. Raises as `now`."""
        self._bring_up_to_date()
        return self._with(also)

    def copy(self) -> bytes:
        """The run's copy of the runbook that is in force."""
        name = copy_of_runbook(self._run.run_id, self._run.state.runbook)
        if name != self._kept[0]:
            self._kept = name, self._run.workspace / name
        return self._kept[1].read_bytes()

    def _bring_up_to_date(self) -> None:
        run, plan = self._run.state, self._run.plan
        keys = run.done
        done, copy = len(keys), self.copy()
        if copy != self._copy or done < self._done:
            self._copy, self._ticked, self._fills, self._done = copy, copy, [], 0
        if done > self._done:
            self._ticked = ticked(self._ticked, plan, run, keys[self._done :])
            self._fills += fills_of(copy, plan, run, keys[self._done :])
            self._done = done

    def _with(self, also: PlannedTask | None) -> list[Fill]:
        more = [] if also is None else fills_of(self._copy, self._run.plan, self._run.state, [also.key])
        return [*self._fills, *more]


def ticked(data: bytes, plan: Plan, run: RunState, keys: Iterable[str]) -> bytes:
    """The runbook that the plan was read from, with the boxes of these tasks ticked that count (`gates.boxes`)."""
    return flip_all(data, [box for key in keys for box in boxes_to_tick(run, plan.task(key))])


def fills_of(data: bytes, plan: Plan, run: RunState, keys: Iterable[str]) -> list[Fill]:
    """What these tasks fill in, in the runbook that the plan was read from (`gates.fields`). Raises BadInput."""
    chosen = [each for key in keys for each in fields_to_fill(run, plan.task(key))]
    return fills_in(data, chosen) if chosen else []


def as_left(data: bytes, plan: Plan, run: RunState, keys: Sequence[str]) -> bytes:
    """The runbook that the plan was read from, as these tasks leave it. Raises BadInput as `ExpectedRunbook.now`."""
    return filled(ticked(data, plan, run, keys), fills_of(data, plan, run, keys))


def is_partly(seen: bytes, before: bytes, after: bytes) -> bool:
    """Whether `seen` is `before` with some, none or all of the changes of `after`: a kill comes between two marks."""
    if seen in (before, after):
        return True
    return len(seen) == len(before) == len(after) and all(
        byte in (old, new) for byte, old, new in zip(seen, before, after, strict=True)
    )
