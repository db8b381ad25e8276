"""May a gate be opened without asking, because what its work rests on is what somebody has approved before?

Rules:
- Unchanged is an equal digest over the declared inputs, and every check made again and not worse. What did not pass
  counts as not worse only where it says the very same.
- It is opened where the policy says `repeat: true`, which is the default against the sandbox; never where signatures or
  several people are asked for, and never where leaving the task sets something off outside, or the work itself did.
- It rests on an approval of the same task of the same workflow and runbook, which somebody gave: never on one that was
  itself taken for unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from gates.policy import GatePolicy
from gates.words import APPROVING, DONE_OUTSIDE, UNCHANGED
from state.cheap_classes import dataclass
from state.evidence import CheckResult, Evidence, RestsOn

_ASKED_FOR = (APPROVING, DONE_OUTSIDE)  # titles of sections
_PASSED = ("pass", "derived")


@dataclass(frozen=True, slots=True)
class Former:
    """Work that was approved before, in an earlier run, with its approval.

    Attributes:
        rests_on: the approval: its run, task and digest.
        worked: the evidence that was approved.
        via: how it was approved, as the journal has it.
        workflow, runbook, sandbox: of that run.
    """

    rests_on: RestsOn
    worked: Evidence
    via: str
    workflow: str
    runbook: str
    sandbox: bool


@dataclass(frozen=True, slots=True)
class Repeated:
    """Work that may be the same as before: what `why_asked` looks at.

    Attributes:
        task: its key; `workflow`, `runbook`, `sandbox`: of its run.
    """

    worked: Evidence
    policy: GatePolicy
    task: str
    workflow: str
    runbook: str
    sandbox: bool


def why_asked(now: Repeated, former: Former | None) -> str:
    """Why somebody has to be asked about this work; "" where it may rest on the approval of before."""
    if why := why_not_the_same(now, former):
        return why
    if acts := [section.title for section in now.worked.review if section.title in _ASKED_FOR]:
        return f"its page says what happens outside ({acts[0]})"
    return "; ".join(worse(former.worked.checks, now.worked.checks)) if former is not None else ""


def why_not_the_same(now: Repeated, former: Former | None) -> str:
    """Why this work could rest on nothing that was approved before, whatever it comes to; "" where it could."""
    if former is None:
        return "nothing was approved before that it could rest on"
    return _why_never(now.policy, sandbox=now.sandbox) or _why_another(now, former) or _why_changed(now.worked, former)


def may_repeat(policy: GatePolicy, *, sandbox: bool) -> bool:
    """Whether the policy lets a gate be opened that way at all."""
    return not _why_never(policy, sandbox=sandbox)


def _why_never(policy: GatePolicy, *, sandbox: bool) -> str:
    if policy.signed:
        return "the policy asks for signatures"
    if policy.approvers > 1:
        return f"the policy asks for {policy.approvers} people"
    if not (sandbox if policy.repeat is None else policy.repeat):
        return "the policy does not say `repeat: true`"
    return ""


def _why_another(now: Repeated, former: Former) -> str:
    """Why the approval of before is for something else, or is none that anything may rest on."""
    was, here = (former.workflow, former.runbook), (now.workflow, now.runbook)
    if was != here:
        return f"it was approved for {was[0]} in {was[1]}, and this is {here[0]} in {here[1]}"
    if former.rests_on.task != now.task:
        return f"task {former.rests_on.task} was approved, and this is {now.task}"
    if former.sandbox != now.sandbox:
        return "one of the two runs is a sandbox's, and the other is not"
    if former.via == UNCHANGED:
        return "that approval was itself taken for unchanged"
    return ""


def _why_changed(now: Evidence, former: Former) -> str:
    if not now.input_digest or not former.worked.input_digest:
        return "it is not recorded what the work rests on"
    if now.input_digest != former.worked.input_digest:
        return f"changed since then: {', '.join(changed_inputs(former.worked, now))}"
    return ""


def changed_inputs(before: Evidence, now: Evidence) -> list[str]:
    """The names of the inputs that are others, came, or went."""
    names = sorted({*before.inputs, *now.inputs})
    return [name for name in names if before.inputs.get(name) != now.inputs.get(name)]


def worse(before: Sequence[CheckResult], now: Sequence[CheckResult]) -> Iterator[str]:
    """Which checks came out worse than before, or were not made again."""
    was = {check.name: check for check in before}
    for check in now:
        if check.verdict not in _PASSED and not _says_the_same(was.get(check.name), check):
            yield f"{check.name}: {check.verdict}, seen {check.seen}"
    made = {check.name for check in now}
    yield from (f"{name}: not looked at any more" for name in _names(before) if name not in made)


def _says_the_same(was: CheckResult | None, now: CheckResult) -> bool:
    return was is not None and (was.verdict, was.expected, was.seen) == (now.verdict, now.expected, now.seen)


def _names(checks: Collection[CheckResult]) -> list[str]:
    return list(dict.fromkeys(check.name for check in checks))
