"""How is an AWS::DynamoDB::GlobalTable made? One with a single replica, in the stack's own region: it is a table then.

CDK's TableV2 makes this type. What a replica has of its own (recovery, protection, class, tags, key) becomes the
table's; further replicas, witnesses and provisioned capacity are refused by name.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from workflow.sandbox.cloudformation.errors import ResourceFailed
from workflow.sandbox.cloudformation.intrinsics import UNKNOWN
from workflow.sandbox.cloudformation.resource_types import dynamodb_table as table
from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType
from workflow.sandbox.cloudformation.resource_types.shapes import TAGS, Flag, ListOf, Record, Text

_OF_REPLICA = ("PointInTimeRecoverySpecification", "DeletionProtectionEnabled", "TableClass", "Tags")
_AS_A_TABLE = (
    *("TableName", "KeySchema", "AttributeDefinitions", "BillingMode", "LocalSecondaryIndexes"),
    *("GlobalSecondaryIndexes", "StreamSpecification", "TimeToLiveSpecification"),
)
INDEX = Record(
    {"IndexName": table.INDEX_NAME, "KeySchema": table.INDEX_KEYS, "Projection": table.PROJECTION},
    table.INDEX_REQUIRED,
    frozenset(
        {
            "ReadOnDemandThroughputSettings",
            "ReadProvisionedThroughputSettings",
            "WarmThroughput",
            "WriteOnDemandThroughputSettings",
            "WriteProvisionedThroughputSettings",
        }
    ),
)
REPLICA = Record(
    {
        "Region": Text(),
        "GlobalSecondaryIndexes": ListOf(
            Record(
                {"IndexName": table.INDEX_NAME},
                frozenset({"IndexName"}),
                frozenset(
                    {
                        "ContributorInsightsSpecification",
                        "ReadOnDemandThroughputSettings",
                        "ReadProvisionedThroughputSettings",
                    }
                ),
            )
        ),
        "PointInTimeRecoverySpecification": table.SHAPE.members["PointInTimeRecoverySpecification"],
        "DeletionProtectionEnabled": Flag(),
        "SSESpecification": Record({"KMSMasterKeyId": Text()}, frozenset({"KMSMasterKeyId"})),
        "TableClass": table.SHAPE.members["TableClass"],
        "Tags": TAGS,
    },
    frozenset({"Region"}),
    frozenset(
        {
            "ContributorInsightsSpecification",
            "DisassociationProtectionEnabled",
            "GlobalTableSettingsReplicationMode",
            "KinesisStreamSpecification",
            "ReadOnDemandThroughputSettings",
            "ReadProvisionedThroughputSettings",
            "ReplicaStreamSpecification",
            "ResourcePolicy",
        }
    ),
)
SHAPE = Record(
    {
        "TableName": Text(min_length=3, max_length=255),
        **{name: table.SHAPE.members[name] for name in ("KeySchema", "AttributeDefinitions", "LocalSecondaryIndexes")},
        "BillingMode": Text(("PAY_PER_REQUEST", "PROVISIONED")),
        "GlobalSecondaryIndexes": ListOf(INDEX),
        "Replicas": ListOf(REPLICA),
        "SSESpecification": Record({"SSEEnabled": Flag(), "SSEType": Text(("KMS",))}, frozenset({"SSEEnabled"})),
        "StreamSpecification": table.SHAPE.members["StreamSpecification"],
        "TimeToLiveSpecification": table.SHAPE.members["TimeToLiveSpecification"],
    },
    frozenset({"Replicas"}),
    frozenset(
        {
            "GlobalTableSourceArn",
            "GlobalTableWitnesses",
            "MultiRegionConsistency",
            "ReadOnDemandThroughputSettings",
            "ReadProvisionedThroughputSettings",
            "TableType",
            "VectorIndexes",
            "WarmThroughput",
            "WriteOnDemandThroughputSettings",
            "WriteProvisionedThroughputSettings",
        }
    ),
)


def as_table(properties: Properties) -> dict[str, Any]:
    """The properties of the one table that this is."""
    (replica,) = properties["Replicas"]
    found = {name: properties[name] for name in _AS_A_TABLE if name in properties}
    found |= {name: replica[name] for name in _OF_REPLICA if name in replica}
    if "SSESpecification" in properties:
        found["SSESpecification"] = {**properties["SSESpecification"], **replica.get("SSESpecification", {})}
    return found


def _faults(properties: Properties) -> list[str]:
    replicas = properties["Replicas"]
    if len(replicas) != 1:
        return [
            f"#/Replicas: the phasegate sandbox implements one replica, in the stack's region; seen {len(replicas)}"
        ]
    if "KeySchema" not in properties:
        return ["#: required key [KeySchema] not found"]
    if properties.get("BillingMode", "PROVISIONED") == "PROVISIONED":
        return ["#/BillingMode: the phasegate sandbox implements PAY_PER_REQUEST alone for this type"]
    named = {each["IndexName"] for each in properties.get("GlobalSecondaryIndexes", [])}
    unknown = sorted({each["IndexName"] for each in replicas[0].get("GlobalSecondaryIndexes", [])} - named)
    if unknown:
        return [f"#/Replicas/0/GlobalSecondaryIndexes: {unknown[0]} is no index of the table"]
    return table.faults(as_table(properties))


def _at_home(place: Placement, properties: Properties) -> dict[str, Any]:
    """The table, whose replica is in the stack's region. Raises ResourceFailed for another one."""
    region = properties["Replicas"][0]["Region"]
    if region != place.region and UNKNOWN not in region:
        raise ResourceFailed(f"Replicas must include the stack's own region {place.region}, seen {region}")
    return as_table(properties)


def create(place: Placement, name: str, properties: Properties) -> str:
    """The table's name."""
    return table.create(place, name, _at_home(place, properties))


def update(place: Placement, name: str, old: Properties, new: Properties) -> None:
    """As a table is changed."""
    table.update(place, name, _at_home(place, old), _at_home(place, new))


def read(place: Placement, name: str) -> Mapping[str, str] | None:
    """Arn, TableId, and StreamArn while a stream is on."""
    found = table.read(place, name)
    if found is None:
        return None
    described = place.client("dynamodb").describe_table(TableName=name)["Table"]
    # moto 5.2.5 has no TableId: this one is the table's for as long as it is there
    table_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{described['TableArn']} {described['CreationDateTime']}")
    return {**found, "TableId": str(table_id)}


GLOBAL_TABLE = ResourceType(
    name="AWS::DynamoDB::GlobalTable",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=table.delete,
    custom_name="TableName",
    replaced_by=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
    attributes=frozenset({"Arn", "StreamArn", "TableId"}),
    faults=_faults,
    identifier="TableName",
)
