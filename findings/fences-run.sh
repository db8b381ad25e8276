#!/bin/sh
# Runners of the code in Markdown: which fences of a runbook do they run, and which failing command do they notice?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mktestdocs==0.2.5 pytest-codeblocks==0.18.0 byexample==11.0.0 pytest==9.0.2
cd "$work"
cat > first-fails.md <<'FENCE'
```bash
false
echo shipped >> ran
```
FENCE
cat > pipe-fails.md <<'FENCE'
```bash
false | echo shipped >> ran
```
FENCE
cat > last-fails.md <<'FENCE'
```bash
echo shipped >> ran
false
```
FENCE
sed 's/```/~~~/' last-fails.md > tildes.md
sed 's/```/````/' last-fails.md > four-ticks.md
sed 's/^/  /; 1s/^/- a step:\n\n/' last-fails.md > in-a-list.md
cat > prompts.md <<'FENCE'
```shell
$ false
$ echo shipped >> ran
```
FENCE
cat > tests.py <<'SCRIPT'
from pathlib import Path
from os import environ

from mktestdocs import check_md_file


def test_document():
    check_md_file(fpath=Path(environ["DOCUMENT"]), lang="bash")
SCRIPT
mktestdocs() { DOCUMENT=$1 venv/bin/python -m pytest -q -p no:cacheprovider tests.py; }
codeblocks() { venv/bin/python -m pytest -q -p no:cacheprovider --codeblocks "$1"; }
byexample() { venv/bin/byexample -l shell "$1"; }
is() {  # runner, document, what is expected: does it run the fence, and does it say that something failed?
  rm -f ran
  code=0
  "$1" "$2" >said 2>&1 || code=$?
  if [ -e ran ]; then did=ran; else did="did not run"; fi
  case $code in 0) says=passed ;; 5) says="found no test" ;; *) says=failed ;; esac
  echo "$1, $2: $did, $says"
  [ "$did, $says" = "$3" ] || { echo "expected: $3"; cat said; exit 1; }
}
is mktestdocs first-fails.md "did not run, failed"
is codeblocks first-fails.md "ran, passed"
is mktestdocs pipe-fails.md "ran, passed"
is codeblocks pipe-fails.md "ran, passed"
is mktestdocs last-fails.md "ran, failed"
is codeblocks last-fails.md "ran, failed"
is mktestdocs tildes.md "did not run, passed"
is codeblocks tildes.md "did not run, found no test"
is mktestdocs four-ticks.md "did not run, passed"
is codeblocks four-ticks.md "ran, failed"
is mktestdocs in-a-list.md "ran, failed"
is codeblocks in-a-list.md "ran, failed"
is byexample prompts.md "ran, passed"
