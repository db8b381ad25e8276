"""Phase 7: the way back in writing, walked, timed, and the data compared."""

from __future__ import annotations

import pytest

from state.errors import BadInput, Waiting
from tests.worlds.real_account import RealAccount
from tests.worlds.shop_world import ShopWorld, check, failed

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.resources()
    shop.ready_for("Phase 7")
    return shop


def test_back_in_reverse_order_and_forward_again(ready: ShopWorld) -> None:
    work = ready.run("Phase 7")
    assert not failed(work)
    assert ready.ran() == [
        "back orders in test",
        "back stock in test",
        "deploy stock",
        "smoke stock",
        "deploy orders",
        "smoke orders",
    ]
    assert work.data["rehearsed_in"] == "test"
    assert check(work, "7.2 data of shop-orders: items").seen == "1"
    assert ready.client("dynamodb").list_tables()["TableNames"] == ["shop-orders"]  # the rehearsal's own is gone
    document = (ready.root / "artifacts/aws-deploy/07-rollback.md").read_text()
    assert document.index("take back `orders`") < document.index("take back `stock`")
    assert work.data["seconds"].keys() == {"back", "data", "forward"}


def test_a_table_that_was_not_there_before_is_backed_up_now(shop: ShopWorld) -> None:
    shop.resources()
    shop.client("dynamodb").delete_table(TableName="shop-orders")
    shop.ready_for("Phase 3")
    shop.client("dynamodb").create_table(
        TableName="shop-orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    for phase in ("Phase 3", "Phase 4", "Phase 5", "Phase 6"):
        shop.run(phase)
    work = shop.run("Phase 7")
    assert check(work, "7.2 backup of shop-orders").verdict == "pass"
    assert check(work, "7.2 data of shop-orders: keys").verdict == "pass"


@pytest.mark.parametrize(
    ("leg", "name"),
    [("rollback", "7.2 orders back"), ("deploy", "7.2 orders forward"), ("smoke_test", "7.2 orders tested")],
)
def test_a_way_back_that_does_not_work_is_found_before_it_is_needed(ready: ShopWorld, leg: str, name: str) -> None:
    ready.said["components"][1][leg] = "echo no way; exit 4"
    ready.planned()
    work = ready.run("Phase 7")
    assert (failed(work), check(work, name).seen) == ([name], "exit code 4: no way")
    assert "no way" in (ready.root / "artifacts/aws-deploy/07-rollback.md").read_text()


def test_data_that_does_not_come_back_fails(ready: ShopWorld) -> None:
    backups = ready.world.data("Phase 2")["backups"]
    table = ready.client("dynamodb")
    for number in range(3):
        table.put_item(TableName="shop-orders", Item={"id": {"S": str(number)}})
    ready.world.give_data("Phase 2", {"backups": [{**backups[0], "items": 4}]})
    assert check(ready.run("Phase 7"), "7.2 data of shop-orders: items").verdict == "note"  # written meanwhile, perhaps

    table.delete_item(TableName="shop-orders", Key={"id": {"S": "1"}})
    empty = backed_up_when_empty(ready)
    ready.world.give_data("Phase 2", {"backups": [{**backups[0], "arn": empty, "items": 4}]})
    found = check(ready.run("Phase 7", attempt=2), "7.2 data of shop-orders: items")
    assert (found.expected, found.seen, found.verdict) == ("4", "0", "fail")


def backed_up_when_empty(shop: ShopWorld) -> str:
    table = shop.client("dynamodb")
    for item in table.scan(TableName="shop-orders")["Items"]:
        table.delete_item(TableName="shop-orders", Key={"id": item["id"]})
    return str(table.create_backup(TableName="shop-orders", BackupName="empty")["BackupDetails"]["BackupArn"])


def test_a_component_without_a_command_is_taken_back_as_a_person_says(ready: ShopWorld) -> None:
    del ready.said["components"][1]["rollback"]
    ready.planned()
    with pytest.raises(Waiting, match="rollback-of-orders"):
        ready.run("Phase 7")
    ready.world.given["rollback-of-orders"] = "restart the old instance"
    work = ready.run("Phase 7")
    assert check(work, "7.1 rollback of orders").verdict == "attested"
    assert check(work, "7.3 automation").verdict == "note"
    assert check(work, "7.2 orders back").verdict == "note"  # what no command does, the rehearsal has not walked
    assert "noted" in check(work, "exit: Rollback tested successfully").seen
    assert "restart the old instance" in (ready.root / "artifacts/aws-deploy/07-rollback.md").read_text()


def test_what_takes_the_infrastructure_back_is_not_rehearsed_and_said_so(ready: ShopWorld) -> None:
    ready.planned(infrastructure={"apply": "true", "rollback": "true"})
    found = check(ready.run("Phase 7"), "7.2 the infrastructure back")
    assert (found.verdict, found.seen) == ("note", "not rehearsed")


def test_not_rehearsed_is_not_tested(ready: ShopWorld) -> None:
    ready.world.given["rehearsal-environment"] = "none"
    work = ready.run("Phase 7")
    assert check(work, "7.2 rehearsal").verdict == "not-checked"
    assert check(work, "exit: Rollback tested successfully").verdict == "not-checked"
    assert ready.ran() == []


def test_outside_the_sandbox_what_is_deployed_is_not_rehearsed_on(ready: ShopWorld) -> None:
    ready.world.aws = RealAccount(ready.aws, {})
    with pytest.raises(Waiting, match="rehearsal-environment"):  # there is no default
        ready.run("Phase 7")
    ready.world.given["rehearsal-environment"] = "test"
    with pytest.raises(BadInput, match="test is what is being deployed"):
        ready.run("Phase 7")
    ready.world.given["rehearsal-environment"] = "rehearsal"
    ready.run("Phase 7")
    assert ready.ran()[:2] == ["back orders in rehearsal", "back stock in rehearsal"]


def test_a_crash_in_a_restore_leaves_no_second_table(ready: ShopWorld) -> None:
    copy = "shop-orders-rehearsal-20260102-030405-1"
    ready.world.dies_at(f"restore-{copy}")
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 7")
    assert copy in ready.client("dynamodb").list_tables()["TableNames"]
    assert not failed(ready.run("Phase 7"))
    assert ready.client("dynamodb").list_tables()["TableNames"] == ["shop-orders"]
    assert ready.ran().count("back orders in test") == 1
