"""An approval that came through the git remote is signed, or a finding, whatever its policy asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from gates.policy import GatePolicy
from state.evidence import Approval, By
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.policy_checks import _check_person

BOB = By("Bob <bob@example.com>", "bob", "there")
AT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("via", "signature", "policy", "codes"),
    [
        ("remote", "", GatePolicy(), ["signature-missing"]),
        ("remote", "", GatePolicy(signed=True, allowed_signers="signers"), ["signature-missing"]),
        ("remote", "-----BEGIN SSH SIGNATURE-----", GatePolicy(), []),
        ("command", "", GatePolicy(), []),
        ("command", "", GatePolicy(orderer_may_approve=False), []),
    ],
    ids=["remote, unsigned", "remote, unsigned at a signed gate", "remote, signed", "not remote", "not who ordered"],
)
def test_an_unsigned_approval_through_the_remote_is_a_finding_once(
    via: Any, signature: str, policy: GatePolicy, codes: list[str]
) -> None:
    found: list[Finding | Unprovable] = []
    state: Any = SimpleNamespace(key="t1_1")
    _check_person(
        state, policy, Approval("0" * 64, "n", BOB, via, True, AT, signature), (), "Ada <ada@example.com>", found.append
    )
    assert [each.code for each in found] == codes


def test_an_approval_by_who_ordered_the_run_is_a_finding_where_the_policy_bars_them() -> None:
    found: list[Finding | Unprovable] = []
    policy, approval = GatePolicy(orderer_may_approve=False), Approval("0" * 64, "n", BOB, "command", True, AT)
    state: Any = SimpleNamespace(key="t1_1")
    _check_person(state, policy, approval, (), BOB.git.upper(), found.append)
    assert [each.code for each in found if isinstance(each, Finding)] == ["approver-not-allowed"]
