"""What stands above an item says what it is about; where that is not clear, nothing does."""

from __future__ import annotations

import pytest

from phases.checks.suggest.proposal import Proposal
from tests.worlds.checklists import check_words, suggested


def below(heading: str, item: str, *, parent: str = "", before: str = "") -> Proposal | None:
    """What is proposed for the last item of an AWS checklist with this heading."""
    lines = [f"- [ ] {each}" for each in (before, parent) if each]
    text = f"# AWS deployment\n\n## {heading}\n\n" + "\n".join([*lines, f"{'  ' if parent else ''}- [ ] {item}"])
    found = suggested(text)
    last = max(each.item.line for each in (*found.proposals, *found.others))
    return next((each for each in found.proposals if each.item.line == last), None)


@pytest.mark.parametrize(
    ("heading", "item", "words"),
    [
        ("3. S3 bucket for uploads", "Versioning: enabled", "s3 get_bucket_versioning"),
        ("RDS database", "Multi-AZ: yes", "rds describe_db_instances"),
        ("Phase 4: EC2 Security Group", "HTTPS (443): open from 0.0.0.0/0", "ec2 describe_security_groups"),
        ("GitHub secrets", "`SHOP_TOKEN`", "command gh secret list --json name"),
        ("Deployment (Vercel) - environment variables", "`SHOP_URL` - of the shop", "command vercel env ls production"),
        ("Required files", "`deploy/nginx.conf`", "file deploy/nginx.conf"),
    ],
)
def test_a_heading_says_what_its_items_are_about(heading: str, item: str, words: str) -> None:
    found = below(heading, item)
    assert found is not None
    assert check_words(found) == words
    assert heading in {each.text for each in found.rests_on}


@pytest.mark.parametrize(
    ("heading", "item"),
    [
        ("Settings", "Versioning: enabled"),
        ("S3 and RDS", "Encryption: enabled"),
        ("S3 bucket", "Cache versioning: agreed"),
        ("Security group", "Port 22 (SSH) from the office only"),
        ("Environment variables in Render or Railway", "`SHOP_URL` - of the shop"),
        ("Remove these environment variables (`.env`)", "`SHOP_URL` - no longer used"),
        ("Optional GitHub secrets", "`SHOP_TOKEN`"),
        ("Files to review", "`deploy/nginx.conf`"),
    ],
)
def test_what_is_not_clear_from_above_is_left(heading: str, item: str) -> None:
    assert below(heading, item) is None


def test_things_of_a_kind_are_asked_about_apart() -> None:
    text = (
        "# AWS deployment\n\n## Groups\n\n- [ ] Web security group created\n  - [ ] Port 443 open\n"
        "- [ ] Desk security group created\n  - [ ] Port 443 open\n"
    )
    asked = {name for each in suggested(text).proposals for name in each.asks}
    assert asked == {"web-security-group", "desk-security-group"}


def test_a_parent_counts_before_a_heading() -> None:
    found = below("S3 bucket", "Deletion protection: enabled", parent="RDS instance created")
    assert found is not None
    assert found.entry["service"] == "rds"


def test_items_before_it_say_what_a_heading_leaves_open() -> None:
    found = below("Database verification", "Automated backups enabled", before="RDS instance available")
    assert found is not None
    assert found.entry["service"] == "rds"
    assert below("Verification", "Automated backups enabled", before="RDS instance available") is None


def test_a_value_that_is_an_example_or_a_bound_is_not_asked_for() -> None:
    assert below("RDS database", "Instance class: db.t3.small") is not None
    assert below("RDS database", "Instance class: db.t3.small (minimum)") is None
    assert below("S3 bucket", "`S3_BUCKET=your-bucket` set") is None


def test_what_an_alternative_says_is_left() -> None:
    assert below("After", "Health endpoint returns 200") is not None
    assert below("After", "Health endpoint returns 200", parent="At least one of these answers:") is None
