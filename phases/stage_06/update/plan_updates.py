"""Can the stack become what the contract says, and by which updates? Asked of what is deployed, before any approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from phases.contract.model import Contract, Table
from phases.documents.markdown import code, table
from phases.plan_grows import PlanGrows
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.paths import RESULTS, TEMPLATE
from phases.stage_06.stack.change_set import TABLE
from phases.stage_06.stack.last_update import update_id
from phases.stage_06.stack.stacks import REVIEW, find_stack
from phases.stage_06.template.logical_ids import logical_id
from phases.stage_06.update.chain import LONGEST, IndexChange, Update, updates
from phases.stage_06.update.deployed_tables import deployed_template, tables_in
from phases.stage_06.update.exports import export_problems
from phases.stage_06.update.refusals import global_table_problems, keys_text, refusals
from phases.step import StepContext
from state.errors import Problem, StepFailed

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Template
    from phases.stage_06.update.existing_tables import Adoption

# what `table_as_it_is.py` hands over of a table, beside its keys and indexes
_SETTINGS = (
    *("BillingMode", "SSESpecification", "StreamSpecification"),
    *("PointInTimeRecoverySpecification", "DeletionProtectionEnabled"),
)
FURTHER = range(2, LONGEST + 1)  # numbers of the updates behind the first one


def update_title(number: int) -> str:
    """The title of the task that executes one of the further updates; the first one is task 3.2's."""
    return f"Execute update {number}"


def plan_updates(
    ctx: StepContext,
    aws: AwsPort,
    stack_name: str,
    contract: Contract,
    *,
    reverted: bool = False,
    adoption: Adoption | None = None,
) -> list[Update]:
    """The updates that bring the stack to the contract, in order; one, final, for a new stack.

    With `reverted` what was changed behind the stack's back is put back before; an `adoption` is the first of them.

    Raises StepFailed with everything that DynamoDB or CloudFormation would refuse.
    """
    from phases.stage_06.template.template import load_template

    template = load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE))
    stack = find_stack(aws, stack_name)
    stack = None if stack is None or stack.status == REVIEW else stack
    before: Template = deployed_template(aws, stack) if stack is not None else {}
    before = adoption.template if adoption else before
    deployed = tables_in(before)
    live = {each.name: describe_table(aws, each.name) for each in deployed}
    problems = [*global_table_problems(before), *refusals(deployed, live, contract, reverted=reverted)]
    problems += export_problems(aws, stack_name, stack, template)
    if problems:
        raise _refused(ctx, stack_name, problems)
    chain = updates(deployed, contract)
    if chain[0].indexes and settings_differ(before, deployed):
        # "If you add or delete an index during an update, we recommend that you don't update any other resources."
        chain = [settled(deployed, contract), *chain]
    if adoption:
        names = tuple(each.name for each in adoption.tables)
        chain = [Update(Contract(deployed, contract.sha256), (), final=False, imports=names), *chain]
    return chain


def settings_differ(before: Template, deployed: Sequence[Table]) -> bool:
    """Whether the stack's tables have other settings than a contract gives its tables: those that it adopted have."""
    from phases.stage_06.template.template import build_template

    ours = build_template(Contract(tuple(deployed), ""))["Resources"]
    theirs = [each["Properties"] for each in before["Resources"].values() if each["Type"] == TABLE]
    return any(
        properties.get(name) != ours[logical_id(properties["TableName"])]["Properties"].get(name)
        for properties in theirs
        for name in _SETTINGS
    )


def settled(deployed: Sequence[Table], contract: Contract) -> Update:
    """The update that gives the tables a contract's settings, and leaves their indexes."""
    goals = {table.name: table for table in contract.tables}
    tables = [replace(each, source_table=goals.get(each.name, each).source_table) for each in deployed]
    return Update(Contract(tuple(tables), contract.sha256), (), final=False)


