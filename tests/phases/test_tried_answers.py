"""A wrong region, bucket, address or command is told when it is given; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from phases.stage_06.stack.create_change_set import SANDBOX_BUCKET
from phases.tried_answers import (
    is_placeholder,
    problem_with_address,
    problem_with_bucket,
    problem_with_command,
    problem_with_region,
)
from workflow.doors.aws.client import AwsDoor
from workflow.doors.aws.models import BotocoreModels
from workflow.sandbox.inprocess import Sandbox

REGIONS = frozenset(BotocoreModels().regions())


def test_regions_are_those_of_every_partition() -> None:
    assert {"eu-west-1", "cn-north-1", "us-gov-west-1"} <= REGIONS
    assert [problem_with_region(each, REGIONS) for each in ("eu-west-1", "us-gov-west-1")] == [None, None]


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        ("eu-wset-1", "AWS has no such region; did you mean eu-west-1?"),
        ("eu-west-9", "AWS has no such region; did you mean eu-west-3?"),
        ("xx-orbit-1", "AWS has no such region"),
        ("Ireland", "expected a region such as eu-west-1"),
    ],
)
def test_a_region_that_aws_does_not_have_is_refused(region: str, problem: str) -> None:
    assert (problem_with_region(region, REGIONS) or "").startswith(problem)


@pytest.mark.parametrize("good", ["ada@example.com", "a.b+c@x-y.example.co.uk", "o'brien@example.ie"])
def test_addresses(good: str) -> None:
    assert problem_with_address(good) is None


@pytest.mark.parametrize(
    "bad",
    ["ada", "ada@example", "a@b@example.com", "<ada@example.com>", "a..b@x.org", "a@x..org", "a b@x.org", "a@-x.org"],
)
def test_what_is_no_address(bad: str) -> None:
    assert problem_with_address(bad) is not None


def in_workspace(path: str) -> bool:
    return path == "./run.sh"


@pytest.mark.parametrize(
    "command",
    [
        "git status",
        "CI=1 LANG=C git status && true",
        "./run.sh --all",
        "cd sub && ./elsewhere.sh",
        "for each in a b; do echo $each; done",
        "[ -f x ] && true",
        "(git status)",
        "$RUNNER test",
        "'my program' x",
        "true;false",
    ],
)
def test_commands_whose_first_word_is_there_or_is_the_shells_business(command: str) -> None:
    assert problem_with_command(command, in_workspace) is None


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("mkae test", "no program mkae is on PATH"),
        ("CI=1 mkae test", "no program mkae is on PATH"),
        ("./rnu.sh", "there is no ./rnu.sh here"),
        ("/no/such/program x", "there is no /no/such/program here"),
        ("  ", "expected a command"),
    ],
)
def test_a_command_that_is_not_there_is_refused_and_not_run(command: str, problem: str) -> None:
    assert problem_with_command(command, in_workspace) == problem


@pytest.mark.parametrize("text", ["...", " … ", "TODO", "todo:", "TBD", "<your region>", "xxx", "???", "FIXME"])
def test_placeholders(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["to-do", "none", "a <b> c", "todo list is empty", "3.10", "-", "xx", "x"])
def test_what_is_an_answer(text: str) -> None:
    assert not is_placeholder(text)


@pytest.fixture
def aws() -> Iterator[AwsDoor]:
    with Sandbox() as sandbox:
        yield AwsDoor(region="eu-west-1", sandbox=True, session=sandbox.session("eu-west-1"))


@pytest.mark.slow
def test_a_bucket_is_looked_up(aws: AwsDoor) -> None:
    assert problem_with_bucket("templates-of-ours", aws) == "there is no bucket templates-of-ours"
    aws.call(
        "s3",
        "create_bucket",
        Bucket="templates-of-ours",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    assert problem_with_bucket("templates-of-ours", aws) is None


@pytest.mark.slow
def test_a_bucket_of_another_region_is_refused(aws: AwsDoor) -> None:
    place = {"LocationConstraint": "af-south-1"}
    aws.at("af-south-1").call("s3", "create_bucket", Bucket="templates-far-away", CreateBucketConfiguration=place)
    assert problem_with_bucket("templates-far-away", aws) == (
        "bucket templates-far-away is in af-south-1; expected one in eu-west-1, where the stack is"
    )


@pytest.mark.slow
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_the_sandbox_brings_a_bucket_that_no_listing_shows_before_it_is_used(aws: AwsDoor, region: str) -> None:
    assert aws.call("s3", "list_buckets")["Buckets"] == []
    assert problem_with_bucket(f"{SANDBOX_BUCKET}{region}", aws.at(region)) is None
    assert [each["Name"] for each in aws.call("s3", "list_buckets")["Buckets"]] == [f"{SANDBOX_BUCKET}{region}"]


@pytest.mark.parametrize("name", ["Templates", "a", "192.168.0.1", "a..b", "under_score", "s3://templates"])
def test_what_can_be_no_bucket_is_not_looked_up(name: str) -> None:
    assert (
        problem_with_bucket(name, AwsDoor()) == "expected the name of a bucket: 3 to 63 of a-z, 0-9, dots and hyphens"
    )
