#!/bin/sh
# OpenSpec's count of a change's tasks: what is a box for it, and what is a change whose only open box is in a quote?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OPENSPEC_TELEMETRY=0 DO_NOT_TRACK=1 CI=1
cd "$work" && npm install --silent --no-audit --no-fund @fission-ai/openspec@1.13.2 >/dev/null
mkdir -p shop/openspec/changes/add-x/specs/x && cd shop
printf '# Change\n\n## Why\nPeople wait for x every day of the week, since y is slow.\n\n## What Changes\n- x\n' > openspec/changes/add-x/proposal.md
printf '## ADDED Requirements\n### Requirement: X works\nThe system SHALL do x.\n\n#### Scenario: ok\n- **WHEN** x\n- **THEN** y\n' > openspec/changes/add-x/specs/x/spec.md
# check TEXT EXPECTED: beside one ticked box
check() {
  printf -- '- [x] a\n%b' "$1" > openspec/changes/add-x/tasks.md
  seen=$(../node_modules/.bin/openspec list 2>/dev/null | sed -n 's/^ *add-x *\(.*[a-z]\) .*ago *$/\1/p; s/^ *add-x *\(.*[a-z]\) *just now *$/\1/p' | sed 's/ *$//')
  printf 'OpenSpec 1.13.2: %-30s %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || { echo "expected: $2"; exit 1; }
}
check '```\n- [ ] in a fence\n```\n' '1/2 tasks'
check '<!--\n- [ ] in a comment\n-->\n' '1/2 tasks'
check '- [] no blank\n' '1/2 tasks'
check '- [-] dropped\n' '1/2 tasks'
check '> - [ ] in a quote\n' '✓ Complete'
# "archive --yes" asks for no open box.
check '- [ ] open\n' '1/2 tasks'
../node_modules/.bin/openspec archive add-x --yes >archive.out 2>&1
grep -q "archived as" archive.out && echo "OpenSpec 1.13.2: archive --yes takes a change with 1 of 2 tasks, exit 0"
