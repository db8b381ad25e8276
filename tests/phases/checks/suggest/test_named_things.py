"""An item that says of one thing, by its name, that it is there is looked at by that name."""

from __future__ import annotations

import pytest

from tests.worlds.checklists import TITLES, suggested

AWS = TITLES["aws"]


def found(item: str, heading: str = "Now") -> list[tuple[object, list[str]]]:
    made = suggested(f"# {AWS}\n\n## {heading}\n\n- [ ] {item}\n").proposals
    return [(each.entry, list(each.asks)) for each in made if each.kind == "thing by its name"]


@pytest.mark.parametrize(
    ("item", "heading", "has", "asks"),
    [
        ("SQS queue created: Shop-Jobs-dev", "Now", "ends_with(@, '/Shop-Jobs-dev')", []),
        ("S3 bucket created: shop-pages-{account-id}", "Now", "'shop-pages-{account-id}'", ["account-id"]),
        ("IAM role created: Shop-Lambda-dev", "Now", "'contains': 'Shop-Lambda-dev'", []),
        ("Create `shop-orders` function", "Lambda functions", "'contains': 'shop-orders'", []),
        ("Create secret: `shop/mail`", "Secrets Manager", "'contains': 'shop/mail'", []),
        ("Create new REST API named `shop-api`", "Now", "'contains': 'shop-api'", []),
        ("Create schedule `shop-nightly`", "EventBridge", "'contains': 'shop-nightly'", []),
        ("Create ASG shop-web-asg", "Auto Scaling", "'contains': 'shop-web-asg'", []),
    ],
)
def test_it_is_looked_at(item: str, heading: str, has: str, asks: list[str]) -> None:
    ((entry, asked),) = found(item, heading)
    assert has in str(entry)
    assert asked == asks


@pytest.mark.parametrize(
    ("item", "heading"),
    [
        ("Create `shop-orders` function", "Backend"),
        ("Create `shop-orders` function with 512 MB", "Lambda functions"),
        ("Delete `shop-orders` function", "Lambda functions"),
        ("SQS queue created: high-priority", "Now"),
        ("SQS queue created: later", "Now"),
        ("Create secret: `your-secret`", "Secrets Manager"),
        ("Create role set-up", "IAM"),
        ("Create `orders` table and `users` table", "DynamoDB"),
    ],
)
def test_or_nobody_says_which_kind_or_name(item: str, heading: str) -> None:
    assert found(item, heading) == []
