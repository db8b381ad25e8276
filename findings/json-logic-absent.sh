#!/bin/sh
# JsonLogic in JavaScript and two ports to Python: what holds of a value that is not there, and what equals what.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for port in qubit panzi; do python3 -m venv "$work/$port"; done # both install a module of one name
"$work/qubit/bin/pip" install --quiet --disable-pip-version-check json-logic-qubit==0.9.1
"$work/panzi/bin/pip" install --quiet --disable-pip-version-check panzi-json-logic==1.0.1
cd "$work" && npm install --silent --no-audit --no-fund json-logic-js@2.0.5 >/dev/null
cat >cases.json <<'END'
[[{"<": [{"var": "errors"}, 1]}, {}],
 [{"<=": [{"var": "errors"}, 0]}, {}],
 [{">=": [{"var": "rows"}, 0]}, {"rows": null}],
 [{"==": [{"var": "errors"}, 0]}, {}],
 [{"==": [{"var": "errors"}, 0]}, {"errors": ""}],
 [{"===": [{"var": "ready"}, 1]}, {"ready": true}],
 [{"in": [1, {"var": "states"}]}, {"states": [true]}],
 [{"==": [{"var": "zones"}, ["a"]]}, {"zones": ["a"]}],
 [{"var": ["region", "eu-west-1"]}, {"region": null}],
 [{"and": []}, {}],
 [{"%": [-7, 3]}, {}]]
END
cat >ask.py <<'END'
import json

import json_logic

ask = getattr(json_logic, "jsonLogic", None) or json_logic.apply
print(json.dumps([ask(rule, data) for rule, data in json.load(open("cases.json"))]))
END
cat >ask.mjs <<'END'
import { readFileSync } from "node:fs";
import logic from "json-logic-js";
const asked = JSON.parse(readFileSync("cases.json"));
console.log(JSON.stringify(asked.map(([rule, data]) => logic.apply(rule, data) ?? null)));
END
python3 - <<'END'
import json
import subprocess

cases = json.load(open("cases.json"))
asked = (["node", "ask.mjs"], ["qubit/bin/python", "ask.py"], ["panzi/bin/python", "ask.py"])
answers = [json.loads(subprocess.run(each, check=True, capture_output=True, text=True).stdout) for each in asked]
expected = [  # json-logic-js, json-logic-qubit, panzi-json-logic
    (True, False, True),
    (True, False, True),
    (True, False, True),
    (False, False, True),
    (True, False, False),
    (False, False, True),
    (False, True, True),
    (False, True, False),
    (None, None, "eu-west-1"),
    (None, False, None),
    (-1, 2, 2),
]
print("json-logic-js 2.0.5, json-logic-qubit 0.9.1, panzi-json-logic 1.0.1")
for (rule, data), seen, said in zip(cases, zip(*answers, strict=True), expected, strict=True):
    print(f"{json.dumps(rule)} over {json.dumps(data)}:", *map(json.dumps, seen))
    assert repr(seen) == repr(said), (rule, data, seen)
END
