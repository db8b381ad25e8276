"""A check of one thing is no answer for several: by the item's words, its number, what the document has."""

from __future__ import annotations

import pytest

from tests.worlds.checklists import TITLES, proposed, suggested

AWS, CLUSTER, WEB = TITLES["aws"], TITLES["kubernetes"], TITLES["operations"]


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("3 secrets in Secrets Manager", AWS),
        ("All Helm releases deployed", CLUSTER),
        ("CloudWatch alarms for checkout created", AWS),
        ("CORS configured for production domains", WEB),
    ],
)
def test_one_is_not_asked_where_several_are_meant(item: str, title: str) -> None:
    assert proposed(item, title=title) is None


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("Secret in Secrets Manager", AWS),
        ("Helm release deployed", CLUSTER),
        ("CloudWatch alarm for checkout created", AWS),
        ("CNAME record pointing to the load balancer", WEB),
        ("CORS configured for production domain", WEB),
        ("DNS records created", AWS),
        ("CNAME records pointing to the load balancer", WEB),
    ],
)
def test_one_is_asked_where_one_is_meant_and_each_where_each_is_asked(item: str, title: str) -> None:
    assert proposed(item, title=title) is not None


@pytest.mark.parametrize(
    ("other", "item", "is_proposed"),
    [
        ("DynamoDB tables created", "DynamoDB streams enabled", False),
        ("DynamoDB table created", "DynamoDB streams enabled", True),
        ("DynamoDB tables created", "Enable DynamoDB point-in-time recovery", True),  # its check says: for one table
        ("DynamoDB tables created", "Point-in-time recovery enabled on `orders`", True),
        ("S3 buckets created", "S3 bucket versioning enabled", False),
        ("ECR repositories created", "S3 bucket versioning enabled", True),
    ],
)
def test_a_setting_of_the_one_is_none_where_the_document_has_several(other: str, item: str, is_proposed: bool) -> None:
    found = suggested(f"# {AWS}\n\n## First\n\n- [ ] {other}\n\n## Then\n\n- [ ] {item}\n").proposals
    assert (item in [each.item.text for each in found]) is is_proposed
