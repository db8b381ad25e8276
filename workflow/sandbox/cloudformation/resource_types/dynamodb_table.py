"""How is an AWS::DynamoDB::Table made, changed in place, replaced and removed?

Sources:
- properties and update behaviour: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
- limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.errors import ResourceFailed
from workflow.sandbox.cloudformation.intrinsics import UNKNOWN
from workflow.sandbox.cloudformation.resource_types.model import (
    Placement,
    Properties,
    ResourceType,
    tag_list,
    untagged,
)
from workflow.sandbox.cloudformation.resource_types.shapes import TAGS, Flag, ListOf, Number, Record, Text

MAX_GLOBAL_INDEXES = 20
MAX_LOCAL_INDEXES = 5
MAX_PROJECTED_ATTRIBUTES = 100
MAX_KEY_ATTRIBUTES = 4

KEY = Record(
    {"AttributeName": Text(min_length=1, max_length=255), "KeyType": Text(("HASH", "RANGE"))},
    frozenset({"AttributeName", "KeyType"}),
)
KEYS = ListOf(KEY, max_items=2)
INDEX_KEYS = ListOf(KEY)  # up to four of each kind; the schema has no maximum
CAPACITY = Record(
    {"ReadCapacityUnits": Number(1), "WriteCapacityUnits": Number(1)},
    frozenset({"ReadCapacityUnits", "WriteCapacityUnits"}),
)
PROJECTION = Record(
    {
        "ProjectionType": Text(("ALL", "KEYS_ONLY", "INCLUDE")),
        "NonKeyAttributes": ListOf(Text(min_length=1), max_items=20),
    }
)
INDEX_NAME = Text(min_length=3, max_length=255)
INDEX_REQUIRED = frozenset({"IndexName", "KeySchema", "Projection"})
SHAPE = Record(
    {
        "TableName": Text(min_length=3, max_length=255),
        "KeySchema": KEYS,
        "AttributeDefinitions": ListOf(
            Record(
                {"AttributeName": Text(min_length=1, max_length=255), "AttributeType": Text(("S", "N", "B"))},
                frozenset({"AttributeName", "AttributeType"}),
            )
        ),
        "BillingMode": Text(("PAY_PER_REQUEST", "PROVISIONED")),
        "ProvisionedThroughput": CAPACITY,
        "GlobalSecondaryIndexes": ListOf(
            Record(
                {
                    "IndexName": INDEX_NAME,
                    "KeySchema": INDEX_KEYS,
                    "Projection": PROJECTION,
                    "ProvisionedThroughput": CAPACITY,
                },
                INDEX_REQUIRED,
                frozenset({"ContributorInsightsSpecification", "OnDemandThroughput", "WarmThroughput"}),
            )
        ),
        "LocalSecondaryIndexes": ListOf(
            Record({"IndexName": INDEX_NAME, "KeySchema": KEYS, "Projection": PROJECTION}, INDEX_REQUIRED)
        ),
        "PointInTimeRecoverySpecification": Record(
            {"PointInTimeRecoveryEnabled": Flag(), "RecoveryPeriodInDays": Number(1)}
        ),
        "SSESpecification": Record(
            {"SSEEnabled": Flag(), "SSEType": Text(("KMS",)), "KMSMasterKeyId": Text()}, frozenset({"SSEEnabled"})
        ),
        "StreamSpecification": Record(
            {"StreamViewType": Text(("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"))},
            frozenset({"StreamViewType"}),
            frozenset({"ResourcePolicy", "Tags"}),
        ),
        "TimeToLiveSpecification": Record(
            {"AttributeName": Text(min_length=1, max_length=255), "Enabled": Flag()}, frozenset({"Enabled"})
        ),
        "TableClass": Text(("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
        "DeletionProtectionEnabled": Flag(),
        "Tags": TAGS,
    },
    frozenset({"KeySchema"}),
    frozenset(
        {
            "ContributorInsightsSpecification",
            "ImportSourceSpecification",
            "KinesisStreamSpecification",
            "OnDemandThroughput",
            "ResourcePolicy",
            "VectorIndexes",
            "WarmThroughput",
        }
    ),
)


def _indexes(properties: Properties, kind: str = "GlobalSecondaryIndexes") -> dict[str, dict[str, Any]]:
    return {index["IndexName"]: index for index in properties.get(kind, [])}


def faults(properties: Properties) -> list[str]:
    """What is wrong with a table's properties as a whole."""
    name = properties.get("TableName")
    found = []
    if name is not None and UNKNOWN not in name and not re.fullmatch(r"[a-zA-Z0-9_.\-]+", name):
        found.append(f"#/TableName: {name} does not match the pattern [a-zA-Z0-9_.-]+")
    global_indexes = properties.get("GlobalSecondaryIndexes", [])
    local_indexes = properties.get("LocalSecondaryIndexes", [])
    indexes = [*global_indexes, *local_indexes]
    found += _attribute_faults(properties, indexes)
    found += _key_faults(properties, global_indexes, local_indexes)
    found += _limit_faults(global_indexes, local_indexes)
    found += _billing_faults(properties, global_indexes)
    ttl = properties.get("TimeToLiveSpecification")
    if ttl is not None and ttl["Enabled"] is True and "AttributeName" not in ttl:
        found.append("#/TimeToLiveSpecification: required key [AttributeName] not found")
    return found


