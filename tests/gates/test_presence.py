"""How must a person be there to approve an agent's work? What counts, what is weaker, and what nobody is asked for."""

from __future__ import annotations

import pytest

from gates.approval import absent
from gates.policy import GatePolicy
from gates.policy_change import GateRules, counting, wider


def settled(policy: GatePolicy, *, agents: bool = True) -> GatePolicy:
    return policy.settled(without_terminal=agents, agents=agents)


@pytest.mark.parametrize(
    ("presence", "terminal", "signature", "counts"),
    [
        (None, False, False, False),
        (None, True, False, True),
        (None, False, True, True),
        ("terminal", False, False, False),
        ("signed", True, False, True),  # `signed` itself asks for the signature: `GatePolicy.settled`
        ("any", False, False, True),
    ],
)
def test_what_counts_as_being_there(presence: str | None, terminal: bool, signature: bool, counts: bool) -> None:
    policy = settled(GatePolicy(presence=presence))  # type: ignore[arg-type]
    assert (absent(policy, terminal=terminal, signature=signature) == "") is counts


def test_signed_presence_asks_for_signatures_of_agents_work_only() -> None:
    policy = GatePolicy(presence="signed", allowed_signers="signers")
    assert settled(policy).signed
    assert not settled(policy, agents=False).signed


def test_work_of_people_records_no_presence() -> None:
    policy = settled(GatePolicy(presence="any", attempts=2), agents=False)
    assert "presence" not in policy.recorded().to_json()
    assert settled(GatePolicy()).recorded().to_json()["presence"] == "terminal"


@pytest.mark.parametrize(
    ("was", "now", "ways"),
    [
        (GatePolicy(), GatePolicy(presence="any"), ["for an agent's work presence is any instead of terminal"]),
        (GatePolicy(presence="signed"), GatePolicy(), ["for an agent's work presence is terminal instead of signed"]),
        (GatePolicy(), GatePolicy(attempts=9), ["an agent has 9 attempts instead of 5"]),
        (GatePolicy(presence="any"), GatePolicy(presence="signed", attempts=1), []),
        (GatePolicy(), GatePolicy(presence="terminal", attempts=5), []),
    ],
)
def test_a_looser_presence_and_more_attempts_are_weaker(was: GatePolicy, now: GatePolicy, ways: list[str]) -> None:
    assert list(wider(GateRules(was), GateRules(now))) == ways


def test_until_a_weaker_presence_is_approved_the_stricter_one_holds() -> None:
    was, now = GatePolicy(presence="signed", attempts=2), GatePolicy(presence="any", attempts=9)
    for old, new in ((was, now), (now, was)):
        policy = counting(GateRules(old), GateRules(new)).policy
        assert (policy.presence, policy.attempts) == ("signed", 2)
