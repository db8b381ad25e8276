"""Which checks stand beside a runbook of this workspace, as they lie there now? Light until there are some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phases.checks.answered import answering, names_of_item
from phases.checks.exit_criteria import find_checks
from state.model import Plan
from state.outside_file import CHECKS, read_if_there
from state.printable import printable_line
from state.task_boxes import boxes_of

if TYPE_CHECKING:
    from phases.checks.api_model import ApiModels
    from phases.checks.definition import Checks
    from workflow.runs.load_plan import RunTarget


def checks_in(
    workspace: Path, runbook: str, *, under_way: bool = False, plan: Callable[[], Plan] | None = None
) -> Checks | None:
    """The checks beside the runbook at this path; None where there are none. Raises BadInput as `find_checks`.

    `under_way` and `plan` as there: a run of 0.1 goes on with literals that can never match; what the plan does not
    have is among the problems.
    """

    def models() -> ApiModels:
        from workflow.doors.aws.models import BotocoreModels  # botocore, only where something is held against it

        return BotocoreModels()

    def read(path: str) -> bytes | None:
        return read_if_there(workspace / path, "checks file", limit=CHECKS, name=path)

    return find_checks(runbook, read, models, under_way=under_way, plan=plan)


def checks_of(workspace: Path, target: RunTarget) -> Checks | None:
    """As `checks_in`, held against the plan and the tasks of its way back: what a run refuses before it begins."""

    def with_back() -> Plan:
        from workflow.engine.rollback_tasks import with_way_back  # where there is a file only

        return with_way_back(target.plan, target.workflow.rollback, target.data)

    return checks_in(workspace, target.plan.runbook, plan=with_back)


def that_cannot_hold(checks: Checks, plan: Plan) -> Iterator[str]:
    """A line for each box of which the checks say that nothing can make it true."""
    never = [check for check in checks.checks if check.never_holds]
    for task in plan.tasks if never else ():
        for box in boxes_of(task):
            for check in answering(names_of_item(box.number, box.item), never):
                where = f"{plan.runbook}:{box.item.box.line}"
                yield printable_line(f"{where}: nothing can make it true: {box.text}: {check.never_holds}")
