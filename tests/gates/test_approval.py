"""The exit gate: what admits, what waits, what refuses, each for its own reason."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gates.approval import (
    EXIT_GATE,
    POLICY,
    GateFacts,
    RecordedApproval,
    evidence_digest,
    may_approve,
    policy_opens,
    signed_text,
)
from gates.decision import Admitted, AllOf, Refused, Waiting
from gates.policy import GatePolicy
from state.evidence import CheckResult, Evidence, Request, Verdict
from state.json_values import Misread

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SHOWN = Request("d" * 64, "nonce", NOW - timedelta(hours=1), NOW + timedelta(hours=23))
ADA, BOB, EVE = (f"{name} <{name.lower()}@example.com>" for name in ("Ada", "Bob", "Eve"))
PASSED = CheckResult("shape", "1", "1", "pass")
FAILED = CheckResult("keys", "PK", "ID", "fail")


def given(by: str = ADA, **changes: Any) -> RecordedApproval:
    return replace(RecordedApproval(by, SHOWN.digest, SHOWN.nonce, NOW - timedelta(minutes=1), "prompt"), **changes)


def facts(*approvals: RecordedApproval, **changes: Any) -> GateFacts:
    return replace(
        GateFacts([PASSED], SHOWN, approvals, NOW, (), [ADA], EVE, False, GatePolicy(), {}, "", False, None, None),
        **changes,
    )


def reasons(wrong: GateFacts) -> str:
    decision = EXIT_GATE(wrong)
    assert isinstance(decision, Refused)
    return "; ".join(decision.reasons)


def test_an_unattended_approval_counts_in_the_sandbox() -> None:
    assert isinstance(EXIT_GATE(facts(given(via="--yes"), sandbox=True)), Admitted)


def test_an_approval_through_the_remote_counts_signed_only() -> None:
    assert isinstance(EXIT_GATE(facts(given(via="remote", signature=True))), Admitted)
    assert "came through the git remote and is not signed" in reasons(facts(given(via="remote")))


def test_no_fact_of_a_gate_has_a_default() -> None:
    missing = dataclasses.MISSING
    assert all(each.default is missing and each.default_factory is missing for each in dataclasses.fields(GateFacts))


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
        (facts(given(nonce="of another showing")), "answers something that this run never showed"),
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
    assert "ran this task" in reasons(facts(given(ADA), policy=strict))
    assert EXIT_GATE(facts(given(BOB), policy=strict)) == Admitted(BOB)


def test_one_key_for_two_people_is_one_approver() -> None:
    two = GatePolicy(approvers=2, signed=True)
    ada, bob = given(ADA, signature=True, key="SHA256:a"), given(BOB, signature=True, key="SHA256:b")
    assert isinstance(EXIT_GATE(facts(ada, bob, policy=two)), Admitted)
    assert isinstance(EXIT_GATE(facts(ada, replace(bob, key="SHA256:a"), policy=two)), Waiting)


def test_one_address_under_two_names_is_one_approver() -> None:
    other = given("Ada Lovelace <ADA@example.com>")
    assert isinstance(EXIT_GATE(facts(given(ADA), other, policy=GatePolicy(approvers=2))), Waiting)


CHECKED_BY = GatePolicy(opened_by_policy=True)
OPENED = given(POLICY, via="policy")


def test_a_policy_opens_a_gate_whose_checks_passed() -> None:
    assert policy_opens(facts(policy=CHECKED_BY))
    assert EXIT_GATE(facts(OPENED, policy=CHECKED_BY)) == Admitted(POLICY)


@pytest.mark.parametrize(
    "verdicts",
    [["pass", "fail"], ["pass", "not-checked"], ["pass", "attested"], ["note"], []],
    ids=["failed", "not checked", "attested", "only noted", "nothing checked"],
)
def test_a_policy_opens_no_gate_at_which_too_little_was_seen(verdicts: list[Verdict]) -> None:
    checks = [replace(PASSED, verdict=verdict) for verdict in verdicts]
    assert not policy_opens(facts(policy=CHECKED_BY, checks=checks))
    assert isinstance(EXIT_GATE(facts(OPENED, policy=CHECKED_BY, checks=checks)), Refused)


WRONG: dict[str, tuple[GateFacts, str]] = {
    "another run's": (facts(given(nonce="x")), "answers something that this run never showed"),
    "another task's": (
        facts(given(nonce="x"), shown_before={"x": ("t2", 1)}, task="t1"),
        "was given for task t2, not for t1",
    ),
    "an earlier attempt's": (
        facts(given(nonce="x"), shown_before={"x": ("t1", 1)}, task="t1"),
        "was given for attempt 1, and is good once only",
    ),
    "another digest": (facts(given(digest="e" * 64)), "is for eeeeeee, the evidence is ddddddd"),
    "too late": (facts(given(at=SHOWN.expires_at)), "came too late"),
    "a stranger's": (facts(given(BOB), policy=GatePolicy(who=("ada@*",))), "is not among those who may approve"),
    "that of who ordered it": (facts(given(EVE), policy=GatePolicy(orderer_may_approve=False)), "ordered this run"),
    "the operator's own": (facts(given(ADA), policy=GatePolicy(operator_may_approve=False)), "ran this task"),
    "unsigned": (facts(given(), policy=GatePolicy(signed=True)), "is not signed"),
    "badly signed": (facts(given(signature=True, fault="it is made of wax")), "it is made of wax"),
    "unattended outside of the sandbox": (facts(given(via="--yes")), "opened by people only"),
    "by the policy in a person's name": (facts(given(via="policy")), "as having come by policy"),
    "by a person in the policy's name": (
        facts(given(POLICY, via="prompt"), policy=CHECKED_BY),
        "as having come by prompt",
    ),
    "made up as the policy's": (facts(OPENED), "the policy does not open this gate"),
}


@pytest.mark.parametrize(("wrong", "why"), WRONG.values(), ids=WRONG)
def test_each_worthless_approval_is_refused_for_its_own_reason(wrong: GateFacts, why: str) -> None:
    assert why in reasons(wrong)
    assert [other for other in {text for _, text in WRONG.values()} - {why} if other in reasons(wrong)] == []


def test_a_worthless_approval_beside_a_good_one_still_refuses() -> None:
    assert "never showed" in reasons(facts(given(ADA), given(BOB, nonce="x")))


def test_who_may_not_approve_is_told_why() -> None:
    assert may_approve(facts(), ADA) == ""
    assert "approved this already" in may_approve(facts(given(ADA)), ADA)
    assert "ran this task" in may_approve(facts(policy=GatePolicy(operator_may_approve=False)), ADA)
    assert "not among those" in may_approve(facts(policy=GatePolicy(who=("bob@example.com",))), ADA)


def test_what_is_signed_names_everything_that_it_is_for() -> None:
    text = signed_text(run="r", task="t1", attempt=2, digest="d", nonce="n")
    assert text == b"phasegate approval\nrun r\ntask t1\nattempt 2\ndigest d\nnonce n\n"


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
        "checks": [PASSED.to_json()],
        "data": {"account": "1"},
        "review": [{"title": "x", "body": "y"}],
        "witness": {"status": "ready"},
        "policy": GatePolicy().recorded().to_json(),
        "by": {"git": ADA, "user": "ada", "host": "here"},
        "entries": [
            {"path": "a", "mode": "100644", "type": "file", "blob": "0a"},
            {"path": "log", "mode": "100644", "type": "file", "blob": None},
        ],
    },
    "shown": {"shown_at": "2026-01-02T11:00:00.000Z", "expires_at": "2026-01-03T11:00:00.000Z"},
}
ENTRY = BASE["evidence"]["entries"][0]
GONE = {"mode": "000000", "type": "missing", "blob": None}
STRICT = GatePolicy(approvers=2).recorded().to_json()
CHANGES: dict[str, dict[str, Any]] = {
    **{name: {name: "other"} for name in ("plan", "run", "task", "text", "message")},
    "attempt": {"attempt": 2},
    "answers": {"answers": {"region": "eu-west-2"}},
    "artifact bytes": {"evidence": {**BASE["evidence"], "artifacts": [{"path": "a", "sha256": "1", "size": 1}]}},
    "checks": {"evidence": {**BASE["evidence"], "checks": [FAILED.to_json()]}},
    "account": {"evidence": {**BASE["evidence"], "data": {"account": "2"}}},
    "words shown": {"evidence": {**BASE["evidence"], "review": []}},
    "facts outside": {"evidence": {**BASE["evidence"], "witness": {}}},
    "policy": {"evidence": {**BASE["evidence"], "policy": STRICT}},
    "no policy": {"evidence": {name: part for name, part in BASE["evidence"].items() if name != "policy"}},
    "operator": {"evidence": {**BASE["evidence"], "by": {"git": BOB, "user": "ada", "host": "here"}}},
    "when it was shown": {"shown": {**BASE["shown"], "shown_at": "2026-01-02T11:00:00.001Z"}},
    "until when it is good": {"shown": {**BASE["shown"], "expires_at": "2027-01-03T11:00:00.000Z"}},
    "no times": {"shown": None},
    "mode": {"evidence": {**BASE["evidence"], "entries": [{**ENTRY, "mode": "100755"}]}},
    "type": {"evidence": {**BASE["evidence"], "entries": [{**ENTRY, "mode": "120000", "type": "link"}]}},
    "blob": {"evidence": {**BASE["evidence"], "entries": [{**ENTRY, "blob": "0b"}]}},
    "presence": {"evidence": {**BASE["evidence"], "entries": [{**ENTRY, **GONE}]}},
    "no entry": {"evidence": {**BASE["evidence"], "entries": []}},
}


def digest_of(base: dict[str, Any], version: int = 2) -> str:
    """The digest, or "refused" where the evidence could not be read."""
    try:
        return evidence_digest(**{**base, "evidence": Evidence.from_json(base["evidence"], version)}, version=version)
    except Misread:
        return "refused"


def test_no_evidence_has_one_digest_in_both_formats() -> None:
    """Runs of 1 know no entries: those of a later release are left alone there, and under no digest."""
    without = {**BASE, "evidence": {name: part for name, part in BASE["evidence"].items() if name != "entries"}}
    assert digest_of(BASE, 1) == digest_of(without, 1) != digest_of(BASE, 2)
    assert digest_of(without, 2) == "refused"
    assert digest_of({**BASE, "evidence": {**BASE["evidence"], "entries": []}}, 2) != digest_of(without, 1)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_digest_covers_every_part(change: dict[str, Any]) -> None:
    assert digest_of(BASE) == digest_of(BASE)
    assert digest_of({**BASE, **change}) not in (digest_of(BASE), "refused")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path, value
    else:
        for key, item in items:
            yield from leaves(item, (*path, key))


def with_leaf(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    changed = copy.deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = leaf
    return changed


def test_any_one_character_of_any_part_changes_the_digest() -> None:
    base, tried = digest_of(BASE), 0
    for path, leaf in leaves(BASE):
        if isinstance(leaf, str):
            others: list[Any] = [leaf[:i] + chr(ord(c) ^ 1) + leaf[i + 1 :] for i, c in enumerate(leaf)] + [leaf + " "]
        elif leaf is None:
            others = ["0a"]
        else:
            others = [not leaf] if isinstance(leaf, bool) else [leaf + 1]
        for other in others:
            digest = digest_of(with_leaf(BASE, path, other))
            assert digest != base, (path, other)
            tried += digest != "refused"
    assert tried > 100
