"""How is an AWS::ApiGatewayV2::Authorizer made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-authorizer.html
"""

from __future__ import annotations

from workflow.sandbox.cloudformation.resource_types.api_gateway import Part
from workflow.sandbox.cloudformation.resource_types.model import Properties
from workflow.sandbox.cloudformation.resource_types.shapes import Flag, ListOf, Number, Record, Text

SHAPE = Record(
    {
        "ApiId": Text(min_length=1),
        "AuthorizerCredentialsArn": Text(),
        "AuthorizerPayloadFormatVersion": Text(("1.0", "2.0")),
        "AuthorizerResultTtlInSeconds": Number(0, maximum=3600),
        "AuthorizerType": Text(("REQUEST", "JWT")),
        "AuthorizerUri": Text(
            pattern="^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/.+/invocations$"
        ),
        "EnableSimpleResponses": Flag(),
        "IdentitySource": ListOf(Text(min_length=1)),
        "IdentityValidationExpression": Text(),
        "JwtConfiguration": Record({"Audience": ListOf(Text()), "Issuer": Text()}),
        "Name": Text(min_length=1, max_length=128),
    },
    frozenset({"ApiId", "AuthorizerType", "Name"}),
)
DEFAULTS = {"AuthorizerResultTtlInSeconds": 0, "EnableSimpleResponses": False, "IdentitySource": []}


def _faults(properties: Properties) -> list[str]:
    needed = "AuthorizerUri" if properties["AuthorizerType"] == "REQUEST" else "JwtConfiguration"
    if needed in properties:
        return []
    return [f"#: required key [{needed}] not found (AuthorizerType is {properties['AuthorizerType']})"]


AUTHORIZER = Part("authorizer", "AuthorizerId", DEFAULTS, frozenset({"IdentitySource"})).resource_type(
    "AWS::ApiGatewayV2::Authorizer", SHAPE, _faults
)
