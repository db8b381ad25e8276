#!/bin/sh
# json-rules-engine: rules over nothing, and numbers that are texts and lists.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && npm install --silent --no-audit --no-fund json-rules-engine@7.3.1 >/dev/null
cat >ask.mjs <<'END'
import assert from "node:assert";
import { Engine } from "json-rules-engine";
const holds = async (conditions, facts, options) => {
  const engine = new Engine([{ conditions, event: { type: "open the gate" } }], options);
  return (await engine.run(facts)).events.length === 1;
};
const rows = (operator, value, path) => ({ all: [{ fact: "table", operator, value, ...(path && { path }) }] });
const loose = { allowUndefinedFacts: true };
const cases = [
  [{ any: [] }, {}, {}, true],
  [{ all: [] }, {}, {}, true],
  [rows("notEqual", 0, "$.rows"), { table: {} }, {}, true],
  [rows("notEqual", 0, "$.rwos"), { table: { rows: 0 } }, {}, true],
  [rows("notIn", ["FAILED"], "$.status"), { table: null }, {}, true],
  [rows("lessThan", 1, "$.errors"), { table: {} }, {}, false],
  [{ not: rows("greaterThan", 0) }, {}, loose, true],
  [rows("lessThan", 5), { table: "4" }, {}, true],
  [rows("equal", 4), { table: "4" }, {}, false],
  [rows("lessThan", 5), { table: [4] }, {}, true],
  [rows("lessThan", 5, "$..rows"), { table: [{ rows: 4 }] }, {}, true],
  [rows("lessThan", 5, "$..rows"), { table: [{ rows: 4 }, { rows: 4 }] }, {}, false],
];
console.log("json-rules-engine 7.3.1");
for (const [conditions, facts, options, expected] of cases) {
  const seen = await holds(conditions, facts, options);
  const over = JSON.stringify(facts) + (options === loose ? " with allowUndefinedFacts" : "");
  console.log(`${JSON.stringify(conditions)} over ${over}: ${seen ? "holds" : "does not hold"}`);
  assert.strictEqual(seen, expected);
}
END
node ask.mjs
