"""Is what stands in the account what was deployed last? Looked at before every change; a setting may be taken in.

Rules:
- Compared is the template that CloudFormation holds, with the stack's own parameters: what was approved and deployed
  last, whatever the contract says by now.
- What differs closes the gate before anything is proposed. There are two ways on: bring it back, and the next attempt
  finds nothing; or take it in, by name, which is shown at the gate of 3.1 and holds for task 4.1 as long as the setting
  is the very one that was seen.
- Keys and indexes of a table cannot be taken in: what DynamoDB would refuse, and what the contract says, is about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from phases.stage_06.inputs.recorded import TakenIn
from phases.stage_06.live.account_features import InStack, account_features, existence
from phases.stage_06.live.live_schema import compare_table
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.named_settings import NOTHING, as_notes, listed, names_in, only
from phases.stage_06.stack.stacks import Stack, stack_resources
from phases.stage_06.update.deployed_tables import tables_in
from phases.step import Check, Question, StepContext
from state.counted import counted
from state.errors import Problem, StepFailed

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Template

TAKE_IN = "take-in-drift"
NAME = "settings in the account"


@dataclass(frozen=True, slots=True)
class Drift:
    """What was seen before a change: checks for the gate, and what was taken in."""

    checks: Sequence[Check] = ()
    taken_in: Mapping[str, TakenIn] = field(default_factory=dict)


def look_for_drift(ctx: StepContext, aws: AwsPort, account: str, stack: Stack, deployed: Template) -> Drift:
    """Compare the account with the template that was deployed last.

    Raises StepFailed with everything that differs and is not taken in, Waiting where nobody can be asked.
    """
    looked = _look(aws, account, stack, deployed)
    different = [check for check in looked if check.verdict == "fail"]
    if not different:
        return Drift([_as_deployed(looked)])
    stays = _said_to_stay(ctx, different)
    if left := [check for check in different if check.name not in stays]:
        raise _refused(ctx, stack, left)
    by = ctx.given_by(TAKE_IN)
    taken: dict[str, TakenIn] = {each.name: {"seen": each.seen, "by": by} for each in different}
    seen = f"{len(different)} of {counted(len(looked), 'setting')} changed since, and taken in"
    return Drift([Check(NAME, "as deployed last", seen, "note"), *with_taken_in(different, taken)], taken)


def _said_to_stay(ctx: StepContext, different: Sequence[Check]) -> set[str]:
    """The names of the settings that are taken in; asked about where any may be."""
    may_stay = [check.name for check in different if not check.answers]  # keys and indexes answer for their table
    return set(names_in(ctx.ask(question(may_stay)))) if may_stay else set()


def with_taken_in(checks: Iterable[Check], taken: Mapping[str, TakenIn]) -> list[Check]:
    """The checks, with a note in the place of each failure that is the very one that was taken in."""

    def said(check: Check) -> str:
        known = taken.get(check.name)
        return f"taken in, by {known['by']}" if known and known["seen"] == check.seen else ""

    return as_notes(checks, said)


def question(found: Sequence[str] = ()) -> Question:
    """Which of these settings are taken in; none is unless it is named."""
    text = (
        f"The account is not as it was deployed last{listed(found)}. Which of it is taken in? What is not named has to "
        f"be brought back first; {NOTHING} takes nothing in."
    )
    return Question("take-in-drift", text, default=NOTHING, problem_with=only(found), suggest=False)


def _look(aws: AwsPort, account: str, stack: Stack, deployed: Template) -> list[Check]:
    """Every setting of the deployed template, and every other one of its tables, as a check."""
    resources = deployed["Resources"]
    physical = {str(each["LogicalResourceId"]): each for each in stack_resources(aws, stack.stack_id)}
    place = InStack(stack.name, stack.stack_id, aws.region, account, stack.parameters)
    found = account_features(aws, place, resources, physical, path=f"the template of stack {stack.name}")
    schema = [check for each in tables_in(deployed) for check in compare_table(each, describe_table(aws, each.name))]
    there = [existence(name, physical) for name, resource in resources.items() if "Condition" not in resource]
    gone = {check.name for check in schema if check.verdict == "fail"}
    return [*schema, *(check for check in found.checks if check.name not in gone), *there]


def _as_deployed(looked: Sequence[Check]) -> Check:
    """That nothing differs; what could not be looked at is named, and nothing passes for it."""
    unseen = [check.name for check in looked if check.verdict == "not-checked"]
    if unseen:
        return Check(NAME, "as deployed last", f"not looked at: {', '.join(unseen)}", "not-checked")
    return Check(NAME, "as deployed last", f"{counted(len(looked), 'setting')} as deployed last", "pass")


def _refused(ctx: StepContext, stack: Stack, left: Sequence[Check]) -> StepFailed:
    return StepFailed(
        f"stack {stack.name} is not as it was deployed last in {counted(len(left), 'setting')}; nothing was proposed",
        problems=[Problem(each.name, f"expected {each.expected}, seen {each.seen}") for each in left],
        next_command=f"phasegate resume {ctx.run_id}   # when it is brought back; asks what of it is taken in",
    )
