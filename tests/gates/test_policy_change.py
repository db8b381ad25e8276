"""Which of two policies is weaker, setting by setting: held against a table that knows people and keys one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.policy import GatePolicy
from gates.policy_change import GateRules, counting, covers, key_files, key_lines, wider

pytestmark = pytest.mark.slow

PEOPLE = [f"{name}@{host}" for name, host in product(("a", "b", "ab", "ba", ""), ("x", "y", "xy"))]
PATTERNS = ["*", "*@x", "a@x", "b@x", "ab@x", "A@X", "a*@x", "*b@*", "?@y", "??@x", "[ab]@x", "[!a]@x", "a@?", "*@x*"]
KEYS = ["a@x k1", "a@x k2", "b@x k3"]
HOURS = [timedelta(hours=1), timedelta(hours=4)]
RANK = {False: 0, None: 1, True: 2}

keys = st.frozensets(st.sampled_from(KEYS))
policies = st.builds(
    GatePolicy,
    approvers=st.integers(1, 3),
    who=st.lists(st.sampled_from(PATTERNS), max_size=3).map(tuple),
    operator_may_approve=st.sampled_from([False, None, True]),
    expires_after=st.sampled_from(HOURS),
    signed=st.booleans(),
    opened_by_policy=st.booleans(),
    tick_not_applicable=st.booleans(),
)
rules = st.builds(GateRules, policies, keys, keys)


def may(policy: GatePolicy) -> set[str]:
    """Who may approve, person by person."""
    return {person for person in PEOPLE if policy.names(f"X <{person}>")}


def table(old: GateRules, new: GateRules) -> dict[str, bool]:
    """Setting -> whether it is weaker, told from what it lets happen and not from how it is written."""
    was, now = old.policy, new.policy
    both_sign = was.signed and now.signed
    return {
        "approvers": now.approvers < was.approvers,
        "operator": RANK[now.operator_may_approve] > RANK[was.operator_may_approve],
        "expires": now.expires_after > was.expires_after,
        "opened": now.opened_by_policy and not was.opened_by_policy,
        "ticks": now.tick_not_applicable and not was.tick_not_applicable,
        "signed": was.signed and not now.signed,
        "keys": (both_sign or not was.signed) and bool(new.allowed - old.allowed),
        "revoked": (both_sign or not was.signed) and bool(old.revoked - new.revoked),
    }


SAYS = {
    "approvers": "may approve it instead of",
    "operator": "who did the work",
    "ticks": "was waived, are ticked",
    "expires": "is good for",
    "opened": "without a person",
    "signed": "without signatures",
    "keys": "among the allowed signers",
    "revoked": "revoked key",
}


@settings(max_examples=400, deadline=None)
@given(rules, rules)
def test_each_setting_is_found_weaker_exactly_where_it_is(old: GateRules, new: GateRules) -> None:
    said = list(wider(old, new))
    assert {name: any(words in each for each in said) for name, words in SAYS.items()} == table(old, new)
    people = [each for each in said if each.endswith("may approve it") and not each.startswith("who did")]
    if may(new.policy) - may(old.policy):
        assert people  # never overlooked; two patterns that cover a third together may be taken for more


@settings(max_examples=400, deadline=None)
@given(rules, rules)
def test_what_counts_meanwhile_is_of_each_setting_the_stricter(old: GateRules, new: GateRules) -> None:
    now = counting(old, new)
    weaker = table(old, new)
    for name, value in (
        ("approvers", "approvers"),
        ("operator", "operator_may_approve"),
        ("expires", "expires_after"),
        ("opened", "opened_by_policy"),
        ("signed", "signed"),
    ):
        stricter = old.policy if weaker[name] else new.policy
        assert getattr(now.policy, value) == getattr(stricter, value)
    both = may(old.policy) & may(new.policy)
    assert may(now.policy) <= both or may(now.policy) == may(old.policy)
    if both and set(new.policy.who) <= set(PEOPLE):  # people, not patterns: who was taken out is out
        assert may(now.policy) == both
    assert now.revoked == old.revoked | new.revoked
    assert now.allowed == (old.allowed if weaker["keys"] or weaker["signed"] else new.allowed)
    assert not list(wider(old, now))


@given(rules)
def test_the_same_policy_is_neither_weaker_nor_stricter(same: GateRules) -> None:
    assert not list(wider(same, same))
    assert counting(same, same).opens_as(same)


@pytest.mark.parametrize("wide", PATTERNS)
@pytest.mark.parametrize("narrow", PATTERNS)
def test_a_pattern_covers_another_only_where_it_does_for_each_person(wide: str, narrow: str) -> None:
    theirs = {person for person in PEOPLE if fnmatchcase(person, narrow.lower())}
    mine = {person for person in PEOPLE if fnmatchcase(person, wide.lower())}
    if covers(wide, narrow):
        assert theirs <= mine
    if narrow in PEOPLE or wide == "*":
        assert covers(wide, narrow) == (theirs <= mine)


BOB, EVE, MALLORY = "bob@x ssh-ed25519 A", "eve@x ssh-ed25519 B", "bob@x ssh-ed25519 M"
SIGNED = GatePolicy(signed=True, allowed_signers="signers", revoked_keys="revoked")


def with_keys(*allowed: str, revoked: tuple[str, ...] = (), policy: GatePolicy = SIGNED) -> GateRules:
    return GateRules(policy, frozenset(allowed), frozenset(revoked))


def test_a_swap_of_keys_holds_not_at_all_and_a_revocation_in_it_at_once() -> None:
    now = counting(with_keys(BOB, EVE), with_keys(BOB, MALLORY, revoked=("k",)))
    assert (now.allowed, now.revoked) == (frozenset((BOB, EVE)), frozenset(("k",)))
    assert counting(with_keys(BOB, EVE), with_keys(BOB)).allowed == frozenset((BOB,))


def test_dropping_signatures_and_their_keys_together_takes_neither_away() -> None:
    now = counting(with_keys(BOB), GateRules(GatePolicy()))
    assert now.policy.signed
    assert (now.allowed, now.policy.allowed_signers) == (frozenset((BOB,)), "signers")


def test_the_first_signers_of_a_repository_are_new_keys_and_known_ones_are_not() -> None:
    unsigned = GateRules(GatePolicy())
    first = counting(unsigned, with_keys(MALLORY))
    assert first.policy.signed
    assert first.allowed == frozenset()
    assert list(wider(unsigned, with_keys(MALLORY)))
    assert not list(wider(unsigned, with_keys(BOB), known=(BOB,)))
    assert counting(unsigned, with_keys(BOB), known=(BOB,)).allowed == frozenset((BOB,))


def test_where_nobody_of_before_is_left_the_people_of_before_go_on_judging() -> None:
    old, new = (GateRules(GatePolicy(who=(each,))) for each in ("bob@x", "eve@x"))
    assert counting(old, new).policy.who == ("bob@x",)
    some = GateRules(GatePolicy(who=("bob@x", "eve@x")))
    assert counting(some, GateRules(GatePolicy(who=("bob@x", "mallory@x")))).policy.who == ("bob@x",)


def test_lines_that_say_nothing_are_no_keys_and_a_binary_list_is_one() -> None:
    assert key_lines(b"# people\r\n\r\n  bob@x ssh A \r\n") == frozenset(("bob@x ssh A",))
    krl = b"SSHKRL\n\0\x01\n# no comment\n"
    lines = key_lines(krl) | {"ssh A"}
    assert key_files(lines) == [b"ssh A\n", krl]
    assert key_files(()) == [b""]


def test_what_no_signature_is_asked_for_is_not_about_keys() -> None:
    unsigned = replace(SIGNED, signed=False)
    assert with_keys(BOB, policy=unsigned).opens_as(with_keys(EVE, policy=unsigned))
    assert not with_keys(BOB).opens_as(with_keys(EVE))
