#!/bin/sh
# JSON Patch by two packages of npm: a test that fails, and operations on what is not there.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && npm install --silent --no-audit --no-fund fast-json-patch@3.1.1 rfc6902@5.4.0 >/dev/null
cat >ask.mjs <<'END'
import assert from "node:assert";
import fast from "fast-json-patch";
import * as rfc from "rfc6902";
const byFast = (document, patch) => {
  try {
    fast.applyPatch(document, patch);
    return [document, ""];
  } catch (error) {
    return [document, error.name];
  }
};
const byRfc = (document, patch) => {
  const errors = rfc.applyPatch(document, patch);
  return [
    document,
    errors
      .filter((each) => each)
      .map((each) => each.name)
      .join(", "),
  ];
};
const guarded = [
  { op: "replace", path: "/stage", value: "prod" },
  { op: "test", path: "/approved", value: true },
  { op: "add", path: "/shipped", value: 1 },
];
const cases = [
  // document, patch; what it is and which error is named by fast-json-patch, by rfc6902
  [
    { stage: "dev", approved: false },
    guarded,
    [{ stage: "prod", approved: false }, "TEST_OPERATION_FAILED"],
    [{ stage: "prod", approved: false, shipped: 1 }, "TestError"],
  ],
  [{ a: 1 }, [{ op: "remove", path: "/b" }], [{ a: 1 }, ""], [{ a: 1 }, "MissingError"]],
  [{ a: 1 }, [{ op: "replace", path: "/b", value: 2 }], [{ a: 1, b: 2 }, ""], [{ a: 1 }, "MissingError"]],
  [{ a: 1 }, [{ op: "move", from: "/b", path: "/c" }], [{ a: 1, c: undefined }, ""], [{ a: 1 }, "MissingError"]],
  [{ a: [1] }, [{ op: "add", path: "/a/5", value: 9 }], [{ a: [1, 9] }, ""], [{ a: [1] }, "MissingError"]],
];
console.log("fast-json-patch 3.1.1, rfc6902 5.4.0");
for (const [document, patch, ...expected] of cases) {
  const seen = [byFast(structuredClone(document), patch), byRfc(structuredClone(document), patch)];
  console.log(`${JSON.stringify(patch)} on ${JSON.stringify(document)}:`, ...seen.map((each) => JSON.stringify(each)));
  assert.deepStrictEqual(seen, expected);
}
END
node ask.mjs
