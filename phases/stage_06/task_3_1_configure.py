"""Task 3.1: where does it go, as what, and what exactly will happen there?

Asks for region, project, environment, alarm address and stack name, makes the change set and shows it. Nothing is
deployed here: leaving the task approves this very change set, and task 3.2 executes it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from phases.contract.model import Contract
from phases.documents.markdown import bullets, checks_table, code, document, table, verdict
from phases.stage_06.chapters.contract_tables import key
from phases.stage_06.cost.cost import Estimate, cost_table, estimate
from phases.stage_06.cost.price_list import listed_prices
from phases.stage_06.inputs import rests_on
from phases.stage_06.inputs.recorded import Discarded, Place
from phases.stage_06.live.drift import Account, Drift, look_for_drift
from phases.stage_06.paths import CONFIG, CONTRACT, PARAMETERS, TEMPLATE
from phases.stage_06.stack.change_set import (
    ChangeSet,
    change_set_names,
    changes_table,
    describe_change_set,
    property_values,
    table_losses,
)
from phases.stage_06.stack.create_change_set import Proposal, create_change_set, discard_change_sets
from phases.stage_06.stack.deployment_target import StackTarget, ask_target
from phases.stage_06.stack.early_validation import Found, early_validation, findings_table, validation_checks
from phases.stage_06.stack.stacks import REVIEW, find_stack, operation_name, task_prefix
from phases.stage_06.stack.typed_confirmation import confirm_losses
from phases.stage_06.template.contract_source import lost_checks
from phases.stage_06.update.bring_back import reverting_first, section
from phases.stage_06.update.chain import Update
from phases.stage_06.update.deployed_tables import deployed_template
from phases.stage_06.update.existing_tables import Adoption, adopt_existing, adopted_section
from phases.stage_06.update.plan_updates import (
    plan_updates,
    require_tasks,
    template_of,
    updates_table,
)
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, approving, compare, step
from state.counted import counted
from state.errors import Problem, StepFailed
from state.evidence import Verdict
from state.files import sha256

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Template


def change_set_facts(ctx: StepContext) -> dict[str, str]:
    """What the approval rests on, read afresh: a change set that is no longer the one shown voids it by name."""
    answers = ctx.answers()
    aws = ctx.aws.at(answers["region"])
    found = describe_change_set(aws, operation_name(ctx), answers["stack-name"])
    return {
        "account": str(aws.call("sts", "get_caller_identity")["Account"]),
        "region": aws.region,
        "template SHA-256": sha256(ctx.read(TEMPLATE)),
        "change set": found.arn if found else "gone",
        "change set status": found.status if found else "gone",
        "change set execution status": found.execution_status if found else "gone",
        "changes SHA-256": found.digest if found else "gone",
    }


@step(
    "3.1",
    "Prompt user for deployment configuration",
    reads=[CONTRACT, TEMPLATE, PARAMETERS],
    writes=[CONFIG, PARAMETERS],
    after_crash=AfterCrash.ASK_THE_WORLD,  # the change set is found by its name
    witness=change_set_facts,
    inputs=rests_on.configuration,
)
def configure_deployment(ctx: StepContext) -> Work:
    """Ask where to deploy, make the change set, and show account, changes and cost."""
    from phases.contract.reader import read_contract
    from phases.stage_06.template.template import load_template

    former = _discard_former(ctx)
    contract = read_contract(ctx.read(CONTRACT), path=ctx.place(CONTRACT), under_way=True)
    template = load_template(ctx.read(TEMPLATE), path=ctx.place(TEMPLATE))
    target = ask_target(ctx, contract, template["Parameters"])
    aws = ctx.aws.at(target.region)
    _drop_empty_stack(ctx, former, target)
    at = _deployed(ctx, aws, target)
    drift = look_for_drift(ctx, at) if at else Drift()
    adoption = _adoption(ctx, aws, target, contract, template, at)
    chain = plan_updates(ctx, aws, target.stack_name, contract, reverted=drift.by_stack, adoption=adoption)
    _refuse_both(ctx, drift, adoption)
    if at and drift.by_stack:
        chain = reverting_first(chain, at, ctx.read(TEMPLATE), target.parameters)
    require_tasks(ctx, chain)

    ctx.begins(f"  making change set {operation_name(ctx)} for stack {target.stack_name} in {target.region}")
    made = create_change_set(ctx, aws, _proposal(target, chain[0], at, adoption))
    found = early_validation(aws, made.arn)
    confirm_losses(ctx, table_losses(made.changes))

    # the template's one condition is whether somebody gets the alarms by e-mail
    asked_for = [each for each in template["Resources"].values() if "Condition" not in each or target.alarm_address]
    counts = dict(sorted(Counter(str(each["Type"]) for each in asked_for).items()))
    estimated = estimate(contract, template, target.region, listed_prices(ctx.aws, target.region))
    checks = [*drift.checks, *_checks(target, made, contract, template, ctx.place(TEMPLATE), adoption)]
    checks += lost_checks(contract)
    if found.findings or not ctx.is_of_0_1:  # which knew no check of that name
        checks += validation_checks(made, found)
    sections = _sections(ctx, target, made, contract, counts, estimated)
    sections[-1:-1] = [*_found_section(found), *_chain_section(chain)]
    ctx.write(PARAMETERS, _parameters_file(target))
    of = f"{code(ctx.place(TEMPLATE))} with the parameters of {code(ctx.place(PARAMETERS))}"
    ctx.write(CONFIG, _document(target, made, sections, checks, values_of=of))
    data = _data(ctx, target, made, counts, estimated) | ({"updates": len(chain)} if len(chain) > 1 else {})
    data |= _of_account(ctx, drift, at, adoption)
    review = [
        *_taken_in(drift),
        *section(aws, drift),
        *adopted_section(adoption),
        *(ReviewSection(*each) for each in sections),
    ]
    return Work(checks, data, [*_approving(target, made, len(chain), drift), *review])


def _adoption(
    ctx: StepContext, aws: AwsPort, target: StackTarget, contract: Contract, template: Template, at: Account | None
) -> Adoption | None:
    """The tables that are there already and are to be adopted. Raises StepFailed where one is not."""
    return adopt_existing(
        ctx,
        aws,
        contract,
        template,
        target.parameters,
        stack_name=target.stack_name,
        outside=target.outside,
        deployed=at.template if at else {},
    )


def _refuse_both(ctx: StepContext, drift: Drift, adoption: Adoption | None) -> None:
    """Raise StepFailed where the first update would have to revert and to import: it can do one."""
    if drift.by_stack and adoption:
        raise StepFailed(
            "the first update cannot bring drift back and adopt tables; nothing was proposed",
            problems=[Problem(each.name, "is to be adopted") for each in adoption.tables],
            next_command=f"phasegate resume {ctx.run_id}   # when one of both is done by hand; asks again",
        )


def _proposal(target: StackTarget, first: Update, at: Account | None, adoption: Adoption | None) -> Proposal:
    """What is asked of CloudFormation for the first update."""
    before = at.stack.parameters if at else {}
    if first.reverts:
        return Proposal(target.stack_name, target.kind, before, reverts=True)
    if adoption:
        return Proposal(target.stack_name, "IMPORT", before, adoption.imports, adoption.body)
    return Proposal(target.stack_name, target.kind, target.parameters, template=template_of(first))


def _of_account(ctx: StepContext, drift: Drift, at: Account | None, adoption: Adoption | None) -> dict[str, object]:
    """What later tasks read of drift and adoption: nothing of what there was none of."""
    names = [each.name for each in adoption.tables] if adoption else []
    taken = {**drift.taken_in, **(adoption.taken_in(ctx) if adoption else {})}
    found: dict[str, object] = {"taken_in": taken} if taken else {}
    found |= {"brought_back": drift.brought_back} if drift.brought_back else {}
    if adoption or drift.by_stack:
        parameters = dict(at.stack.parameters) if at else {}
        found["first"] = {"kind": "import" if adoption else "revert", "parameters": parameters, "tables": names}
    return found


def _taken_in(drift: Drift) -> list[ReviewSection]:
    """What somebody takes in, so that approving the task approves that it stays."""
    if not drift.taken_in:
        return []
    rows = [(name, each["seen"], each["by"]) for name, each in drift.taken_in.items()]
    return [ReviewSection("Taken in from the account", table(("Setting", "Seen", "By"), rows))]


def _deployed(ctx: StepContext, aws: AwsPort, target: StackTarget) -> Account | None:
    """What was deployed last, to be compared with the account; nothing of a new stack, and in runs of 0.1."""
    stack = find_stack(aws, target.stack_name)
    if target.kind == "CREATE" or stack is None or ctx.is_of_0_1:
        return None
    return Account(aws, target.account, stack, deployed_template(aws, stack))


def _approving(target: StackTarget, made: ChangeSet, updates: int, drift: Drift) -> list[ReviewSection]:
    """That the change set is executed at once, and what is brought back; nothing where nothing is done."""
    if made.empty and drift.brought_back:
        return [
            approving(f"brings {counted(len(drift.brought_back), 'setting')} back in the account: task 3.2 does it.")
        ]
    if made.empty:
        return []
    first = f", the first of {updates}," if updates > 1 else ""
    return [
        approving(
            f"deploys it: task 3.2 executes change set {made.name}{first} on stack {target.stack_name} in account "
            f"{target.account}, region {target.region}."
        )
    ]


def _found_section(found: Found) -> list[tuple[str, str]]:
    """What CloudFormation's early validation found, where it found something."""
    return [("Early validation", findings_table(found))] if found.findings else []


