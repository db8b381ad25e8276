"""How is an AWS::ApiGatewayV2::Route made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html
"""

from __future__ import annotations

from workflow.sandbox.cloudformation.resource_types.api_gateway import Part
from workflow.sandbox.cloudformation.resource_types.model import Properties
from workflow.sandbox.cloudformation.resource_types.shapes import Flag, ListOf, Record, Text

SHAPE = Record(
    {
        "ApiId": Text(min_length=1),
        "ApiKeyRequired": Flag(),
        "AuthorizationScopes": ListOf(Text()),
        "AuthorizationType": Text(("NONE", "AWS_IAM", "CUSTOM", "JWT")),
        "AuthorizerId": Text(min_length=1),
        "OperationName": Text(max_length=64),
        "RouteKey": Text(min_length=1),
        "RouteResponseSelectionExpression": Text(),
        "Target": Text(min_length=1),
    },
    frozenset({"ApiId", "RouteKey"}),
    frozenset({"ModelSelectionExpression", "RequestModels", "RequestParameters"}),
)
DEFAULTS = {"ApiKeyRequired": False, "AuthorizationScopes": [], "AuthorizationType": "NONE"}


def _faults(properties: Properties) -> list[str]:
    authorized = properties.get("AuthorizationType", "NONE") in {"CUSTOM", "JWT"}
    if authorized and "AuthorizerId" not in properties:
        return [f"#: required key [AuthorizerId] not found (AuthorizationType is {properties['AuthorizationType']})"]
    return []


ROUTE = Part("route", "RouteId", DEFAULTS).resource_type("AWS::ApiGatewayV2::Route", SHAPE, _faults)
