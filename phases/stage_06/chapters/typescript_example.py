"""How does a TypeScript application use one of the tables? A program on the AWS SDK for JavaScript v3 that runs.

Names are always given as `#name` placeholders: the contract may use reserved words, dots and dashes.
"""

from __future__ import annotations

import json
import re

from phases.contract.model import Index
from phases.stage_06.chapters.contract_tables import how, projection
from phases.stage_06.chapters.example_items import Example, Value, index_keys


def typescript_program(example: Example, *, region: str, variable: str) -> str:
    """The source of the program (an ES module, `.mts`); `variable` as in `python_program`."""
    table, (first, second) = example.table, example.keys
    queries = "".join(_index_query(index, example) for index in table.indexes)
    return f"""\
// Use table {table.name}: put, get, update, transact, query, delete. It leaves no item behind.
// Node.js 20 or later
// npm install @aws-sdk/client-dynamodb @aws-sdk/lib-dynamodb; npm install --save-dev tsx @types/node
import {{ ConditionalCheckFailedException, DynamoDBClient }} from "@aws-sdk/client-dynamodb";
import {{
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
  paginateQuery,
  type QueryCommandInput,
}} from "@aws-sdk/lib-dynamodb";

const region = process.env.AWS_REGION ?? {_literal(region)};
const client = DynamoDBDocumentClient.from(new DynamoDBClient({{ region, maxAttempts: 5 }}), {{
  marshallOptions: {{ removeUndefinedValues: true }},
}});
const TableName = process.env.{variable} ?? {_literal(table.name)};

// Numbers beyond 2^53 lose digits as `number`: write them as bigint and read with wrapNumbers. Binary is Uint8Array.
const first = {_literal(first)};
const second = {_literal(second)};
const others = {_lines(example.others)};
const onlyNew = {{
  ConditionExpression: "attribute_not_exists(#pk)",
  ExpressionAttributeNames: {{ "#pk": {_literal(table.pk.name)} }},
}};
const onlyExisting = {{
  ConditionExpression: "attribute_exists(#pk)",
  ExpressionAttributeNames: {{ "#pk": {_literal(table.pk.name)}, "#changed": {_literal(example.changed)} }},
}};
const change = {{
  UpdateExpression: "SET #changed = :new",
  ExpressionAttributeValues: {{ ":new": {_literal(example.new_value)} }},
}};

// All items of a query: DynamoDB answers in pages of at most 1 MB, or of pageSize items.
async function queryAll(query: QueryCommandInput, pageSize?: number) {{
  const items: Record<string, unknown>[] = [];
  for await (const page of paginateQuery({{ client, pageSize }}, query)) items.push(...(page.Items ?? []));
  return items;
}}

const written: Record<string, unknown>[] = [];
try {{
  // Put, only when there is no such item: without the condition a put replaces the whole item.
  await client.send(new PutCommand({{ TableName, Item: {{ ...first, ...others }}, ...onlyNew }}));
  written.push(first);
  console.log("put: 1 item");

  // The same put again: the condition refuses it.
  try {{
    await client.send(new PutCommand({{ TableName, Item: {{ ...first, ...others }}, ...onlyNew }}));
  }} catch (error) {{
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    console.log("put again: refused");
  }}

  // Get, strongly consistent (twice the price of the default).
  const {{ Item }} = await client.send(new GetCommand({{ TableName, Key: first, ConsistentRead: true }}));
  console.log(`get: ${{Object.keys(Item ?? {{}}).length}} attributes`);

  // Update one attribute of an item that must exist: without the condition an update creates it.
  const {{ Attributes }} = await client.send(
    new UpdateCommand({{ TableName, Key: first, ReturnValues: "UPDATED_NEW", ...change, ...onlyExisting }}),
  );
  console.log(`update: ${{JSON.stringify(Attributes?.[{_literal(example.changed)}])}}`);

  // Transaction: both or none (at most 100 items, twice the price).
  await client.send(
    new TransactWriteCommand({{
      TransactItems: [
        {{ Put: {{ TableName, Item: {{ ...second, ...others }}, ...onlyNew }} }},
        {{ Update: {{ TableName, Key: first, ...change, ...onlyExisting }} }},
      ],
    }}),
  );
  written.push(second);
  console.log("transaction: 2 items");

  // Query by the partition key, here in pages of one item.
  const items = await queryAll(
    {{
      TableName,
      KeyConditionExpression: "#pk = :pk",
      ExpressionAttributeNames: {{ "#pk": {_literal(table.pk.name)} }},
      ExpressionAttributeValues: {{ ":pk": first[{_literal(table.pk.name)}] }},
    }},
    1,
  );
  console.log(`query: ${{items.length}} items`);
{queries}}} finally {{
  for (const Key of written) await client.send(new DeleteCommand({{ TableName, Key }}));
  console.log(`delete: ${{written.length}} items`);
}}
"""


def _index_query(index: Index, example: Example) -> str:
    asked = index_keys(index, example)
    condition = " AND ".join(f"#{place} = :{place}" for place in asked)
    names: dict[str, Value] = {f"#{place}": name for place, (name, _) in asked.items()}
    values = {f":{place}": value for place, (_, value) in asked.items()}
    return f"""
  // Query index {index.name} ({projection(index)}){how(index)}.
  // It follows the table: right after a write it may give fewer items.
  {{
    const found = await queryAll({{
      TableName,
      IndexName: {_literal(index.name)},
      KeyConditionExpression: {_literal(condition)},
      ExpressionAttributeNames: {_literal(names)},
      ExpressionAttributeValues: {_literal(values)},
    }});
    console.log(`index {index.name}: ${{found.length}} items`);
  }}
"""


def _lines(values: dict[str, Value]) -> str:
    """An object with a property a line."""
    return "{\n" + "".join(f"  {_property(name)}: {_literal(each)},\n" for name, each in values.items()) + "}"


def _literal(value: Value | dict[str, Value]) -> str:
    """The value as TypeScript source; a tuple stands for a set."""
    if isinstance(value, bytes):
        return f"new TextEncoder().encode({json.dumps(value.decode('ascii'))})"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_property(name)}: {_literal(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, tuple):
        return f"new Set([{', '.join(map(_literal, value))}])"
    return json.dumps(value, ensure_ascii=False)


def _property(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else json.dumps(name, ensure_ascii=False)
