"""How does a run go on after a deployment that failed, or whose change set is no longer good? It clears up and proposes
anew, as far as a person confirms.

Rules:
- A failed new stack is deleted only when its name is typed. Tables that it left behind are adopted (`adopt.py`) or
  removed only when each one's name is typed, it was made by this stack, and it holds no item.
- The new change set is made of the approved template and parameters. When it does exactly what was approved (one
  digest), that approval stands; when not, a person has to type the new digest.
- Everything is looked up, nothing remembered: a redone attempt finds what is left to do.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.aws import AwsPort
from phases.contract.model import Contract
from phases.stage_06.inputs.recorded import Configured
from phases.stage_06.live.live_tables import STACK_ID_TAG, describe_table, is_empty, table_tags
from phases.stage_06.paths import CONTRACT, TEMPLATE
from phases.stage_06.stack.approved import Approved
from phases.stage_06.stack.change_set import ChangeSet, changes_table, table_losses
from phases.stage_06.stack.create_change_set import Proposal, create_change_set
from phases.stage_06.stack.import_tables import adopt, adopted_by, differences, import_begun, wants_adoption
from phases.stage_06.stack.stack_events import follow, operation, reasons
from phases.stage_06.stack.stacks import REVIEW, UPDATABLE, Stack, find_stack, operation_name, stack_resources
from phases.stage_06.stack.typed_confirmation import confirm_by_name, confirm_digest, confirm_losses, question_name
from phases.stage_06.update.existing_tables import adopt_again
from phases.stage_06.update.plan_updates import plan_updates, template_of
from phases.step import StepContext
from state.errors import StepFailed

POLL = 5  # [s]
POLLS = 120  # ten minutes; deleting an empty table takes about one

# A new stack that ended so cannot be used any more, only deleted.
# Source: "Stack status codes", AWS CloudFormation User Guide.
DELETABLE = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "DELETE_IN_PROGRESS"})


def retry_deployment(ctx: StepContext, aws: AwsPort, approved: Approved, tables: Sequence[str], why: str) -> ChangeSet:
    """Clear up after the earlier attempt and make a change set that may be executed.

    Args:
        tables: the contract's table names.
        why: why the approved change set cannot be executed; shown to the person who decides.

    Raises StepFailed when that needs more than may be done here, Waiting when a person must confirm.
    """
    begun = import_begun(ctx, aws, approved.stack_name)
    adopted = adopted_by(begun) if begun else _clear_up(ctx, aws, approved, tables, why)
    if adopted:
        adopt(ctx, aws, approved, adopted)
    return _create_change_set(ctx, aws, approved)


def _clear_up(ctx: StepContext, aws: AwsPort, approved: Approved, tables: Sequence[str], why: str) -> list[str]:
    """Delete what failed and what is in the way; returns the tables that the new stack is to adopt."""
    stack = find_stack(aws, approved.stack_name)
    if stack is not None:
        _clear_stack(ctx, aws, stack, why)
    orphans = orphan_tables(aws, approved.stack_name, tables)
    # An import's template has the whole stack: one that holds something already is not made of adopted tables alone.
    new = not (stack is not None and stack.status in UPDATABLE and _held(aws, stack))
    adopted = []
    for table in orphans:
        live = describe_table(aws, table)
        unlike = []
        if live is not None and live["TableStatus"] != "DELETING":
            _require_empty(ctx, aws, table, approved.stack_name)
            unlike = differences(ctx, aws, approved, table)
            if new and not unlike and wants_adoption(ctx, table, approved.stack_name, orphans):
                adopted.append(table)
                continue
        _remove_table(ctx, aws, table, approved.stack_name, orphans, unlike)
    return adopted


def _clear_stack(ctx: StepContext, aws: AwsPort, stack: Stack, why: str) -> None:
    """Delete a stack that failed to come up; one that can be updated stays, when a person confirms it.

    Raises StepFailed for one that is busy, or that a person has to repair first.
    """
    if stack.status in DELETABLE:
        _delete_stack(ctx, aws, stack, why)
    elif stack.status in UPDATABLE:
        text = f"Nothing was executed: {why}. Propose the same update of stack {stack.name} again?"
        confirm_by_name(ctx, "retry-failed-stack", stack.name, text)
    elif stack.under_way:
        raise StepFailed(
            f"stack {stack.name} is {stack.status}, so nothing was executed",
            next_command=f"phasegate resume {ctx.run_id}   # when it has settled",
        )
    elif stack.status != REVIEW:
        raise StepFailed(
            f"stack {stack.name} is {stack.status}, which has to be mended by hand first: {stack.reason}",
            next_command=(
                f"aws cloudformation continue-update-rollback --stack-name {stack.name} --region {aws.region}\n"
                f"      phasegate resume {ctx.run_id}"
            ),
        )


def orphan_tables(aws: AwsPort, stack_name: str, tables: Sequence[str]) -> list[str]:
    """Those of `tables` that a stack of this name made and that no living stack of this name holds.

    Task 3.1 saw none of them outside the stack, so they come from this run's own attempts.
    """
    stack = find_stack(aws, stack_name)
    held = _held(aws, stack) if stack and stack.status in UPDATABLE else set()
    found = []
    for name in tables:
        live = describe_table(aws, name) if name not in held else None
        if live and (
            live["TableStatus"] == "DELETING"
            or f":stack/{stack_name}/" in table_tags(aws, live["TableArn"]).get(STACK_ID_TAG, "")
        ):
            found.append(name)
    return found


def left_behind(aws: AwsPort, stack_name: str, tables: Sequence[str]) -> list[str]:
    """What a failed deployment left: orphan tables, and resources that CloudFormation could not or did not delete."""
    stack = find_stack(aws, stack_name)
    left = orphan_tables(aws, stack_name, tables)
    for each in stack_resources(aws, stack.stack_id) if stack else []:
        name = str(each.get("PhysicalResourceId") or "")  # without one, nothing was made
        if name and each["ResourceStatus"] in ("DELETE_FAILED", "DELETE_SKIPPED") and name not in left:
            left.append(name)
    return left


def _held(aws: AwsPort, stack: Stack) -> set[str]:
    return {str(each.get("PhysicalResourceId")) for each in stack_resources(aws, stack.stack_id)}


def _delete_stack(ctx: StepContext, aws: AwsPort, stack: Stack, why: str) -> None:
    text = f"The deployment failed: {why}. Delete this stack and propose it again? Tables are asked for one by one."
    confirm_by_name(ctx, "retry-failed-stack", stack.name, text)
    token = operation_name(ctx, "delete")

    def delete() -> dict[str, object]:
        aws.call("cloudformation", "delete_stack", StackName=stack.stack_id, ClientRequestToken=token)
        return {"stack_id": stack.stack_id}

    def find() -> dict[str, object] | None:
        return {"stack_id": stack.stack_id} if operation(aws, stack.stack_id, token).events else None

    ctx.effect("delete-failed-stack", {"stack_id": stack.stack_id, "token": token}, delete, find)
    done = follow(ctx, aws, stack.stack_id, token)
    if done.status != "DELETE_COMPLETE":
        raise StepFailed(
            f"the failed stack {stack.name} cannot be deleted: {done.status}; {'; '.join(reasons(done.failures))}",
            next_command=f"phasegate resume {ctx.run_id}   # after mending the cause",
        )


def _remove_table(
    ctx: StepContext, aws: AwsPort, table: str, stack_name: str, among: Sequence[str], unlike: Sequence[str]
) -> None:
    live = describe_table(aws, table)
    if live is not None and live["TableStatus"] != "DELETING":
        _delete_empty_table(ctx, aws, table, stack_name, among, unlike)
    for _ in range(POLLS):
        if describe_table(aws, table) is None:
            return
        ctx.wait(POLL)
    raise StepFailed(
        f"table {table} is still being deleted after {POLL * POLLS} s", next_command=f"phasegate resume {ctx.run_id}"
    )


def _require_empty(ctx: StepContext, aws: AwsPort, table: str, stack_name: str) -> None:
    if not is_empty(aws, table):
        raise StepFailed(
            f"table {table}, left behind by the failed stack {stack_name}, holds items by now; it is not removed",
            next_command=(
                f"aws dynamodb scan --table-name {table} --region {aws.region} --max-items 5\n"
                f"      phasegate resume {ctx.run_id}   # when the table is empty or gone"
            ),
        )


def _delete_empty_table(
    ctx: StepContext, aws: AwsPort, table: str, stack_name: str, among: Sequence[str], unlike: Sequence[str]
) -> None:
    _require_empty(ctx, aws, table, stack_name)
    text = f"Table {table} was left behind, empty, by the failed stack {stack_name}, and is in the way. "
    if unlike:
        text += f"It cannot be adopted: {'; '.join(unlike)}. "
    text += "Remove it?"
    confirm_by_name(ctx, question_name("remove-orphan", table, among), table, text)

    def remove() -> dict[str, object]:
        # Deletion protection is what kept it; it was meant for tables with data.
        aws.call("dynamodb", "update_table", TableName=table, DeletionProtectionEnabled=False)
        aws.call("dynamodb", "delete_table", TableName=table)
        return {"table": table}

    # A table that is found here still stands: one that went is not found, and not asked about.
    ctx.effect(f"remove-table-{table}", {"table": table, "region": aws.region}, remove, lambda: None)


def _same_proposal(ctx: StepContext, aws: AwsPort, approved: Approved, kind: str, contract: Contract) -> Proposal:
    """What was approved, asked again of what is there now."""
    name, parameters = approved.stack_name, approved.parameters
    if approved.reverts:
        return Proposal(name, kind, parameters, reverts=True)
    if approved.kind == "IMPORT":
        from phases.stage_06.template.template import load_template

        template = load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE))
        adoption = adopt_again(aws, contract, template, approved, ctx.data("3.1", Configured)["parameters"])
        return Proposal(name, "IMPORT", parameters, adoption.imports, adoption.body)
    return Proposal(name, kind, parameters, template=template_of(plan_updates(ctx, aws, name, contract)[0]))


def _create_change_set(ctx: StepContext, aws: AwsPort, approved: Approved) -> ChangeSet:
    from phases.contract.reader import read_contract

    stack = find_stack(aws, approved.stack_name)
    kind = "UPDATE" if stack and stack.status in UPDATABLE else "CREATE"
    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)
    made = create_change_set(ctx, aws, _same_proposal(ctx, aws, approved, kind, contract))
    confirm_losses(ctx, table_losses(made.changes))
    if made.digest == approved.changes_sha256:
        ctx.progress("  the new change set does exactly what was approved")
        return made
    if made.empty:
        ctx.progress("  nothing is left to change")
        return made
    text = f"The new change set does not do what was approved in task 3.1 ({approved.changes_sha256[:7]}):"
    confirm_digest(ctx, f"consent-{ctx.attempt}", made, f"{text}\n\n{changes_table(made.changes)}")
    return made
