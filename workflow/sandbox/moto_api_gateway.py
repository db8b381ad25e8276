"""What of API Gateway v2 does moto lack or let pass? Deployments, changed stages, lists of authorizers, refusals.

moto 5.2.5 has no `get_authorizers`, no deployments and no `update_stage`; it takes the same route key twice, a JWT
authorizer on a WebSocket API, and an authorizer on any of its routes; it says `https://` of a WebSocket API's endpoint,
and 30 s of its integrations' time-out. Here all of it is kept on moto's own API and stage, and so is in the snapshot.

Sources:
- "Route with key ... already exists" (409): https://github.com/serverless/serverless/issues/7260
- "At least one route is required": https://github.com/aws/serverless-application-model/issues/2512
- authorizers at $connect only: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
- JWT authorizers for HTTP APIs only: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

Answer = tuple[int, dict[str, str], str]
LONGEST_WEBSOCKET = 29_000  # [ms]
PATHS = (
    "{0}/v2/apis/(?P<api_id>[^/]+)/deployments$",
    "{0}/v2/apis/(?P<api_id>[^/]+)/deployments/(?P<deployment_id>[^/]+)$",
    "{0}/v2/tags/(?P<resource_arn_pt1>[^/]+)/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)$",
)


@contextmanager
def installed() -> Iterator[None]:
    """Within this context moto's API Gateway v2 has them."""
    from moto.apigateway import urls as urls_of_both
    from moto.apigatewayv2 import urls
    from moto.apigatewayv2.models import Api, ApiGatewayV2Backend, Stage
    from moto.apigatewayv2.responses import ApiGatewayV2Response

    paths = dict.fromkeys(PATHS, ApiGatewayV2Response.dispatch)
    with ExitStack() as patches:
        for module in (urls, urls_of_both):
            patches.enter_context(patch.dict(module.url_paths, paths))
        for name, action in ACTIONS.items():
            patches.enter_context(patch.object(ApiGatewayV2Response, name, action, create=True))
        for name in ("tag_resource", "untag_resource"):
            original = getattr(ApiGatewayV2Response, name)
            patches.enter_context(patch.object(ApiGatewayV2Response, name, _of_stages(name, original)))
        for name, check in CHECKED.items():
            patches.enter_context(patch.object(Api, name, _checked(getattr(Api, name), check)))
        for verb in ("create", "update", "delete"):
            for part in ("route", "integration", "authorizer"):
                name = f"{verb}_{part}"
                original = getattr(ApiGatewayV2Backend, name)
                patches.enter_context(patch.object(ApiGatewayV2Backend, name, _and_deployed(original)))
        patches.enter_context(patch.object(Api, "create_stage", _create_stage(Api.create_stage)))
        patches.enter_context(patch.object(Api, "to_json", _with_endpoint(Api.to_json)))
        patches.enter_context(patch.object(Stage, "to_json", _with_deployment(Stage.to_json)))
        yield


# --- refusals -----------------------------------------------------------------------------------------------------


def _refused(code: str, message: str, status: int = 400) -> Exception:
    from moto.apigatewayv2.exceptions import APIGatewayV2Error

    error = APIGatewayV2Error(code, message)
    error.code = status
    return error  # type: ignore[no-any-return]


