"""How does task 3.2 bring back what was changed in the account, as it was shown at the gate of 3.1?

Rules:
- What the template says comes back by an update of its own, before any other: the stack's own template and parameters,
  with DeploymentMode REVERT_DRIFT. It is the first of the chain, approved as every first update is.
- Everything else by the calls that `ways_back.py` has for it, before that update. Each is made once more after a crash:
  it unsets what is set, and nothing is left to unset where it was made.
- Behind it is looked again: nothing of what was named may still be otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from phases.contract.model import Contract
from phases.documents.markdown import code, table
from phases.stage_06.inputs.recorded import TakenIn
from phases.stage_06.live.drift import Account, Drift, drifted
from phases.stage_06.live.ways_back import Call, by_call, calls_for
from phases.stage_06.update.chain import Update
from phases.stage_06.update.deployed_tables import tables_in
from phases.step import Check, ReviewSection, StepContext

if TYPE_CHECKING:
    from phases.aws import AwsPort

BACK = "settings brought back"


def reverting_first(
    chain: Sequence[Update], at: Account, template: bytes, parameters: Mapping[str, str]
) -> list[Update]:
    """The chain with the update that reverts in front; without the rest where the stack is what it is to be.

    Args:
        template, parameters: what the stack is to become.
    """
    from phases.stage_06.template.template import load_template

    deployed = Contract(tables_in(at.template), chain[-1].contract.sha256)
    alone = load_template(template) == at.template and dict(parameters) == dict(at.stack.parameters)
    revert = Update(deployed, (), final=alone, reverts=True)
    return [revert] if alone else [revert, *chain]


def section(aws: AwsPort, drift: Drift) -> list[ReviewSection]:
    """What is brought back, and by what; so that approving task 3.1 approves it."""
    if not drift.brought_back:
        return []
    found = {check.name: check for check in drift.checks}
    rows = [
        (name, each["seen"], found[name].expected, _how(aws, found[name]), each["by"])
        for name, each in drift.brought_back.items()
    ]
    return [ReviewSection("Brought back in the account", table(("Setting", "Seen", "Expected", "How", "By"), rows))]


def _how(aws: AwsPort, check: Check) -> str:
    if not by_call(check):
        return "the first update of the stack (REVERT_DRIFT)"
    return "\n".join(code(str(call)) for call in calls_for(aws, check.name)) or "nothing is left to do"


def bring_back_by_call(ctx: StepContext, at: Account, approved: Mapping[str, TakenIn]) -> bool:
    """Make the calls for those of the approved settings that have one and are still otherwise; whether any was made."""
    names = sorted(approved)
    left = [check for check in drifted(at, names) if by_call(check)] if names else []
    for check in left:
        ctx.begins(f"  bringing back {check.name}")
        for number, call in enumerate(calls_for(at.aws, check.name), start=1):
            _make(ctx, at.aws, f"bring-back-{names.index(check.name) + 1}-{number}", check.name, call)
    return bool(left)


def _make(ctx: StepContext, aws: AwsPort, effect: str, setting: str, call: Call) -> None:
    def act() -> dict[str, str]:
        aws.call(call.service, call.operation, **call.params)
        return {"setting": setting}

    # Found: nothing. What it unsets is still set, or nobody would be here; then it is made again.
    ctx.effect(effect, {"setting": setting, "call": str(call), "region": aws.region}, act, lambda: None)


def brought_back_check(at: Account, approved: Mapping[str, TakenIn]) -> list[Check]:
    """Whether what was named is as it was deployed; nothing where nothing was."""
    if not approved:
        return []
    left = drifted(at, approved)
    seen = "; ".join(f"{each.name} is {each.seen}" for each in left) or f"as deployed last: {', '.join(approved)}"
    return [Check(BACK, "as deployed last", seen, "fail" if left else "pass", at.stack.stack_id)]
