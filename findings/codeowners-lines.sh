#!/bin/sh
# CODEOWNERS: who owns a file, by three parsers, beside what GitHub documents.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check codeowners==0.9.0
cd "$work"
npm install --silent --no-audit --no-fund codeowners@5.1.1 codeowners-utils@1.0.2 >/dev/null
cat > each.cjs <<'SCRIPT'
const Codeowners = require('codeowners');
const { parse, matchFile } = require('codeowners-utils');
const [, , text, path] = process.argv;
require('fs').writeFileSync('CODEOWNERS', text);
const found = matchFile(path, parse(text));
console.log(JSON.stringify([new Codeowners('.').getOwner(path), found ? found.owners : []]));
SCRIPT
"$work/venv/bin/python" - <<'PYTHON'
import json
import subprocess

from codeowners import CodeOwners

# GitHub Docs, "About code owners": `docs/*` is no file further down, a comment may follow in a line, paths have a case.
expected = [  # line, path: GitHub, codeowners 0.9.0 (PyPI), codeowners 5.1.1 and codeowners-utils 1.0.2 (npm)
    ("deploy/* @ops", "deploy/prod/policy.yaml", [], [], ["@ops"], ["@ops"]),
    ("* @ops # was @ada", "deploy.sh", ["@ops"], ["@ops", "@ada"], ["@ops", "#", "was", "@ada"], ["@ops"]),
    ("*.SQL @ops", "drop.sql", [], [], ["@ops"], ["@ops"]),
    ("step-?.md @ops", "step-1.md", ["@ops"], ["@ops"], [], ["@ops"]),
]
for line, path, github, *wanted in expected:
    by_npm = json.loads(subprocess.check_output(["node", "each.cjs", line + "\n", path]))
    seen = [[owner for _, owner in CodeOwners(line).of(path)], *by_npm]
    print(f"{line!r} and {path}: {github} by GitHub's documentation; codeowners (PyPI) {seen[0]}, codeowners (npm) {seen[1]}, codeowners-utils {seen[2]}")
    assert seen == wanted, seen
PYTHON
