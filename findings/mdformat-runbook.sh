#!/bin/sh
# Formatters of Markdown on a runbook: empty boxes, numbers of tasks and fields to fill in.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mdformat==1.0.0 mdformat-gfm==1.0.0
cd "$work" && npm install --silent --no-audit --no-fund prettier@3.10.1 >/dev/null
"$work/venv/bin/python" - <<'END'
import subprocess

import mdformat

expected = {  # by mdformat with its plugin for GitHub's Markdown, by prettier
    "- [ ]\n": ("- \\[ \\]\n", "- [ ]\n"),
    "3. [ ] Count\n4. [x] Check\n": ("3. [ ] Count\n1. [x] Check\n", "3. [ ] Count\n4. [x] Check\n"),
    "3. [ ] Count\n4. [x] Check\n7. [ ] Ship\n": (
        "3. [ ] Count\n1. [x] Check\n1. [ ] Ship\n",
        "3. [ ] Count\n4. [x] Check\n5. [ ] Ship\n",
    ),
    "Deployed on ____-__-__\n": ("Deployed on \\_\\_\\_\\_-__-__\n", "Deployed on ____-**-**\n"),
    "Deployed by: ____ on ____-__-__\n": (
        "Deployed by: \\_\\_\\_\\_ on \\_\\_\\_\\_-__-__\n",
        "Deployed by: ____ on ____-**-**\n",
    ),
}
print("mdformat 1.0.0 with mdformat-gfm 1.0.0; prettier 3.10.1")
for text, after in expected.items():
    prettier = subprocess.run(
        ["node_modules/.bin/prettier", "--parser", "markdown"], input=text, text=True, capture_output=True, check=True
    ).stdout
    seen = (mdformat.text(text, extensions={"gfm"}), prettier)
    print(f"{text!r}: mdformat {seen[0]!r}, prettier {seen[1]!r}")
    assert seen == after, (text, seen)
END
