"""Phase 1: what is asked, what is found, who is calling."""

from __future__ import annotations

import json

import pytest

from state.errors import BadInput, StepFailed, Waiting
from state.files import sha256
from tests.worlds.shop_world import STEPS, TASKS, ShopWorld, check, failed

pytestmark = pytest.mark.slow


def test_scope_plan_and_caller_are_kept(shop: ShopWorld) -> None:
    shop.resources()
    work = shop.run("Phase 1")
    assert not failed(work)
    assert work.data["components"] == ["stock", "orders"]
    assert work.data["account"] == "123456789012"
    inventory = json.loads((shop.root / "artifacts/aws-deploy/01-inventory.json").read_text())
    assert [(each["arn"].rpartition(":")[2], each["state"]) for each in inventory["tagged"]] == [
        ("table/shop-orders", "ACTIVE"),
        ("shop-log", "there"),
        ("shop-notices", "there"),
    ]
    assert inventory["services"] == {"dynamodb": ["shop-orders"], "iam": ["shop-role"]}
    plan = (shop.root / "artifacts/aws-deploy/01-deployment-plan.md").read_text()
    assert all(words in plan for words in ("deploy orders", "go back", "the sandbox on this machine"))
    assert check(work, "1.4 permissions").verdict == "not-checked"
    assert check(work, "1.3 downtime").seen == "none, says Ada <ada@example.com> (default)"


def test_a_smaller_scope_says_which_component_it_leaves_out_though_it_is_needed(shop: ShopWorld) -> None:
    shop.said["components"][1]["needs"] = ["stock"]
    shop.change()
    shop.world.given["scope"] = "orders"
    work = shop.run("Phase 1")
    assert work.data["components"] == ["orders"]
    assert (check(work, "1.1 dependencies").verdict, check(work, "1.1 dependencies").seen) == (
        "note",
        "orders needs stock",
    )


def test_an_unknown_component_is_refused(shop: ShopWorld) -> None:
    shop.world.given["scope"] = "orders, boats"
    with pytest.raises(BadInput, match="expected all, or some of stock, orders; seen boats"):
        shop.run("Phase 1")


def test_nothing_is_taken_for_granted_without_a_person(shop: ShopWorld) -> None:
    shop.world.defaults = False
    with pytest.raises(Waiting, match="region"):
        shop.run("Phase 1")


def test_a_service_that_does_not_answer_fails(shop: ShopWorld) -> None:
    shop.sandbox.faults.deny("ListTables")
    work = shop.run("Phase 1")
    assert failed(work) == ["1.2 service dynamodb"]
    assert check(work, "exit: Infrastructure state verified").verdict == "fail"


def test_what_was_approved_is_not_changed_behind_the_approvers_back(shop: ShopWorld) -> None:
    shop.resources()
    shop.ready_for("Phase 2")
    shop.said["components"][0]["deploy"] = shop.logs("something else")
    shop.change()
    with pytest.raises(Waiting, match="use-changed-deployment-"):
        shop.run("Phase 2")
    assert any("+  deploy: " in line for line in shop.world.lines)
    assert shop.ran() == []

    shop.world.given[use_changed(shop)] = "use"
    work = shop.run("Phase 2")
    assert check(work, "deployment.yaml").verdict == "note"
    assert "something else" in work.review[0].body
    copy = (shop.root / "artifacts/aws-deploy/deployment.yaml").read_bytes()
    assert copy == (shop.root / "deployment.yaml").read_bytes()


def use_changed(shop: ShopWorld) -> str:
    """The question that a changed deployment.yaml raises."""
    return f"use-changed-deployment-{sha256((shop.root / 'deployment.yaml').read_bytes())[:7]}"


def test_a_file_for_another_environment_is_refused(shop: ShopWorld) -> None:
    shop.resources()
    shop.ready_for("Phase 2")
    shop.change(environment="prod")
    shop.world.given[use_changed(shop)] = "use"
    with pytest.raises(BadInput, match="for shop in prod, this run deploys shop in test"):
        shop.run("Phase 2")


def test_another_account_stops_every_later_phase(shop: ShopWorld) -> None:
    shop.resources()
    shop.ready_for("Phase 3")
    shop.world.give_data("Phase 1", {**shop.world.data("Phase 1"), "account": "999999999999"})
    for phase in list(STEPS)[2:]:
        with pytest.raises(
            StepFailed, match="the plan is for account 999999999999, the credentials are for 123456789012"
        ):
            shop.world.fork().run(STEPS[phase], task=TASKS[phase])
