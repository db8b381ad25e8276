"""The handlers of the session service, run in this process: they do their work by what their roles allow, no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest

from tests.worlds.session_service import FUNCTIONS, SERVICE, FunctionHere, config, deploy, modules_of
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow
# What a call asks permission for, where the permission has another name; of a transaction, see `written`.
PERMISSION: dict[str, set[str]] = {
    "dynamodb:TransactWriteItems": set(),
    "apigatewaymanagementapi:PostToConnection": {"execute-api:ManageConnections"},
    "cognito-idp:GetUser": set(),  # the token is the permission
}


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, ModuleType, Any]]:
    """The account, the module of the smoke tests, and the service as they see it."""
    with Sandbox() as sandbox, modules_of(SERVICE / "smoke", "gateway", "smoke") as (gateway, smoke_tests):
        assert deploy(sandbox, "dev") == "CREATE_COMPLETE"
        FunctionHere.asked, FunctionHere.sandbox = {}, sandbox
        FunctionHere.directory = tmp_path_factory.mktemp("code")
        gateway.Function = FunctionHere  # type: ignore[attr-defined]
        yield (
            sandbox,
            smoke_tests,
            smoke_tests.Service(config("dev"), lambda it: gateway.Gateway(it.session, it.config)),
        )


def granted(sandbox: Sandbox, function: str) -> set[str]:
    """The actions that the function's role allows, logs apart."""
    iam, found = sandbox.client("iam"), set[str]()
    for name in iam.list_role_policies(RoleName=function)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=function, PolicyName=name)["PolicyDocument"]
        for statement in document["Statement"]:
            assert statement["Resource"] != "*"
            found.update([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    return {action for action in found if not action.startswith("logs:")}


def written(module: str) -> set[str]:
    """What a handler's transactions ask permission for: each write in them as if it were alone."""
    source = (SERVICE / "service" / f"{module}.py").read_text("utf-8")
    return {f"dynamodb:{kind}Item" for kind in re.findall(r'\{"(Put|Update|Delete)": ', source)}


def test_each_smoke_test_passes_and_roles_allow_what_the_handlers_ask_and_no_more(
    smoke: tuple[Sandbox, ModuleType, Any],
) -> None:
    sandbox, tests, service = smoke
    FunctionHere.asked.clear()
    facts = {name: test(service) for name, test in tests.TESTS.items()}
    assert set(facts) == {"user", "token", "connect", "create", "join", "heartbeat", "refresh", "disconnect"}
    assert all(facts.values())
    assert set(FunctionHere.asked) == {f"{name}-dev" for name in FUNCTIONS}
    for function, calls in FunctionHere.asked.items():
        asked: set[str] = set()
        for service_name, action in calls:
            asked |= PERMISSION.get(f"{service_name}:{action}", {f"{service_name}:{action}"})
        asked |= written(function.removeprefix("session-").removesuffix("-dev").replace("-", "_"))
        assert asked == granted(sandbox, function), function


def _why_not(tests: ModuleType, service: Any, name: str) -> str:
    """What the smoke test finds, which must not pass."""
    with pytest.raises((tests.Failed, tests.Refused, KeyError)) as failure:
        tests.TESTS[name](service)
    return repr(failure.value)


def test_what_is_wired_or_set_wrong_is_found(smoke: tuple[Sandbox, ModuleType, Any]) -> None:
    sandbox, tests, service = smoke
    functions, apis = sandbox.client("lambda"), sandbox.client("apigatewayv2")
    name = "session-heartbeat-handler-dev"
    statement = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    allowed = statement["Condition"]["ArnLike"]["AWS:SourceArn"]

    def allow(arn: str) -> None:
        functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
        functions.add_permission(
            FunctionName=name,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=arn,
        )

    allow("arn:aws:execute-api:us-east-1:123456789012:other/*/heartbeat")
    assert f"API Gateway may not invoke {name}" in _why_not(tests, service, "heartbeat")
    allow(allowed)
    assert tests.TESTS["heartbeat"](service)

    routes = {route["RouteKey"]: route for route in apis.get_routes(ApiId=service.gateway.api)["Items"]}
    connect = {"ApiId": service.gateway.api, "RouteId": routes["$connect"]["RouteId"]}
    apis.update_route(**connect, AuthorizationType="NONE")
    assert "authorizer" in _why_not(tests, service, "connect")
    apis.update_route(**connect, AuthorizationType="CUSTOM", Target=routes["heartbeat"]["Target"])
    assert "may not invoke" in _why_not(tests, service, "connect")
    apis.update_route(**connect, Target=routes["$connect"]["Target"])
    assert tests.TESTS["connect"](service)


def test_a_client_is_told_what_happens_to_its_session(smoke: tuple[Sandbox, ModuleType, Any]) -> None:
    from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends

    _, _, service = smoke
    speaker, said = service.gateway.connect(service.token, action="createSession", sourceLanguage="en")
    asked = {"action": "joinSession", "sessionId": said["sessionId"], "targetLanguage": "de"}
    listener, _ = service.gateway.connect(service.token, **asked)
    service.gateway.disconnect(speaker)
    service.gateway.disconnect(listener)
    told = apigatewaymanagementapi_backends["123456789012"]["us-east-1"].connections
    heard = {unquote(connection): entry.data for connection, entry in told.items()}
    assert json.loads(heard[listener]) == {"type": "sessionEnded", "sessionId": said["sessionId"]}
    assert speaker not in heard