def template_of(update: Update) -> bytes | None:
    """What the update hands to CloudFormation; None for the approved template itself."""
    from phases.stage_06.template.template import build_template, minified

    return None if update.final and not update.reverts else minified(build_template(update.contract)).encode()


def require_tasks(ctx: StepContext, chain: Sequence[Update]) -> None:
    """Raise PlanGrows unless the runbook has a task for each of the updates."""
    there = {task.id for task in ctx.tasks if task.title == update_title(_number(task.id))}
    missing = [number for number in range(2, len(chain) + 1) if update_id(number) not in there]
    if missing:
        raise PlanGrows(
            f"the contract is {len(chain)} updates away from what is deployed, the runbook has tasks for "
            f"{len(chain) - len(missing)}",
            after=update_id(missing[0] - 1),
            runbook_lines=[line for number in missing for line in _task(ctx, number)],
            next_command=f"phasegate resume {ctx.run_id}   # puts the others into the runbook, and shows them",
        )


def _number(task_id: str) -> int:
    last = task_id.rpartition(".")[2]
    return int(last) if last.isascii() and last.isdigit() else 0


def _task(ctx: StepContext, number: int) -> list[str]:
    """The task of one update more, as the runbook has it; "" between two tasks."""
    message = f"stage-06 task {update_id(number)}: Execute update {number} of the CloudFormation deployment"
    return [
        "",
        f"- [ ] {update_id(number)} {update_title(number)}",
        "  - Execute exactly the change set that was approved with the task before; wait until its indexes are ACTIVE",
        f"  - Write `{ctx.place(RESULTS)}`",
        f'  - **COMMIT**: Commit the results with message "{message}"',
    ]


def updates_table(chain: Sequence[Update]) -> str:
    """What each update does, and what an application has to do without from then on."""
    rows = [(str(number), _does(update), _loses(update)) for number, update in enumerate(chain, start=1)]
    if len(chain) > 1 and not chain[-1].indexes:
        rows[-1] = (str(len(chain)), *_rest(chain[-2].contract, chain[-1].contract))
    return table(("Update", "Does", "What the application does without"), rows)


def _rest(before: Contract, after: Contract) -> tuple[str, str]:
    """What the update for everything else does, and what an application does without then."""
    was, now = ([each.name for each in of.tables] for of in (before, after))
    comes = [f"makes table {code(name)}" for name in now if name not in was]
    goes = [name for name in was if name not in now]
    does = [*comes, *(f"lets table {code(name)} go" for name in goes), "everything else that differs"]
    return "\n".join(does), "\n".join(f"{code(name)} is not the stack's any more" for name in goes) or "nothing"


def _does(update: Update) -> str:
    if update.reverts:
        return "puts back what was changed in the account"
    if update.imports:
        return f"adopts {', '.join(map(code, update.imports))}, and changes nothing"
    if not update.indexes and not update.final:
        return "gives the tables their settings"
    done = [f"{change.verb}s {_named(change)}: {_keys(change)}" for change in update.indexes]
    return "\n".join(done) or "everything else that differs"


def _loses(update: Update) -> str:
    lost = [f"queries of {_named(change)} fail from here on" for change in update.indexes if change.verb == "delete"]
    lost += [
        f"{_named(change)} answers nothing before it is ACTIVE" for change in update.indexes if change.verb == "create"
    ]
    return "\n".join(lost) or "nothing"


def _named(change: IndexChange) -> str:
    return code(f"{change.table}.{change.index.name}")


def _keys(change: IndexChange) -> str:
    return f"{keys_text(change.index)}, {change.index.projection}"


def _refused(ctx: StepContext, stack_name: str, problems: Sequence[Problem]) -> StepFailed:
    return StepFailed(
        f"stack {stack_name} cannot become what the contract says; nothing was proposed",
        problems=problems,
        next_command=(
            f"phasegate resume {ctx.run_id}   # when the cause outside is gone\n"
            f"      phasegate abort {ctx.run_id} --reason TEXT   # or change the contract, and start a new run"
        ),
    )