def _attribute_faults(properties: Properties, indexes: list[dict[str, Any]]) -> list[str]:
    """Every attribute that a key uses is defined, and no other."""
    schemas = [properties["KeySchema"], *(index["KeySchema"] for index in indexes)]
    used = {key["AttributeName"] for schema in schemas for key in schema}
    defined = [definition["AttributeName"] for definition in properties.get("AttributeDefinitions", [])]
    if used - set(defined):
        return [
            "#/AttributeDefinitions: Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: [{', '.join(sorted(used))}], AttributeDefinitions: [{', '.join(sorted(defined))}]"
        ]
    if set(defined) - used or len(defined) != len(set(defined)):
        return [
            "#/AttributeDefinitions: Number of attributes in KeySchema does not exactly match number of attributes "
            f"defined in AttributeDefinitions. Keys: [{', '.join(sorted(used))}], "
            f"AttributeDefinitions: [{', '.join(sorted(defined))}]"
        ]
    return []


def _key_faults(
    properties: Properties, global_indexes: list[dict[str, Any]], local_indexes: list[dict[str, Any]]
) -> list[str]:
    """Keys in their order, and each index under a name of its own."""
    faults = []
    for path, schema in [
        ("#/KeySchema", properties["KeySchema"]),
        *((f"#/{index['IndexName']}/KeySchema", index["KeySchema"]) for index in local_indexes),
    ]:
        if [key["KeyType"] for key in schema] not in (["HASH"], ["HASH", "RANGE"]):
            faults.append(f"{path}: the first key must be HASH and the second, if any, RANGE")
    faults += [
        f"#/{index['IndexName']}/KeySchema: {fault}"
        for index in global_indexes
        if (fault := index_key_fault(index["KeySchema"]))
    ]
    names = Counter(index["IndexName"] for index in [*global_indexes, *local_indexes])
    return faults + [f"Duplicate index name: {name}" for name, count in sorted(names.items()) if count > 1]


def index_key_fault(schema: list[dict[str, Any]]) -> str | None:
    """What is wrong with the keys of a global index: one to four HASH, then up to four RANGE, each attribute once.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
    """
    kinds, names = [key["KeyType"] for key in schema], [key["AttributeName"] for key in schema]
    if kinds[:1] != ["HASH"] or kinds != sorted(kinds):
        return "the first key must be HASH, and every RANGE stands behind every HASH"
    if max(Counter(kinds).values()) > MAX_KEY_ATTRIBUTES:
        return f"at most {MAX_KEY_ATTRIBUTES} attributes are HASH, and at most {MAX_KEY_ATTRIBUTES} RANGE"
    if len(names) != len(set(names)):
        return "an attribute is a key of the index twice"
    return None


