#!/bin/sh
# Backlog.md: `task edit --check-ac` on a task file in which people have written, too.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && npm install --silent --no-audit --no-fund backlog.md@1.52.0 >/dev/null
mkdir shop && cd shop && git init -q . && git config user.name Ada && git config user.email ada@example.com
backlog=../node_modules/.bin/backlog
$backlog init shop --defaults --integration-mode none >/dev/null 2>&1
$backlog task create "One" --ac "First" --ac "Second" --plain >/dev/null
mv backlog/tasks/*.md ../task.md
sed 's/^- \[ \] #1 First$/&\n  - [ ] a step of the first\n  a note below it/; $a\\n## Runbook\n- [ ] mine' ../task.md > backlog/tasks/task-1\ -\ One.md
cp backlog/tasks/*.md ../before.md
$backlog task edit 1 --check-ac 2 --plain >/dev/null
echo "Backlog.md 1.52.0, one criterion ticked:"; diff ../before.md backlog/tasks/*.md || true
after=$(cat backlog/tasks/*.md)
echo "$after" | grep -q "a note below it"
if echo "$after" | grep -q "a step of the first"; then echo "the nested box is kept"; exit 1; fi
echo "the nested box is gone, exit 0"
