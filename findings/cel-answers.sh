#!/bin/sh
# One expression of CEL, four implementations: numbers, truth, sizes, dates and what is not there.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cel-python==0.5.0 common-expression-language==0.10.0
cd "$work" && npm install --silent --no-audit --no-fund cel-js@0.8.2 @marcbachmann/cel-js@8.0.0 >/dev/null
cat >ask.mjs <<'END'
import { readFileSync } from "node:fs";
import { evaluate as celjs } from "cel-js";
import { evaluate as bachmann } from "@marcbachmann/cel-js";
const said = (ask, text, over) => {
  try {
    const value = ask(text, over);
    return typeof value === "bigint" ? Number(value) : value;
  } catch {
    return "error";
  }
};
const asked = JSON.parse(readFileSync("cases.json"));
console.log(JSON.stringify(asked.map(([text, over]) => [said(celjs, text, over), said(bachmann, text, over)])));
END
"$work/venv/bin/python" -W ignore - <<'END'
import json
import subprocess
import warnings

warnings.simplefilter("ignore")
import cel
import celpy
from celpy import json_to_cel

E = "error"
cases = [  # expression, over; by cel-python, common-expression-language, cel-js, @marcbachmann/cel-js
    ("x.n == 1", {"x": {"n": 1.0}}, (E, True, True, True)),
    ("x.n != 3", {"x": {"n": "3"}}, (E, True, True, True)),
    ("1 == 1.0", {}, (E, True, True, E)),
    ("x.t == 1", {"x": {"t": True}}, (True, False, False, False)),
    ("x && true", {"x": 1}, (1, E, E, E)),
    ("x.ok ? 1 : 2", {"x": {"ok": 1}}, (E, E, 1, E)),
    ("true || x.gone == 1", {"x": {}}, (True, True, E, True)),
    ("x.n / 2", {"x": {"n": 3}}, (1, 1, 1.5, E)),
    ("-7 / 2", {}, (-3, -3, -3.5, -3)),
    ("x.n * 2", {"x": {"n": 1.5}}, (3.0, E, 3, E)),
    ("size('h\u00e9')", {}, (2, 3, 2, 2)),
    ("timestamp('2026-01-01') < timestamp('2026-01-02T00:00:00Z')", {}, (True, E, E, E)),
    ("duration('1d') == duration('24h')", {}, (True, E, E, E)),
    (
        "string(timestamp('2026-01-01T00:00:00.5Z'))",
        {},
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500+00:00", E, E),
    ),
    ("string(1.0)", {}, ("1.0", "1", E, "1")),
]


def python(text, over):
    environment = celpy.Environment()
    try:
        value = environment.program(environment.compile(text)).evaluate(
            {key: json_to_cel(each) for key, each in over.items()}
        )
    except celpy.CELEvalError:
        return E
    plain = {"BoolType": bool, "IntType": int, "DoubleType": float, "StringType": str}
    return plain.get(type(value).__name__, lambda same: same)(value)


def rust(text, over):
    try:
        return cel.evaluate(text, over)
    except Exception:
        return E


with open("cases.json", "w") as file:
    json.dump([case[:2] for case in cases], file)
npm = json.loads(subprocess.run(["node", "ask.mjs"], capture_output=True, check=True, text=True).stdout)
print("cel-python 0.5.0, common-expression-language 0.10.0, cel-js 0.8.2, @marcbachmann/cel-js 8.0.0")
for (text, over, expected), scripts in zip(cases, npm, strict=True):
    seen = (python(text, over), rust(text, over), *scripts)
    print(f"{text}  over {over}:", *seen)
    assert repr(seen) == repr(expected), (text, seen)
END
