"""Twins below two environments, regions or parts: no question and no name of the one answers for the other."""

from __future__ import annotations

import json

from phases.checks.suggest.proposal import Proposal
from tests.worlds.checklists import suggested


def asked(text: str) -> list[list[str]]:
    return [list(each.asks) for each in suggested(text).proposals]


def entries(text: str) -> list[str]:
    return [json.dumps(each.entry) for each in suggested(text).proposals]


def test_one_question_for_each_environment() -> None:
    redis = "- [ ] Redis connection works"
    text = f"# Deployment\n\n## Staging\n\n{redis}\n\n## Production Environment\n\n{redis}\n"
    assert asked(text) == [["staging-redis-command"], ["production-redis-command"]]


def test_one_question_where_one_environment_is_meant() -> None:
    redis = "- [ ] Redis connection works"
    text = f"# Production deployment\n\n## Before\n\n{redis}\n\n## After\n\n{redis}\n"
    assert asked(text) == [["redis-command"], ["redis-command"]]


def test_parts_have_questions_of_their_own() -> None:
    text = "# Deployment\n\n## Backend\n\n- [ ] Tests passing\n\n## Frontend\n\n- [ ] Tests passing\n"
    assert asked(text) == [["backend-test-command"], ["frontend-test-command"]]


def test_a_version_is_the_same_in_each_environment() -> None:
    text = "# Release\n\n## Staging\n\n- [ ] Version bumped\n\n## Production\n\n- [ ] Version bumped\n"
    assert asked(text)[0] == asked(text)[1]


def test_a_name_of_another_environment_is_not_taken() -> None:
    text = (
        "# Deployment on AWS\n\n## Staging\n\n```bash\n"
        "aws rds describe-db-instances --db-instance-identifier shop\n```\n\n- [ ] RDS instance created\n\n"
        "## Production\n\n- [ ] RDS instance created\n"
    )
    assert asked(text) == [[], ["database"]]
    spelled = text.replace("identifier shop", "identifier shop-staging").replace("## Staging", "## Before")
    assert asked(spelled) == [[], ["database"]]


def test_a_copys_name_is_not_taken_for_the_thing() -> None:
    text = (
        "# Deployment on AWS\n\n```bash\naws rds describe-db-instances --db-instance-identifier {}\n```\n\n"
        "## Database\n\n- [ ] RDS instance created\n"
    )
    assert asked(text.format("shop")) == [[]]
    assert asked(text.format("shop-restored")) == [["database"]]


def test_the_region_of_the_section_is_asked() -> None:
    vpc = "- [ ] VPC created"
    text = f"# AWS deployment\n\n## Ireland (eu-west-1)\n\n{vpc}\n\n## Virginia (us-east-1)\n\n{vpc}\n"
    first, second = (json.loads(each) for each in entries(text))
    assert (first["region"], second["region"]) == ("eu-west-1", "us-east-1")
    assert asked(text) == [["eu-west-1-vpc"], ["us-east-1-vpc"]]


def test_a_region_that_only_has_a_name_is_asked_for() -> None:
    text = "# AWS deployment\n\n## US Region\n\n- [ ] VPC created\n\n## EU Region\n\n- [ ] VPC created\n"
    assert asked(text) == [["us-vpc", "us-region"], ["eu-vpc", "eu-region"]]


def test_clusters_are_told_apart_by_context() -> None:
    text = (
        "# Kubernetes deployment\n\n## Staging\n\n- [ ] Verify nodes: `kubectl get nodes`\n\n"
        "## Production\n\n- [ ] Verify nodes: `kubectl get nodes`\n"
    )
    assert asked(text) == [["staging-context"], ["production-context"]]
    assert "kubectl get nodes -o json --context {staging-context}" in entries(text)[0]


def test_a_checks_file_takes_what_was_told_apart() -> None:
    from phases.checks.reader import read_checks
    from tests.worlds.checking import MODELS

    text = (
        "# Kubernetes deployment on AWS\n\n## Staging\n\n- [ ] Verify nodes: `kubectl get nodes`\n- [ ] VPC created\n\n"
        "## Production (eu-west-1)\n\n- [ ] Verify nodes: `kubectl get nodes`\n- [ ] VPC created\n"
    )
    proposals: tuple[Proposal, ...] = suggested(text).proposals
    checks = [{"id": f"it-{n}", "name": f"It {n}", **each.entry} for n, each in enumerate(proposals)]
    assert len(read_checks(json.dumps({"checks": checks}).encode(), "proposals", MODELS).checks) == 4
