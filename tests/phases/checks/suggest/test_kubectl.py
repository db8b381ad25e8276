"""What the commands of an item that look at a cluster are as a check, and which words make them none."""

from __future__ import annotations

import pytest

from phases.checks.suggest.proposal import Proposal
from tests.worlds.checklists import TITLES, suggested

CLUSTER = TITLES["kubernetes"]


def of(item: str, *block: str, heading: str = "Now") -> Proposal | None:
    """What is proposed for an item with these commands in its block."""
    lines = "".join(f"  {each}\n" for each in block)
    fence = f"  ```sh\n{lines}  ```\n" if block else ""
    found = suggested(f"# {CLUSTER}\n\n## {heading}\n\n- [ ] {item}\n{fence}").proposals
    return found[0] if found else None


@pytest.mark.parametrize(
    ("item", "block", "run", "asked"),
    [
        (
            "Worker pods running",
            ["kubectl get pods -n shop -l app=worker"],
            "kubectl get pods -n shop -l app=worker -o json",
            [],
        ),
        (
            "CSI driver is running",
            ["kubectl get pods -n kube-system | grep csi"],
            "kubectl get pods -n kube-system",
            [],
        ),
        ("Ingress controller running", ["kubectl get pods -n ingress-nginx"], "kubectl get pods -n ingress-nginx", []),
        ("All services are available", ["kubectl get svc"], "kubectl get services", ["services-names"]),
        ("Services created:", ["kubectl get svc -n shop"], "kubectl get services -n shop", ["shop-services-names"]),
        (
            "Worker services created",
            ["kubectl get svc -n shop -l app=worker"],
            "kubectl get services -n shop -l app=worker",
            ["shop-app-worker-services-names"],
        ),
        (
            "Reports CronJob created",
            ["kubectl get cronjobs -n shop"],
            "kubectl get cronjobs -n shop",
            ["reports-of-shop-cronjobs"],
        ),
        ("Verify namespaces", ["kubectl get ns", "# Should show: shop-a, shop-b"], "kubectl get namespaces", []),
        ("Cache deployment ready", ["kubectl get deploy shop-cache"], "kubectl get deployments shop-cache", []),
        ("Wait for rollout", ["kubectl rollout status deployment/shop -n a"], "kubectl get deployments shop -n a", []),
        ("Wait for the pods: `kubectl get pods -n shop -w`", [], "kubectl get pods -n shop -o json", []),
        ("`kubectl get pods -n shop` shows all pods Running", [], "kubectl get pods -n shop -o json", []),
        (
            "Redis deployed",
            ["kubectl apply -f redis.yaml", "kubectl wait --for=condition=ready pod -l app=redis -n shop"],
            "kubectl get pods -n shop -l app=redis -o json",
            [],
        ),
        (
            "Verify all resources: `kubectl get all -n shop`",
            [],
            "kubectl get pods,deployments,statefulsets -n shop",
            [],
        ),
        ("Pods running", ["kubectl get pods -n a", "kubectl get pods -n b"], "kubectl get pods -A -o json", []),
        ("Pods of shop running", ["kubectl -n shop get pods"], "kubectl get pods -n shop -o json", []),
        (
            "Load balancer has an address",
            ["kubectl get ingress shop -o jsonpath='{.status.loadBalancer.ingress[0].hostname}'"],
            "kubectl get ingress shop -o json",
            [],
        ),
        ("Git sources ready", ["flux get sources git -A"], "kubectl get gitrepositories -A", []),
        (
            "Check application health",
            ["argocd app get shop"],
            "kubectl get applications.argoproj.io shop",
            ["argocd-namespace"],
        ),
        (
            "Verify application is created",
            ["kubectl get application shop -n argocd", "argocd app get shop"],
            "kubectl get applications.argoproj.io shop -n argocd",
            [],
        ),
    ],
)
def test_what_its_commands_look_at_is_looked_at(item: str, block: list[str], run: str, asked: list[str]) -> None:
    found = of(item, *block)
    assert found is not None
    assert found.kind == "kubectl command"
    assert str(found.entry["command"]).startswith(f"{{'run': '{run}")
    assert list(found.asks) == asked


@pytest.mark.parametrize(
    ("item", "block"),
    [
        ("Payment pods running", ["kubectl get pods -n shop"]),
        ("Pods use the new image", ["kubectl get pods -n shop"]),
        ("No pods pending long", ["kubectl get pods -n shop"]),
        ("Pods running", ["kubectl get pods -n shop | grep -v Running"]),
        ("Pods running", ["kubectl get pods -n shop", "kubectl delete pod x -n shop"]),
        ("Pods running (3 replicas)", ["kubectl get deployment shop -n shop"]),
        ("Pods ready", ["kubectl get pods -n shop -o jsonpath='{.items[0].spec.nodeName}'"]),
        ("Verify monitors are discovered", ["kubectl get servicemonitors -A"]),
        ("Check for restarts", ["kubectl get pods -n shop"]),
        ("Verify secrets", ["kubectl get secrets -n shop"]),
        ("Services balanced", ["kubectl get svc -n shop"]),
    ],
)
def test_commands_below_words_that_say_more_are_none(item: str, block: list[str]) -> None:
    found = of(item, *block)
    assert found is None or found.kind != "kubectl command"


def test_an_application_that_is_to_be_healthy_may_be_behind_and_one_that_is_to_be_synced_may_be_ill() -> None:
    healthy, synced = of("All apps healthy", "argocd app list"), of("All apps synced", "argocd app list")
    assert healthy and "sync.status" not in str(healthy.entry["expression"])
    assert synced and "health.status" not in str(synced.entry["expression"])


def test_several_namespaces_are_each_looked_at() -> None:
    found = of("All pods are running", "kubectl get pods -n a", "kubectl get pods -n b")
    assert found is not None
    assert str(found.entry["expression"]).count("> `0`") == 2


def test_what_waits_for_a_cluster_below_other_words_is_a_persons() -> None:
    assert of("Wait for approval", "kubectl get pods -n shop") is None
