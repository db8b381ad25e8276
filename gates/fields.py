"""Which fields of its runbook does a task's commit fill in, and with what? From evidence, which an approval covers.

Rules:
- `fields` in the data of evidence of work by hand: `number` and `label` of each field of the task, and its `value`, ""
  for one that was left open. The engine fills in and the audit compares by this one function.
- A task that was skipped fills in nothing, and neither does one of a run of format 1.
- An entry that is no value for the field of its number is passed over here; the audit reports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from state.model import PlannedTask
from state.run_state import RunState
from state.task_fields import TaskField, fields_of
from state.task_state import TaskState

DATA = "fields"


def fields_to_fill(run: RunState, task: PlannedTask) -> list[tuple[TaskField, str]]:
    """The fields that the task's commit fills in, in order, each with its value."""
    state = run.task(task.key)
    values = {} if run.is_of_0_1 else values_of(state)
    return [
        (field, value)
        for field in (fields_of(task) if values else ())
        if (value := values.get(field.number, "")) and field.problem_with(value) is None
    ]


def values_of(state: TaskState) -> Mapping[int, str]:
    """What the evidence has of each field, by number; "" for one that was left open."""
    if state.worked is None or state.handed_in is None or state.skipped:
        return {}
    found: dict[int, str] = {}
    for entry in entries_of(state):
        number, value = (entry.get("number"), entry.get("value")) if isinstance(entry, Mapping) else (None, None)
        if type(number) is int and type(value) is str:
            found[number] = value
    return found


def entries_of(state: TaskState) -> Sequence[object]:
    """The entries as the evidence has them, whatever they are."""
    entries = state.worked.data.get(DATA) if state.worked is not None else None
    return entries if isinstance(entries, list | tuple) else ()
