"""Where moto 5.2.5 is wrong about APIs, users, functions and subscriptions: bare moto shows it, the sandbox is right.

A test of bare moto that fails says that moto has learnt it: the sandbox's own answer can go.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import TRUST, World
from workflow.sandbox import moto_cognito

KNOWN = "5.2.5"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
Account = Callable[[str], Any]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """moto as it comes: the clients of an account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "moto")
    with moto.mock_aws():
        session = boto3.Session(region_name="us-east-1")
        yield session.client


def websocket(account: Account) -> tuple[Any, str]:
    client = account("apigatewayv2")
    made = client.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
    return client, made["ApiId"]


def user_of(account: Account, **settings: Any) -> tuple[Any, dict[str, str]]:
    """A pool with a client and a confirmed user: the service's client, and what signs in."""
    client = account("cognito-idp")
    pool = client.create_user_pool(PoolName="people")["UserPool"]["Id"]
    app = client.create_user_pool_client(UserPoolId=pool, ClientName="app", **settings)["UserPoolClient"]["ClientId"]
    client.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
    client.admin_set_user_password(UserPoolId=pool, Username="ann", Password="Correct-horse-1", Permanent=True)
    return client, {"UserPoolId": pool, "ClientId": app}


def sign_in(client: Any, names: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = client.admin_initiate_auth(
        **names,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": "Correct-horse-1"},
    )["AuthenticationResult"]
    return found


FLOWS = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_this_is_the_moto_whose_gaps_are_written_down() -> None:
    assert moto.__version__ == KNOWN, f"read these tests against moto {moto.__version__}"


# --- bare moto ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_moto_has_no_lists_of_authorizers_no_deployments_and_changes_no_stage(bare: Account) -> None:
    client, api = websocket(bare)
    client.create_stage(ApiId=api, StageName="prod")
    for call in (
        lambda: client.get_authorizers(ApiId=api),
        lambda: client.update_stage(ApiId=api, StageName="prod"),
    ):
        with pytest.raises(NotImplementedError):
            call()
    with pytest.raises(ClientError, match="404"):
        client.create_deployment(ApiId=api)


def test_moto_lets_pass_what_aws_refuses_of_a_route(bare: Account) -> None:
    client, api = websocket(bare)
    made = client.create_authorizer(ApiId=api, Name="a", AuthorizerType="JWT", IdentitySource=["x"])
    for _ in range(2):
        client.create_route(ApiId=api, RouteKey="ping", AuthorizationType="CUSTOM", AuthorizerId=made["AuthorizerId"])
    assert [route["RouteKey"] for route in client.get_routes(ApiId=api)["Items"]] == ["ping", "ping"]


@pytest.mark.slow
def test_moto_gives_every_token_an_hour_by_any_flow(bare: Account) -> None:
    client, names = user_of(bare, AccessTokenValidity=5, TokenValidityUnits={"AccessToken": "minutes"})
    assert sign_in(client, names)["ExpiresIn"] == 3600


@pytest.mark.slow
def test_moto_deletes_a_protected_pool(bare: Account) -> None:
    client = bare("cognito-idp")
    made = client.create_user_pool(PoolName="people", DeletionProtection="ACTIVE")["UserPool"]
    client.delete_user_pool(UserPoolId=made["Id"])
    assert client.list_user_pools(MaxResults=5)["UserPools"] == []


def test_moto_confirms_a_subscription_at_once_and_counts_none(bare: Account) -> None:
    client = bare("sns")
    topic = client.create_topic(Name="alarms")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="email", Endpoint="on-call@example.com")
    (found,) = client.list_subscriptions()["Subscriptions"]
    assert found["SubscriptionArn"] != "PendingConfirmation"
    assert client.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "0"


# --- the sandbox --------------------------------------------------------------------------------------------------


def test_the_sandbox_lists_authorizers_by_api(world: World) -> None:
    client, api = websocket(world.client)
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"
    made = client.create_authorizer(
        ApiId=api, Name="a", AuthorizerType="REQUEST", AuthorizerUri=uri, IdentitySource=["route.request.header.Auth"]
    )
    (found,) = client.get_authorizers(ApiId=api)["Items"]
    assert found["AuthorizerId"] == made["AuthorizerId"] and found["AuthorizerType"] == "REQUEST"
    with pytest.raises(ClientError, match="NotFoundException"):
        client.get_authorizers(ApiId="nothere")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"RouteKey": "$connect"}, "ConflictException.*Route with key \\$connect already exists for this API"),
        ({"RouteKey": "ping", "AuthorizationType": "AWS_IAM"}, "authorization is restricted to the \\$connect route"),
        ({"RouteKey": "ping", "AuthorizationType": "JWT"}, "JWT authorizers are supported only for HTTP APIs"),
        ({"RouteKey": "ping", "AuthorizerId": "nothere"}, "NotFoundException.*Invalid Authorizer identifier"),
    ],
    ids=["the key again", "not at the door", "by a web token", "by nobody"],
)
def test_the_sandbox_refuses_a_route_as_aws_does(world: World, asked: dict[str, str], said: str) -> None:
    client, api = websocket(world.client)
    client.create_route(ApiId=api, RouteKey="$connect")
    with pytest.raises(ClientError, match=said):
        client.create_route(ApiId=api, **asked)
    other = client.create_route(ApiId=api, RouteKey="other")["RouteId"]
    with pytest.raises(ClientError, match=said):
        client.update_route(ApiId=api, RouteId=other, **asked)
    assert {route["RouteKey"] for route in client.get_routes(ApiId=api)["Items"]} == {"$connect", "other"}


