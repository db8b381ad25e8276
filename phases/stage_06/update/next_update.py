"""How is the next update of a chain proposed, shown, and known to be the approved one?

Rules:
- The task that executes one update proposes the next: leaving it approves that change set, as leaving task 3.1 approves
  the first one. The approval's witness reads it afresh, so that one which is stale voids it by name.
- The chain is worked out from what is deployed by now: the next update is the first of what is left.
- An index is waited for until it is ACTIVE: CloudFormation does not wait for it, and a table takes no other change
  meanwhile (AWS CloudFormation Template Reference, AWS::DynamoDB::Table, GlobalSecondaryIndexes).
"""

from __future__ import annotations

from collections.abc import Mapping

from phases.aws import AwsPort
from phases.contract.model import Contract
from phases.documents.markdown import code
from phases.stage_06.inputs.recorded import Configured, Deployed, NextUpdate
from phases.stage_06.live.drift import Account, Drift, look_for_drift
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.unreadable import Unreadable, is_status
from phases.stage_06.stack.approved import Approved
from phases.stage_06.stack.change_set import (
    TABLE,
    ChangeSet,
    change_set_names,
    changes_table,
    describe_change_set,
    table_losses,
)
from phases.stage_06.stack.create_change_set import Proposal, create_change_set
from phases.stage_06.stack.early_validation import Found, early_validation, findings_table, validation_checks
from phases.stage_06.stack.last_update import number_of, taken_in, update_id
from phases.stage_06.stack.stacks import NEXT, find_stack, operation_name, stack_resources, task_prefix
from phases.stage_06.stack.typed_confirmation import confirm_losses
from phases.stage_06.update.chain import Update
from phases.stage_06.update.deployed_tables import deployed_template
from phases.stage_06.update.plan_updates import plan_updates, template_of, updates_table
from phases.step import Check, ReviewSection, StepContext
from state.errors import StepFailed

_NEXT, _EXPECTED = "change set of the next update", "CREATE_COMPLETE, or none is left"
NONE_LEFT = Check(_NEXT, _EXPECTED, "none is left", "pass")
GONE = "not there yet"
POLL = 5  # [s]
POLLS = 720  # an hour; an index of an empty table takes up to 15 minutes, a large one longer: `resume` waits again


def approved_next(ctx: StepContext) -> Approved | None:
    """The update that the task before proposed, None where the chain ended there."""
    configured = ctx.data("3.1", Configured)
    proposed = ctx.data(update_id(number_of(ctx.task.id) - 1), Deployed).get("next")
    return Approved.of_next(configured, proposed) if proposed else None


def wait_until_active(ctx: StepContext, aws: AwsPort, contract: Contract, stack_name: str) -> None:
    """Return when no table or index of the contract is under way.

    Raises StepFailed when that takes too long, Incomplete when it cannot be read.

    A stack in EXPRESS is COMPLETE before its tables are ready, or there: its own are waited for, too.
    """
    made = _made_in_express(aws, stack_name)
    names = list(dict.fromkeys([*(table.name for table in contract.tables), *made]))
    unreadable = Unreadable("dynamodb", "describe_table", f"phasegate resume {ctx.run_id}   # waits again")
    for _ in range(POLLS):
        busy = {each: status for name in names for each, status in _under_way(aws, name, must_come=name in made)}
        if not busy:
            return
        told = ", ".join(f"{each} ({status})" for each, status in busy.items())
        unreadable.look("a status such as ACTIVE", _unread(busy))
        ctx.waiting(f"DynamoDB: {told}")
        ctx.wait(POLL)
    raise StepFailed(
        f"expected ACTIVE, seen after {POLL * POLLS // 60} minutes: {told}",
        next_command=f"phasegate resume {ctx.run_id}   # waits again",
    )


def _made_in_express(aws: AwsPort, stack_name: str) -> list[str]:
    """The tables of a stack in EXPRESS, which have to come; none of another one."""
    stack = find_stack(aws, stack_name)
    resources = stack_resources(aws, stack.stack_id) if stack and stack.express else []
    return [str(each.get("PhysicalResourceId")) for each in resources if each["ResourceType"] == TABLE]


def _unread(busy: Mapping[str, str]) -> str:
    """What is no status of a table or an index; "" where all are."""
    unread = (f"{status!r} of {name}" for name, status in busy.items() if status != GONE and not is_status(status))
    return next(unread, "")


