"""How does a Python application use one of the tables? A program on boto3 that runs as it stands.

Names are always given as `#name` placeholders: the contract may use reserved words, dots and dashes.
"""

from __future__ import annotations

import json

from phases.contract.model import Index
from phases.stage_06.chapters.contract_tables import how, projection
from phases.stage_06.chapters.example_items import Example, Value, index_keys


def python_program(example: Example, *, region: str, variable: str) -> str:
    """The source of the program; `variable` is the environment variable that carries the table's name."""
    table, (first, second) = example.table, example.keys
    queries = "".join(_index_query(index, example) for index in table.indexes)
    return f'''\
"""Use table {table.name}: put, get, update, transact, query, delete. It leaves no item behind.

pip install boto3
"""

import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(retries={{"mode": "standard", "max_attempts": 5}}, connect_timeout=2, read_timeout=5)
dynamodb = boto3.resource("dynamodb", region_name=os.environ.get("AWS_REGION", {_literal(region)}), config=config)
table = dynamodb.Table(os.environ.get({_literal(variable)}, {_literal(table.name)}))

# Numbers are int or decimal.Decimal, never float; binary values are bytes and come back as Binary (`.value`).
first = {_literal(first)}
second = {_literal(second)}
others = {_lines(example.others)}
only_new = {{
    "ConditionExpression": "attribute_not_exists(#pk)",
    "ExpressionAttributeNames": {{"#pk": {_literal(table.pk.name)}}},
}}
only_existing = {{
    "ConditionExpression": "attribute_exists(#pk)",
    "ExpressionAttributeNames": {{"#pk": {_literal(table.pk.name)}, "#changed": {_literal(example.changed)}}},
}}
change = {{
    "UpdateExpression": "SET #changed = :new",
    "ExpressionAttributeValues": {{":new": {_literal(example.new_value)}}},
}}


def query_all(**query):
    """All items of a query: DynamoDB answers in pages of at most 1 MB, or of Limit items."""
    while True:
        page = table.query(**query)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


written = []
try:
    # Put, only when there is no such item: without the condition a put replaces the whole item.
    table.put_item(Item=first | others, **only_new)
    written.append(first)
    print("put: 1 item")

    # The same put again: the condition refuses it.
    try:
        table.put_item(Item=first | others, **only_new)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print("put again: refused")

    # Get, strongly consistent (twice the price of the default).
    item = table.get_item(Key=first, ConsistentRead=True)["Item"]
    print(f"get: {{len(item)}} attributes")

    # Update one attribute of an item that must exist: without the condition an update creates it.
    after = table.update_item(Key=first, ReturnValues="UPDATED_NEW", **change, **only_existing)["Attributes"]
    print("update:", after[{_literal(example.changed)}])

    # Transaction: both or none (at most 100 items, twice the price).
    dynamodb.meta.client.transact_write_items(
        TransactItems=[
            {{"Put": {{"TableName": table.name, "Item": second | others, **only_new}}}},
            {{"Update": {{"TableName": table.name, "Key": first, **change, **only_existing}}}},
        ]
    )
    written.append(second)
    print("transaction: 2 items")

    # Query by the partition key, here in pages of one item.
    items = list(
        query_all(
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={{"#pk": {_literal(table.pk.name)}}},
            ExpressionAttributeValues={{":pk": first[{_literal(table.pk.name)}]}},
            Limit=1,
        )
    )
    print(f"query: {{len(items)}} items")
{queries}finally:
    for key in written:
        table.delete_item(Key=key)
    print(f"delete: {{len(written)}} items")
'''


def _index_query(index: Index, example: Example) -> str:
    asked = index_keys(index, example)
    condition = " AND ".join(f"#{place} = :{place}" for place in asked)
    names: dict[str, Value] = {f"#{place}": name for place, (name, _) in asked.items()}
    values = {f":{place}": value for place, (_, value) in asked.items()}
    return f"""
    # Query index {index.name} ({projection(index)}){how(index)}.
    # It follows the table: right after a write it may give fewer items.
    items = list(
        query_all(
            IndexName={_literal(index.name)},
            KeyConditionExpression={_literal(condition)},
            ExpressionAttributeNames={_literal(names)},
            ExpressionAttributeValues={_literal(values)},
        )
    )
    print(f"index {index.name}: {{len(items)}} items")
"""


def _lines(values: dict[str, Value]) -> str:
    """A dictionary with an entry a line."""
    return "{\n" + "".join(f"    {_literal(name)}: {_literal(each)},\n" for name, each in values.items()) + "}"


def _literal(value: Value | dict[str, Value]) -> str:
    """The value as Python source; a tuple stands for a set. A JSON string is a Python string as well."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes):
        return f"b{json.dumps(value.decode('ascii'))}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(name)}: {_literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, tuple):
        return "{" + ", ".join(map(_literal, value)) + "}"
    return repr(value)
