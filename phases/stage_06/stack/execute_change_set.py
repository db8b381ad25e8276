"""How is a change set executed, once, and followed to its end?

By ARN, under a token that comes from run, task and attempt: a process that comes back asks CloudFormation for that
token and for the change set, and follows what has begun.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.aws import AwsError, AwsPort
from phases.stage_06.stack.change_set import ResourceChange, describe_change_set, index_changes
from phases.stage_06.stack.stack_events import StackOperation, follow, operation
from phases.stage_06.stack.stacks import IMPORT, operation_name, refuse_when_busy
from phases.step import StepContext

# An index of a table that is there takes 5 to 15 minutes, also when the table is empty; one after the other [s].
# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html (phases of creation)
INDEX_TAKES = 600.0
EXECUTE = "execute"  # the end of the token that deploys


def execute_change_set(
    ctx: StepContext,
    aws: AwsPort,
    arn: str,
    stack_id: str,
    kind: str,
    changes: Sequence[ResourceChange],
    *,
    suffix: str = EXECUTE,
) -> StackOperation:
    """Execute a change set of this kind (CREATE, UPDATE, IMPORT), wait until the stack has settled, and say how it did.

    Args:
        changes: what it does, as far as that is known, for a person who waits.
        suffix: the end of the operation's name: IMPORT for tables that a failed deployment left.

    Raises StepFailed when the stack is busy with somebody else's operation.
    """
    token = operation_name(ctx, suffix)
    effect = "execute-import-change-set" if suffix == IMPORT else "execute-change-set"
    # Retain keeps tables even when their creation is rolled back, and the next try would find them in its way.
    # Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
    first = {"RetainExceptOnCreate": True} if kind == "CREATE" else {}

    def execute() -> dict[str, object]:
        try:
            aws.call("cloudformation", "execute_change_set", ChangeSetName=arn, ClientRequestToken=token, **first)
        except AwsError as error:
            refuse_when_busy(error, stack_id, ctx.run_id)
            raise
        return {"stack_id": stack_id}

    def find() -> dict[str, object] | None:
        change_set = describe_change_set(aws, arn)
        begun = operation(aws, stack_id, token).events or (change_set and change_set.executed)
        return {"stack_id": stack_id} if begun else None

    ctx.begins(f"  executing {arn}")
    ctx.effect(effect, {"change_set_arn": arn, "token": token}, execute, find)
    expected = INDEX_TAKES * index_changes(changes)
    return follow(ctx, aws, stack_id, token, resources=len(changes), expected=expected)