def _limit_faults(global_indexes: list[dict[str, Any]], local_indexes: list[dict[str, Any]]) -> list[str]:
    faults = []
    if len(global_indexes) > MAX_GLOBAL_INDEXES:
        faults.append(
            "#/GlobalSecondaryIndexes: GlobalSecondaryIndex count exceeds the per-table limit of "
            f"{MAX_GLOBAL_INDEXES}: {len(global_indexes)}"
        )
    if len(local_indexes) > MAX_LOCAL_INDEXES:
        faults.append(f"#/LocalSecondaryIndexes: count exceeds the limit of {MAX_LOCAL_INDEXES}: {len(local_indexes)}")
    projected = 0
    for index in [*global_indexes, *local_indexes]:
        projection = index["Projection"]
        extra = projection.get("NonKeyAttributes", [])
        projected += len(extra)
        if (projection.get("ProjectionType") == "INCLUDE") != bool(extra):
            faults.append(
                f"#/{index['IndexName']}/Projection: NonKeyAttributes must be given with ProjectionType INCLUDE, "
                "and only then"
            )
    if projected > MAX_PROJECTED_ATTRIBUTES:
        faults.append(
            f"the indexes project {projected} attributes by name; the limit is {MAX_PROJECTED_ATTRIBUTES} per table"
        )
    return faults


def _billing_faults(properties: Properties, global_indexes: list[dict[str, Any]]) -> list[str]:
    provisioned = properties.get("BillingMode", "PROVISIONED") == "PROVISIONED"
    faults = []
    for path, holder in [("#", properties), *((f"#/{index['IndexName']}", index) for index in global_indexes)]:
        if provisioned and "ProvisionedThroughput" not in holder:
            faults.append(f"{path}: ProvisionedThroughput is required when BillingMode is PROVISIONED")
        if not provisioned and "ProvisionedThroughput" in holder:
            faults.append(f"{path}: ProvisionedThroughput must not be given when BillingMode is PAY_PER_REQUEST")
    return faults


def _sse(specification: Mapping[str, Any] | None) -> dict[str, Any]:
    specification = specification or {"SSEEnabled": False}
    return {"Enabled": specification["SSEEnabled"], **{k: v for k, v in specification.items() if k != "SSEEnabled"}}


def _stream(specification: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"StreamEnabled": True, **specification} if specification else {"StreamEnabled": False}


def create(place: Placement, name: str, properties: Properties) -> str:
    """The table's name; PITR and TTL are separate calls, as CloudFormation makes them."""
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": properties["KeySchema"],
        "AttributeDefinitions": properties["AttributeDefinitions"],
        "BillingMode": properties.get("BillingMode", "PROVISIONED"),
        "Tags": tag_list(place, properties),
    }
    for key in (
        "ProvisionedThroughput",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "TableClass",
        "DeletionProtectionEnabled",
    ):
        if properties.get(key) not in (None, []):
            request[key] = properties[key]
    if "SSESpecification" in properties:
        request["SSESpecification"] = _sse(properties["SSESpecification"])
    if "StreamSpecification" in properties:
        request["StreamSpecification"] = _stream(properties["StreamSpecification"])
    place.client("dynamodb").create_table(**request)
    _recovery(place, name, properties)
    _time_to_live(place, name, {}, properties)
    return name


def _recovery(place: Placement, name: str, properties: Properties) -> None:
    specification = properties.get("PointInTimeRecoverySpecification") or {}
    place.client("dynamodb").update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False, **specification},
    )


