"""A check that answers less than its item says is listed as possible, and never proposed."""

from __future__ import annotations

import re

import pytest

from phases.checks.suggest.proposal import Suggestions
from phases.checks.suggest.rules.table import RULES
from phases.checks.suggest.whole import POSSIBLE
from tests.worlds.checklists import TITLES, proposed, suggested

AWS, CLUSTER = TITLES["aws"], TITLES["kubernetes"]


def of(item: str, *, title: str = AWS, heading: str = "Now", block: str = "", rest: str = "") -> Suggestions:
    """What one item comes to, with a block of commands below it."""
    below = f"\n\n  ```sh\n{block}\n  ```\n" if block else "\n"
    return suggested(f"# {title}\n\n## {heading}\n\n- [ ] {item}{below}{rest}")


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ("Target group created with health check path `/api/up`", "/api/up"),
        ("DynamoDB table created (or an existing one)", "one way of several"),
        ("ECS cluster created (or use the default one)", "one way of several"),
        ("ECS service running (both shop and search)", "there are several"),
        ("SNS topic created (orders and users)", "there are several"),
        ("NAT gateway is operational", "does not ask whether it is operational"),
        ("S3 bucket exists and is accessible", "does not ask whether it is accessible"),
    ],
)
def test_what_a_check_leaves_out_makes_it_possible_and_not_proposed(item: str, word: str) -> None:
    found = of(item)
    assert found.proposals == ()
    assert found.others[0].why.startswith(POSSIBLE)
    assert word in found.others[0].why


@pytest.mark.parametrize(
    ("plain", "title"),
    [
        ("Target group created", AWS),
        ("DynamoDB table created", AWS),
        ("ECS cluster created (optional)", AWS),
        ("ECS service running", AWS),
        ("SNS topic created", AWS),
        ("NAT gateway is available", AWS),
        ("S3 bucket exists", AWS),
    ],
)
def test_the_same_words_without_it_are_proposed(plain: str, title: str) -> None:
    assert proposed(plain, title=title) is not None


def test_of_several_each_is_looked_at_by_its_name() -> None:
    found = proposed("S3 buckets created (photos and invoices)", title=AWS)
    assert found is not None
    assert found.asks == {"buckets": "Which buckets, with spaces between them?"}
    assert found.entry["expect"] == {"contains-each": "{buckets}"}


@pytest.mark.parametrize("joined", ["`orders` and `users`", "`orders`, `users`", "`orders`, and `users`"])
def test_names_that_the_item_spells_are_these(joined: str) -> None:
    found = proposed(f"DynamoDB tables {joined} created", title=AWS)
    assert found is not None
    assert found.entry["expect"] == {"contains-each": "orders users"}
    assert not found.asks


def test_a_placeholder_of_several_is_a_name_that_is_asked() -> None:
    for rule in RULES:
        for name, about in rule.names.items():
            assert not about.many or re.fullmatch(r"[a-z][a-z0-9-]*", name), rule.name


def test_a_name_of_an_aspect_is_no_name_of_the_thing() -> None:
    found = proposed("`AmazonS3FullAccess` policy attached", title=AWS, heading="IAM user")
    assert found is None or "AmazonS3FullAccess" not in str(found.entry)
    assert proposed("Redis answers (`redis-cli ping` returns `PONG`)") is not None
    assert "-h PONG" not in str(proposed("Redis reachable (`redis-cli ping` returns `PONG`)"))


@pytest.mark.parametrize("namespaces", [("shop",), ("shop", "search")])
def test_commands_that_name_two_namespaces_are_about_two(namespaces: tuple[str, ...]) -> None:
    block = "\n".join(f"  kubectl get pods -n {each}" for each in namespaces)
    found = of("Verify shop pods", title=CLUSTER, block=block)
    (one,) = found.proposals
    assert str(one.entry["expression"]).count("metadata.namespace==") == (0 if len(namespaces) == 1 else 4)


