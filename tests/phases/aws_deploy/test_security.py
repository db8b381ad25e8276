"""Least privilege, encryption, open ports, exposed endpoints: each as it should be, and each single thing wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from phases.aws import AwsError, Denied, NotFound
from phases.aws_deploy.spec.load_target import DeploymentTarget, load_target
from phases.aws_deploy.verify import items
from phases.aws_deploy.verify.resources import tagged
from phases.aws_deploy.verify.security import security_checks
from phases.step import Check
from tests.worlds.real_account import RealAccount
from tests.worlds.shop_world import TAGS, TASKS, TRUST, ShopWorld

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.resources()
    shop.ready_for("Phase 2")
    return shop


def looked(shop: ShopWorld) -> dict[str, Check]:
    """What the security checks say of the account, by name without the item."""
    on: DeploymentTarget = load_target(shop.world.begin(TASKS["Phase 5"]))
    found = security_checks(on, tagged(shop.aws, TAGS), items.SECURITY)
    return {check.name.removeprefix("5.3 "): check for check in found}


def test_an_account_as_it_should_be_passes(ready: ShopWorld) -> None:
    assert {name: check.verdict for name, check in looked(ready).items()} == {
        "role shop-role": "pass",
        "encryption of shop-orders": "pass",
        "encryption of shop-log": "pass",
        "encryption of shop-notices": "pass",
    }


def attach(shop: ShopWorld, name: str) -> None:
    shop.client("iam").attach_role_policy(RoleName="shop-role", PolicyArn=f"arn:aws:iam::aws:policy/{name}")


def own_policy(shop: ShopWorld) -> None:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    arn = shop.client("iam").create_policy(PolicyName="wide", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    shop.client("iam").attach_role_policy(RoleName="shop-role", PolicyArn=arn)


@pytest.mark.parametrize(
    ("spoil", "seen"),
    [
        pytest.param(lambda shop: shop.permit("*"), "orders: *", id="everything"),
        pytest.param(lambda shop: shop.permit("dynamodb:*"), "orders: dynamodb:*", id="everything of a service"),
        pytest.param(lambda shop: attach(shop, "AdministratorAccess"), "AdministratorAccess: *", id="administrator"),
        pytest.param(
            lambda shop: attach(shop, "AmazonS3FullAccess"),
            "AmazonS3FullAccess: s3-object-lambda:*; AmazonS3FullAccess: s3:*",
            id="AWS's own policy for all of a service",
        ),
        pytest.param(own_policy, "wide: s3:*", id="a policy of its own"),
    ],
)
def test_a_role_with_more_than_it_needs_fails(ready: ShopWorld, spoil: Callable[[ShopWorld], None], seen: str) -> None:
    spoil(ready)
    assert (looked(ready)["role shop-role"].verdict, looked(ready)["role shop-role"].seen) == ("fail", seen)


def test_a_managed_policy_with_bounds_passes(ready: ShopWorld) -> None:
    attach(ready, "service-role/AWSLambdaBasicExecutionRole")
    found = looked(ready)["role shop-role"]
    assert (found.verdict, found.seen) == ("pass", "none in 2 policies")


def test_a_wildcard_within_a_service_is_for_people_to_judge(ready: ShopWorld) -> None:
    attach(ready, "AmazonDynamoDBReadOnlyAccess")
    found = looked(ready)["role shop-role"]
    assert found.verdict == "note"
    assert "AmazonDynamoDBReadOnlyAccess: dynamodb:Describe*" in found.seen


def function(shop: ShopWorld, role: str = "shop-role") -> None:
    iam = shop.client("iam")
    if role != "shop-role":
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    shop.client("lambda").create_function(
        FunctionName="shop-function",
        Runtime="python3.12",
        Handler="a.b",
        Code={"ZipFile": b"PK\5\6" + bytes(18)},
        Role=iam.get_role(RoleName=role)["Role"]["Arn"],
        Tags=TAGS,
    )


def test_the_role_of_a_function_is_looked_at_whatever_it_is_called(ready: ShopWorld) -> None:
    function(ready, "another-role")
    found = looked(ready)["role another-role"]  # nothing is attached: nothing was seen that could be too much
    assert (found.verdict, found.seen) == ("not-checked", "not checked: no policy is attached to it")
    policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    ready.client("iam").attach_role_policy(RoleName="another-role", PolicyArn=policy)
    assert looked(ready)["role another-role"].verdict == "pass"


@pytest.mark.parametrize(("kind", "verdict"), [(None, "pass"), ("AWS_IAM", "note"), ("NONE", "fail")])
def test_a_function_that_answers_to_everybody_fails(ready: ShopWorld, kind: str | None, verdict: str) -> None:
    function(ready)
    if kind:
        ready.client("lambda").create_function_url_config(FunctionName="shop-function", AuthType=kind)
    assert looked(ready)["endpoint of shop-function"].verdict == verdict


class Published(RealAccount):
    """A function whose alias `live` has a URL; the function itself has none."""

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "get_function_url_config" and params.get("Qualifier") != "live":
            raise NotFound("none", service=service, operation=operation, code="ResourceNotFoundException")
        return super().call(service, operation, **params)


@pytest.mark.parametrize(("kind", "verdict"), [("NONE", "fail"), ("AWS_IAM", "note")])
def test_the_url_of_an_alias_is_one_of_the_function(ready: ShopWorld, kind: str, verdict: str) -> None:
    function(ready)
    said = {
        ("lambda", "list_aliases"): {"Aliases": [{"Name": "live"}]},
        ("lambda", "get_function_url_config"): {"AuthType": kind},
    }
    ready.world.aws = Published(ready.aws, said)
    found = looked(ready)["endpoint of shop-function"]
    assert (found.verdict, found.seen) == (verdict, f"a URL, of live, AuthType {kind}")


@pytest.mark.parametrize("error", [NotFound, Denied])
def test_a_function_that_aws_does_not_describe_is_not_checked(ready: ShopWorld, error: type[AwsError]) -> None:
    function(ready)
    refused = error("not to be had", service="lambda", operation="get_function_configuration", code="x")
    ready.world.aws = RealAccount(ready.aws, {("lambda", "get_function_configuration"): refused})
    assert looked(ready)["role of function shop-function"].seen == "not checked: not to be had"


def test_a_topic_without_a_key_is_noted(ready: ShopWorld) -> None:
    ready.client("sns").create_topic(Name="plain", Tags=[{"Key": "project", "Value": "shop"}])
    assert looked(ready)["encryption of plain"].verdict == "note"


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_database_that_is_not_encrypted_fails(ready: ShopWorld, encrypted: bool) -> None:
    ready.client("rds").create_db_instance(
        DBInstanceIdentifier="shop-db",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        StorageEncrypted=encrypted,
        Tags=[{"Key": "project", "Value": "shop"}],
        MasterUsername="ada",
        MasterUserPassword="not-a-real-one-1",
    )
    assert looked(ready)["encryption of shop-db"].verdict == ("pass" if encrypted else "fail")


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_bucket_is_looked_at(ready: ShopWorld, encrypted: bool) -> None:
    s3 = ready.client("s3")
    s3.create_bucket(Bucket="shop-bucket")
    s3.put_bucket_tagging(Bucket="shop-bucket", Tagging={"TagSet": [{"Key": "project", "Value": "shop"}]})
    if encrypted:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket="shop-bucket", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert looked(ready)["encryption of shop-bucket"].verdict == ("pass" if encrypted else "fail")


def test_a_role_that_may_not_be_read_is_not_checked(ready: ShopWorld) -> None:
    refused = Denied("iam:ListRolePolicies is denied", service="iam", operation="list_role_policies")
    ready.world.aws = RealAccount(ready.aws, {("iam", "list_role_policies"): refused})
    found = looked(ready)["role shop-role"]
    assert (found.verdict, found.seen) == ("not-checked", "not checked: iam:ListRolePolicies is denied")
