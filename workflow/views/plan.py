"""What would run? The plan as data (docs/json.md), as a listing and as a diagram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gates.policy import Policies
from phases.step import Workflow
from state.cheap_classes import dataclass
from state.json_values import Json
from state.model import Plan, PlannedTask, Shape
from state.printable import printable_line
from workflow.engine.commit_message import commit_message

if TYPE_CHECKING:
    from workflow.runs.missing_programs import MissingProgram


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan before it is run.

    Attributes:
        data: the runbook.
        asked: the shape that it was asked to be read as.
        missing: the programs that its commands and checks need and that are not here.
        policies: as the policy lies in the workspace: what each gate asks for, and how commits are called.
    """

    plan: Plan
    workflow: Workflow
    data: bytes
    asked: Shape | None
    policies: Policies
    missing: Sequence[MissingProgram] = ()

    def to_json(self) -> dict[str, object]:
        """As docs/json.md describes it."""
        body = self.plan.to_json()
        body["log"] = self.workflow.log
        body["states"] = [self._state(task) for task in self.plan.tasks]
        body["missing_programs"] = [each.to_json() for each in self.missing]
        return body

    def _state(self, task: PlannedTask) -> dict[str, Json]:
        step = self.workflow.step_for(task)
        return {
            "key": task.key,
            "id": task.id,
            "title": task.title,
            "kind": task.kind,
            "done_by": step.name if step else "hand",
            "after_crash": str(step.after_crash) if step else None,
            "artifacts": list(step.writes) if step else [],
            "gate": task.gate or "approval",
            "commit": commit_message(self.plan, task, self.policies.commit),
        }

    def text(self) -> str:
        """The listing: every state, what was not taken, and what is odd; printable."""
        from workflow.views.plan_listing import listing

        found = listing(self.plan, self.workflow, self.data, self.asked, self.policies)
        lines = [printable_line(each.said) for each in self.missing]
        return "\n".join([found, "", *lines]) if lines else found

    def mermaid(self) -> str:
        """A Mermaid state diagram."""
        from state.machine import plan_mermaid

        return plan_mermaid(self.plan)
