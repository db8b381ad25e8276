"""How is an AWS::ApiGatewayV2::Stage made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-stage.html
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow.sandbox.cloudformation.resource_types import api_gateway
from workflow.sandbox.cloudformation.resource_types.model import (
    SEPARATOR,
    Placement,
    Properties,
    ResourceType,
    last_part,
    tag_map,
)
from workflow.sandbox.cloudformation.resource_types.shapes import TAG_MAP, Flag, MapOf, Number, Record, Text

ROUTE_SETTINGS = Record(
    {
        "DataTraceEnabled": Flag(),
        "DetailedMetricsEnabled": Flag(),
        "LoggingLevel": Text(("OFF", "ERROR", "INFO")),
        "ThrottlingBurstLimit": Number(0),
        "ThrottlingRateLimit": Number(0, fraction=True),
    }
)
SHAPE = Record(
    {
        "AccessLogSettings": Record({"DestinationArn": Text(), "Format": Text()}),
        "ApiId": Text(min_length=1),
        "AutoDeploy": Flag(),
        "DefaultRouteSettings": ROUTE_SETTINGS,
        "DeploymentId": Text(min_length=1),
        "Description": Text(max_length=1024),
        "RouteSettings": MapOf(ROUTE_SETTINGS),
        "StageName": Text(min_length=1, max_length=128, pattern=r"^(\$default|[a-zA-Z0-9_-]+)$"),
        "StageVariables": MapOf(Text()),
        "Tags": TAG_MAP,
    },
    frozenset({"ApiId", "StageName"}),
    frozenset({"ClientCertificateId"}),
)
DEFAULTS = {
    "AccessLogSettings": {},
    "AutoDeploy": False,
    "DefaultRouteSettings": {},
    "RouteSettings": {},
    "StageVariables": {},
}


def _faults(properties: Properties) -> list[str]:
    if properties.get("AutoDeploy") is True and "DeploymentId" in properties:
        return ["#/DeploymentId: cannot be given when AutoDeploy is true"]
    return []


def _named(stage: str) -> dict[str, str]:
    api, _, name = stage.partition(SEPARATOR)
    return {"ApiId": api, "StageName": name}


def identify(_place: Placement, _name: str, properties: Properties) -> str:
    """The API's id and the stage's name, as `api-id|name`; Ref yields the name."""
    return f"{properties['ApiId']}{SEPARATOR}{properties['StageName']}"


def create(place: Placement, name: str, properties: Properties) -> str:
    """What `identify` says."""
    place.client("apigatewayv2").create_stage(**{**properties, "Tags": tag_map(place, properties)})
    return identify(place, name, properties)


def update(place: Placement, stage: str, old: Properties, new: Properties) -> None:
    """Change deployment, settings and variables in place; variables that are gone are sent as empty."""
    changed = api_gateway.changes(old, new, DEFAULTS)
    if "StageVariables" in changed:
        gone = dict.fromkeys(set(old.get("StageVariables", {})) - set(changed["StageVariables"]), "")
        changed["StageVariables"] = {**gone, **changed["StageVariables"]}
    if changed:
        place.client("apigatewayv2").update_stage(**_named(stage), **changed)
    _tag(place, stage, old, new)


def _tag(place: Placement, stage: str, old: Properties, new: Properties) -> None:
    if old.get("Tags") == new.get("Tags"):
        return
    client, named = place.client("apigatewayv2"), _named(stage)
    arn = f"arn:aws:apigateway:{place.region}::/apis/{named['ApiId']}/stages/{named['StageName']}"
    gone = sorted(set(old.get("Tags", {})) - set(new.get("Tags", {})))
    if gone:
        client.untag_resource(ResourceArn=arn, TagKeys=gone)
    client.tag_resource(ResourceArn=arn, Tags=tag_map(place, new))


def read(place: Placement, stage: str) -> Mapping[str, str] | None:
    """No attributes: the type has none."""
    there = api_gateway.found(lambda: place.client("apigatewayv2").get_stage(**_named(stage)))
    return None if there is None else {}


def delete(place: Placement, stage: str) -> None:
    """Remove the stage; one that went away with its API is fine."""
    if read(place, stage) is not None:
        place.client("apigatewayv2").delete_stage(**_named(stage))


STAGE = ResourceType(
    name="AWS::ApiGatewayV2::Stage",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    replaced_by=frozenset({"ApiId", "StageName"}),
    identify=identify,
    faults=_faults,
    reference=last_part,
)