def _chain_section(chain: Sequence[Update]) -> list[tuple[str, str]]:
    """Every update of the way to the contract, where it takes several or changes an index."""
    if len(chain) == 1 and not chain[0].indexes:
        return []
    several = (
        "Approving this task approves the first update alone; each further one is proposed by the task that executes "
        f"the one before, and approved with it.\n\n{updates_table(chain)}"
    )
    return [("Updates", several if len(chain) > 1 else updates_table(chain))]


def _discard_former(ctx: StepContext) -> Place | None:
    """Delete what earlier attempts of this task proposed. Returns where that was, or None when there was nothing."""
    answers = ctx.answers()
    if ctx.attempt == 1 or not {"region", "stack-name"} <= set(answers):
        return None
    where: Place = {"region": answers["region"], "stack_name": answers["stack-name"]}

    def discard() -> Discarded:
        aws = ctx.aws.at(where["region"])
        return {**where, "deleted": discard_change_sets(aws, where["stack_name"], task_prefix(ctx))}

    # Before the questions, so that one redone before its result is recorded still sees the former answers.
    return ctx.effect("discard-former-change-sets", where, discard, lambda: None, Place)


def _drop_empty_stack(ctx: StepContext, former: Place | None, target: StackTarget) -> None:
    """A change set for a new stack leaves an empty one behind when it goes; delete that when another is wanted now."""
    if not former or (former["region"], former["stack_name"]) == (target.region, target.stack_name):
        return
    aws = ctx.aws.at(former["region"])
    stack = find_stack(aws, former["stack_name"])
    if stack and stack.status == REVIEW and not change_set_names(aws, stack.name):
        aws.call("cloudformation", "delete_stack", StackName=stack.stack_id)


