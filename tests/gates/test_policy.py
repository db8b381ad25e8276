"""Which rules are whose, and that what is recorded of a policy reads back as it was."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gates.policy import GatePolicy, GateRule, Policies, email_of
from state.evidence import RecordedPolicy

STRICT, LAX = GatePolicy(approvers=2), GatePolicy(opened_by_policy=True)


def test_what_is_recorded_reads_back_the_same() -> None:
    policy = GatePolicy(
        approvers=3,
        who=("*@example.com",),
        operator_may_approve=False,
        expires_after=timedelta(minutes=30),
        signed=True,
        opened_by_policy=True,
        allowed_signers="a",
        revoked_keys="b",
        files={"phasegate.yaml": "0" * 64},
    )
    assert GatePolicy.of(RecordedPolicy.from_json(json.loads(json.dumps(policy.recorded().to_json())))) == policy


@pytest.mark.parametrize(
    ("gate", "workflow", "governs"),
    [
        ("3.1", "*", True),
        ("t3_1", "*", True),
        ("3.*", "stage-*", True),
        ("Deploy*", "*", True),
        ("3.1", "aws-deploy", False),
        ("3", "*", False),
        ("deploy the stack", "*", False),
        ("", "*", False),
    ],
)
def test_a_rule_governs_by_id_key_title_or_pattern(gate: str, workflow: str, governs: bool) -> None:
    rule = GateRule(gate, workflow, STRICT, "phasegate.yaml:1:1")
    assert rule.is_about("stage-06", "t3_1", "3.1", "Deploy the stack") is governs


def test_an_id_with_pattern_characters_is_taken_literally_too() -> None:
    assert GateRule("T[1]", "*", STRICT, "").is_about("w", "t", "T[1]", "")


def test_the_first_rule_that_fits_counts_and_else_the_default() -> None:
    policies = Policies(GatePolicy(), (GateRule("1.*", "*", LAX, ""), GateRule("*", "shed", STRICT, "")))
    assert policies.for_gate("shed", "t1_1", "1.1", "x") is LAX
    assert policies.for_gate("shed", "t2_1", "2.1", "x") is STRICT
    assert policies.for_gate("fence", "t2_1", "2.1", "x") == GatePolicy()


def test_people_are_known_by_their_address_whatever_its_case() -> None:
    assert email_of("Ada <Ada@Example.com>") == email_of("A. L. <ada@example.COM>") == "ada@example.com"
    assert GatePolicy(who=("ADA@example.com",)).names("Ada <Ada@Example.com>")
    assert not GatePolicy(who=("*@example.com",)).names("Eve <eve@example.com.evil.org>")
