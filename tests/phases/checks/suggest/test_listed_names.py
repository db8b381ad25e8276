"""An item that only names one of the things that stand above it is looked at by that name."""

from __future__ import annotations

import pytest

from tests.worlds.checklists import TITLES, suggested

AWS = TITLES["aws"]


def below(parent: str, item: str) -> list[object]:
    found = suggested(f"# {AWS}\n\n## First steps\n\n- [ ] {parent}\n  - [ ] {item}\n").proposals
    return [each.entry for each in found if each.kind == "name of a list"]


@pytest.mark.parametrize(
    ("parent", "item", "operation", "has"),
    [
        ("S3 buckets created:", "`acme-uploads`", "list_buckets", "'contains': 'acme-uploads'"),
        ("S3 buckets created:", "acme-logs (for the pages)", "list_buckets", "'contains': 'acme-logs'"),
        ("ECR repositories:", "shop-api - the back end", "describe_repositories", "'contains': 'shop-api'"),
        ("DynamoDB tables:", "`Orders`", "list_tables", "'contains': 'Orders'"),
        ("Secrets Manager secrets created:", "`shop/db`", "list_secrets", "'contains': 'shop/db'"),
        ("SQS queues:", "shop-jobs", "list_queues", "ends_with(@, '/shop-jobs')"),
        ("IAM permissions verified", "dynamodb:Query", "simulate_principal_policy", "['dynamodb:Query']"),
        ("**Required permissions**", "`s3:PutObject`", "simulate_principal_policy", "['s3:PutObject']"),
    ],
)
def test_it_is_looked_at(parent: str, item: str, operation: str, has: str) -> None:
    (entry,) = below(parent, item)
    assert isinstance(entry, dict)
    assert entry["operation"] == operation
    assert has in str(entry)


@pytest.mark.parametrize(
    ("parent", "item"),
    [
        ("S3 buckets to delete:", "`acme-uploads`"),
        ("S3 buckets with versioning:", "`acme-uploads`"),
        ("S3 buckets created:", "uploads"),
        ("S3 buckets created:", "`acme-uploads` (versioned, private)"),
        ("S3 buckets created:", "`acme-uploads` - 30 days"),
        ("S3 buckets and DynamoDB tables:", "acme-uploads"),
        ("S3 buckets created:", "`policy.json`"),
        ("IAM permissions denied", "dynamodb:Query"),
        ("Tables of the menu", "dynamodb:Query"),
        ("Optional DynamoDB tables", "shop-orders"),
        ("Files", "`acme-uploads`"),
        ("S3 bucket of the pages:", "`index.html`"),
        ("DynamoDB table for orders:", "`userId`"),
        ("Secrets Manager secrets created:", "`DB_PASSWORD`"),
        ("S3 buckets created:", "`error.html`"),
    ],
)
def test_or_nobody_says_that_it_is_there(parent: str, item: str) -> None:
    assert below(parent, item) == []


def test_buckets_of_another_host_are_not_asked_of_aws() -> None:
    text = f"# {AWS}\n\n## Storage\n\n- [ ] S3-compatible storage at MinIO\n- [ ] S3 buckets created\n"
    assert suggested(text).proposals == ()
