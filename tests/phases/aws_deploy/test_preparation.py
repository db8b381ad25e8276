"""Phase 2: branch, commands, configuration, secrets, backups: each good, and each spoilt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from state.errors import StepFailed
from tests.worlds.shop_world import ShopWorld, check, failed

pytestmark = pytest.mark.slow

BACKUP = "aws-deploy-20260102-030405-shop-orders"


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.resources()
    shop.ready_for("Phase 2")
    return shop


def test_branch_commands_and_backup(ready: ShopWorld) -> None:
    work = ready.run("Phase 2")
    assert not failed(work)
    assert ready.git("branch", "--show-current").strip() == "deploy/test-20260102-shop"
    assert ready.ran() == ["quality", "test", "build"]
    assert check(work, "2.1 pushed").seen == "not pushed: there is no remote"
    (backup,) = ready.client("dynamodb").list_backups()["BackupSummaries"]
    (kept,) = work.data["backups"]
    assert (kept["arn"], kept["name"], kept["items"]) == (backup["BackupArn"], BACKUP, 1)
    snapshot = json.loads((ready.root / "artifacts/aws-deploy/02-configuration.json").read_text())
    assert any(arn.endswith("table/shop-orders") for arn in snapshot)


def test_what_is_kept_of_the_configuration_is_json_without_secrets(ready: ShopWorld) -> None:
    token = "xoxb-" + "123456789012-" * 2 + "abcdefabcdef"
    attributes = {"DisplayName": f'hook "{token}"'}
    ready.client("sns").create_topic(
        Name="shop-hook", Attributes=attributes, Tags=[{"Key": "project", "Value": "shop"}]
    )
    assert not failed(ready.run("Phase 2"))
    text = (ready.root / "artifacts/aws-deploy/02-configuration.json").read_text()
    assert token not in text
    (topic,) = [body for arn, body in json.loads(text).items() if arn.endswith("shop-hook")]
    assert topic["DisplayName"] == 'hook "***"'


def test_one_component_names_the_branch(ready: ShopWorld) -> None:
    ready.world.give_data("Phase 1", {**ready.world.data("Phase 1"), "components": ["orders"]})
    assert ready.run("Phase 2").data["branch"] == "deploy/test-20260102-orders"


def test_the_branch_is_pushed_where_there_is_a_remote(ready: ShopWorld, tmp_path: Path) -> None:
    ready.git("init", "-q", "--bare", str(tmp_path / "remote"))
    ready.git("remote", "add", "team", str(tmp_path / "remote"))
    work = ready.run("Phase 2")
    assert check(work, "2.1 pushed").verdict == "pass"
    head = ready.git("rev-parse", "HEAD").strip()
    assert ready.git("ls-remote", "team", "deploy/test-20260102-shop").split()[0] == head


def test_of_several_remotes_none_is_guessed(ready: ShopWorld, tmp_path: Path) -> None:
    for name in ("one", "two"):
        ready.git("remote", "add", name, str(tmp_path / name))
    assert check(ready.run("Phase 2"), "2.1 pushed").seen == "not pushed: none of one, two is called origin"


def test_a_remote_that_cannot_be_reached_stops_it(ready: ShopWorld, tmp_path: Path) -> None:
    ready.git("remote", "add", "origin", str(tmp_path / "nowhere"))
    with pytest.raises(StepFailed):
        ready.run("Phase 2")


@pytest.mark.parametrize("name", ["quality", "test", "build"])
def test_a_command_that_fails_closes_the_gate_with_its_last_words(ready: ShopWorld, name: str) -> None:
    ready.said["commands"][name] = "echo three are broken; exit 7"
    ready.planned()
    work = ready.run("Phase 2")
    assert failed(work) == [f"2.2 {name}"]
    assert check(work, f"2.2 {name}").seen == "exit code 7: three are broken"
    assert check(work, "exit: All tests passing").verdict == "fail"
    assert "three are broken" in (ready.root / "artifacts/aws-deploy/02-preparation.md").read_text()


def test_a_command_that_is_not_configured_is_not_checked(ready: ShopWorld) -> None:
    ready.said["commands"] = {}
    ready.planned()
    work = ready.run("Phase 2")
    assert {check(work, f"2.2 {name}").verdict for name in ("quality", "test", "build")} == {"not-checked"}
    assert check(work, "exit: All tests passing").verdict == "not-checked"


def test_a_secret_in_the_source_is_found_and_not_shown(ready: ShopWorld) -> None:
    secret = "hunter2" + "andmore"
    ready.put("app.py", f'password = "{secret}"\n')
    ready.commit("A secret")
    work = ready.run("Phase 2")
    assert failed(work) == ["2.3 secrets in the source"]
    assert check(work, "2.3 secrets in the source").seen == "app.py:1 Secret Keyword"
    assert secret not in (ready.root / "artifacts/aws-deploy/02-preparation.md").read_text()


def test_a_secret_that_the_team_knows_to_be_none_passes(ready: ShopWorld) -> None:
    ready.put("app.py", 'password = "not-really-one"  # pragma: allowlist secret\n')
    ready.commit("No secret")
    assert not failed(ready.run("Phase 2"))


def test_what_is_not_committed_is_not_deployed(ready: ShopWorld) -> None:
    ready.put("test.env", "TABLE=shop-orders\nMORE=1\n")
    ready.put("untracked.txt", "a note\n")
    work = ready.run("Phase 2")
    assert (failed(work), check(work, "2.3 uncommitted changes").seen) == (["2.3 uncommitted changes"], "test.env")


@pytest.mark.parametrize(
    ("content", "seen", "where"),
    [
        ("TABLE=<TABLE>\n", "line 1: <TABLE>", "test.env:1"),
        ("# [x]\nTABLE=[environment]-orders\n", "line 2: [environment]", "test.env:2"),
    ],
)
def test_a_placeholder_that_was_left_is_found(ready: ShopWorld, content: str, seen: str, where: str) -> None:
    ready.put("test.env", content)
    ready.commit("Not filled in")
    found = check(ready.run("Phase 2"), "2.3 configuration test.env")
    assert (found.verdict, found.seen, found.where) == ("fail", seen, where)


def test_a_configuration_that_is_not_there_fails(ready: ShopWorld) -> None:
    (ready.root / "test.env").unlink()
    ready.commit("Removed")
    assert check(ready.run("Phase 2"), "2.3 configuration test.env").seen == "not there"


@pytest.mark.parametrize("name", ["Old_Notices", "shop-notices2"])
def test_a_resource_with_another_name_is_told(ready: ShopWorld, name: str) -> None:
    ready.client("sns").create_topic(Name=name, Tags=[{"Key": "project", "Value": "shop"}])
    work = ready.run("Phase 2")
    assert (failed(work), check(work, "2.3 names").seen) == (["2.3 names"], name)


def test_a_table_that_is_new_has_nothing_to_be_backed_up(ready: ShopWorld) -> None:
    ready.client("dynamodb").delete_table(TableName="shop-orders")
    work = ready.run("Phase 2")
    assert check(work, "2.4 backup of shop-orders").verdict == "note"
    assert work.data["backups"] == []


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_backup_that_was_made_is_found_not_made_again(ready: ShopWorld, attempt: int) -> None:
    ready.world.dies_at("backup-shop-orders")
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 2")
    work = ready.run("Phase 2", attempt=attempt)
    (backup,) = ready.client("dynamodb").list_backups()["BackupSummaries"]
    assert work.data["backups"][0]["arn"] == backup["BackupArn"]
