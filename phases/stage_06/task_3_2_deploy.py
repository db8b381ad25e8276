"""Task 3.2: execute the approved change set, that one and no other, and wait until the stack settles. So do the tasks
3.2.2, 3.2.3, ... of a chain of updates (`update/chain.py`), each with what was approved with the task before it.

Rules:
- Executed by ARN, after seeing that it still is what was approved; a stale or different one fails the attempt.
- An operation of this run that is under way, or ended well, is followed or reported, never repeated: it is known by
  its token, which comes from run, task and attempt.
- An attempt after a failed one may clear up and try again: `redeploy.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from phases.account import require_account
from phases.aws import AwsPort
from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.stage_06.inputs import rests_on
from phases.stage_06.inputs.recorded import Configured
from phases.stage_06.paths import CONTRACT, RESULTS, TEMPLATE
from phases.stage_06.stack.approved import Approved
from phases.stage_06.stack.change_set import ChangeSet, describe_change_set
from phases.stage_06.stack.execute_change_set import EXECUTE, execute_change_set
from phases.stage_06.stack.last_update import update_id
from phases.stage_06.stack.retry_deployment import left_behind, retry_deployment
from phases.stage_06.stack.stack_events import StackOperation, follow, newest_event, operation, reasons
from phases.stage_06.stack.stacks import (
    DEPLOYED,
    IMPORT,
    REVIEW,
    UPDATABLE,
    Stack,
    StackResource,
    find_stack,
    operation_name,
    stack_resources,
    task_prefix,
)
from phases.stage_06.update.as_approved import account_of, require_as_approved, to_bring_back
from phases.stage_06.update.bring_back import brought_back_check
from phases.stage_06.update.next_update import (
    NONE_LEFT,
    NextProposal,
    approved_next,
    discard_former,
    next_change_set_facts,
    propose_next,
    wait_until_active,
)
from phases.stage_06.update.plan_updates import FURTHER, update_title
from phases.step import (
    AfterCrash,
    Check,
    ReviewSection,
    Step,
    StepContext,
    Work,
    approving,
    compare,
    done_outside,
    step,
)
from state.errors import Problem, StepFailed

if TYPE_CHECKING:
    from phases.contract.model import Contract


@step(
    "3.2",
    "Execute CloudFormation deployment",
    reads=[CONTRACT, TEMPLATE],
    writes=[RESULTS],
    after_crash=AfterCrash.ASK_THE_WORLD,  # CloudFormation knows by token what was executed
    witness=next_change_set_facts,
    inputs=rests_on.deployment,
)
def execute_deployment(ctx: StepContext) -> Work:
    """Execute the approved change set and wait until the stack settles."""
    configured = ctx.data("3.1", Configured)
    return _execute(ctx, Approved.by_task(configured), goes_on=configured.get("updates", 1) > 1)


def _further_update(number: int) -> Step:
    """The step of one of the further updates of a chain."""

    @step(
        update_id(number),
        update_title(number),
        reads=[CONTRACT, TEMPLATE, RESULTS],
        writes=[RESULTS],
        after_crash=AfterCrash.ASK_THE_WORLD,  # CloudFormation knows by token what was executed
        witness=next_change_set_facts,
        inputs=rests_on.deployment,
    )
    def execute_further_update(ctx: StepContext) -> Work:
        """Execute the update that was approved with the task before, and propose the next one."""
        approved, configured = approved_next(ctx), ctx.data("3.1", Configured)
        nothing = Approved.nothing_more(configured)
        return _execute(ctx, approved or nothing, goes_on=number < configured.get("updates", 1))

    return execute_further_update


def _execute(ctx: StepContext, approved: Approved, *, goes_on: bool) -> Work:
    """Execute what was approved; where the chain goes on, propose its next update."""
    from phases.contract.reader import read_contract

    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)
    tables = [each.name for each in contract.tables]
    aws = ctx.aws.at(approved.region)
    require_account(ctx, aws, approved.account, by="approval")
    done = None if approved.nothing_to_change else _deploy(ctx, aws, approved, tables)
    if done is not None and done.status not in DEPLOYED:
        raise _failed(ctx, aws, approved, tables, done)
    if done is None and to_bring_back(ctx):
        require_as_approved(ctx, aws, approved)
    wait_until_active(ctx, aws, contract, approved.stack_name)
    proposed = _propose_next(ctx, aws, approved, contract) if goes_on else None
    at = account_of(ctx, aws, approved)
    stack = at.stack if at else find_stack(aws, approved.stack_name)
    if stack is None:
        raise StepFailed(f"stack {approved.stack_name} is gone", next_command=f"phasegate resume {ctx.run_id}")
    resources = stack_resources(aws, stack.stack_id)
    checks = _stack_checks(stack, approved, done)
    checks += brought_back_check(at, to_bring_back(ctx)) if at else []
    checks += proposed.checks() if proposed else [NONE_LEFT]
    stack_section = _stack_table(stack, approved, done)
    following = [proposed.section()] if proposed else []
    ctx.write(RESULTS, _document(stack, stack_section, resources, checks, done, following))
    review = [ReviewSection("Stack", stack_section), ReviewSection("Outputs", _outputs(stack)), *following]
    acted = [done_outside(f"Change set {code(approved.change_set_arn)} was executed: {done.status}.")] if done else []
    acted += [done_outside(f"Brought back in the account: {', '.join(back)}.")] if (back := to_bring_back(ctx)) else []
    data = _recorded(stack, approved, proposed)
    return Work([*checks, *_resource_checks(resources)], data, [*_approving(approved, proposed), *acted, *review])


def _recorded(stack: Stack, approved: Approved, proposed: NextProposal | None) -> dict[str, object]:
    """What later tasks read of it."""
    return {
        "stack_name": stack.name,
        "stack_id": stack.stack_id,
        "stack_status": stack.status,
        "region": approved.region,
        "account": approved.account,
        "outputs": dict(stack.outputs),
        **({"next": proposed.data} if proposed else {}),
        **({"taken_in": proposed.drift.taken_in} if proposed and proposed.drift.taken_in else {}),
    }


def _approving(approved: Approved, proposed: NextProposal | None) -> list[ReviewSection]:
    """That the next update is executed at once, where there is one."""
    if proposed is None:
        return []
    return [
        approving(
            f"deploys the next update: the next task executes change set {proposed.made.name} on stack "
            f"{approved.stack_name} in account {approved.account}, region {approved.region}."
        )
    ]


def _propose_next(ctx: StepContext, aws: AwsPort, approved: Approved, contract: Contract) -> NextProposal | None:
    discard_former(ctx, aws, approved.stack_name)
    return propose_next(ctx, aws, Approved.nothing_more(ctx.data("3.1", Configured)), contract)


def _deploy(ctx: StepContext, aws: AwsPort, approved: Approved, tables: Sequence[str]) -> StackOperation | None:
    """The operation that brought the stack to where the approved changes lead, or None when nothing had to change.

    Raises StepFailed when the approved change set cannot be executed; an attempt after that offers a way on.
    """
    arn = approved.change_set_arn
    stack = find_stack(aws, approved.stack_name)
    under_way = _own_operation(ctx, aws, stack, approved)
    if stack and under_way == operation_name(ctx, EXECUTE):
        # Begun in this very attempt, whose process died before it could say so: found, recorded and followed.
        begun = describe_change_set(aws, arn)
        changes = begun.changes if begun else ()
        return execute_change_set(ctx, aws, arn, stack.stack_id, approved.kind, changes)
    if stack and under_way:
        return follow(ctx, aws, stack.stack_id, under_way)
    described = describe_change_set(aws, arn)
    why = _unusable(stack, described, approved)
    if described is not None and not why:
        require_as_approved(ctx, aws, approved)
        return execute_change_set(ctx, aws, arn, approved.stack_id, approved.kind, described.changes)
    if ctx.attempt == 1:
        raise StepFailed(why, next_command=f"phasegate resume {ctx.run_id}   # offers to propose it anew")
    require_as_approved(ctx, aws, approved)
    made = retry_deployment(ctx, aws, approved, tables, why)
    return None if made.empty else execute_change_set(ctx, aws, made.arn, made.stack_id, approved.kind, made.changes)


def _own_operation(ctx: StepContext, aws: AwsPort, stack: Stack | None, approved: Approved) -> str:
    """The token of the operation that is to be followed: this run's, or one that executed the approved change set.

    One that failed is only followed within its own attempt, so that its reasons are told; "" when there is none.
    Raises StepFailed when the stack is busy with anything else.
    """
    newest = newest_event(aws, stack.stack_id) if stack and stack.status != REVIEW else None
    if stack is None or newest is None:
        return ""
    return newest.token if _is_followed(ctx, aws, stack, newest.token, approved) else ""


def _is_followed(ctx: StepContext, aws: AwsPort, stack: Stack, token: str, approved: Approved) -> bool:
    if token == operation_name(ctx, EXECUTE):
        return True
    change_set, of_task = describe_change_set(aws, approved.change_set_arn), token.startswith(task_prefix(ctx))
    if of_task and token.endswith(f"-{IMPORT}"):
        return False  # it adopted tables, which is not the deployment
    if of_task or (change_set and change_set.executed):
        seen = operation(aws, stack.stack_id, token)
        return seen.status in DEPLOYED or (not seen.settled and not seen.status.startswith("DELETE_"))
    if stack.under_way:
        raise StepFailed(
            f"stack {stack.name} is busy with another operation ({stack.status}), so nothing was executed",
            next_command=f"phasegate resume {ctx.run_id}   # when it has settled",
        )
    return False


def _unusable(stack: Stack | None, change_set: ChangeSet | None, approved: Approved) -> str:
    """Why the approved change set cannot be executed, or ""."""
    if stack is None:
        return f"stack {approved.stack_name} is gone, and the approved change set with it"
    if stack.status != REVIEW and stack.status not in UPDATABLE:
        return f"stack {stack.name} is {stack.status}"
    if change_set is None:
        return f"the approved change set {approved.change_set_arn} is gone"
    if change_set.digest != approved.changes_sha256:
        return (
            f"change set {change_set.name} is not the approved one any more: approved were changes "
            f"{approved.changes_sha256[:7]}, seen {change_set.digest[:7]}"
        )
    # EXECUTE_IN_PROGRESS: accepted a moment ago, before a crash, and the stack does not show it yet.
    if not change_set.executable and change_set.execution_status != "EXECUTE_IN_PROGRESS":
        return (
            f"the approved change set {change_set.name} cannot be executed any more: expected CREATE_COMPLETE and "
            f"AVAILABLE, seen {change_set.status} and {change_set.execution_status}"
        )
    return ""


def _failed(
    ctx: StepContext, aws: AwsPort, approved: Approved, tables: Sequence[str], done: StackOperation
) -> StepFailed:
    """What failed, why, what is left behind, and what to type."""
    problems = [Problem("", reason) for reason in reasons(done.failures or done.turned)]
    problems += [Problem(left, "is left behind") for left in left_behind(aws, approved.stack_name, tables)]
    return StepFailed(
        f"the deployment of stack {approved.stack_name} ended {done.status}",
        problems=problems,
        next_command=f"phasegate resume {ctx.run_id}   # after mending the cause; offers to clear up and try again",
    )


def _stack_checks(stack: Stack, approved: Approved, done: StackOperation | None) -> list[Check]:
    # Without a change the stack is as an earlier operation left it, which may have been a rolled-back update.
    good = DEPLOYED if done else UPDATABLE
    return [
        Check(
            "stack status",
            " or ".join(sorted(good)),
            stack.status,
            "pass" if stack.status in good else "fail",
            stack.stack_id,
        ),
        compare("parameters", _said(approved.parameters), _said(stack.parameters)),
    ]


def _said(parameters: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(parameters.items()))


def _resource_checks(resources: Sequence[StackResource]) -> list[Check]:
    checks = []
    for each in resources:
        status = str(each["ResourceStatus"])
        well = status.endswith("_COMPLETE") and not status.startswith("DELETE_") and "ROLLBACK" not in status
        where = str(each.get("PhysicalResourceId") or "")
        checks.append(Check(each["LogicalResourceId"], "complete", status, "pass" if well else "fail", where))
    return checks


def _stack_table(stack: Stack, approved: Approved, done: StackOperation | None) -> str:
    facts = [
        ("Stack", code(stack.name)),
        ("Stack id", code(stack.stack_id)),
        ("Status", stack.status),
        ("Deployment mode", "EXPRESS: the tables were waited for" if stack.express else "STANDARD"),
        ("Account", approved.account),
        ("Region", code(approved.region)),
        ("Approved change set", code(approved.change_set_arn)),
        ("SHA-256 of its changes", code(approved.changes_sha256)),
        ("Operation", code(done.token) if done else "none: nothing had to change"),
        *((f"Parameter {name}", code(value)) for name, value in sorted(stack.parameters.items())),
    ]
    return table(("What", "Value"), facts)


def _outputs(stack: Stack) -> str:
    return table(("Output", "Value"), [(code(name), code(value)) for name, value in sorted(stack.outputs.items())])


def _document(
    stack: Stack,
    stack_section: str,
    resources: Sequence[StackResource],
    checks: Sequence[Check],
    done: StackOperation | None,
    following: Sequence[ReviewSection],
) -> str:
    rows = [
        (
            code(each["LogicalResourceId"]),
            each["ResourceType"],
            code(each.get("PhysicalResourceId") or ""),
            each["ResourceStatus"],
        )
        for each in resources
    ]
    how = "was deployed" if done else "was left as it is, because nothing had to change,"
    return document(
        "Deployment results",
        f"Stack {code(stack.name)} {how} and is {stack.status}. {verdict(checks)}",
        "## Stack",
        stack_section,
        "## Outputs",
        _outputs(stack),
        *(block for section in following for block in (f"## {section.title}", section.body)),
        "## Resources",
        table(("Resource", "Type", "Physical id", "Status"), rows),
        "## Checks",
        checks_table(checks),
    )


STEPS = (execute_deployment, *(_further_update(number) for number in FURTHER))
