#!/bin/sh
# Values of DynamoDB in JavaScript: what AWS's own marshaller keeps, and which keys ElectroDB makes of numbers and letters.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && npm install --silent --no-audit --no-fund @aws-sdk/util-dynamodb@3.996.9 electrodb@3.9.3 >/dev/null
cat >ask.mjs <<'END'
import assert from "node:assert";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { Entity } from "electrodb";
const show = (value) => JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each));
const read = [
  // a number of the table, what it is in JavaScript
  ["9007199254740991", 9007199254740991],
  ["9007199254740992", 9007199254740992n],
  ["0.1234567890123456789", 0.12345678901234568],
  ["123456789012345.123456", 123456789012345.12],
];
for (const [number, expected] of read) {
  const seen = unmarshall({ n: { N: number } }).n;
  console.log(`unmarshall ${number}: ${typeof seen} ${seen}`);
  assert.strictEqual(seen, expected);
}
const written = [
  [{ at: new Date(0) }, { convertClassInstanceToMap: true }, { at: { M: {} } }],
  [{ tags: new Set([1, "a"]) }, {}, { tags: { NS: ["1", "a"] } }],
  [{ steps: ["a", undefined, "b"] }, { removeUndefinedValues: true }, { steps: { L: [{ S: "a" }, { S: "b" }] } }],
];
for (const [value, options, expected] of written) {
  const seen = marshall(value, options);
  console.log(`marshall ${Object.keys(value)} with ${show(options)}: ${show(seen)}`);
  assert.deepStrictEqual(seen, expected);
}
const orders = new Entity(
  {
    model: { entity: "order", version: "1", service: "shop" },
    attributes: { shop: { type: "string", required: true }, line: { type: "number", required: true } },
    indexes: { lines: { pk: { field: "pk", composite: ["shop"] }, sk: { field: "sk", composite: ["line"] } } },
  },
  { table: "orders" },
);
const key = (shop, line) => {
  const { pk, sk } = orders.put({ shop, line }).params().Item;
  return [pk, sk];
};
const sorted = [9, 10, 100, -1].sort((a, b) => (key("a", a)[1] < key("a", b)[1] ? -1 : 1));
console.log("lines 9, 10, 100, -1 as the sort key orders them:", ...sorted, "-", key("a", 9)[1], key("a", 10)[1]);
assert.deepStrictEqual(sorted, [-1, 10, 100, 9]);
const from = orders.query.lines({ shop: "a" }).gte({ line: 9 }).params().ExpressionAttributeValues;
const found = [9, 10, 100].filter((line) =>
  Object.values(from).some((least) => least.includes("line_") && key("a", line)[1] >= least),
);
console.log("of 9, 10 and 100, a query from 9 finds:", ...found);
assert.deepStrictEqual(found, [9]);
console.log("keys of the shops North and north:", key("North", 1)[0], key("north", 1)[0]);
assert.deepStrictEqual(key("North", 1), key("north", 1));
END
node ask.mjs
