#!/bin/sh
# dynamodb-json, the small package between DynamoDB's JSON and Python's: does an item come back as it was?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dynamodb-json==1.4.2
"$work/venv/bin/python" - <<'END'
from decimal import Decimal

from dynamodb_json import json_util

# DynamoDB's types: AttributeValue of the API reference; numbers have up to 38 digits.
expected = {
    "set": ({"a"}, {"L": [{"S": "a"}]}, ["a"]),
    "bytes": (b"x", {"S": "x"}, "x"),
    "a number of 25 digits": (Decimal("12345678901234567890.12345"), {"N": "12345678901234567890.12345"}, 1.2345678901234567e19),
    "a large number": (1e50, {"N": "1E+50"}, {"N": "1E+50"}),
    "a map with a key S": ({"S": "x", "N": "1"}, {"M": {"S": {"S": "x"}, "N": {"S": "1"}}}, "x"),
}
for name, (value, written, back) in expected.items():
    seen = json_util.dumps({"k": value})
    again = json_util.loads(seen)["k"]
    print(f"dynamodb-json 1.4.2: {name}: {value!r} is written {seen} and read {again!r}")
    assert json_util.json.loads(seen) == {"k": written} and again == back and type(again) is type(back), (seen, again)
END
