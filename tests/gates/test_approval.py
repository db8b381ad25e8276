"""The exit gate: what admits, what waits, what refuses, each for its own reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gates.approval import EXIT_GATE, GateFacts, Given, evidence_digest
from gates.decision import Admitted, AllOf, Refused, Waiting
from gates.policy import GatePolicy
from state.run_state import Request

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SHOWN = Request("d" * 64, "nonce", NOW - timedelta(hours=1), NOW + timedelta(hours=23))
ADA, BOB = "Ada <ada@example.com>", "Bob <bob@example.com>"
PASSED = {"name": "shape", "expected": "1", "seen": "1", "verdict": "pass"}
FAILED = {"name": "keys", "expected": "PK", "seen": "ID", "verdict": "fail"}


def given(by: str = ADA, **changes: Any) -> Given:
    return replace(Given(by, SHOWN.digest, SHOWN.nonce, NOW - timedelta(minutes=1)), **changes)


def facts(*approvals: Given, **changes: Any) -> GateFacts:
    return replace(GateFacts([PASSED], SHOWN, approvals, NOW, (), ADA), **changes)


def test_an_approval_of_what_was_shown_admits() -> None:
    assert EXIT_GATE(facts(given())) == Admitted(ADA)


def test_without_approval_it_waits_for_this_digest() -> None:
    assert EXIT_GATE(facts()) == Waiting("1 approval of ddddddd")


def test_before_anything_was_shown_it_waits_even_with_an_approval() -> None:
    assert isinstance(EXIT_GATE(facts(given(), request=None)), Waiting)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (facts(given(), checks=[PASSED, FAILED]), "keys: expected PK, seen ID"),
        (facts(given(), changed=["a.md was 1, is 2"]), "a.md was 1, is 2"),
        (facts(given(digest="e" * 64)), "is for eeeeeee, the evidence is ddddddd"),
        (facts(given(nonce="of another showing")), "is for ddddddd"),
        (facts(given(at=SHOWN.expires_at)), "expired at 2026-01-03 11:00"),
        (facts(now=SHOWN.expires_at), "expired at 2026-01-03 11:00"),
    ],
    ids=["failed check", "changed byte", "other digest", "replayed nonce", "approved too late", "nobody in time"],
)
def test_it_refuses_and_says_why(wrong: GateFacts, reason: str) -> None:
    decision = EXIT_GATE(wrong)
    assert isinstance(decision, Refused)
    assert reason in "; ".join(decision.reasons)


def test_an_approval_in_time_does_not_expire_afterwards() -> None:
    assert isinstance(EXIT_GATE(facts(given(), now=SHOWN.expires_at + timedelta(days=9))), Admitted)


def test_the_same_person_twice_is_no_quorum() -> None:
    two = GatePolicy(approvers=2)
    assert EXIT_GATE(facts(given(), given(), policy=two)) == Waiting("1 approval of ddddddd")
    assert EXIT_GATE(facts(given(), given(BOB), policy=two)) == Admitted(f"{ADA}, {BOB}")


def test_the_operator_does_not_count_where_the_policy_says_so() -> None:
    strict = GatePolicy(operator_may_approve=False)
    assert isinstance(EXIT_GATE(facts(given(ADA), policy=strict)), Waiting)
    assert EXIT_GATE(facts(given(BOB), policy=strict)) == Admitted(BOB)


def test_an_empty_gate_refuses() -> None:
    empty: AllOf[GateFacts] = AllOf()
    assert empty(facts(given())) == Refused(("this gate has no condition, so nothing can open it",))


BASE: dict[str, Any] = {
    "plan": "p",
    "run": "r",
    "task": "t1",
    "attempt": 1,
    "text": "- [ ] do it",
    "message": "task 1",
    "answers": {"region": "eu-west-1"},
    "evidence": {
        "artifacts": [{"path": "a", "sha256": "0", "size": 1}],
        "checks": [PASSED],
        "data": {"account": "1"},
        "review": [{"title": "x", "body": "y"}],
        "witness": {"status": "ready"},
    },
}
CHANGES: dict[str, dict[str, Any]] = {
    **{name: {name: "other"} for name in ("plan", "run", "task", "text", "message")},
    "attempt": {"attempt": 2},
    "answers": {"answers": {"region": "eu-west-2"}},
    "artifact bytes": {"evidence": {**BASE["evidence"], "artifacts": [{"path": "a", "sha256": "1", "size": 1}]}},
    "checks": {"evidence": {**BASE["evidence"], "checks": [FAILED]}},
    "account": {"evidence": {**BASE["evidence"], "data": {"account": "2"}}},
    "words shown": {"evidence": {**BASE["evidence"], "review": []}},
    "facts outside": {"evidence": {**BASE["evidence"], "witness": {}}},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_digest_covers_every_part(change: dict[str, Any]) -> None:
    assert evidence_digest(**BASE) == evidence_digest(**BASE)
    assert evidence_digest(**{**BASE, **change}) != evidence_digest(**BASE)
