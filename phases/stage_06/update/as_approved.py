"""Is the account, just before a change, still what the change was approved for? And is what was to come back, back?

Rules:
- Looked at when the change is about to be executed, not when it is followed after a crash: it is this run's own then.
- What was taken in on the way, and what task 3.2 is to bring back, is expected as it was seen.
- A new stack has nothing to compare; runs of 0.1 knew no such look.
"""

from __future__ import annotations

from phases.aws import AwsPort
from phases.contract.model import Contract
from phases.stage_06.inputs.recorded import Configured
from phases.stage_06.live.drift import Account, Approved, require_no_drift
from phases.stage_06.stack import approved as approvals
from phases.stage_06.stack.last_update import number_of, taken_in
from phases.stage_06.stack.stacks import UPDATABLE, find_stack, stack_resources
from phases.stage_06.update.bring_back import bring_back_by_call
from phases.stage_06.update.deployed_tables import deployed_template, tables_in
from phases.stage_06.update.next_update import wait_until_active
from phases.step import StepContext


def account_of(ctx: StepContext, aws: AwsPort, of: approvals.Approved) -> Account | None:
    """The deployed stack with the template that it holds; None for a new or an empty one, and in runs of 0.1."""
    stack = find_stack(aws, of.stack_name)
    if ctx.is_of_0_1 or of.kind == "CREATE" or stack is None or stack.status not in UPDATABLE:
        return None
    if not stack_resources(aws, stack.stack_id):  # its first import was rolled back
        return None
    return Account(aws, of.account, stack, deployed_template(aws, stack))


def to_bring_back(ctx: StepContext) -> Approved:
    """What this task is to bring back: the first update's alone does."""
    return ctx.data("3.1", Configured).get("brought_back", {}) if number_of(ctx.task.id) == 1 else {}


def require_as_approved(ctx: StepContext, aws: AwsPort, of: approvals.Approved) -> None:
    """Bring back what goes by calls, where the account is as it was approved. Raises StepFailed where it is not."""
    at = account_of(ctx, aws, of)
    if at is None:
        return
    back = to_bring_back(ctx)
    require_no_drift(ctx, at, {**taken_in(ctx, number_of(ctx.task.id)), **back})
    if bring_back_by_call(ctx, at, back):
        wait_until_active(ctx, aws, Contract(tables_in(at.template), ""), of.stack_name)  # a table takes one at a time
