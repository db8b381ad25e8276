#!/bin/sh
# JMESPath: one expression and one answer, by jmespath.py (boto3, aws --query) and by the two libraries for JavaScript.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check jmespath==1.1.0
cd "$work"
npm install --silent --no-audit --no-fund jmespath@0.16.0 @jmespath-community/jmespath@1.3.0 >/dev/null
cat > cases.json <<'JSON'
[["sort(@)", [10, 9, 1]],
 ["to_number(@)", ""],
 ["to_number(@)", "0x10"],
 ["to_number(@)", "1_000"],
 ["contains(@, `true`)", [1, 2]],
 ["[?at > '2026-01-05'].at", [{"at": "2026-01-02"}, {"at": "2026-01-10"}]],
 ["@ < `1`", null],
 ["@ < '2'", 1],
 ["starts_with(@, '')", "shop"],
 ["to_string(@)", 1e3]]
JSON
cat > each.mjs <<'SCRIPT'
import { readFileSync } from 'fs';
const made = await import(process.argv[2]);
const { search } = made.default?.search ? made.default : made;
console.log(JSON.stringify(JSON.parse(readFileSync('cases.json')).map(([asked, answer]) => search(answer, asked))));
SCRIPT
node each.mjs jmespath > js.json
node each.mjs @jmespath-community/jmespath > community.json
"$work/venv/bin/python" - <<'PYTHON'
import json

import jmespath

expected = [  # jmespath.py 1.1.0, jmespath 0.16.0, @jmespath-community/jmespath 1.3.0
    ([1, 9, 10], [1, 10, 9], [1, 10, 9]),
    (None, 0, 0),
    (None, 16, 16),
    (1000, None, None),
    (True, False, False),
    (["2026-01-10"], ["2026-01-10"], []),
    (None, True, None),
    ("TypeError", True, None),
    (True, False, True),
    ("1000.0", "1000", "1000"),
]
cases, js, community = (json.load(open(name)) for name in ("cases.json", "js.json", "community.json"))


def by_python(asked, answer):
    try:
        return jmespath.search(asked, answer)
    except TypeError as error:  # no JMESPathError
        return type(error).__name__


for (asked, answer), in_js, in_community, wanted in zip(cases, js, community, expected, strict=True):
    seen = (by_python(asked, answer), in_js, in_community)
    print(f"{asked} of {json.dumps(answer)}: jmespath.py {seen[0]!r}, jmespath {seen[1]!r}, community {seen[2]!r}")
    assert [(type(each), each) for each in seen] == [(type(each), each) for each in wanted], seen
PYTHON
