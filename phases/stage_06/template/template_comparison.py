"""Does the template say what the contract says? Read back from the file, compared field by field.

Rules:
- It does not ask the builder: keys and indexes are put into words from the resources and from the contract
  separately, and the words are compared. A builder that forgot something would be seen here.
- What a layer adds is compared from that layer on (`phases/stage_06/template/template.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from phases.contract.model import Contract, Index, Table
from phases.stage_06.template.alarms import EMAIL_PARAMETER
from phases.stage_06.template.logical_ids import logical_id
from phases.stage_06.template.outputs import ALARM_TOPIC_ARN, DASHBOARD_NAME, output_names
from phases.stage_06.template.template import ENVIRONMENT_PARAMETER, LAYERS, PROJECT_PARAMETER, Layer
from phases.step import Check, compare

if TYPE_CHECKING:
    from phases.described_table import IndexDescription, KeyElement
    from phases.stage_06.template.template_shape import Properties, Resource, Template

KEYS, INDEXES, SAFETY = "template keys", "template indexes", "template safety"  # ids of what the checks answer
_TABLE = "AWS::DynamoDB::Table"
_TAGS = ("Environment", "ManagedBy", "Project", "SourceTable", "Stage")


def compare_with_contract(template: Template, contract: Contract, *, upto: Layer) -> list[Check]:
    """The checks of that layer and of all before it, tables in the contract's order."""
    layer = LAYERS.index(upto)
    resources = template.get("Resources", {})
    names = [entry["Properties"].get("TableName") for entry in resources.values() if entry.get("Type") == _TABLE]
    tables = _list(table.name for table in contract.tables)
    checks = [compare("tables", tables, _list(names), where="Resources", answers=(KEYS,))]
    for table in contract.tables:
        resource = resources.get(logical_id(table.name), {})
        checks += _table_checks(table, resource, layer)
    if layer >= 2:
        checks += _monitoring_checks(contract, resources)
        expected = _list((EMAIL_PARAMETER, ENVIRONMENT_PARAMETER, PROJECT_PARAMETER))
        checks.append(
            compare("parameters", expected, _list(sorted(template.get("Parameters", {}))), where="Parameters")
        )
    if layer >= 3:
        checks += _output_checks(contract, template.get("Outputs", {}))
    return checks


def _table_checks(table: Table, resource: Resource, layer: int) -> Iterator[Check]:
    properties, check = resource.get("Properties", {}), partial(_check, table)
    types = {each["AttributeName"]: each["AttributeType"] for each in properties.get("AttributeDefinitions", [])}
    used = table.key_attributes() if layer >= 1 else (*table.pks, *table.sks)
    yield check("keys", _keys(table), _schema(properties.get("KeySchema", []), types), KEYS)
    yield check(
        "attribute definitions",
        _list(sorted(f"{key.name} {key.type}" for key in used)),
        _list(sorted(f"{name} {kind}" for name, kind in types.items())),
        KEYS,
    )
    yield check("billing", "PAY_PER_REQUEST", properties.get("BillingMode"))
    yield check("encryption", True, properties.get("SSESpecification", {}).get("SSEEnabled"))
    recovery = properties.get("PointInTimeRecoverySpecification", {})
    yield check("point-in-time recovery", True, recovery.get("PointInTimeRecoveryEnabled"))
    yield check("stream", "NEW_AND_OLD_IMAGES", properties.get("StreamSpecification", {}).get("StreamViewType"))
    yield from _index_checks(table, properties, types, table.indexes if layer >= 1 else ())
    if layer >= 2:
        yield from _safety_checks(table, resource)


def _index_checks(
    table: Table, properties: Properties, types: Mapping[str, str], wanted: Sequence[Index]
) -> Iterator[Check]:
    indexes: Mapping[str, IndexDescription] = {
        each["IndexName"]: each for each in properties.get("GlobalSecondaryIndexes", [])
    }
    yield _check(table, "indexes", _list(index.name for index in wanted), _list(indexes), INDEXES)
    for index in wanted:
        built = _built_index(indexes.get(index.name, {}), types)
        yield _check(table, f"index {index.name}", _index(index), built, INDEXES)


