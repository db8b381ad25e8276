#!/bin/sh
# git: `push --atomic` moves all refs or none, and who lists them meanwhile sees some moved and some not.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq git=1:2.39.5-0+deb12u3 >/dev/null  # of Debian 12
dpkg -x git_*.deb .
export PATH="$work/usr/bin:$PATH" GIT_EXEC_PATH="$work/usr/lib/git-core"
git --version
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
git init -q --bare origin.git
git init -q clone
commit() { git -C clone -c user.name=Ada -c user.email=ada@example.com commit -q --allow-empty -m "$1" && git -C clone rev-parse HEAD; }
first=$(commit one)
second=$(commit two)
refspecs() { number=1; while [ "$number" -le 400 ]; do echo "$1:refs/runs/$number"; number=$((number + 1)); done; }
mixed=0 turn=1
while [ "$turn" -le 20 ] && [ "$mixed" -eq 0 ]; do
  # shellcheck disable=SC2046
  git -C clone push -q --force --atomic ../origin.git $(refspecs "$first")
  # shellcheck disable=SC2046
  { git -C clone push -q --force --atomic ../origin.git $(refspecs "$second"); touch "pushed-$turn"; } &
  while [ ! -e "pushed-$turn" ]; do
    moved=$(git ls-remote origin.git 'refs/runs/*' | grep -c "$second" || true)
    if [ "$moved" -gt 0 ] && [ "$moved" -lt 400 ]; then
      mixed=$moved
    fi
  done
  wait
  turn=$((turn + 1))
done
echo "one listing, while one atomic push of 400 refs was under way: $mixed had moved, $((400 - mixed)) had not"
[ "$mixed" -gt 0 ]
