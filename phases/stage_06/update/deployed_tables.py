"""Which tables does the template of a deployed stack have? Read back as tables of a contract, as far as keys go.

What a contract has beside keys, indexes and a source table reaches no template, and is empty here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from phases.aws import AwsPort
from phases.contract.model import Index, Key, KeyType, Projection, Table
from phases.stage_06.stack.change_set import GLOBAL_TABLE
from phases.stage_06.stack.stacks import Stack

if TYPE_CHECKING:
    from phases.described_table import IndexDescription, KeyElement
    from phases.stage_06.template.template_shape import TableProperties, Template

_TABLE = "AWS::DynamoDB::Table"


def deployed_template(aws: AwsPort, stack: Stack) -> Template:
    """The template of a stack as it was handed over."""
    from phases.stage_06.template.template import load_template

    found = aws.call("cloudformation", "get_template", StackName=stack.stack_id, TemplateStage="Original")
    body = found["TemplateBody"]  # boto3 makes a mapping of one in JSON
    data = body if isinstance(body, str) else json.dumps(body)
    return load_template(data.encode(), path=f"the template of stack {stack.name}")


def global_tables_in(template: Template) -> dict[str, str]:
    """The global tables of a template, which no contract becomes: logical id -> name, "" where it has none."""
    resources = template.get("Resources", {})
    found = {name: each.get("Properties", {}) for name, each in resources.items() if each["Type"] == GLOBAL_TABLE}
    return {name: str(each["TableName"]) if "TableName" in each else "" for name, each in found.items()}


def tables_in(template: Template) -> tuple[Table, ...]:
    """The tables of a template that have a name of their own, in its order."""
    found = (each.get("Properties", {}) for each in template.get("Resources", {}).values() if each["Type"] == _TABLE)
    return tuple(_table(cast("TableProperties", each)) for each in found if isinstance(each.get("TableName"), str))


def _table(properties: TableProperties) -> Table:
    types = {each["AttributeName"]: each["AttributeType"] for each in properties.get("AttributeDefinitions", [])}
    pks, sks = _keys(properties["KeySchema"], types)
    return Table(
        name=properties["TableName"],
        multi_entity=False,
        source_table=next((str(tag["Value"]) for tag in properties.get("Tags", []) if tag["Key"] == "SourceTable"), ""),
        pk=pks[0],
        sk=sks[0] if sks else None,
        indexes=tuple(_index(each, types) for each in properties.get("GlobalSecondaryIndexes", [])),
        entities=(),
        attributes=(),
        satisfies=(),
        item_bytes=0,
        path="",
    )


def _index(described: IndexDescription, types: Mapping[str, str]) -> Index:
    projection = described.get("Projection", {})
    return Index(
        described["IndexName"],
        *_keys(described["KeySchema"], types),
        cast(Projection, projection.get("ProjectionType", "ALL")),
        tuple(projection.get("NonKeyAttributes") or ()),
    )


def _keys(schema: Sequence[KeyElement], types: Mapping[str, str]) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """The attributes of the partition key and of the sort key, in their order."""

    def of(kind: str) -> tuple[Key, ...]:
        names = [each["AttributeName"] for each in schema if each["KeyType"] == kind]
        return tuple(Key(name, cast(KeyType, types.get(name, "?"))) for name in names)

    return of("HASH"), of("RANGE")
