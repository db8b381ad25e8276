"""What do the commands of a release leave: git's, those that publish a package? Rows for `left_by.py`.

Rules:
- An item that is nothing but one of these commands says what it leaves: "`git push origin v1.2`".
- What several of these commands leave is looked at together: each has to hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from phases.checks.suggest.proposal import Entry
from phases.checks.suggest.rules.entries import command
from phases.checks.suggest.rules.registries import CRATES, GEMS, NPM, PYPI, TEST_PYPI


class LeftBy(NamedTuple):
    """A command's form, the check for what it leaves, what that does not prove; examples, and commands it is not.

    Attributes:
        asks: questions that the check has beside the command's blanks.
    """

    command: str
    check: Entry
    unproved: str
    examples: tuple[str, ...]
    counters: tuple[str, ...]
    asks: Mapping[str, str] = {}


_QUOTED = r"(?:\"[^\"]*\"|'[^']*'|[\w.<>-]+)"
_REF = r"(?P<name>(?!-)[A-Za-z0-9<{$\[][\w./<>{}$\[\]-]*)"
_REMOTE = r"(?P<remote>[A-Za-z][\w.-]*|<[\w -]+>)"
_VERSION_LIKE = r"(?P<name>(?:v?\d+[.]|v?<|v?\[|v?\$|v?X\.Y)[\w.<>{}$\[\]-]*)"
_PACKAGE = {"package": "What is the package called?", "version": "Which version is released?"}
TAG_HERE = "there in this repository, not: on the remote, nor on which commit"
TAG_THERE = "there on the remote, as a tag or a branch, not: on which commit"

GIT_ROWS = (
    LeftBy(
        r"git tag(?: -[am]+)*(?: (?:\"[^\"]*\"|'[^']*'))?"
        rf" {_REF}(?: -[am]+)?(?: (?:-m )?{_QUOTED})?",
        command("git rev-parse --verify --quiet refs/tags/$name"),
        TAG_HERE,
        ('git tag -a v0.1.0 -m "Initial release"', "git tag 24.4.0", "git tag [TAG_NAME]", "git tag -a vX.Y.Z"),
        ("git tag -d v0.1.0", "git tag -l", "git tag --list", "git tag -s v1.2.0"),
    ),
    LeftBy(
        rf"git tag -s {_REF}(?: -m {_QUOTED})?",
        command("git cat-file tag $name | grep -q -e SIGNATURE-----", changes=True),
        "signed in this repository, not: by whom",
        ('git tag -s v1.2.0 -m "Release"', "git tag -s vX.Y.Z"),
        ("git tag v1.2.0", "git tag -d v1.2.0"),
    ),
    LeftBy(
        rf"git push {_REMOTE} (?:tag |refs/tags/)?{_VERSION_LIKE}",
        command("git ls-remote --exit-code $remote refs/tags/$name refs/heads/$name", changes=True),
        TAG_THERE,
        ("git push origin v1.2.0", "git push upstream 24.4.0", "git push <your remote name> 24.4.0"),
        ("git push origin :v1.2.0", "git push origin main", "git push --delete origin v1.2.0"),
    ),
    LeftBy(
        rf"git push(?: -u| --set-upstream)? {_REMOTE} (?P<name>(?!HEAD\b|tag\b|v?\d)[A-Za-z][\w/-]*)",
        command("git fetch --quiet $remote && git merge-base --is-ancestor $name $remote/$name", changes=True),
        "that branch's commits are on the remote, not: what is not committed",
        ("git push origin main", "git push -u origin release/next"),
        ("git push origin HEAD", "git push origin v1.2.0", "git push --force origin main"),
    ),
    LeftBy(
        r"git push",
        command("git fetch --quiet && git merge-base --is-ancestor HEAD @{{upstream}}", changes=True),
        "this branch's commits are on its remote, not: what is not committed",
        ("git push",),
        ("git push --force", "git push --dry-run"),
    ),
    LeftBy(
        r"git pull(?: --rebase| --ff-only)?",
        command("git fetch --quiet && git merge-base --is-ancestor @{{upstream}} HEAD", changes=True),
        "the branch here has all of its remote's commits, not: that it is the right branch",
        ("git pull", "git pull --ff-only"),
        ("git pull upstream v1.2.0", "git fetch"),
    ),
    LeftBy(
        rf"git pull(?: --rebase| --ff-only)? {_REMOTE} (?P<name>main|master|develop)",
        command("git fetch --quiet $remote && git merge-base --is-ancestor $remote/$name HEAD", changes=True),
        "what is checked out here has all of that branch, not: nothing else",
        ("git pull origin main", "git pull --rebase upstream main"),
        ("git pull origin v1.2.0", "git fetch origin main"),
    ),
    LeftBy(
        r"git (?:checkout|switch) (?P<name>main|master|develop)",
        command("git branch --show-current | grep -qx $name", changes=True),
        "that branch is checked out here, not: that it is up to date",
        ("git checkout main", "git switch develop"),
        ("git checkout -b main", "git checkout v1.2.0"),
    ),
    LeftBy(
        rf"git push(?: {_REMOTE})? --tags",
        command("git ls-remote --exit-code --tags origin refs/tags/{tag}", changes=True),
        "the one that is asked for is on the remote, not: other tags",
        ("git push --tags", "git push origin --tags"),
        ("git push origin main", "git push --follow-tags"),
        {"tag": "Which tag?"},
    ),
    LeftBy(
        rf"git push(?: {_REMOTE}(?: (?:main|master|develop|HEAD))?)? --follow-tags",
        command(
            "git fetch --quiet && git merge-base --is-ancestor HEAD @{{upstream}}"
            " && git ls-remote --exit-code --tags origin refs/tags/{tag}",
            changes=True,
        ),
        "this branch's commits and the tag that is asked for are on the remote, not: other tags",
        ("git push --follow-tags", "git push origin main --follow-tags"),
        ("git push --tags", "git push"),
        {"tag": "Which tag?"},
    ),
    LeftBy(
        rf"git (?:checkout -b|switch (?:-c|--create)) {_REF}(?: [\w./-]+)?",
        command("git rev-parse --verify --quiet refs/heads/$name"),
        "there in this repository, not: from which commit",
        ("git checkout -b release/1.2", "git switch -c release-X.Y.Z", "git checkout -b release/1.2 main"),
        ("git checkout main", "git branch -d release/1.2"),
    ),
    LeftBy(
        r"git commit(?: -a)?",
        command('test -z "$(git status --porcelain)"', changes=True),
        "nothing is changed or new here, not: what was committed",
        ("git commit",),
        ("git commit -m 'Raise the version'", "git commit --amend"),
    ),
    LeftBy(
        r"(?:npm|pnpm|yarn npm|yarn) publish(?: --access[ =]public| --provenance)*",
        NPM,
        "npm has this version, not: as it is here",
        ("npm publish --access public", "npm publish"),
        ("npm publish --dry-run", "npm publish --workspaces", "npm pack"),
        _PACKAGE,
    ),
    LeftBy(
        r"(?:python3? -m )?twine upload (?=.*(?:test\.pypi\.org|testpypi))[\w./* :-]+",
        TEST_PYPI,
        "the test registry has this version, not: as it is here",
        ("twine upload dist/* --repository-url https://test.pypi.org/legacy/", "twine upload -r testpypi dist/*"),
        ("twine upload dist/*", "twine check dist/*"),
        _PACKAGE,
    ),
    LeftBy(
        r"(?:python3? -m )?twine upload [\w./*]+|(?:poetry|uv|flit|hatch) publish(?: --build)?",
        PYPI,
        "PyPI has this version, not: as it is here",
        ("twine upload dist/*", "python -m twine upload dist/*", "poetry publish --build"),
        ("twine check dist/*", "poetry publish --dry-run", "twine upload -r testpypi dist/*"),
        _PACKAGE,
    ),
    LeftBy(
        r"cargo publish",
        CRATES,
        "crates.io has this version, not: as it is here",
        ("cargo publish",),
        ("cargo publish --dry-run", "cargo package"),
        _PACKAGE,
    ),
    LeftBy(
        r"gem push [\w.<>*-]+\.gem",
        GEMS,
        "RubyGems has this version, not: as it is here",
        ("gem push shop-1.2.gem", "gem push *.gem"),
        ("gem build shop.gemspec", "gem yank shop"),
        _PACKAGE,
    ),
    LeftBy(
        rf"gh release create {_REF}(?! .*--draft)(?: .*)?",
        command("gh release view $name", changes=True),
        "a release has this tag, not: with which notes and files",
        ("gh release create v1.2.0 --notes-file NOTES.md", "gh release create vX.Y.Z"),
        ("gh release delete v1.2.0", "gh release create v1.2.0 --draft"),
    ),
    LeftBy(
        r"npm version (?:patch|minor|major|<[\w -]+>|\d[\w.-]*)(?: -m .*)?",
        command(
            "grep -qF -- {version} package.json && git rev-parse --verify --quiet refs/tags/v{version}", changes=True
        ),
        "the version is in the file and tagged here, not: on the remote",
        ("npm version patch", "npm version minor"),
        ("npm version", "npm view shop version"),
        {"version": "Which version is released?"},
    ),
)
