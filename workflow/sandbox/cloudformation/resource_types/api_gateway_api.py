"""How is an AWS::ApiGatewayV2::Api made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow.sandbox.cloudformation.resource_types import api_gateway
from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType, tag_map
from workflow.sandbox.cloudformation.resource_types.shapes import TAG_MAP, Flag, Record, Text

SHAPE = Record(
    {
        "ApiKeySelectionExpression": Text(),
        "Description": Text(),
        "DisableExecuteApiEndpoint": Flag(),
        "DisableSchemaValidation": Flag(),
        "Name": Text(min_length=1),
        "ProtocolType": Text(("WEBSOCKET", "HTTP")),
        "RouteSelectionExpression": Text(),
        "Tags": TAG_MAP,
        "Version": Text(),
    },
    beyond_sandbox=frozenset(
        {
            "BasePath",
            "Body",
            "BodyS3Location",
            "CorsConfiguration",
            "CredentialsArn",
            "FailOnWarnings",
            "IpAddressType",
            "RouteKey",
            "Target",
        }
    ),
)
# What a property goes back to when it is taken out of the template.
DEFAULTS = {
    "ApiKeySelectionExpression": "$request.header.x-api-key",
    "Description": "",
    "DisableExecuteApiEndpoint": False,
    "DisableSchemaValidation": False,
    "Version": "",
}


def _faults(properties: Properties) -> list[str]:
    # Both may be left out only where an OpenAPI definition says them, which is beyond the sandbox.
    faults = [f"#: required key [{key}] not found" for key in ("Name", "ProtocolType") if key not in properties]
    if properties.get("ProtocolType") == "WEBSOCKET" and "RouteSelectionExpression" not in properties:
        faults.append("#: required key [RouteSelectionExpression] not found (ProtocolType is WEBSOCKET)")
    return faults


def create(place: Placement, _name: str, properties: Properties) -> str:
    """The API's id."""
    given = {**properties, "Tags": tag_map(place, properties)}
    return str(place.client("apigatewayv2").create_api(**given)["ApiId"])


def update(place: Placement, api: str, old: Properties, new: Properties) -> None:
    """Change names, expressions, flags and tags in place."""
    client = place.client("apigatewayv2")
    changed = api_gateway.changes(old, new, DEFAULTS)
    if changed:
        client.update_api(ApiId=api, **changed)
    arn = f"arn:aws:apigateway:{place.region}::/apis/{api}"
    gone = sorted(set(old.get("Tags", {})) - set(new.get("Tags", {})))
    if gone:
        client.untag_resource(ResourceArn=arn, TagKeys=gone)
    client.tag_resource(ResourceArn=arn, Tags=tag_map(place, new))


def read(place: Placement, api: str) -> Mapping[str, str] | None:
    """ApiId, ApiEndpoint and ExecuteApiArn."""
    found = api_gateway.found(lambda: place.client("apigatewayv2").get_api(ApiId=api))
    if found is None:
        return None
    execute = f"arn:aws:execute-api:{place.region}:{place.account}:{api}"
    return {"ApiId": api, "ApiEndpoint": found["ApiEndpoint"], "ExecuteApiArn": execute}


def delete(place: Placement, api: str) -> None:
    """Remove the API with its routes, integrations, authorizers and stages; one that is gone is fine."""
    if read(place, api) is not None:
        place.client("apigatewayv2").delete_api(ApiId=api)


API = ResourceType(
    name="AWS::ApiGatewayV2::Api",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    replaced_by=frozenset({"ProtocolType"}),
    attributes=frozenset({"ApiId", "ApiEndpoint", "ExecuteApiArn"}),
    identify=None,
    faults=_faults,
    identifier="ApiId",
)