def _checked(original: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    def method(api: Any, *arguments: Any, **given: Any) -> Any:
        check(api, *arguments, **given)
        return original(api, *arguments, **given)

    return method


def _check_route(
    api: Any,
    route_id: str | None = None,
    *,
    route_key: str | None = None,
    authorization_type: str | None = None,
    authorizer_id: str | None = None,
    **_: Any,
) -> None:
    """What CreateRoute and UpdateRoute refuse of a key and an authorization."""
    before: Any = api.get_route(route_id) if route_id else None
    key = route_key or before.route_key
    if any(route.route_key == key and route is not before for route in api.routes.values()):
        raise _refused("ConflictException", f"Route with key {key} already exists for this API", 409)
    authorization = authorization_type or (before.authorization_type if before else "NONE")
    _check_authorizer(api, authorizer_type=authorization)
    _check_authorized_route(api, key, authorization)
    if authorizer_id:
        api.get_authorizer(authorizer_id)


def _check_authorized_route(api: Any, key: str, authorization: str) -> None:
    if api.protocol_type == "WEBSOCKET" and authorization != "NONE" and key != "$connect":
        raise _refused("BadRequestException", "Currently, authorization is restricted to the $connect route only")


def _check_authorizer(api: Any, *_positional: Any, authorizer_type: str | None = None, **_: Any) -> None:
    if api.protocol_type == "WEBSOCKET" and authorizer_type == "JWT":
        raise _refused("BadRequestException", "JWT authorizers are supported only for HTTP APIs")


def _check_integration(api: Any, *_positional: Any, timeout_in_millis: int | None = None, **_: Any) -> None:
    if api.protocol_type == "WEBSOCKET" and timeout_in_millis and int(timeout_in_millis) > LONGEST_WEBSOCKET:
        raise _refused("BadRequestException", f"Timeout should be between 50 ms and {LONGEST_WEBSOCKET} ms")


CHECKED: dict[str, Callable[..., None]] = {
    "create_route": _check_route,
    "update_route": _check_route,
    "create_authorizer": _check_authorizer,
    "update_authorizer": _check_authorizer,
    "create_integration": _check_integration,
    "update_integration": _check_integration,
}


# --- deployments --------------------------------------------------------------------------------------------------


def _deployments(api: Any) -> dict[str, dict[str, Any]]:
    """What is kept of this API's deployments, by id."""
    kept: dict[str, dict[str, Any]] = api.__dict__.setdefault("phasegate_deployments", {})
    return kept


def _deploy(api: Any, *, description: str | None = None, automatic: bool = False) -> dict[str, Any]:
    if api.protocol_type == "WEBSOCKET" and not api.routes:
        raise _refused("BadRequestException", "At least one route is required before deploying the Api.")
    deployment_id = uuid.uuid4().hex[:6]
    deployment = {
        "deploymentId": deployment_id,
        "autoDeployed": automatic,
        "createdDate": datetime.now(UTC).isoformat(timespec="seconds"),
        "deploymentStatus": "DEPLOYED",
        **({"description": description} if description else {}),
    }
    _deployments(api)[deployment_id] = deployment
    return deployment


def _deploy_stage(api: Any, stage: Any) -> None:
    """Give a stage that deploys by itself what the API is now, or say why not."""
    if not stage.auto_deploy:
        return
    try:
        stage.phasegate_deployment = _deploy(api, automatic=True)["deploymentId"]
        stage.phasegate_message = f"Successfully deployed stage with deployment ID '{stage.phasegate_deployment}'"
    except Exception as error:
        if not hasattr(error, "code"):
            raise
        stage.phasegate_message = f"Deployment attempt failed: {getattr(error, 'message', error)}"


def _and_deployed(original: Callable[..., Any]) -> Callable[..., Any]:
    """A change of a route, an integration or an authorizer, which stages may deploy by themselves."""

    def method(backend: Any, api_id: str, *arguments: Any, **given: Any) -> Any:
        answer = original(backend, api_id, *arguments, **given)
        api = backend.get_api(api_id)
        if api.protocol_type == "WEBSOCKET" and getattr(answer, "integration_type", "") and _was_not_given(given):
            answer.timeout_in_millis = LONGEST_WEBSOCKET
        for stage in api.stages.values():
            _deploy_stage(api, stage)
        return answer

    return method


def _was_not_given(given: dict[str, Any]) -> bool:
    """Whether an integration was made without a time-out: moto then takes that of HTTP APIs."""
    return "timeout_in_millis" in given and given["timeout_in_millis"] is None and "integration_id" not in given


def _create_stage(original: Callable[..., Any]) -> Callable[..., Any]:
    def method(api: Any, config: dict[str, Any]) -> Any:
        if config["stageName"] in api.stages:
            raise _refused("ConflictException", "Stage already exists", 409)
        _check_deployment(api, config)
        stage = original(api, config)
        stage.phasegate_deployment = config.get("deploymentId")
        _deploy_stage(api, stage)
        return stage

    return method


def _check_deployment(api: Any, config: dict[str, Any]) -> None:
    if config.get("deploymentId") and config["deploymentId"] not in _deployments(api):
        raise _refused("NotFoundException", f"Invalid Deployment identifier specified {config['deploymentId']}", 404)


def _with_deployment(original: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    def method(stage: Any) -> dict[str, Any]:
        described = original(stage)
        if deployment := getattr(stage, "phasegate_deployment", None):
            described["deploymentId"] = deployment
        if stage.auto_deploy and (message := getattr(stage, "phasegate_message", None)):
            described["lastDeploymentStatusMessage"] = message
        return described

    return method


def _with_endpoint(original: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    def method(api: Any) -> dict[str, Any]:
        described = original(api)
        if api.protocol_type == "WEBSOCKET":
            described["apiEndpoint"] = described["apiEndpoint"].replace("https://", "wss://")
        return described

    return method


# --- actions that moto does not have ------------------------------------------------------------------------------


def _named(handler: Any) -> tuple[Any, str]:
    """The API of the request, and the last part of its path."""
    parts = handler.path.split("/")
    return handler.apigatewayv2_backend.get_api(parts[parts.index("apis") + 1]), unquote(parts[-1])


def _found_deployment(handler: Any) -> tuple[Any, dict[str, Any]]:
    api, deployment = _named(handler)
    _check_deployment(api, {"deploymentId": deployment})
    return api, _deployments(api)[deployment]


def _answer(document: Any, status: int = 200) -> Answer:
    return status, {}, json.dumps(document)


def _get_authorizers(handler: Any) -> Answer:
    api, _ = _named(handler)
    return _answer({"items": [authorizer.to_json() for authorizer in api.authorizers.values()]})


def _create_deployment(handler: Any) -> Answer:
    api, _ = _named(handler)
    asked = json.loads(handler.body or "{}")
    stage = api.get_stage(asked["stageName"]) if asked.get("stageName") else None
    deployment = _deploy(api, description=asked.get("description"))
    if stage is not None:
        stage.phasegate_deployment = deployment["deploymentId"]
    return _answer(deployment, 201)


def _get_deployments(handler: Any) -> Answer:
    api, _ = _named(handler)
    return _answer({"items": list(_deployments(api).values())})


def _get_deployment(handler: Any) -> Answer:
    return _answer(_found_deployment(handler)[1])


def _update_deployment(handler: Any) -> Answer:
    _, deployment = _found_deployment(handler)
    deployment["description"] = json.loads(handler.body or "{}").get("description", "")
    return _answer(deployment)


def _delete_deployment(handler: Any) -> Answer:
    api, deployment = _found_deployment(handler)
    used = [s for s in api.stages.values() if getattr(s, "phasegate_deployment", None) == deployment["deploymentId"]]
    if used:
        raise _refused(
            "BadRequestException", "Active stages pointing to this deployment must be moved or deleted before deletion"
        )
    del _deployments(api)[deployment["deploymentId"]]
    return 204, {}, ""


# The member of UpdateStage -> the attribute of moto's stage.
STAGE_MEMBERS = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
}


def _update_stage(handler: Any) -> Answer:
    api, name = _named(handler)
    stage, asked = api.get_stage(name), json.loads(handler.body or "{}")
    _check_deployment(api, asked)
    if asked.get("deploymentId") and asked.get("autoDeploy", stage.auto_deploy):
        raise _refused("BadRequestException", "deploymentId cannot be set or updated if autoDeploy is enabled")
    for member, attribute in STAGE_MEMBERS.items():
        if member in asked:
            setattr(stage, attribute, asked[member])
    variables = {**stage.stage_variables, **asked.get("stageVariables", {})}
    stage.stage_variables = {key: value for key, value in variables.items() if value}
    stage.phasegate_deployment = asked.get("deploymentId") or getattr(stage, "phasegate_deployment", None)
    _deploy_stage(api, stage)
    return _answer(stage.to_json())


def _of_stages(name: str, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Tagging, which knows stages, too: moto keeps theirs on the stage."""

    def method(handler: Any) -> Any:
        arn = unquote(handler.path.split("/tags/")[1])
        if "/stages/" not in arn:
            return original(handler)
        api_id, _, stage_name = arn.split("/apis/")[1].partition("/stages/")
        stage = handler.apigatewayv2_backend.get_stage(api_id, stage_name)
        if name == "tag_resource":
            stage.tags = {**stage.tags, **json.loads(handler.body).get("tags", {})}
            return _answer({}, 201)
        gone = handler.querystring.get("tagKeys") or []
        stage.tags = {key: value for key, value in stage.tags.items() if key not in gone}
        return 204, {}, ""

    return method


ACTIONS: dict[str, Callable[[Any], Answer]] = {
    "get_authorizers": _get_authorizers,
    "create_deployment": _create_deployment,
    "get_deployments": _get_deployments,
    "get_deployment": _get_deployment,
    "update_deployment": _update_deployment,
    "delete_deployment": _delete_deployment,
    "update_stage": _update_stage,
}