def _checks(
    target: StackTarget,
    made: ChangeSet,
    contract: Contract,
    template: Template,
    where: str,
    adoption: Adoption | None,
) -> list[Check]:
    names = ", ".join(each.name for each in contract.tables)
    losses = ", ".join(f"{loss.table} {loss.how}" for loss in table_losses(made.changes))
    return [
        Check("credentials", "an AWS identity", target.caller, "pass"),
        Check("region", "answers", target.region, "pass"),
        Check("stack name", "free, or made by phasegate", f"{target.stack_name}, to {target.kind}", "pass"),
        _table_names(names, adoption),
        Check("change set", "CREATE_COMPLETE, or nothing to change", _seen(made), _told(made, "note"), made.arn),
        Check("no table is lost", "none, or its name typed", losses or "none", _told(made, "not-checked", losses)),
        compare("parameters", sorted(template["Parameters"]), sorted(target.parameters), where=where),
    ]


def _table_names(names: str, adoption: Adoption | None) -> Check:
    """A table that is adopted is a person's word, and no pass."""
    if adoption is None:
        return Check("table names", "free, or in this stack", names, "pass")
    adopted = ", ".join(each.name for each in adoption.tables)
    return Check("table names", "free, or in this stack", f"{names}; there already, and adopted: {adopted}", "note")


def _told(made: ChangeSet, unknown: Verdict, losses: str = "") -> Verdict:
    """A pass rests on a list of changes; without one, outputs alone may change, or the answer is not whole."""
    if losses:
        return "note"
    return "pass" if made.changes or made.empty else unknown


def _seen(made: ChangeSet) -> str:
    if made.empty:
        return "nothing to change"
    return f"{made.status}, {made.execution_status}, {_counted(made)}"


