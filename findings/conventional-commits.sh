#!/bin/sh
# conventional-commits-parser as it comes, on messages with trailers: types, footers and what was closed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && npm install --silent --no-audit --no-fund conventional-commits-parser@6.4.0 >/dev/null
cat >ask.mjs <<'END'
import assert from "node:assert";
import { CommitParser } from "conventional-commits-parser";
const parser = new CommitParser();
const cases = [
  ["feat!: drop the index", { type: undefined, footer: null, notes: [], closed: [] }],
  ["feat(api)!: drop the index", { type: undefined, footer: null, notes: [], closed: [] }],
  [
    "feat: add\n\nPhasegate-Task: 3\nApproved-by: Ann <ann@shop.example>",
    { type: "feat", footer: null, notes: [], closed: [] },
  ],
  [
    "feat: add\n\nBREAKING CHANGE: new keys\nApproved-by: Ann <ann@shop.example>",
    {
      type: "feat",
      footer: "BREAKING CHANGE: new keys\nApproved-by: Ann <ann@shop.example>",
      notes: ["new keys\nApproved-by: Ann <ann@shop.example>"],
      closed: [],
    },
  ],
  [
    "fix: look\n\nThis does not yet close #3",
    { type: "fix", footer: "This does not yet close #3", notes: [], closed: ["3"] },
  ],
  [
    "fix: look\n\nApproved-by: Ann\n\nsee #9 for the rest",
    { type: "fix", footer: "see #9 for the rest", notes: [], closed: [] },
  ],
];
console.log("conventional-commits-parser 6.4.0");
for (const [message, expected] of cases) {
  const { type, footer, notes, references } = parser.parse(message);
  const closed = references.filter((each) => each.action).map((each) => each.issue);
  const seen = { type, footer, notes: notes.map((each) => each.text), closed };
  console.log(JSON.stringify(message), seen);
  assert.deepStrictEqual(seen, expected);
}
END
node ask.mjs