@pytest.mark.parametrize(
    ("namespace", "title", "asked"),
    [
        ("dapr-system", CLUSTER, ["namespace", "network-policies"]),
        ("argocd", CLUSTER, ["namespace", "network-policies"]),
        ("shop", CLUSTER, ["network-policies"]),
        ("guard-system", f"Guard: {CLUSTER}", ["network-policies"]),
    ],
)
def test_the_namespace_of_an_add_on_is_not_that_of_other_parts(namespace: str, title: str, asked: list[str]) -> None:
    first = f"## First\n\n- [ ] Ready\n\n  ```sh\n  kubectl get pods -n {namespace}\n  ```\n"
    found = suggested(f"# {title}\n\n{first}\n## Second\n\n- [ ] Network policies applied\n").proposals
    assert [list(each.asks) for each in found if each.kind == "network policy"] == [asked]
    beside = f"# {title}\n\n{first}- [ ] Network policies applied\n"
    (found,) = [each for each in suggested(beside).proposals if each.kind == "network policy"]
    assert list(found.asks) == ["network-policies"]


@pytest.mark.parametrize(
    ("item", "run"),
    [
        ("Verify the namespace", "kubectl get namespaces shop -o json"),
        ("Check the pods", "kubectl get pods -n shop -o json"),
        ("Verify policies", "kubectl get psp -o json"),
    ],
)
def test_a_kubectl_get_below_an_item_that_looks_is_its_check(item: str, run: str) -> None:
    (found,) = of(item, title=CLUSTER, block=f"  {run.removesuffix(' -o json')}").proposals
    assert found.entry["command"] == {"run": run}
    assert found.entry["expect"] != "absent"


@pytest.mark.parametrize(
    ("item", "block"),
    [
        ("Copy the endpoint", "  kubectl get ingress -n shop"),
        ("Verify isolation", "  kubectl get pods -n shop\n  kubectl exec x"),
        ("Verify secrets", "  kubectl get secrets -n shop"),
        ("Verify logs", "  kubectl get events -n shop"),
        ("Verify policies", "  kubectl get psp | grep shop"),
    ],
)
def test_what_does_more_or_is_not_looked_at_by_kubectl_get_is_none(item: str, block: str) -> None:
    assert "kubectl command" not in {each.kind for each in of(item, title=CLUSTER, block=block).proposals}


def test_a_command_that_is_the_last_of_what_is_to_be_done_leaves_nothing_that_is_known() -> None:
    apply = "  kubectl apply -f alerts.yaml"
    assert of("Alerts configured", title=CLUSTER, block=apply).proposals
    assert of("Alerts configured", title=CLUSTER, block=f"  # Set the webhook in alerts.yaml\n{apply}").proposals == ()


@pytest.mark.parametrize("heading", ["Next steps", "Weekly tasks", "Emergency procedures", "Troubleshooting"])
def test_what_is_for_later_or_for_bad_days_gets_none(heading: str) -> None:
    assert proposed("Tests pass (`make test`)", heading=heading) is None
    assert proposed("Tests pass (`make test`)", heading="Steps") is not None


@pytest.mark.parametrize("item", ["Do all tests pass?", "[Deployment guide](docs/deploy.md)", "See [the guide](g.md)"])
def test_a_question_and_a_link_state_nothing(item: str) -> None:
    assert proposed(item) is None


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("**RDS encryption at rest enabled** - All storage is encrypted", "rds describe_db_instances"),
        ("**Backups**: RDS automated backups enabled", "rds describe_db_instances"),
        ("**Web security group**: Allows inbound 8080", "ec2 describe_security_groups"),
    ],
)
def test_a_label_and_its_description_are_one_statement(item: str, words: str) -> None:
    found = proposed(item, title=AWS)
    assert found is not None
    assert f"{found.entry['service']} {found.entry['operation']}" == words
    assert found.rests_on[0].text == item


@pytest.mark.parametrize(
    "item",
    [
        "**RDS encryption at rest enabled** - with 2 keys",
        "**RDS encryption**: reviewed by Ada",
        "**Backups**: planned",
        "**RDS automated backups enabled** - kept as needed",
    ],
)
def test_a_description_that_says_more_or_is_a_persons_is_not_left_out(item: str) -> None:
    assert proposed(item, title=AWS) is None


@pytest.mark.parametrize("heading", ["S3 bucket", "CloudFront"])
def test_a_file_that_is_kept_elsewhere_is_not_looked_for_here(heading: str) -> None:
    assert proposed("`index.html` exists", heading=heading) is None
    assert proposed("`index.html` exists", heading="Build") is not None
