#!/bin/sh
# python-hcl2 lets the last of two equal arguments win, which Terraform refuses, and gives 1e3 back as text.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-hcl2==8.1.4
"$work/venv/bin/python" - <<'END'
import hcl2

# Terraform and OpenTofu: "Attribute redefined", an error, for the first two (HCL native syntax specification, "Bodies":
# each argument at most once).
for what, text, expected in (
    ("an argument twice in a file", "threshold = 80\nthreshold = 79\n", {"threshold": 79}),
    ("an argument twice in a block", "locals {\n  a = 1\n  a = 2\n}\n", {"locals": [{"a": 2, "__is_block__": True}]}),
    ("a number as 1e3", "limit = 1e3\n", {"limit": "${1e3}"}),
    ("a number as 1000.0", "limit = 1000.0\n", {"limit": 1000.0}),
):
    read = hcl2.loads(text)
    print(f"python-hcl2 8.1.4: {what}: {read}")
    assert read == expected
try:
    hcl2.loads('resource "a" "b" {\n  x = 1\n  x { y = 2 }\n}\n')
    raise SystemExit("an argument and a block of one name were read")
except RuntimeError as error:
    print(f"python-hcl2 8.1.4: an argument and a block of one name: RuntimeError: {error}")
END