def _safety_checks(table: Table, resource: Resource) -> Iterator[Check]:
    properties, check = resource.get("Properties", {}), partial(_check, table)
    yield check("deletion policy", "Retain", resource.get("DeletionPolicy"), SAFETY)
    yield check("update-replace policy", "Retain", resource.get("UpdateReplacePolicy"), SAFETY)
    yield check("deletion protection", True, properties.get("DeletionProtectionEnabled"), SAFETY)
    yield check("tags", _list(_TAGS), _list(sorted(tag["Key"] for tag in properties.get("Tags", []))))


def _check(table: Table, what: str, expected: object, seen: object, *answers: str) -> Check:
    where = f"Resources.{logical_id(table.name)}"
    return compare(f"{table.name}: {what}", expected, seen, where=where, answers=answers)


def _monitoring_checks(contract: Contract, resources: Mapping[str, Resource]) -> Iterator[Check]:
    """Every table is watched for throttled reads and writes and for system errors."""
    watched: dict[str, set[str]] = {}
    for resource in resources.values():
        for query in resource.get("Properties", {}).get("Metrics", []):
            metric = query.get("MetricStat", {}).get("Metric", {})
            for dimension in metric.get("Dimensions", []):
                if dimension["Name"] == "TableName":
                    watched.setdefault(dimension["Value"]["Ref"], set()).add(metric["MetricName"])
    for table in contract.tables:
        expected = ("ReadThrottleEvents", "SystemErrors", "WriteThrottleEvents")
        seen = watched.get(logical_id(table.name), ())
        yield compare(f"{table.name}: alarms on", _list(expected), _list(sorted(seen)))


def _output_checks(contract: Contract, outputs: Mapping[str, Properties]) -> Iterator[Check]:
    for table in contract.tables:
        names = output_names(table.name)
        resource = logical_id(table.name)
        expected = [{"Ref": resource}, {"Fn::GetAtt": [resource, "Arn"]}, {"Fn::GetAtt": [resource, "StreamArn"]}]
        seen = [outputs.get(name, {}).get("Value") for name in names]
        yield compare(f"{table.name}: outputs {_list(names)}", expected, seen, where="Outputs")
    missing = [name for name in (ALARM_TOPIC_ARN, DASHBOARD_NAME) if name not in outputs]
    yield compare("outputs of the stack", "", _list(missing) if missing else "", where="Outputs")
    exports = [str(output.get("Export", {}).get("Name", {}).get("Fn::Sub", "")) for output in outputs.values()]
    wrong = [name for name, export in zip(outputs, exports, strict=True) if export != f"${{AWS::StackName}}-{name}"]
    yield compare("exports not named by stack and output", "none", _list(wrong), where="Outputs")


def _keys(of: Table | Index) -> str:
    keys = [("HASH", key) for key in of.pks] + [("RANGE", key) for key in of.sks]
    return ", ".join(f"{kind} {key.name} {key.type}" for kind, key in keys)


def _schema(schema: Sequence[KeyElement], types: Mapping[str, str]) -> str:
    return ", ".join(
        f"{key['KeyType']} {key['AttributeName']} {types.get(key['AttributeName'], 'undefined')}" for key in schema
    )


def _index(index: Index) -> str:
    projected = f" {_list(index.projected)}" if index.projected else ""
    return f"{_keys(index)}; {index.projection}{projected}"


def _built_index(index: IndexDescription, types: Mapping[str, str]) -> str:
    projection = index.get("Projection", {})
    names = projection.get("NonKeyAttributes")
    projected = f" {_list(names)}" if names else ""
    return f"{_schema(index.get('KeySchema', []), types)}; {projection.get('ProjectionType')}{projected}"


def _list(names: Iterable[object]) -> str:
    return ", ".join(map(str, names)) or "none"
