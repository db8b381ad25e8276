"""What does a verdict on an item do to its gate, its box and the box above? One table, and what follows from it.

Rules:
- The table is about items: checks that say what they answer (`CheckResult.answers`), and runs of format 1 have none.
  Other checks are judged by `approval.checks_pass` alone.
- A box is ticked by what counts, and by nothing else. What is settled and does not count leaves its box open, unless
  the policy that the evidence was put before ticks it (`tick_not_applicable`).
- The engine ticks and the audit compares by this one function, from evidence, which an approval covers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gates.policy import GatePolicy, email_of
from state.cheap_classes import NamedTuple
from state.event_types import Answered
from state.evidence import CheckResult, Verdict
from state.model import Box, PlannedTask
from state.run_state import RunState
from state.task_boxes import boxes_of

REHEARSED = "--yes"  # who attested, where nobody did: it counts in the sandbox only
NEVER_HOLDS = "a person's word that it does not apply"  # what a check expects of a box that nothing can make true
NEVER_BY_POLICY = frozenset({"fail", "not-checked", "attested", "not-applicable", "waived", "said-by-agent"})


class Rule(NamedTuple):
    """What a verdict on an item does.

    Attributes:
        settles: the gate may open, and the box above need not wait.
        ticks: it counts: the box is ticked, whatever the policy says.
    """

    settles: bool
    ticks: bool


RULES: Mapping[Verdict, Rule] = {
    "pass": Rule(settles=True, ticks=True),
    "derived": Rule(settles=True, ticks=True),
    "attested": Rule(settles=True, ticks=True),
    "not-applicable": Rule(settles=True, ticks=False),
    "waived": Rule(settles=True, ticks=False),
    "note": Rule(settles=False, ticks=False),
    "not-checked": Rule(settles=False, ticks=False),
    "said-by-agent": Rule(settles=False, ticks=False),
    "fail": Rule(settles=False, ticks=False),
}


def unsettled(checks: Collection[CheckResult]) -> list[CheckResult]:
    """The items that need a person's word: attested, or waived by who approves.

    What failed is not among them, and no item that waits for the items below it alone.
    """
    items = {check.answers for check in checks if check.answers}
    open_ = [
        check for check in checks if check.answers and not RULES[check.verdict].settles and check.verdict != "fail"
    ]
    return [check for check in open_ if not check.rests_on or not items.issuperset(check.rests_on)]


def verdict_of(word: Answered) -> Verdict:
    """What somebody's word on an item comes to: an agent's settles nothing, until a person says it, too."""
    return "said-by-agent" if word.by.is_agent and word.verdict != "fail" else word.verdict


def worthless_words(
    checks: Sequence[CheckResult], policy: GatePolicy, *, operators: Collection[str], sandbox: bool
) -> list[str]:
    """Which words on items do not count, and why: a waiver by who may not approve, a rehearsal's word in earnest."""
    found = []
    for check in checks:
        if not check.answers or check.by is None:
            continue
        who = check.by.git
        if who == REHEARSED and not sandbox:
            found.append(f"{check.answers} was answered by --yes, which counts in the sandbox only")
        elif check.verdict == "waived" and not may_waive(policy, who, operators):
            found.append(f"{check.answers} was waived by {who}, who may not approve here")
    return found


def may_waive(policy: GatePolicy, identity: str, operators: Collection[str]) -> bool:
    """Whether this person may waive an item: whoever may approve what is shown."""
    barred = policy.operator_may_approve is False and email_of(identity) in set(map(email_of, operators))
    return policy.names(identity) and not barred


def is_in_vain(item: CheckResult, checks: Collection[CheckResult]) -> bool:
    """Whether this box's own commands or checks have not passed: a yes to it is a word of who approves."""
    own = [check for check in checks if check.name in item.rests_on and not check.answers]
    return any(check.verdict not in ("pass", "attested") for check in own)


def why_never(item: CheckResult, checks: Collection[CheckResult]) -> str:
    """Why nothing can make this box true, so that nobody attests it: it does not apply, or is waived; "" elsewhere."""
    own = [check for check in checks if check.name in item.rests_on and not check.answers]
    return next((check.seen for check in own if check.expected == NEVER_HOLDS), "")


def boxes_to_tick(run: RunState, task: PlannedTask) -> list[Box]:
    """The open boxes that the task's commit ticks: none for one that was skipped.

    Of work by hand the items that count, its own box when one of them does, and the boxes that it closes. In runs of
    format 1, and of what a step of phasegate's own does, all.
    """
    state = run.task(task.key)
    if state.skipped:
        return []
    boxes = [box for box in task.boxes() if not box.done]
    if run.is_of_0_1 or not task.items or state.handed_in is None:
        return boxes
    policy = state.worked.policy if state.worked else None
    ticks_settled = policy is not None and policy.tick_not_applicable
    open_ = _left_open(task, state.worked.checks if state.worked else (), ticks_settled)
    return [box for box in boxes if box.offset not in open_]


def ticked_by_policy(checks: Sequence[CheckResult], policy: GatePolicy) -> list[CheckResult]:
    """The items that are ticked by the policy alone: settled, and none of them counts."""
    settled = [check for check in checks if check.answers and RULES[check.verdict].settles]
    return [check for check in settled if policy.tick_not_applicable and not RULES[check.verdict].ticks]


def _left_open(task: PlannedTask, checks: Sequence[CheckResult], ticks_settled: bool) -> set[int]:
    """Where the boxes begin that no verdict ticks; the task's own is one of them where none of its items is ticked."""
    rules = {check.answers: RULES[check.verdict] for check in checks if check.answers}
    ticked = {name for name, rule in rules.items() if rule.ticks or (ticks_settled and rule.settles)}
    open_ = {box.item.box.offset for box in boxes_of(task) if box.id not in ticked}
    if task.box is not None and all(item.box.offset in open_ for item in task.items):
        open_.add(task.box.offset)  # what nothing below it stands for
    return open_
