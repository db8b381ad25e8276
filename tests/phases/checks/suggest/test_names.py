"""A name that stands in an item is what its check asks about, and items about different things share no question.

Every rule's examples are given names at each place, in backticks, quotes or bare; two items that differ by the name
alone never come to the same check.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle

import pytest

from phases.checks.suggest.proposal import Rule
from phases.checks.suggest.rules.table import RULES
from state.json_values import Json
from tests.worlds.checklists import TITLES, proposed, suggested

BY_NAME = [pytest.param(rule, id=f"{rule.context}-{rule.name}") for rule in RULES if rule.names]
PAIRS = [
    *(("`orders-dev`", "`orders-production`"), ('"orders-dev"', '"orders-production"'), ("orders", "users")),
    *(("v1.0.0", "v2.0.0"), ("Production", "Staging"), ("vpc-0123456789", "vpc-9876543210")),
    ("`arn:aws:acm:eu-west-1:111111111111:certificate/a`", "`arn:aws:acm:eu-west-1:111111111111:certificate/b`"),
]


def checks_for(*items: str, title: str) -> list[dict[str, Json]]:
    """What the checks of these items are, their own id and name apart, in the items' order."""
    found = suggested(f"# {title}\n\n## Now\n\n" + "".join(f"- [ ] {each}\n" for each in items))
    return [json.loads(json.dumps(each.entry)) for each in found.proposals]


def with_name(item: str) -> Iterator[str]:
    """The item with a place for a name behind its first word and behind its last."""
    words = item.split(" ")
    for place in sorted({1, len(words)}):
        yield " ".join([*words[:place], "NAME", *words[place:]])


@pytest.mark.slow  # some seconds for all rules
@pytest.mark.parametrize("rule", BY_NAME)
def test_two_items_that_differ_by_a_name_never_share_a_question(rule: Rule) -> None:
    same = []
    examples = [each for each in rule.examples if not set("`(") & set(each)]
    pairs = cycle(PAIRS)  # two for each place of a name: all seven where a rule has two examples
    for form in (form for example in examples for form in with_name(example)):
        for one, other in (next(pairs), next(pairs)):
            items = [form.replace("NAME", each) for each in (one, other)]
            found = checks_for(*items, title=TITLES[rule.context])
            if len(found) == 2 and found[0] == found[1]:
                same.append((items, found[0]))
    assert same == []


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ("DynamoDB table `orders-dev` exists", "DynamoDB table `orders-prod` exists", ("orders-dev", "orders-prod")),
        ('DynamoDB table "orders-dev" exists', 'DynamoDB table "orders-prod" exists', ("orders-dev", "orders-prod")),
        ("Git tag v1.0.0 exists", "Git tag v2.0.0 exists", ("v1.0.0", "v2.0.0")),
        ("RDS instance `a-1` is available", "RDS instance `b-2` is available", ("a-1", "b-2")),
        ("Lambda function `f-1` deployed", "Lambda function `f-2` deployed", ("f-1", "f-2")),
        ("EC2 instance i-0123456789 running", "EC2 instance i-1123456789 running", ("i-0123456789", "i-1123456789")),
        ("CloudFormation stack `1a` deployed", "CloudFormation stack `2b` deployed", ("1a", "2b")),
    ],
)
def test_a_name_in_the_item_is_what_its_check_asks_about(one: str, other: str, names: tuple[str, str]) -> None:
    found = suggested(f"# {TITLES['aws']}\n\n## Now\n\n- [ ] {one}\n- [ ] {other}\n")
    assert found.questions == {}
    for each, name, foreign in zip(found.proposals, names, reversed(names), strict=True):
        assert name in json.dumps(each.entry)
        assert foreign not in json.dumps(each.entry)


def test_a_name_that_is_not_what_has_to_be_known_is_asked_about_for_itself() -> None:
    items = [f"- [ ] Cognito user pool `{each}` created\n" for each in ("customers", "staff")]
    found = suggested(f"# {TITLES['aws']}\n\n" + "".join(items))
    assert list(found.questions) == ["customers-user-pool-id", "staff-user-pool-id"]
    assert found.questions["staff-user-pool-id"].endswith("(staff)")


def test_an_option_of_another_name_is_not_taken() -> None:
    text = f"# {TITLES['aws']}\n\n- [ ] RDS `users` instance is available\n- [ ] RDS deletion protection enabled\n\n"
    found = suggested(text + "```sh\naws rds describe-db-instances --db-instance-identifier orders\n```\n")
    assert [each.entry["parameters"] for each in found.proposals] == [
        {"DBInstanceIdentifier": "users"},
        {"DBInstanceIdentifier": "orders"},
    ]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("CloudWatch alarms for checkout errors", "checkout"),
        ("Cognito user pool exists (shop-users)", "shop-users"),
        ("CloudFront distribution created", ""),
    ],
)
def test_a_question_says_what_its_item_is_about(item: str, words: str) -> None:
    found = proposed(item, title=TITLES["aws"])
    assert found is not None
    assert all(each.endswith(f"({words})") if words else not each.endswith(")") for each in found.asks.values())
