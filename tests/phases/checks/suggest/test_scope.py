"""What stands around an item may mean more than a check looks at: then it is possible, and not proposed."""

from __future__ import annotations

import json
import re

import pytest

from tests.worlds.checklists import TITLES, proposed, suggested

CLUSTER, WEB = TITLES["kubernetes"], TITLES["operations"]


def block(item: str, *lines: str) -> str:
    shown = "\n".join(f"  {each}" for each in lines)
    return f"# {CLUSTER}\n\n## Now\n\n- [ ] {item}\n\n  ```bash\n{shown}\n  ```\n"


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        ("Application pods running", ("kubectl get pods -n shop -l app=cart", "kubectl logs -n shop -l app=cart")),
        ("Roles created", ("kubectl get role -n shop", "kubectl get clusterrole")),
        ("Resource quotas configured", ("kubectl get resourcequota -A | grep -v kube",)),
    ],
)
def test_a_block_with_more_than_the_check_has(item: str, lines: tuple[str, ...]) -> None:
    assert not suggested(block(item, *lines)).proposals


def test_nodes_on_a_version_are_not_answered_by_ready_ones() -> None:
    assert proposed("Verify all nodes are on the new version: `kubectl get nodes`", title=CLUSTER) is None
    assert proposed("Verify all nodes: `kubectl get nodes`", title=CLUSTER) is not None


@pytest.mark.parametrize(
    "item",
    ["SSL/TLS enabled (PostgreSQL database)", "API returns 200 or a proper error: `curl https://shop.org/x`"],
)
def test_another_host_and_one_answer_of_several(item: str) -> None:
    assert proposed(item, title=WEB) is None


def test_a_sign_off_is_no_look() -> None:
    assert proposed("All tests passed", title=WEB, heading="Sign-off") is None
    assert proposed("All tests passed", title=WEB, heading="Before") is not None


def test_the_secrets_of_an_environment_are_asked_of_it() -> None:
    text = "# Deployment\n\n## GitHub Environment Secrets\n\n- [ ] `CART_TOKEN`\n"
    (found,) = suggested(text).proposals
    assert "gh secret list --env {github-environment}" in json.dumps(found.entry)
    (found,) = suggested(text.replace("Environment ", "")).proposals
    assert "--env" not in json.dumps(found.entry)


def test_none_at_all_is_no_answer_for_each_of_several() -> None:
    from phases.checks.suggest.rules.table import RULES

    looped = [json.dumps(dict(each.check)) for each in RULES if "for each in $1" in json.dumps(dict(each.check))]
    assert looped
    assert [each for each in looped if "test -n" not in each] == []


@pytest.mark.parametrize(
    "item",
    [
        "Redis connection works (check API logs)",
        "Docker containers running (see `docker ps`)",
        "Build new Docker image: `docker build -t shop .`",
        "Prepare the branch: `git checkout -b sim origin/main` \u2192 edit the namespace",
        "Service healthy: `curl https://shop.org/health` returns 200 with `service: cart`",
    ],
)
def test_a_look_elsewhere_a_new_thing_and_a_further_step_are_not_passed_over(item: str) -> None:
    assert proposed(item, title="Deployment checklist (PostgreSQL, GitHub, Docker)") is None


def test_what_is_done_on_another_machine_is_not_looked_at_here() -> None:
    text = "# Deployment\n\n- [ ] Nginx config test passed\n\n  ```bash\n  {}nginx -t\n  ```\n"
    assert not suggested(text.format("ssh web1 ")).proposals
    assert suggested(text.format("")).proposals


def test_a_name_of_another_region_is_not_taken() -> None:
    text = (
        "# AWS deployment\n\n```bash\naws rds describe-db-instances --db-instance-identifier shop-us-primary\n```\n\n"
        "## {} Region\n\n- [ ] RDS instance created\n"
    )
    assert [list(each.asks) for each in suggested(text.format("EU")).proposals] == [["database"]]
    assert [list(each.asks) for each in suggested(text.format("US")).proposals] == [[]]


def test_the_kind_of_tests_stands_in_the_question() -> None:
    found = proposed("Integration tests passing")
    assert found is not None
    assert list(found.asks.items()) == [
        ("integration-test-command", "Which command runs the tests? (integration)"),
    ]


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        ("All system pods running", ("kubectl get pods -A",)),
        ("Shop dashboard accessible", ("shopctl dashboard",)),
        ("Backend health check works", ("kubectl exec deploy/shop -- curl http://localhost/",)),
        ("Pull latest code", ("cd /srv/shop && git pull origin main",)),
        ("Create docker-compose.yml", ("nano /opt/shop/docker-compose.yml",)),
    ],
)
def test_a_block_that_looks_elsewhere_than_the_check(item: str, lines: tuple[str, ...]) -> None:
    assert not suggested(block(item, *lines)).proposals


def test_of_two_probes_the_one_that_is_meant_is_looked_at() -> None:
    for item, field in (("Liveness probes configured", "livenessProbe"), ("Startup probes configured", "startupProbe")):
        found = proposed(item, title=CLUSTER)
        assert found is not None
        assert re.findall(r"[a-z]+Probe", json.dumps(found.entry)) == [field]