def _under_way(aws: AwsPort, name: str, *, must_come: bool) -> list[tuple[str, str]]:
    """The table with its status, where it is not ready; else its indexes that are not."""
    live = describe_table(aws, name)
    if live is None:
        return [(name, GONE)] if must_come else []
    if live.get("TableStatus") != "ACTIVE":
        return [(name, str(live.get("TableStatus")))]
    indexes = [
        (each["IndexName"], each.get("IndexStatus", "ACTIVE")) for each in live.get("GlobalSecondaryIndexes", [])
    ]
    return [(f"{name}.{index}", status) for index, status in indexes if status != "ACTIVE"]


def propose_next(ctx: StepContext, aws: AwsPort, approved: Approved, contract: Contract) -> NextProposal | None:
    """Make the change set of the next update; None when the stack is what the contract says.

    Raises StepFailed where somebody changed the account meanwhile, and as `plan_updates` and `create_change_set`;
    Waiting for the name of a table that it would lose.
    """
    stack = find_stack(aws, approved.stack_name)
    drift = Drift()
    if stack is not None and not ctx.is_of_0_1:
        at = Account(aws, approved.account, stack, deployed_template(aws, stack))
        drift = look_for_drift(ctx, at, taken_in(ctx, number_of(ctx.task.id)))
    chain = plan_updates(ctx, aws, approved.stack_name, contract)
    made = create_change_set(ctx, aws, proposal_of(chain[0], approved, NEXT))
    confirm_losses(ctx, table_losses(made.changes))
    return None if made.empty else NextProposal(chain, made, early_validation(aws, made.arn), drift)


def proposal_of(update: Update, approved: Approved, suffix: str = "") -> Proposal:
    """What is asked of CloudFormation for an update of a stack that is there."""
    return Proposal(approved.stack_name, "UPDATE", approved.parameters, template=template_of(update), suffix=suffix)


class NextProposal:
    """The proposed next update, and the chain that it begins."""

    def __init__(self, chain: list[Update], made: ChangeSet, found: Found, drift: Drift | None = None) -> None:
        self.chain, self.made, self.found, self.drift = chain, made, found, drift or Drift()

    @property
    def data(self) -> NextUpdate:
        return {
            "change_set_arn": self.made.arn,
            "changes_sha256": self.made.digest,
            "stack_id": self.made.stack_id,
            "left": len(self.chain),
        }

    def section(self) -> ReviewSection:
        """What leaving the task approves."""
        taken = [
            f"It approves, too, that this stays: {name}, {each['seen']}" for name, each in self.drift.taken_in.items()
        ]
        body = "\n\n".join([*taken, self._body()])
        return ReviewSection("The next update", body)

    def _body(self) -> str:
        return (
            f"Leaving this task approves change set {code(self.made.arn)} (SHA-256 of its changes "
            f"{code(self.made.digest)}), and nothing behind it.\n\n{updates_table(self.chain)}\n\n"
            f"{changes_table(self.made.changes)}\n\n{findings_table(self.found)}"
        ).rstrip()

    def checks(self) -> list[Check]:
        seen = f"{self.made.status}, {self.made.execution_status}"
        made = Check(_NEXT, _EXPECTED, seen, "pass", self.made.arn)
        return [*self.drift.checks, made, *validation_checks(self.made, self.found)]


def next_change_set_facts(ctx: StepContext) -> dict[str, str]:
    """What the approval of the next update rests on, read afresh; nothing where none was proposed."""
    configured = ctx.data("3.1", Configured)
    aws, name = ctx.aws.at(configured["region"]), operation_name(ctx, NEXT)
    if not ctx.has_begun(f"create-{NEXT}-change-set"):
        return {}
    found = describe_change_set(aws, name, configured["stack_name"])
    if found is not None and found.empty:
        return {}
    return {
        "next change set": found.arn if found else "gone",
        "next change set execution status": found.execution_status if found else "gone",
        "next changes SHA-256": found.digest if found else "gone",
    }


def discard_former(ctx: StepContext, aws: AwsPort, stack_name: str) -> None:
    """Delete what earlier attempts of this task proposed as the next update."""
    if ctx.attempt == 1:
        return
    for name in change_set_names(aws, stack_name):
        ours = name.startswith(task_prefix(ctx)) and name.endswith(f"-{NEXT}")
        if ours and name != operation_name(ctx, NEXT):
            aws.call("cloudformation", "delete_change_set", StackName=stack_name, ChangeSetName=name)
