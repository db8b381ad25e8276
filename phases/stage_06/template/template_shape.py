"""Which parts does a CloudFormation template have? As plain data, intrinsic functions in the long form.

Rules:
- Of a resource's properties only those of a table are said: the others are told apart by `Type` alone.
- Every part may be missing: a template is also read back from a file that anybody may have edited.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from phases.described_table import AttributeDefinition, IndexDescription, KeyElement, Stream

Properties = Mapping[str, Any]  # of a resource of whichever type


class Resource(TypedDict, total=False):
    """A resource of the template."""

    Type: str
    Condition: str
    DependsOn: str
    DeletionPolicy: str
    UpdateReplacePolicy: str
    Properties: Properties


class Tag(TypedDict):
    """A tag; its value may be an intrinsic function."""

    Key: str
    Value: object


class Recovery(TypedDict, total=False):
    """A table's `PointInTimeRecoverySpecification`."""

    PointInTimeRecoveryEnabled: bool


class Encrypted(TypedDict, total=False):
    """A table's `SSESpecification`."""

    SSEEnabled: bool


class TableProperties(TypedDict, total=False):
    """The properties of a table."""

    TableName: str
    BillingMode: str
    AttributeDefinitions: list[AttributeDefinition]
    KeySchema: list[KeyElement]
    GlobalSecondaryIndexes: list[IndexDescription]
    PointInTimeRecoverySpecification: Recovery
    SSESpecification: Encrypted
    StreamSpecification: Stream
    DeletionProtectionEnabled: bool
    Tags: list[Tag]


class Template(TypedDict, total=False):
    """A whole template; `Outputs` by their names, each `{Description, Value, Export}`."""

    AWSTemplateFormatVersion: str
    Description: str
    Parameters: dict[str, dict[str, object]]
    Conditions: dict[str, object]
    Resources: dict[str, Resource]
    Outputs: dict[str, Properties]
