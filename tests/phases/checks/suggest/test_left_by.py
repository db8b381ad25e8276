"""What a command leaves is looked at, and the command is never run."""

from __future__ import annotations

import json

import pytest

from phases.checks.reader import read_checks
from phases.checks.suggest.left_by import TABLE, LeftBy, check_left
from tests.worlds.checking import MODELS
from tests.worlds.checklists import suggested


@pytest.mark.parametrize("row", TABLE, ids=lambda each: each.examples[0])
def test_a_row_takes_its_examples_and_none_of_its_counter_examples(row: LeftBy) -> None:
    assert len(row.counters) >= 2
    for command in row.examples:
        made = check_left(command)
        assert made is not None
        assert made[2] == row.unproved
        check = {"id": "it", "name": "It", **made[0]}
        read_checks(json.dumps({"checks": [check]}).encode(), "row", MODELS)
        run = check.get("command", {"run": ""})["run"]
        assert run != command
    for command in row.counters:
        made = check_left(command)
        assert made is None or made[2] != row.unproved


@pytest.mark.parametrize(
    "command",
    [
        "kubectl apply -f deploy.yaml && kubectl get pods",
        "docker push $(make -s image)",
        "kubectl apply -f x.yaml -n {{ namespace }}",
        "kubectl apply -f x.yaml; rm x.yaml",
    ],
)
def test_what_does_more_or_computes_a_name_leaves_nothing_that_is_known(command: str) -> None:
    assert check_left(command) is None


@pytest.mark.parametrize(
    "item",
    [
        "`kubectl apply -f k8s/` executed",
        "Images are accessible: `docker pull acme/shop:1`",
        "Roll back to the image before: `docker push acme/shop:1`",
        "Run `kubectl apply -f k8s/` again",
        "Both pushed: `docker push acme/a:1`, `docker push acme/b:1`",
    ],
)
def test_what_is_about_the_running_the_way_back_or_two_things_is_left(item: str) -> None:
    assert suggested(f"# Kubernetes deployment\n\n## Now\n\n- [ ] {item}\n").proposals == ()


def test_blanks_are_asked_for() -> None:
    made = check_left("docker push <registry>/shop:latest")
    assert made is not None
    assert made[0] == {"command": {"run": "docker manifest inspect {registry}/shop:latest", "changes": True}}
    assert set(made[1]) == {"registry"}


@pytest.mark.parametrize(
    ("lines", "is_proposed"),
    [
        ("kubectl apply -f shop.yaml", True),
        ("kubectl apply -f shop.yaml\n  kubectl get pods -n shop", True),
        ("kubectl apply -f shop.yaml\n  kubectl wait --for=condition=available deployment/shop", False),
        ("kubectl create namespace shop\n  kubectl apply -n shop -f https://acme.org/shop.yaml -f b.yaml", False),
        ("helm repo add acme https://acme.org\n  helm install shop acme/shop -n shop", True),
        ("helm install shop acme/shop -n shop --dry-run", False),
        ("docker tag shop acme/shop:1.2\n  docker push acme/shop:1.2", True),
    ],
)
def test_one_of_several_steps_leaves_less_than_the_item_says(lines: str, is_proposed: bool) -> None:
    text = f"# Kubernetes deployment checklist\n\n- [ ] Shop rolled out\n\n  ```sh\n  {lines}\n  ```\n"
    assert ("left by a command" in [each.kind for each in suggested(text).proposals]) is is_proposed
