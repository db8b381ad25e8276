"""How is an AWS::ApiGatewayV2::Deployment made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-deployment.html
"""

from __future__ import annotations

from workflow.sandbox.cloudformation.resource_types.api_gateway import Part
from workflow.sandbox.cloudformation.resource_types.shapes import Record, Text

SHAPE = Record(
    {"ApiId": Text(min_length=1), "Description": Text(), "StageName": Text(min_length=1, max_length=128)},
    frozenset({"ApiId"}),
)

DEPLOYMENT = Part("deployment", "DeploymentId", {}).resource_type("AWS::ApiGatewayV2::Deployment", SHAPE)
