"""Which answers that a face gave did nothing in the run ask for? Told by name, with why: none is swallowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from phases.manual.stops import stop_name
from phases.step import Workflow
from state.event_types import Answered, Event
from state.fold import fold
from state.model import Plan
from state.task_boxes import box_question, boxes_of
from workflow.engine.agents import NO_AGENTS
from workflow.runs.find_run import choose, events_of
from workflow.runs.load_plan import plan_of
from workflow.runs.workflow_catalog import find_workflow
from workflow.service.workspace import workspace_of

NOT_ASKED = "nothing asked for it yet, and it is not kept: give it with the call that does"


class Unused(NamedTuple):
    """An answer that was not used: the question's name, why, and whether it may be given again by an agent."""

    name: str
    why: str
    may_come: bool


def not_used(directory: Path, run_id: str | None, given: Mapping[str, str]) -> list[Unused]:
    """Those of an agent's answers that the run's journal does not have. Raises as `choose`."""
    if not given:
        return []
    workspace = workspace_of(directory)
    events = events_of(workspace, choose(workspace, run_id))
    run = fold(events)
    plan, workflow = plan_of(workspace, run), find_workflow(run.start.workflow, or_guided=True)
    taken = dict(_taken(events, plan))
    return [
        _unused(name, taken.get(name), run.run_id, plan, workflow)
        for name, answer in given.items()
        if name not in taken or taken[name] not in (answer, None)
    ]


def _taken(events: Iterable[Event], plan: Plan) -> Iterator[tuple[str, str | None]]:
    """Question -> the latest answer; None for a word on a box, which has other words for the same."""
    boxes = {(task.key, box.id): box_question(task, box.number) for task in plan.tasks for box in boxes_of(task)}
    for event in events:
        if isinstance(event, Answered):
            yield (boxes.get((event.task, event.item), ""), None) if event.item else (event.question, event.answer)


def _unused(name: str, before: str | None, run_id: str, plan: Plan, workflow: Workflow) -> Unused:
    if before is not None:
        again = f"phasegate resume {run_id} --ask-again {name}"
        return Unused(name, f"was answered {before!r} before; a person has it asked again: {again}", False)
    stops = (stop_name(task, stop) for task in plan.tasks for stop in task.stops)
    confirmed = any(fnmatchcase(name, each.name) and not each.suggest for each in workflow.questions)
    return Unused(name, NO_AGENTS, False) if confirmed or name in stops else Unused(name, NOT_ASKED, True)
