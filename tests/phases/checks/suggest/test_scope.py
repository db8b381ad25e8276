"""What stands around an item may mean more than a check looks at: then it is possible, and not proposed."""

from __future__ import annotations

import json

import pytest

from tests.worlds.checklists import TITLES, proposed, suggested

CLUSTER, WEB = TITLES["kubernetes"], TITLES["operations"]


def block(item: str, *lines: str) -> str:
    shown = "\n".join(f"  {each}" for each in lines)
    return f"# {CLUSTER}\n\n## Now\n\n- [ ] {item}\n\n  ```bash\n{shown}\n  ```\n"


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        ("Pods running", ("kubectl get pods -n shop -l app=cart",)),
        ("Roles created", ("kubectl get role -n shop", "kubectl get clusterrole")),
        ("Resource quotas configured", ("kubectl get resourcequota -A",)),
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
