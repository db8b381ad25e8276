"""R2: what did the deployment leave, and does it stay? Rolling stage 06 back removes nothing by itself.

Rules:
- Tables are retained and protected because they hold data as soon as an application uses them: a rollback is not the
  way round that. How each thing would be removed by hand is said; a person does it, or leaves it.
- What is there is asked of AWS, by the names under which this run made it; what the person says is verified there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from phases.aws import AwsPort
from phases.documents.markdown import checks_table, code, code_block, document, table
from phases.stage_06.inputs.recorded import Place
from phases.stage_06.live.live_tables import describe_table, is_empty
from phases.stage_06.paths import CONTRACT, ROLLBACK
from phases.stage_06.stack.stacks import REVIEW, Stack, find_stack, stack_resources
from phases.step import AfterCrash, Check, Question, ReviewSection, StepContext, Work, step
from state.counted import counted

TABLE = "AWS::DynamoDB::Table"
POLL, POLLS = 5, 120  # [s]; ten minutes in all
STAYS, REMOVED = "stays", "removed"


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that stands in the account.

    Attributes:
        kind: CloudFormation's type name.
        state: as people say it; "" when it is gone.
        remove: the commands that would remove it, or "" where it goes with its stack.
    """

    kind: str
    name: str
    region: str
    state: str
    remove: str = ""


@step("R2", "Look at what the deployment left", writes=[ROLLBACK], after_crash=AfterCrash.REDO)
def look_at_what_is_left(ctx: StepContext) -> Work:
    """List what stands in the account and how it would be removed by hand; ask whether it stays, and verify that."""
    left = _left(ctx)
    if not left:
        text = document("What the rollback left", "Nothing of this run stands in an AWS account.")
        ctx.write(ROLLBACK, text)
        return Work([Check("what stands in the account", "nothing", "nothing", "pass")])
    for each in left:
        ctx.progress(f"  {each.kind} {each.name} ({each.region}): {each.state}")
    answer = ctx.ask(
        Question(
            "rollback-left",
            f"What stands in the account: {counted(len(left), 'resource')}; '{ctx.place(ROLLBACK)}' will list each, "
            f"with the commands that remove it. Say '{REMOVED}' when you have removed them by hand, '{STAYS}' when "
            "they are to stay.",
            default=STAYS,
            choices=(STAYS, REMOVED),
            suggest=False,
        )
    )
    now = left if answer == STAYS else _left(ctx)
    there = {(each.kind, each.name, each.region) for each in now}
    checks = [_check(each, answer, (each.kind, each.name, each.region) in there) for each in left]
    listed = table(
        ("Type", "Name", "Region", "State"), [(each.kind, code(each.name), each.region, each.state) for each in left]
    )
    commands = "\n".join(dict.fromkeys(each.remove for each in left if each.remove))
    ctx.write(
        ROLLBACK,
        document(
            "What the rollback left",
            "Removed by hand." if answer == REMOVED else "It stays, on purpose.",
            listed,
            "## How it is removed by hand",
            code_block(commands, "bash"),
            "## Checks",
            checks_table(checks),
        ),
    )
    return Work(checks, {"left": len(there)}, [ReviewSection("What stands in the account", listed)])


def _check(left: Left, answer: str, there: bool) -> Check:
    seen = left.state if there else "gone"
    if answer == STAYS:
        return Check(left.name, "stays", seen, "note", left.region)
    return Check(left.name, "gone", seen, "fail" if there else "pass", left.region)


def _left(ctx: StepContext) -> list[Left]:
    """Everything of this run's that stands: its stacks with their resources, then tables that no stack has."""
    places = _places(ctx)
    found: list[Left] = []
    for region, name in places:
        found += _of_stack(ctx, ctx.aws.at(region), region, name)
    for region in dict.fromkeys(region for region, _name in places):
        known = {each.name for each in found if each.kind == TABLE}
        aws = ctx.aws.at(region)
        orphans = [name for name in _contract_tables(ctx) if name not in known and describe_table(aws, name)]
        found += [_table(aws, region, name, "without a stack") for name in orphans]
    return found


def _places(ctx: StepContext) -> list[tuple[str, str]]:
    """Region and stack of everything that this run did, or was about to do, each once."""
    intents = (each.intended(Place) for each in ctx.history() if {"region", "stack_name"} <= each.intent.keys())
    return list(dict.fromkeys((place["region"], place["stack_name"]) for place in intents))


def _of_stack(ctx: StepContext, aws: AwsPort, region: str, name: str) -> list[Left]:
    stack = _settled(ctx, aws, name)
    if stack is None:
        return []
    remove = f"aws cloudformation delete-stack --stack-name {name} --region {region}"
    found = [Left("AWS::CloudFormation::Stack", name, region, stack.status, remove)]
    if stack.status == REVIEW:
        return found  # nothing yet but change sets, which go with it
    for each in stack_resources(aws, stack.stack_id):
        physical, status = str(each.get("PhysicalResourceId") or ""), str(each["ResourceStatus"])
        if each["ResourceType"] == TABLE and physical and describe_table(aws, physical):
            found.append(_table(aws, region, physical, status))
        elif physical and status != "DELETE_COMPLETE":
            found.append(Left(each["ResourceType"], physical, region, status))
    return found


def _settled(ctx: StepContext, aws: AwsPort, name: str) -> Stack | None:
    """The stack when nothing is under way in it any more, or has been for longer than a person would wait."""
    for _ in range(POLLS):
        stack = find_stack(aws, name)
        if stack is None or not stack.under_way:
            break
        ctx.wait(POLL)
    return None if stack and stack.status == "DELETE_COMPLETE" else stack


def _table(aws: AwsPort, region: str, name: str, status: str) -> Left:
    holds = "empty" if is_empty(aws, name) else "holds items"
    remove = (
        f"aws dynamodb create-backup --table-name {name} --backup-name {name}-before-removal --region {region}\n"
        f"aws dynamodb update-table --table-name {name} --no-deletion-protection-enabled --region {region}\n"
        f"aws dynamodb delete-table --table-name {name} --region {region}"
    )
    return Left(TABLE, name, region, f"{status}, {holds}, retained and protected", remove)


def _contract_tables(ctx: StepContext) -> Sequence[str]:
    if not ctx.exists(CONTRACT):
        return ()
    from phases.contract.reader import read_contract

    return [each.name for each in read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True).tables]


STEPS = (look_at_what_is_left,)
