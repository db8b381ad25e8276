"""Each rule takes its examples and no counter-example; each refusal refuses its examples and spares others."""

from __future__ import annotations

import json

import pytest

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.proposal import Rule
from phases.checks.suggest.refusals import REFUSALS, Refusal, refusal_of
from phases.checks.suggest.rules.table import RULES
from tests.worlds.checklists import TITLES, proposed

pytestmark = pytest.mark.slow  # each rule reads some six documents
BY_NAME = [pytest.param(rule, id=f"{rule.context}-{rule.name}") for rule in RULES]


def taken_by(rule: Rule, item: str) -> bool:
    heading = "Rollback" if "rollback" in rule.around else "Python" if "python" in rule.around else "Now"
    found = proposed(item, title=TITLES[rule.context], heading=heading)
    return found is not None and found.kind == rule.name


@pytest.mark.parametrize("rule", BY_NAME)
def test_a_rule_takes_its_examples_and_none_of_its_counter_examples(rule: Rule) -> None:
    assert rule.examples
    assert len(rule.counters) >= 2
    assert [item for item in rule.examples if not taken_by(rule, item)] == []
    assert [item for item in rule.counters if taken_by(rule, item)] == []


@pytest.mark.parametrize("rule", BY_NAME)
def test_a_rule_never_rests_on_absence_alone_and_says_what_it_does_not_prove(rule: Rule) -> None:
    assert rule.check.get("expect") not in ("absent", {"absent": True})
    assert "==`0`" not in json.dumps(rule.check).replace(" ", "") or ">`0`" in json.dumps(rule.check).replace(" ", "")
    assert rule.unproved
    assert set(rule.names) >= {each.group for each in rule.names.values() if each.group in rule.names}


def test_one_placeholder_asks_for_one_thing() -> None:
    asked: dict[str, set[str]] = {}
    for rule in RULES:
        for name, about in rule.names.items():
            asked.setdefault(name, set()).add(about.ask)
    assert {name: asks for name, asks in asked.items() if len(asks) > 1} == {}


def test_rules_have_names_of_their_own() -> None:
    names = [(rule.name, rule.context) for rule in RULES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.why)
def test_a_refusal_refuses_its_examples_and_spares_what_only_looks_like_it(refusal: Refusal) -> None:
    assert refusal.examples
    assert len(refusal.spares) >= 2
    assert {refusal_of(ListedItem(1, item)) for item in refusal.examples} == {refusal.why}
    assert [item for item in refusal.spares if refusal_of(ListedItem(1, item)) == refusal.why] == []
