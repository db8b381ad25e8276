"""A check is not taken where its pass would say something else: code for what runs, an address that takes no GET."""

from __future__ import annotations

import json

import pytest

from tests.worlds.checklists import TITLES, proposed, suggested

AWS, CLUSTER, WEB = TITLES["aws"], TITLES["kubernetes"], TITLES["operations"]


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("`/api/webhooks/payments` is accessible", WEB),
        ("Jenkins accessible at `http://203.0.113.7:8080`", WEB),
        ("**CORS Origins**: production domains configured", WEB),
        ("Set up autoscaling of services: `kubectl autoscale deployment <name> --min=2 --max=5`", CLUSTER),
        ("EBS volume encryption enabled", AWS),
    ],
)
def test_what_would_be_seen_is_something_else(item: str, title: str) -> None:
    assert proposed(item, title=title) is None


@pytest.mark.parametrize(
    ("item", "title", "words"),
    [
        ("`/api/orders` is accessible", WEB, "{base-url}/api/orders"),
        ("Grafana accessible at `http://203.0.113.7:3000`", WEB, "http://203.0.113.7:3000"),
        ("Set up autoscaling: `kubectl autoscale deployment shop --min=2 --max=5`", CLUSTER, "shop"),
        ("EBS encryption enabled by default", AWS, "EbsEncryptionByDefault"),
        ("`AmazonS3ReadOnlyAccess` policy attached", AWS, "{who}"),
        ("ElastiCache Redis instance running", AWS, "CacheClusters[?ReplicationGroupId=='{cache}' ||"),
        ("Lambda functions have required environment variables", AWS, "{variables}"),
    ],
)
def test_and_what_is_meant_is_asked(item: str, title: str, words: str) -> None:
    found = proposed(item, title=title)
    assert found is not None
    assert words in json.dumps(dict(found.entry))


FILES = "### Modules\n\n- [ ] main.tf with the network\n- [ ] variables.tf\n- [ ] outputs.tf\n\n"


@pytest.mark.parametrize(
    ("files", "heading", "is_proposed"),
    [
        (FILES, "Database layer", False),
        (FILES, "To-do before the first apply", True),
        ("", "Database layer", True),
    ],
)
def test_what_stands_in_files_of_terraform_is_not_asked_of_aws(files: str, heading: str, is_proposed: bool) -> None:
    text = f"# AWS deployment\n\n## Shop\n\n{files}### {heading}\n\n- [ ] RDS Multi-AZ enabled\n"
    assert ("describe_db_instances" in str([each.entry for each in suggested(text).proposals])) is is_proposed


@pytest.mark.parametrize(
    ("told", "is_proposed"), [("Should return 200", True), ('Should return: {"status": "healthy"}', False)]
)
def test_an_answer_that_a_block_shows_is_not_passed_over(told: str, is_proposed: bool) -> None:
    block = f"  ```bash\n  curl http://shop.acme.org/health\n  # {told}\n  ```\n"
    found = suggested(f"# Deployment checklist\n\n## Check\n\n- [ ] Test the health endpoint:\n{block}").proposals
    assert bool(found) is is_proposed


def test_the_status_of_a_deployment_is_more_than_that_it_is_there() -> None:
    block = "  ```bash\n  kubectl get deployment shop\n  ```\n"
    (found,) = suggested(f"# {CLUSTER}\n\n## Check\n\n- [ ] Check deployment status:\n{block}").proposals
    assert "availableReplicas" in str(found.entry["expression"])


def test_where_one_is_asked_of_several_a_rule_that_asks_each_is_taken() -> None:
    text = f"# {AWS}\n\n## Monitoring & Alarms\n\n- [ ] CloudWatch alarms created\n"
    (found,) = suggested(text).proposals
    assert found.entry["expect"] == {"contains-each": "{alarms}"}
