"""What will a run of a workflow or a runbook ask? Nothing is written, nothing outside is looked at."""

from __future__ import annotations

from pathlib import Path

from state.model import Shape
from workflow.runs.asked_questions import asked_questions
from workflow.runs.load_plan import load_plan
from workflow.service.workspace import from_the_top, workspace_and_target
from workflow.views.questions import QuestionsView


def questions(directory: Path, target: str, runbook: str | None, *, shape: Shape | None = None) -> QuestionsView:
    """The questions that a run of this workflow or runbook may ask, in the order of its tasks.

    Raises BadInput as `load_plan`, and for a checks file beside the runbook that is not sound.
    """
    with workspace_and_target(directory, target) as (workspace, name):
        runbook = from_the_top(directory, runbook) if runbook else runbook
        found = load_plan(workspace, name, runbook, or_own=True, shape=shape)
        asked = asked_questions(found, workspace)
    return QuestionsView(found.workflow.name, found.plan.runbook, asked)