def _time_to_live(place: Placement, name: str, old: Properties, new: Properties) -> None:
    before = old.get("TimeToLiveSpecification") or {"Enabled": False}
    after = new.get("TimeToLiveSpecification") or {"Enabled": False}
    if after == before:
        return
    specification = {"AttributeName": before.get("AttributeName"), **after}
    if specification["Enabled"] or before["Enabled"]:
        place.client("dynamodb").update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def _check_update(old: Properties, new: Properties) -> None:
    before, after = _indexes(old), _indexes(new)
    if len(set(before) ^ set(after)) > 1:
        raise ResourceFailed("Cannot perform more than one GSI creation or deletion in a single update")
    for index in set(before) & set(after):
        for key in ("KeySchema", "Projection"):
            if before[index][key] != after[index][key]:
                raise ResourceFailed(
                    "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "
                    f"Specification. You can create a new GSI with a different name. ({index})"
                )
    ttl_before, ttl_after = (p.get("TimeToLiveSpecification") or {"Enabled": False} for p in (old, new))
    if ttl_before["Enabled"] and ttl_after["Enabled"] and ttl_before["AttributeName"] != ttl_after["AttributeName"]:
        raise ResourceFailed(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {ttl_before['AttributeName']}"
        )


def update(place: Placement, name: str, old: Properties, new: Properties) -> None:
    """Change billing, indexes, stream, encryption, class, protection, recovery, TTL and tags in place."""
    _check_update(old, new)
    client = place.client("dynamodb")

    def changed(key: str) -> bool:
        return old.get(key) != new.get(key)

    request = _table_changes(old, new)
    if request:
        client.update_table(TableName=name, **request)
    if changed("StreamSpecification"):
        # A stream's view cannot be changed while it is on: CloudFormation turns it off first.
        if old.get("StreamSpecification"):
            client.update_table(TableName=name, StreamSpecification=_stream(None))
        if new.get("StreamSpecification"):
            client.update_table(TableName=name, StreamSpecification=_stream(new["StreamSpecification"]))
    if changed("PointInTimeRecoverySpecification"):
        _recovery(place, name, new)
    _time_to_live(place, name, old, new)
    if changed("Tags"):
        arn = client.describe_table(TableName=name)["Table"]["TableArn"]
        gone = untagged(old, new)
        if gone:
            client.untag_resource(ResourceArn=arn, TagKeys=gone)
        client.tag_resource(ResourceArn=arn, Tags=tag_list(place, new))


def _table_changes(old: Properties, new: Properties) -> dict[str, Any]:
    """What one UpdateTable changes: billing, encryption, class, protection, indexes."""
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    request: dict[str, Any] = {}
    if changed & {"BillingMode", "ProvisionedThroughput"}:
        request["BillingMode"] = new.get("BillingMode", "PROVISIONED")
        if "ProvisionedThroughput" in new:
            request["ProvisionedThroughput"] = new["ProvisionedThroughput"]
    if "SSESpecification" in changed:
        request["SSESpecification"] = _sse(new.get("SSESpecification"))
    if "TableClass" in changed:
        request["TableClass"] = new.get("TableClass", "STANDARD")
    if "DeletionProtectionEnabled" in changed:
        request["DeletionProtectionEnabled"] = new.get("DeletionProtectionEnabled", False)
    index_changes = _index_changes(_indexes(old), _indexes(new))
    if index_changes:
        request["AttributeDefinitions"] = new["AttributeDefinitions"]
        request["GlobalSecondaryIndexUpdates"] = index_changes
    return request


def _index_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = [{"Delete": {"IndexName": index}} for index in before if index not in after]
    changes += [{"Create": after[index]} for index in after if index not in before]
    for index in after:
        capacity = after[index].get("ProvisionedThroughput")
        if index in before and capacity and capacity != before[index].get("ProvisionedThroughput"):
            changes.append({"Update": {"IndexName": index, "ProvisionedThroughput": capacity}})
    return changes


def read(place: Placement, name: str) -> Mapping[str, str] | None:
    """Arn, and StreamArn while a stream is on."""
    try:
        table = place.client("dynamodb").describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    attributes = {"Arn": table["TableArn"]}
    if table.get("LatestStreamArn"):
        attributes["StreamArn"] = table["LatestStreamArn"]
    return attributes


def delete(place: Placement, name: str) -> None:
    """Remove the table; deletion protection refuses."""
    try:
        place.client("dynamodb").delete_table(TableName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


TABLE = ResourceType(
    name="AWS::DynamoDB::Table",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="TableName",
    replaced_by=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
    attributes=frozenset({"Arn", "StreamArn"}),
    faults=faults,
    identifier="TableName",
)