def _counted(made: ChangeSet) -> str:
    """`10 changes (8 Add, 2 Modify)`."""
    actions = Counter(str(change["Action"]) for change in made.changes)
    listed = ", ".join(f"{number} {action}" for action, number in sorted(actions.items()))
    return f"{len(made.changes)} changes ({listed})"


def _sections(
    ctx: StepContext,
    target: StackTarget,
    made: ChangeSet,
    contract: Contract,
    counts: Mapping[str, int],
    estimated: Estimate,
) -> list[tuple[str, str]]:
    tables = table(
        ("Table", "Partition key", "Sort key", "Indexes"),
        [
            (
                code(each.name),
                key(each.pks),
                key(each.sks),
                ", ".join(code(index.name) for index in each.indexes) or "none",
            )
            for each in contract.tables
        ],
    )
    return [
        ("Where and as what", _where(ctx, target, made)),
        ("Tables", tables),
        ("Resources", table(("Type", "Number"), counts.items())),
        ("Changes", _changes(made)),
        ("Cost", cost_table(estimated, ctx.now.date())),
    ]


def _where(ctx: StepContext, target: StackTarget, made: ChangeSet) -> str:
    facts = [
        ("Account", target.account + (" (the sandbox on this machine)" if ctx.aws.sandbox else "")),
        ("Caller", code(target.caller)),
        ("Region", code(target.region)),
        ("Stack", f"{code(target.stack_name)} ({'new' if target.kind == 'CREATE' else 'exists, is updated'})"),
        *([("Project", code(target.project))] if target.project else []),
        ("Environment", code(target.environment)),
        ("Alarms go to", code(target.alarm_address) if target.alarm_address else "nobody; they show on the dashboard"),
        ("Change set", code(made.arn)),
        ("Deployment mode", "EXPRESS: it ends before everything is ready" if made.express else "STANDARD"),
        *([("Reverts drift", made.drift)] if made.drift else []),
        ("SHA-256 of its changes", code(made.digest)),
    ]
    return table(("What", "Value"), facts)


def _changes(made: ChangeSet) -> str:
    if made.empty:
        return "Nothing: the stack is as the template says already. Task 3.2 will execute nothing."
    losses = [f"**{loss.table} {loss.how}**; its name was typed to confirm" for loss in table_losses(made.changes)]
    return "\n\n".join([changes_table(made.changes), *([bullets(losses)] if losses else [])])


def _document(
    target: StackTarget,
    made: ChangeSet,
    sections: Sequence[tuple[str, str]],
    checks: Sequence[Check],
    *,
    values_of: str,
) -> str:
    what = "Nothing would change" if made.empty else f"{_counted(made)} would happen"
    blocks = [block for title, body in sections for block in (f"## {title}", body)]
    values = [] if made.empty else ["## Property values", property_values(made.changes, template=values_of)]
    return document(
        "Deployment configuration",
        f"{what} in stack {code(target.stack_name)}, region {code(target.region)}, account {target.account}. "
        f"{verdict(checks)} Approving task 3.1 approves the change set below; nothing else will be executed.",
        *blocks,
        *values,
        "## Checks",
        checks_table(checks),
    )


def _parameters_file(target: StackTarget) -> str:
    """The parameters as the AWS CLI reads them: `--parameters file://...`."""
    listed = [{"ParameterKey": key, "ParameterValue": value} for key, value in target.parameters.items()]
    return json.dumps(listed, indent=2) + "\n"


def _data(
    ctx: StepContext, target: StackTarget, made: ChangeSet, counts: Mapping[str, int], estimated: Estimate
) -> dict[str, object]:
    return {
        "account": target.account,
        "caller_arn": target.caller,
        "region": target.region,
        "environment": target.environment,
        "alarm_address": target.alarm_address,
        "stack_name": target.stack_name,
        "stack_id": made.stack_id,
        "change_set_name": made.name,
        "change_set_arn": made.arn,
        "change_set_type": target.kind,
        "changes_sha256": made.digest,
        "nothing_to_change": made.empty,
        "template_sha256": sha256(ctx.read(TEMPLATE)),
        "parameters": target.parameters,
        "resource_counts": dict(counts),
        "monthly_cost_usd": float(estimated.monthly) if estimated.monthly is not None else None,
    }


STEPS = (configure_deployment,)
