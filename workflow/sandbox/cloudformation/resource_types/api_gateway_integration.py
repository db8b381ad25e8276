"""How is an AWS::ApiGatewayV2::Integration made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-integration.html
"""

from __future__ import annotations

from workflow.sandbox.cloudformation.resource_types.api_gateway import Part
from workflow.sandbox.cloudformation.resource_types.model import Properties
from workflow.sandbox.cloudformation.resource_types.shapes import MapOf, Number, Record, Text

SHAPE = Record(
    {
        "ApiId": Text(min_length=1),
        "ConnectionType": Text(("INTERNET", "VPC_LINK")),
        "ContentHandlingStrategy": Text(("CONVERT_TO_BINARY", "CONVERT_TO_TEXT")),
        "CredentialsArn": Text(pattern="^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]*:(role|user|group)/"),
        "Description": Text(),
        "IntegrationMethod": Text(),
        "IntegrationType": Text(("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK")),
        "IntegrationUri": Text(min_length=1),
        "PassthroughBehavior": Text(("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")),
        "PayloadFormatVersion": Text(("1.0", "2.0")),
        "RequestParameters": MapOf(Text()),
        "RequestTemplates": MapOf(Text()),
        "TemplateSelectionExpression": Text(),
        # 29 s is a WebSocket API's limit, an HTTP API has 30
        "TimeoutInMillis": Number(50, maximum=30000),
    },
    frozenset({"ApiId", "IntegrationType"}),
    frozenset({"ConnectionId", "IntegrationSubtype", "ResponseParameters", "TlsConfig"}),
)
DEFAULTS = {"ConnectionType": "INTERNET", "TimeoutInMillis": 29000, "RequestParameters": {}, "RequestTemplates": {}}


def _faults(properties: Properties) -> list[str]:
    if properties["IntegrationType"] != "MOCK" and "IntegrationUri" not in properties:
        return ["#: required key [IntegrationUri] not found"]
    return []


INTEGRATION = Part("integration", "IntegrationId", DEFAULTS).resource_type(
    "AWS::ApiGatewayV2::Integration", SHAPE, _faults
)
