"""Was each field of a task done by hand filled in with what somebody answered, as its evidence says?

That the runbook has these values, and no others: `runbook_trail.py`.

Rules:
- The evidence is not believed: a value must be the latest answer to the field's question in that attempt, and each
  field of the task has its entry, open or not; a task whose evidence has no entries at all has filled in nothing.
- Runs of format 1 fill in nothing, and nothing is asked of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gates.fields import entries_of, values_of
from state.model import PlannedTask
from state.run_state import RunState
from state.task_fields import TaskField, field_question, fields_of
from state.task_state import TaskState
from workflow.audit.findings import Finding, Report


def check_fields(run: RunState, task: PlannedTask, state: TaskState, report: Report) -> None:
    """Report each field of a committed task that its evidence fills in otherwise than the journal does."""
    if run.is_of_0_1 or state.worked is None or state.handed_in is None:
        return
    for why in _differences(task, state):
        report(Finding("field-unanswered", why, state.key, state.commit or ""))


def _differences(task: PlannedTask, state: TaskState) -> Iterator[str]:
    entries, fields = entries_of(state), fields_of(task)
    if state.skipped:
        if entries:
            yield "the task was skipped, and its evidence fills in fields"
    elif entries or any(field_question(task, field.number) in state.answers for field in fields):
        yield from _otherwise_filled_in(task, state, entries, fields)


def _otherwise_filled_in(
    task: PlannedTask, state: TaskState, entries: Sequence[object], fields: Sequence[TaskField]
) -> Iterator[str]:
    values = values_of(state)
    numbers = [entry.get("number") if isinstance(entry, Mapping) else None for entry in entries]
    if numbers != [field.number for field in fields]:
        yield f"the evidence has fields {numbers}, the task has {[field.number for field in fields]}"
    for field in fields:
        name, value = field_question(task, field.number), values.get(field.number)
        if value is not None and (why := _why_not(field, value, name, state.answers.get(name))):  # None: reported above
            yield f"field {field.number} ({field.label}){why}"


def _why_not(field: TaskField, value: str, question: str, said: str | None) -> str:
    """Why this value cannot be the field's, of which `said` is the answer; "" where it is."""
    if said is None and value:
        return f" was filled in with {value!r}, and nobody answered {question}"
    if (said or "") != value:
        return f" was filled in with {value!r}, and {question} was answered {said!r}"
    why = field.problem_with(value)
    return f": {why}, seen {value!r}" if why else ""
