"""The in-process account: its own, alone, and gone afterwards."""

import os
from pathlib import Path

import boto3
import botocore.handlers
import pytest
from moto.dynamodb.models.table import Table

from tests.worlds.sandbox_world import World, stack_of, table
from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.inprocess import Sandbox


def test_any_boto3_session_made_inside_talks_to_it(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    world.sandbox.calls.clear()
    assert boto3.client("dynamodb", region_name="us-east-1").list_tables()["TableNames"] == ["Users"]
    identity = boto3.Session(region_name="eu-west-1").client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert world.sandbox.calls == [("dynamodb", "ListTables"), ("sts", "GetCallerIdentity")]


def test_what_cloudformation_calls_is_not_counted(world: World) -> None:
    world.sandbox.calls.clear()
    world.deploy(stack_of(Users=table()))
    assert {service for service, _ in world.sandbox.calls} == {"cloudformation"}


def test_regions_do_not_see_each_other(world: World) -> None:
    world.deploy(stack_of(Users=table()))
    elsewhere = world.sandbox.client("cloudformation", "eu-west-1")
    assert elsewhere.describe_stacks()["Stacks"] == []
    assert world.sandbox.client("dynamodb", "eu-west-1").list_tables()["TableNames"] == []


def test_a_second_sandbox_starts_empty() -> None:
    for _ in range(2):
        with Sandbox() as sandbox:
            assert sandbox.client("dynamodb").list_tables()["TableNames"] == []
            assert World(sandbox).deploy(stack_of(Users=table())) == "CREATE_COMPLETE"


def test_the_environment_is_set_aside_and_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\nregion = ap-south-1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with Sandbox() as sandbox:
        assert "AWS_PROFILE" not in os.environ
        assert boto3.Session().region_name is None
        sandbox.client("dynamodb").list_tables()
    assert os.environ["AWS_PROFILE"] == "production"
    assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


def test_only_one_is_open_at_a_time(world: World) -> None:
    with pytest.raises(SandboxRefused, match="already open"), Sandbox():
        pass
    assert world.tables() == []


def test_leaving_takes_moto_off_again() -> None:
    before, describe = botocore.handlers.BUILTIN_HANDLERS, Table.describe
    with Sandbox():
        assert botocore.handlers.BUILTIN_HANDLERS is not before and Table.describe is not describe
    assert botocore.handlers.BUILTIN_HANDLERS is before and Table.describe is describe
