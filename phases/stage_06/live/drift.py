"""Is what stands in the account what was deployed last? Looked at before every change, and three answers to it.

Rules:
- Compared is the template that CloudFormation holds, with the stack's own parameters: what was approved and deployed
  last, whatever the contract says by now.
- What differs closes the gate before anything is proposed. There are three ways on: bring it back by hand, and the next
  attempt finds nothing; take it in, by name, which is shown at the gate and holds for task 4.1 as long as the setting
  is the very one that was seen; or have it brought back, by name, which is shown at the gate of 3.1 and done in 3.2
  (`ways_back.py`).
- Keys and indexes of a table cannot be taken in: what DynamoDB would refuse, and what the contract says, is about them.
- Just before a change is executed it is looked at again: what nobody has approved by then stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phases.aws import AwsPort
from phases.stage_06.inputs.recorded import TakenIn
from phases.stage_06.live.account_features import InStack, account_features, existence
from phases.stage_06.live.live_schema import compare_table
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.named_settings import NOTHING, as_notes, listed, names_in, only
from phases.stage_06.live.ways_back import by_call, by_stack
from phases.stage_06.stack.stacks import Stack, stack_resources
from phases.stage_06.update.deployed_tables import tables_in
from phases.step import Check, Question, StepContext
from state.counted import counted
from state.errors import Problem, StepFailed

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Template

TAKE_IN, BRING_BACK = "take-in-drift", "bring-back-drift"
NAME = "settings in the account"
_AS_DEPLOYED = "as deployed last"
Approved = Mapping[str, TakenIn]  # by the name of the check: settings that somebody has approved as they were seen


@dataclass(frozen=True, slots=True)
class Account:
    """A deployed stack, and where to look: whose `template` was handed over last."""

    aws: AwsPort
    account: str
    stack: Stack
    template: Template


@dataclass(frozen=True, slots=True)
class Drift:
    """What was seen before a change: checks for the gate, what was taken in, and what is to be brought back."""

    checks: Sequence[Check] = ()
    taken_in: Approved = field(default_factory=dict)
    brought_back: Approved = field(default_factory=dict)
    by_stack: bool = False  # some of that by a change set of the stack


def look_for_drift(ctx: StepContext, at: Account, known: Approved | None = None) -> Drift:
    """Compare the account with the template that was deployed last.

    Args:
        known: what was taken in before, further up in the chain: is not asked about, and nothing is brought back.

    Raises StepFailed with everything that differs and has no answer, Waiting where nobody can be asked.
    """
    looked = with_taken_in(_look(at), known or {})
    different = [check for check in looked if check.verdict == "fail"]
    if not different:
        return Drift([_as_deployed(looked)])
    stays = _named(ctx, question, [check for check in different if not check.answers])  # keys answer for their table
    left = [check for check in different if check.name not in stays]
    back = set() if known is not None else _named(ctx, question_back, [check for check in left if _has_way(check)])
    if open_ := [check for check in left if check.name not in back]:
        raise _refused(ctx, at.stack, open_, behind=known is not None)
    _refuse_half(ctx, different, back)
    taken, brought = (
        {each.name: TakenIn(seen=each.seen, by=ctx.given_by(name)) for each in different if each.name in names}
        for name, names in ((TAKE_IN, stays), (BRING_BACK, back))
    )
    return _answered(len(looked), different, taken, brought)


def _answered(looked: int, different: Sequence[Check], taken: Approved, brought: Approved) -> Drift:
    """What differs, of so many settings looked at, where each has its answer."""
    said = [f"{len(names)} {what}" for names, what in ((taken, "taken in"), (brought, "to be brought back")) if names]
    seen = f"{len(different)} of {counted(looked, 'setting')} changed since: {', '.join(said)}"
    checks = as_notes(
        with_taken_in(different, taken), lambda each: "to be brought back" if each.name in brought else ""
    )
    reverts = any(by_stack(each) for each in different if each.name in brought)
    return Drift([Check(NAME, _AS_DEPLOYED, seen, "note"), *checks], taken, brought, reverts)


def require_no_drift(ctx: StepContext, at: Account, approved: Approved) -> None:
    """Raise StepFailed unless all is as deployed last, but for what somebody has approved as it is."""
    left = [check for check in with_taken_in(_look(at), approved) if check.verdict == "fail"]
    if left:
        raise StepFailed(
            f"stack {at.stack.name} was changed in {counted(len(left), 'setting')} since this was approved; nothing "
            "was executed",
            problems=_problems(left),
            next_command=(
                f"phasegate resume {ctx.run_id}   # when it is brought back by hand; looks again\n"
                f"      phasegate abort {ctx.run_id} --reason TEXT   # task 3.1 of a new run asks what becomes of it"
            ),
        )


def drifted(at: Account, names: Iterable[str]) -> list[Check]:
    """Those of the settings of these names that are not as deployed last."""
    wanted = set(names)
    return [check for check in _look(at) if check.name in wanted and check.verdict == "fail"]


def _has_way(check: Check) -> bool:
    return by_stack(check) or by_call(check)


def _named(ctx: StepContext, ask: Callable[[Sequence[str]], Question], found: Sequence[Check]) -> set[str]:
    """The names that the answer to a question about these settings gives; nobody is asked about none."""
    return set(names_in(ctx.ask(ask([check.name for check in found])))) if found else set()


def with_taken_in(checks: Iterable[Check], taken: Approved) -> list[Check]:
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


def question_back(found: Sequence[str] = ()) -> Question:
    """Which of these settings task 3.2 brings back; none is unless it is named."""
    text = (
        f"The account is not as it was deployed last{listed(found)}. Which of it shall task 3.2 bring back, before "
        f"anything else? How is shown at the gate; {NOTHING} leaves it to you."
    )
    return Question("bring-back-drift", text, default=NOTHING, problem_with=only(found), suggest=False)


def _look(at: Account) -> list[Check]:
    """Every setting of the deployed template, and every other one of its tables, as a check."""
    aws, stack = at.aws, at.stack
    resources = at.template["Resources"]
    physical = {str(each["LogicalResourceId"]): each for each in stack_resources(aws, stack.stack_id)}
    place = InStack(stack.name, stack.stack_id, aws.region, at.account, stack.parameters)
    found = account_features(aws, place, resources, physical, path=f"the template of stack {stack.name}")
    schema = [check for each in tables_in(at.template) for check in compare_table(each, describe_table(aws, each.name))]
    there = [existence(name, physical) for name, resource in resources.items() if "Condition" not in resource]
    gone = {check.name for check in schema if check.verdict == "fail"}
    return [*schema, *(check for check in found.checks if check.name not in gone), *there]


def _as_deployed(looked: Sequence[Check]) -> Check:
    """That nothing differs; what could not be looked at is named, and nothing passes for it."""
    unseen = [check.name for check in looked if check.verdict == "not-checked"]
    if unseen:
        return Check(NAME, _AS_DEPLOYED, f"not looked at: {', '.join(unseen)}", "not-checked")
    return Check(NAME, _AS_DEPLOYED, f"{counted(len(looked), 'setting')} as deployed last", "pass")


def _refused(ctx: StepContext, stack: Stack, left: Sequence[Check], *, behind: bool) -> StepFailed:
    asks = "asks what of it is taken in" if behind else "asks what of it is taken in, and what task 3.2 brings back"
    return StepFailed(
        f"stack {stack.name} is not as it was deployed last in {counted(len(left), 'setting')}; nothing was proposed",
        problems=_problems(left),
        next_command=f"phasegate resume {ctx.run_id}   # when it is brought back; {asks}",
    )


def _refuse_half(ctx: StepContext, different: Sequence[Check], back: set[str]) -> None:
    """Raise StepFailed where the stack would bring back what is to stay: it brings back all that its template says."""
    of_stack = [check for check in different if by_stack(check)]
    if not any(check.name in back for check in of_stack):
        return
    if stays := [check for check in of_stack if check.name not in back]:
        raise StepFailed(
            "the stack brings back all that its template says at once, and not a part of it; nothing was proposed",
            problems=[
                Problem(each.name, "is named to be taken in: bring all of these back, or none") for each in stays
            ],
            next_command=f"phasegate resume {ctx.run_id}   # asks again",
        )


def _problems(checks: Sequence[Check]) -> list[Problem]:
    return [Problem(each.name, f"expected {each.expected}, seen {each.seen}") for each in checks]
