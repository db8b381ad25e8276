#!/bin/sh
# git's trailers, as git itself and the git libraries for Python read them from one commit.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check GitPython==3.2.1 pygit2==1.21.0 dulwich==1.2.21
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null HOME="$work"
git version
"$work/venv/bin/python" - "$work/repo" <<'PYTHON'
import subprocess
import sys

import git
import pygit2
from dulwich.repo import Repo
from dulwich.trailers import parse_trailers

place = sys.argv[1]
person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]


def said(*command, given=None):
    run = subprocess.run(["git", *command], cwd=place, input=given, capture_output=True, text=True, check=True)
    return run.stdout.strip()


subprocess.run(["git", "init", "-q", place], check=True)
tree = said("mktree", given="")
picked = f"(cherry picked from commit {'1' * 40})"
AS_GIT = "as git"
expected = {  # message: git log, GitPython, pygit2, dulwich
    "Ship\n\nApproved-by: Ada\nApproved-by: Bob\n": (["Approved-by: Ada", "Approved-by: Bob"], AS_GIT, ["Approved-by: Bob"], AS_GIT),
    "Ship\n\nReason:\nApproved-by: Ada\n": (["Reason:", "Approved-by: Ada"], AS_GIT, ["Reason: \nApproved-by: Ada"], AS_GIT),
    f"Ship\n\nApproved-by: Ada\n{picked}\n": (["Approved-by: Ada"], AS_GIT, AS_GIT, []),
    "Ship\n\nOld text\n---\nNew text\n\nApproved-by: Ada\n": (["Approved-by: Ada"], [], [], []),
    "Ship\n\nRun: 1\n\n---\n\nApproved-by: Ada\n": (["Approved-by: Ada"], ["Run: 1"], ["Run: 1"], ["Run: 1"]),
    "Ship\n\nApproved.by: Ada\n": ([], AS_GIT, AS_GIT, ["Approved.by: Ada"]),
}
for message, (of_git, *of_others) in expected.items():
    commit = said(*person, "commit-tree", tree, given=message)
    by_git = said("log", "-1", "--format=%(trailers:only,unfold)", commit).splitlines()
    seen = {
        "GitPython": [f"{key}: {value}" for key, value in git.Repo(place).commit(commit).trailers_list],
        "pygit2": [f"{key}: {value}" for key, value in pygit2.Repository(place)[commit].message_trailers.items()],
        "dulwich": [f"{each.key}: {each.value}" for each in parse_trailers(Repo(place)[commit.encode()].message)[1]],
    }
    print(f"{message!r}\n    git log: {[each.strip() for each in by_git]}")
    assert [each.strip() for each in by_git] == of_git, by_git
    for (library, found), wanted in zip(seen.items(), of_others, strict=True):
        same = [each.strip() for each in found] == of_git
        print(f"    {library}: {AS_GIT if same else found}")
        assert same if wanted == AS_GIT else found == wanted, (library, found)
PYTHON
