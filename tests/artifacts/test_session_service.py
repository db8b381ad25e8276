"""The session service of artifacts/ as it is deployed: right in every item that AWS answers, for each profile."""

from __future__ import annotations

import json
from collections.abc import Iterator

import jmespath
import pytest
from cfnlint.api import lint

from tests.worlds.session_service import FUNCTIONS, SERVICE, deploy
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow
TTL = {"Sessions": "expiresAt", "Connections": "ttl", "RateLimits": "expiresAt"}
DAYS = {"dev": 1, "staging": 3, "production": 30}


@pytest.fixture(scope="module", params=["dev", "staging", "production"])
def deployed(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, str]]:
    with Sandbox() as sandbox:
        assert deploy(sandbox, request.param) == "CREATE_COMPLETE"
        yield sandbox, request.param


def test_cfn_lint_finds_nothing_in_the_template() -> None:
    template = (SERVICE / "infrastructure/template.yaml").read_text("utf-8")
    assert [str(match) for match in lint(template, regions=["us-east-1"])] == []
    assert len(template.encode()) < 51_200


def test_its_tables_are_as_the_items_say(deployed: tuple[Sandbox, str]) -> None:
    sandbox, stage = deployed
    client = sandbox.client("dynamodb")
    for name, attribute in TTL.items():
        table = client.describe_table(TableName=f"{name}-{stage}")["Table"]
        assert (table["TableStatus"], table["BillingModeSummary"]["BillingMode"]) == ("ACTIVE", "PAY_PER_REQUEST")
        ttl = client.describe_time_to_live(TableName=f"{name}-{stage}")["TimeToLiveDescription"]
        assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}
        backups = client.describe_continuous_backups(TableName=f"{name}-{stage}")["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        assert recovery == ("ENABLED" if stage == "production" else "DISABLED")
    table = client.describe_table(TableName=f"Connections-{stage}")["Table"]
    assert jmespath.search("GlobalSecondaryIndexes[?IndexStatus=='ACTIVE'].IndexName", table) == [
        "sessionId-targetLanguage-index"
    ]


def test_its_functions_are_as_the_items_say(deployed: tuple[Sandbox, str]) -> None:
    sandbox, stage = deployed
    for name, (memory, timeout) in FUNCTIONS.items():
        found = sandbox.client("lambda").get_function_configuration(FunctionName=f"{name}-{stage}")
        assert (found["MemorySize"], found["Timeout"], found["State"]) == (memory, timeout, "Active")
        policy = json.loads(sandbox.client("lambda").get_policy(FunctionName=f"{name}-{stage}")["Policy"])
        assert jmespath.search("Statement[].Principal.Service", policy) == ["apigateway.amazonaws.com"]
        groups = sandbox.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}-{stage}")
        assert [group["retentionInDays"] for group in groups["logGroups"]] == [DAYS[stage]]


def test_its_api_is_as_the_items_say(deployed: tuple[Sandbox, str]) -> None:
    sandbox, stage = deployed
    client = sandbox.client("apigatewayv2")
    (api,) = (api for api in client.get_apis()["Items"] if api["Name"] == f"session-websocket-api-{stage}")
    assert api["ProtocolType"] == "WEBSOCKET"
    routes = {route["RouteKey"]: route["AuthorizationType"] for route in client.get_routes(ApiId=api["ApiId"])["Items"]}
    assert routes == {"$connect": "CUSTOM", "$disconnect": "NONE", "heartbeat": "NONE", "refreshConnection": "NONE"}
    assert jmespath.search("Items[].AuthorizerType", client.get_authorizers(ApiId=api["ApiId"])) == ["REQUEST"]
    (at,) = client.get_stages(ApiId=api["ApiId"])["Items"]
    assert (at["StageName"], bool(at["DeploymentId"])) == ("prod", True)
    assert at["DefaultRouteSettings"]["ThrottlingRateLimit"] == 100
    outputs = sandbox.client("cloudformation").describe_stacks(StackName=f"SessionManagement-{stage}")
    endpoint = jmespath.search("Stacks[0].Outputs[?OutputKey=='WebSocketEndpoint'].OutputValue | [0]", outputs)
    assert endpoint == f"{api['ApiEndpoint']}/prod"


def test_its_alarms_tell_its_topic(deployed: tuple[Sandbox, str]) -> None:
    sandbox, stage = deployed
    topic = f"arn:aws:sns:us-east-1:123456789012:session-management-alarms-{stage}"
    alarms = sandbox.client("cloudwatch").describe_alarms(AlarmNamePrefix="session-")["MetricAlarms"]
    assert all(alarm["ActionsEnabled"] and alarm["AlarmActions"] == [topic] for alarm in alarms)
    own = {alarm["MetricName"] for alarm in alarms if alarm["Namespace"] == "SessionManagement"}
    assert own == {"SessionCreationLatency", "ConnectionErrors", "ActiveSessions"}
    errors = [alarm for alarm in alarms if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")]
    watched = {alarm["Dimensions"][0]["Value"] for alarm in errors}
    assert watched == {f"{name}-{stage}" for name in FUNCTIONS}
    (entry,) = sandbox.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (entry["Protocol"], entry["Endpoint"]) == ("email", "on-call@example.com")
    boards = sandbox.client("cloudwatch").list_dashboards()["DashboardEntries"]
    assert [board["DashboardName"] for board in boards] == (
        ["session-management-production"] if stage == "production" else []
    )
