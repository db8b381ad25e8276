"""Which work may be left by the approval of before, and what keeps it from that: each reason by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gates.approval import EXIT_GATE, GateFacts, RecordedApproval, why_not_unchanged
from gates.decision import Admitted, Refused
from gates.policy import GatePolicy
from gates.repeat import Former, Repeated, changed_inputs, why_asked
from gates.words import APPROVING, DONE_OUTSIDE
from state.evidence import CheckResult, Evidence, Request, RestsOn, Section, Verdict, digest_of_inputs

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SHOWN = Request("d" * 64, "nonce", NOW - timedelta(hours=1), NOW + timedelta(hours=23))
PASSED, NOTE = CheckResult("keys", "PK", "PK", "pass"), CheckResult("size", "small", "large", "note")
INPUTS = {"contract": "1" * 64, "answers": "2" * 64}
RESTS_ON = RestsOn("stage-06-1", "t3_3", "a" * 64)


def worked(*checks: CheckResult, review: tuple[Section, ...] = (), **inputs: str) -> Evidence:
    named = INPUTS | inputs
    return Evidence(checks=checks or (PASSED, NOTE), review=review, inputs=named, input_digest=digest_of_inputs(named))


FORMER = Former(RESTS_ON, worked(), "prompt", "stage-06", "tasks.md", sandbox=True)
SAME = Repeated(worked(), GatePolicy(), "t3_3", "stage-06", "tasks.md", sandbox=True)


def test_the_same_inputs_and_checks_may_rest_on_the_approval_of_before() -> None:
    assert why_asked(SAME, FORMER) == ""


def check(name: str, verdict: Verdict, seen: str = "PK") -> CheckResult:
    return CheckResult(name, "PK", seen, verdict)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"worked": worked(contract="3" * 64)}, "changed since then: contract"),
        ({"worked": worked(region="3" * 64)}, "changed since then: region"),
        ({"worked": Evidence(checks=(PASSED, NOTE))}, "not recorded what the work rests on"),
        ({"worked": worked(check("keys", "note"), NOTE)}, "keys: note"),
        ({"worked": worked(check("keys", "not-checked"), NOTE)}, "keys: not-checked"),
        ({"worked": worked(check("keys", "attested"), NOTE)}, "keys: attested"),
        ({"worked": worked(PASSED, replace(NOTE, seen="larger"))}, "size: note, seen larger"),
        ({"worked": worked(PASSED, NOTE, check("new", "note"))}, "new: note"),
        ({"worked": worked(NOTE)}, "keys: not looked at any more"),
        ({"worked": worked(review=(Section(APPROVING, "deploys it"),))}, APPROVING),
        ({"worked": worked(review=(Section(DONE_OUTSIDE, "executed"),))}, DONE_OUTSIDE),
        ({"policy": GatePolicy(signed=True, repeat=True)}, "signatures"),
        ({"policy": GatePolicy(approvers=2, repeat=True)}, "2 people"),
        ({"policy": GatePolicy(repeat=False)}, "repeat"),
        ({"task": "t4_1"}, "task t3_3 was approved, and this is t4_1"),
        ({"workflow": "stage-07"}, "approved for stage-06"),
        ({"runbook": "specs/tasks.md"}, "tasks.md"),
        ({"sandbox": False, "policy": GatePolicy(repeat=True)}, "sandbox"),
    ],
)
def test_each_difference_has_somebody_asked(changes: dict[str, Any], why: str) -> None:
    assert why in why_asked(replace(SAME, **changes), FORMER)


def test_outside_of_the_sandbox_somebody_is_asked_unless_the_policy_says_otherwise() -> None:
    real, former = replace(SAME, sandbox=False), replace(FORMER, sandbox=False)
    assert "repeat" in why_asked(real, former)
    assert why_asked(replace(real, policy=GatePolicy(repeat=True)), former) == ""


def test_nothing_rests_on_an_approval_that_nobody_gave_or_that_is_not_there() -> None:
    assert "itself taken for unchanged" in why_asked(SAME, replace(FORMER, via="unchanged"))
    assert "nothing was approved" in why_asked(SAME, None)
    without = replace(FORMER, worked=Evidence(checks=(PASSED, NOTE)))  # of a run of 0.1
    assert "not recorded" in why_asked(SAME, without)


def test_better_than_before_and_more_checks_ask_nobody() -> None:
    better = replace(SAME, worked=worked(PASSED, replace(NOTE, verdict="pass"), check("new", "pass")))
    assert why_asked(better, FORMER) == ""
    assert why_asked(replace(SAME, worked=worked(check("keys", "derived"), NOTE)), FORMER) == ""


def test_inputs_that_came_went_or_changed_are_named() -> None:
    assert changed_inputs(worked(), worked(contract="3" * 64, region="4" * 64)) == ["contract", "region"]


def facts(given: RecordedApproval, **changes: Any) -> GateFacts:
    shown = GateFacts([PASSED], SHOWN, [given], NOW, (), [], "", True, GatePolicy(), {}, "t3_3", False, SAME, FORMER)
    return replace(shown, **changes)


UNCHANGED = RecordedApproval("unchanged", SHOWN.digest, SHOWN.nonce, NOW, "unchanged", rests_on=RESTS_ON)


def test_the_gate_opens_on_the_approval_of_before() -> None:
    assert EXIT_GATE(facts(UNCHANGED)) == Admitted("unchanged")


@pytest.mark.parametrize(
    ("given", "changes", "why"),
    [
        (replace(UNCHANGED, rests_on=None), {}, "another approval"),
        (replace(UNCHANGED, rests_on=replace(RESTS_ON, digest="b" * 64)), {}, "another approval"),
        (replace(UNCHANGED, rests_on=replace(RESTS_ON, run="stage-06-0")), {}, "another approval"),
        (replace(UNCHANGED, by="Ada <ada@example.com>"), {}, "as having come by unchanged"),
        (replace(UNCHANGED, via="prompt"), {}, "given by unchanged"),
        (UNCHANGED, {"former": None}, "nothing was approved before"),
        (UNCHANGED, {"repeated": None}, "begins nothing again"),
        (UNCHANGED, {"checks": [NOTE]}, "nothing was looked at"),
        (UNCHANGED, {"changed": ["tasks.md was changed by hand"]}, "changed by hand"),
        (replace(UNCHANGED, digest="e" * 64), {}, "is for eeeeeee"),
    ],
)
def test_a_recorded_one_is_not_believed(given: RecordedApproval, changes: dict[str, Any], why: str) -> None:
    decision = EXIT_GATE(facts(given, **changes))
    assert isinstance(decision, Refused)
    assert why in "; ".join(decision.reasons)


def test_an_item_without_a_word_asks_somebody() -> None:
    open_ = replace(NOTE, answers="box 1")
    assert "box 1" in why_not_unchanged(facts(UNCHANGED, checks=[PASSED, open_]))