def test_the_sandbox_refuses_a_web_token_at_a_websocket_and_a_long_wait(world: World) -> None:
    client, api = websocket(world.client)
    with pytest.raises(ClientError, match="only for HTTP APIs"):
        client.create_authorizer(ApiId=api, Name="a", AuthorizerType="JWT", IdentitySource=["x"])
    with pytest.raises(ClientError, match="between 50 ms and 29000 ms"):
        client.create_integration(ApiId=api, IntegrationType="AWS_PROXY", TimeoutInMillis=30_000)
    web = client.create_api(Name="web", ProtocolType="HTTP")["ApiId"]
    client.create_authorizer(ApiId=web, Name="a", AuthorizerType="JWT", IdentitySource=["$request.header.Auth"])
    client.create_route(ApiId=web, RouteKey="GET /", AuthorizationType="JWT")


def test_a_stage_that_deploys_by_itself_says_why_it_could_not(world: World) -> None:
    client, api = websocket(world.client)
    made = client.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
    assert "DeploymentId" not in made and "At least one route" in made["LastDeploymentStatusMessage"]
    with pytest.raises(ClientError, match="Stage already exists"):
        client.create_stage(ApiId=api, StageName="prod")
    client.create_route(ApiId=api, RouteKey="$connect")
    found = client.get_stage(ApiId=api, StageName="prod")
    assert client.get_deployment(ApiId=api, DeploymentId=found["DeploymentId"])["AutoDeployed"] is True
    with pytest.raises(ClientError, match="if autoDeploy is enabled"):
        client.update_stage(ApiId=api, StageName="prod", DeploymentId=found["DeploymentId"])
    with pytest.raises(ClientError, match="Invalid Deployment identifier"):
        client.update_stage(ApiId=api, StageName="prod", DeploymentId="nothere")
    with pytest.raises(ClientError, match="Invalid Deployment identifier"):
        client.create_stage(ApiId=api, StageName="test", DeploymentId="nothere")


@pytest.mark.slow
def test_a_token_lasts_as_long_as_its_client_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = {"AccessToken": "minutes", "RefreshToken": "hours"}
    client, names = user_of(
        world.client, AccessTokenValidity=5, RefreshTokenValidity=1, TokenValidityUnits=minutes, ExplicitAuthFlows=FLOWS
    )
    tokens = sign_in(client, names)
    assert tokens["ExpiresIn"] == 300
    assert client.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ann"
    now = time.time()
    monkeypatch.setattr(moto_cognito.time, "time", lambda: now + 301)
    with pytest.raises(ClientError, match="Access Token has expired"):
        client.get_user(AccessToken=tokens["AccessToken"])
    refreshing = {
        **names,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]},
    }
    assert client.admin_initiate_auth(**refreshing)["AuthenticationResult"]["ExpiresIn"] == 300
    monkeypatch.setattr(moto_cognito.time, "time", lambda: now + 3601)
    with pytest.raises(ClientError, match="Refresh Token has expired"):
        client.admin_initiate_auth(**refreshing)


@pytest.mark.slow
def test_a_client_signs_in_by_the_flows_that_it_has(world: World) -> None:
    client, names = user_of(world.client)
    with pytest.raises(ClientError, match="Auth flow not enabled for this client"):
        sign_in(client, names)
    with pytest.raises(ClientError, match="Auth flow not enabled for this client"):
        client.initiate_auth(
            ClientId=names["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ann", "PASSWORD": "Correct-horse-1"},
        )
    client.update_user_pool_client(**names, ExplicitAuthFlows=FLOWS)
    assert sign_in(client, names)["ExpiresIn"] == 3600


@pytest.mark.slow
def test_a_function_is_not_changed_to_code_that_is_nowhere(world: World) -> None:
    lambda_, role = world.client("lambda"), world.client("iam")
    world.client("s3").create_bucket(Bucket="code")
    arn = role.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    lambda_.create_function(
        FunctionName="worker", Runtime="python3.11", Handler="a.b", Role=arn, Code={"ZipFile": b"not looked into"}
    )
    before = lambda_.get_function_configuration(FunctionName="worker")["CodeSha256"]
    for bucket, said in (("code", "NoSuchKey"), ("elsewhere", "NoSuchBucket")):
        with pytest.raises(ClientError, match=said):
            lambda_.update_function_code(FunctionName="worker", S3Bucket=bucket, S3Key="two.zip")
    assert lambda_.get_function_configuration(FunctionName="worker")["CodeSha256"] == before


def test_a_topic_counts_its_subscriptions_and_mail_that_nobody_reads_is_pending(world: World) -> None:
    client = world.client("sns")
    client.create_topic(Name="alarms")
    world.faults.leave_unread("on-call@example.com")
    for address in ("on-call@example.com", "other@example.com"):
        client.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint=address)

    def seen() -> tuple[dict[str, bool], str, str]:
        listed = client.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
        assert listed == client.list_subscriptions()["Subscriptions"]
        arn = client.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="on-call@example.com")["SubscriptionArn"]
        described = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"]
        assert described.lower() == str("on-call@example.com" in world.faults.unread).lower()
        counts = client.get_topic_attributes(TopicArn=TOPIC)["Attributes"]
        pending = {entry["Endpoint"]: entry["SubscriptionArn"] == "PendingConfirmation" for entry in listed}
        return pending, counts["SubscriptionsPending"], counts["SubscriptionsConfirmed"]

    assert seen() == ({"on-call@example.com": True, "other@example.com": False}, "1", "1")
    world.faults.clear()
    assert seen() == ({"on-call@example.com": False, "other@example.com": False}, "0", "2")
