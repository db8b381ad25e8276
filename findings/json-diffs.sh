#!/bin/sh
# Differences between two JSON documents, by libraries for Python: which changes do they not show, or apply?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dictdiffer==0.10.0 jsondiff==2.2.1 deepdiff==9.1.0 jsonpatch==1.48
"$work/venv/bin/python" - <<'PYTHON'
import json

import dictdiffer
import jsondiff
import jsonpatch
from deepdiff import DeepDiff

ways = {
    "dictdiffer": lambda old, new: bool(list(dictdiffer.diff(old, new))),
    "jsondiff": lambda old, new: bool(jsondiff.diff(old, new, syntax="symmetric")),
    "deepdiff": lambda old, new: bool(DeepDiff(old, new)),
    "jsonpatch": lambda old, new: bool(jsonpatch.make_patch(old, new).patch),
}
expected = {  # before, after (both JSON): who shows a change
    ('{"Enabled": true}', '{"Enabled": 1}'): ["deepdiff", "jsonpatch"],
    ('{"Values": [true]}', '{"Values": [1]}'): ["jsonpatch"],
    ('{"Id": 12345678901234567890}', '{"Id": 12345678901234567891}'): ["jsondiff", "deepdiff", "jsonpatch"],
    ('{"Enabled": "true"}', '{"Enabled": true}'): ["dictdiffer", "jsondiff", "deepdiff", "jsonpatch"],
}
for (before, after), wanted in expected.items():
    old, new = json.loads(before), json.loads(after)
    seen = [name for name, shows in ways.items() if shows(old, new)]
    print(f"{before} -> {after}: shown by {', '.join(seen)}; nothing from {', '.join(set(ways) - set(seen)) or 'nobody'}")
    assert seen == wanted, seen
patched = jsondiff.patch({"Enabled": True}, jsondiff.diff({"Enabled": True}, {"Enabled": 1}))
print("jsondiff's own patch from the one to the other leaves", json.dumps(patched))
assert json.dumps(patched) == '{"Enabled": true}'
PYTHON
