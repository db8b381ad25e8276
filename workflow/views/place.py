"""Where in a run is a person who looks at a task? One line: how far, which section, which run, branch and account."""

from __future__ import annotations

from phases.documents.markdown import code, inline
from state.cheap_classes import dataclass
from state.model import Plan, PlannedTask
from state.printable import printable_line
from state.run_state import RunState


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a task.

    Attributes:
        number, total: which of the tasks it is, from 1; of the rollback's in a rollback.
        in_rollback: whether it is one of the rollback's.
        section: the heading that it is under in the runbook and the boxes above it, outermost first, or "".
        run: the run's id.
        attempt: at the task, from 1.
        branch: that the run commits to.
        sandbox: whether the account is the one on this machine.
        account, region: that the run found out it works in; "" before it did, or where no task asks AWS.
    """

    number: int
    total: int
    in_rollback: bool
    section: str
    run: str
    attempt: int
    branch: str
    sandbox: bool
    account: str = ""
    region: str = ""

    def line(self) -> str:
        """As Markdown."""
        kind = "Rollback, step" if self.in_rollback else "Task"
        parts = [f"{kind} {self.number} of {self.total}"]
        parts += [inline(printable_line(self.section))] if self.section else []
        parts += [f"run {code(self.run)}"]
        parts += [f"attempt {self.attempt}"] if self.attempt > 1 else []
        parts += [f"branch {code(printable_line(self.branch))}"]
        if self.sandbox:
            parts.append(f"sandbox {inline(self.region)}".rstrip())
        elif self.account or self.region:
            parts.append(f"account {inline(self.account or 'not known')} {inline(self.region)}".rstrip())
        return " · ".join(parts)


def place_of(plan: Plan, run: RunState, task: PlannedTask) -> Place:
    """The place of a task of this run."""
    in_rollback = task.kind == "rollback"
    order = [each.key for each in (plan.rollback if in_rollback else plan.tasks)]
    heading = task.heading[-1] if len(task.heading) > 1 else ""
    section = "" if heading in (task.title, "Tasks") else heading
    section = " › ".join(filter(None, (section, *task.inside)))
    return Place(
        number=order.index(task.key) + 1,
        total=len(order),
        in_rollback=in_rollback,
        section=section,
        run=run.run_id,
        attempt=run.task(task.key).attempt,
        branch=run.branch,
        sandbox=run.start.sandbox,
        account=_known(run, "account"),
        region=_known(run, "region"),
    )


def _known(run: RunState, name: str) -> str:
    """What the steps of this run have recorded of where they work; the latest counts."""
    for state in reversed(list(run.tasks.values())):
        value = state.worked.data.get(name) if state.worked is not None else None
        if isinstance(value, str):
            return value
    return ""
