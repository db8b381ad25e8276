#!/bin/sh
# Canonical JSON by five libraries, of which four name RFC 8785: what is written for numbers, keys and what is no JSON.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check jcs==0.2.1 rfc8785==0.1.4 canonicaljson==2.0.0
cd "$work" && npm install --silent --no-audit --no-fund canonicalize@4.0.0 json-canonicalize@3.0.1 >/dev/null
"$work/venv/bin/python" - <<'END'
import canonicaljson
import jcs
import rfc8785

NO = "refused"
cases = [  # value; by jcs, rfc8785, canonicaljson
    (2**53 + 1, (b"9007199254740992", NO, b"9007199254740993")),
    (2**64, (b"18446744073709552000", NO, b"18446744073709551616")),
    (1.0, (b"1", b"1", b"1.0")),
    (-0.0, (b"0", b"0", b"-0.0")),
    (1e16, (b"10000000000000000", b"10000000000000000", b"1e+16")),
    ({1: "a"}, (NO, NO, b'{"1":"a"}')),
    (
        {"\U0001f600": 1, "\ufb33": 2},
        (b'{"\xf0\x9f\x98\x80":1,"\xef\xac\xb3":2}',) * 2 + (b'{"\xef\xac\xb3":2,"\xf0\x9f\x98\x80":1}',),
    ),
]


def written(write, value):
    try:
        return write(value)
    except (AttributeError, TypeError, ValueError):
        return NO


print("jcs 0.2.1, rfc8785 0.1.4, canonicaljson 2.0.0")
for value, expected in cases:
    seen = tuple(
        written(each, value) for each in (jcs.canonicalize, rfc8785.dumps, canonicaljson.encode_canonical_json)
    )
    print(f"{value!r}:", *seen)
    assert seen == expected, (value, seen)
END
cat >ask.mjs <<'END'
import assert from "node:assert";
import one from "canonicalize";
import { canonicalize as other } from "json-canonicalize";
const written = (write, value) => {
  try {
    return write(value);
  } catch {
    return "refused";
  }
};
const cases = [
  // what, value; by canonicalize, json-canonicalize
  ["2**53 + 1", JSON.parse("9007199254740993"), "9007199254740992", "9007199254740992"],
  ["toJSON() giving b and a", { toJSON: () => ({ b: 1, a: 2 }) }, '{"a":2,"b":1}', '{"b":1,"a":2}'],
  ["a method", { a() {} }, '{"a":undefined}', '{"a":undefined}'],
  ["undefined", undefined, undefined, "undefined"],
  ["half a surrogate pair", "\ud800", "refused", '"\\ud800"'],
  ["a Map", new Map([["a", 1]]), "{}", "{}"],
];
console.log("canonicalize 4.0.0, json-canonicalize 3.0.1");
for (const [what, value, ...expected] of cases) {
  const seen = [written(one, value), written(other, value)];
  console.log(`${what}:`, ...seen);
  assert.deepStrictEqual(seen, expected);
}
END
node ask.mjs
