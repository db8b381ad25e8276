"""What a verdict does to its gate and its box: the table, once more by hand, and what may not count."""

from __future__ import annotations

from typing import get_args

import pytest

from gates.approval import opened_by_policy
from gates.boxes import RULES, may_waive, unsettled, worthless_words
from gates.policy import GatePolicy
from state.evidence import By, CheckResult, Verdict

ADA, BOB = "Ada <ada@example.com>", "Bob <bob@example.com>"
TABLE: dict[Verdict, tuple[bool, bool, bool]] = {  # settled, ticked, may be opened by policy
    "pass": (True, True, True),
    "derived": (True, True, True),
    "attested": (True, True, False),
    "not-applicable": (True, False, False),
    "waived": (True, False, False),
    "note": (False, False, False),
    "not-checked": (False, False, False),
    "said-by-agent": (False, False, False),
    "fail": (False, False, False),
}
POLICY = GatePolicy(opened_by_policy=True)


def item(verdict: Verdict, *, by: str = "", rests_on: tuple[str, ...] = (), number: int = 1) -> CheckResult:
    who = By(by, "x", "y") if by else None
    return CheckResult(f"box {number}: it", "yes", "so", verdict, answers=f"box {number}", by=who, rests_on=rests_on)


def test_every_verdict_is_in_the_table() -> None:
    assert set(TABLE) == set(RULES) == set(get_args(Verdict))


@pytest.mark.parametrize("verdict", TABLE)
def test_a_verdict_on_an_item(verdict: Verdict) -> None:
    settled, ticked, by_policy = TABLE[verdict]
    assert (RULES[verdict].settles, RULES[verdict].ticks) == (settled, ticked)
    assert bool(unsettled([item(verdict)])) == (not settled and verdict != "fail")
    assert opened_by_policy(POLICY, [item("pass", number=2), item(verdict)]) == by_policy


@pytest.mark.parametrize("verdict", ["note", "not-checked"])
def test_what_answers_no_item_is_settled_by_the_gates_approver_as_before(verdict: Verdict) -> None:
    assert unsettled([CheckResult("it", "yes", "so", verdict)]) == []


def test_a_note_that_answers_no_item_keeps_no_policy_from_opening_and_one_on_an_item_does() -> None:
    passed = CheckResult("it", "yes", "yes", "pass")
    assert opened_by_policy(POLICY, [passed, CheckResult("other", "", "", "note")])
    assert not opened_by_policy(POLICY, [passed, item("note")])


def test_a_box_that_waits_for_those_below_needs_no_word_of_its_own() -> None:
    below, above = item("not-checked", number=2), item("not-checked", rests_on=("box 2",))
    assert unsettled([above, below]) == [below]
    assert unsettled([item("not-checked", rests_on=("command 1: ls", "box 2")), below])[0].answers == "box 1"


@pytest.mark.parametrize(
    ("policy", "who", "may"),
    [
        (GatePolicy(), BOB, True),
        (GatePolicy(operator_may_approve=False), ADA, False),
        (GatePolicy(operator_may_approve=False), BOB, True),
        (GatePolicy(who=("bob@example.com",)), BOB, True),
        (GatePolicy(who=("carol@example.com",)), BOB, False),
    ],
)
def test_a_waiver_counts_from_who_may_approve(policy: GatePolicy, who: str, may: bool) -> None:
    assert may_waive(policy, who, [ADA]) == may
    faults = worthless_words([item("waived", by=who)], policy, operators=[ADA], sandbox=False)
    assert bool(faults) != may
    assert worthless_words([item("attested", by=who)], policy, operators=[ADA], sandbox=False) == []


def test_a_rehearsals_word_counts_in_the_sandbox_only() -> None:
    checks = [item("attested", by="--yes")]
    assert worthless_words(checks, GatePolicy(), operators=[ADA], sandbox=True) == []
    assert worthless_words(checks, GatePolicy(), operators=[ADA], sandbox=False)
