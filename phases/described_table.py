"""What does DescribeTable answer about a table of DynamoDB? As much of it as steps read, by AWS's own names."""

from __future__ import annotations

from typing import TypedDict


class KeyElement(TypedDict):
    """One key of a table or an index."""

    AttributeName: str
    KeyType: str


class AttributeDefinition(TypedDict):
    """The type of an attribute that is a key."""

    AttributeName: str
    AttributeType: str


class Projection(TypedDict, total=False):
    """What an index holds beside its keys."""

    ProjectionType: str
    NonKeyAttributes: list[str]


class IndexDescription(TypedDict, total=False):
    """An index of a table that is described."""

    IndexName: str
    IndexStatus: str
    Backfilling: bool
    KeySchema: list[KeyElement]
    Projection: Projection


class BillingMode(TypedDict):
    """The `BillingModeSummary` of a table."""

    BillingMode: str


class Stream(TypedDict, total=False):
    """The `StreamSpecification` of a table."""

    StreamViewType: str


class Encryption(TypedDict, total=False):
    """The `SSEDescription` of a table."""

    Status: str
    SSEType: str
    KMSMasterKeyArn: str


class TableDescription(TypedDict, total=False):
    """The `Table` structure of DescribeTable, as far as it is read here.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
    """

    TableName: str
    TableArn: str
    TableStatus: str
    TableSizeBytes: int
    KeySchema: list[KeyElement]
    AttributeDefinitions: list[AttributeDefinition]
    BillingModeSummary: BillingMode
    GlobalSecondaryIndexes: list[IndexDescription]
    LocalSecondaryIndexes: list[IndexDescription]
    SSEDescription: Encryption
    DeletionProtectionEnabled: bool
    StreamSpecification: Stream
    LatestStreamArn: str
