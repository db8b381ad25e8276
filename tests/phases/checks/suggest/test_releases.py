"""What a release leaves in files, in git and at its host: the words that say it, and those that only look like it."""

from __future__ import annotations

import json

import pytest

from phases.checks.suggest.left_by import check_left
from phases.checks.suggest.proposal import Proposal
from tests.worlds.checklists import proposed, suggested

TITLE = "Release checklist (GitHub)"


def run_of(found: Proposal | None) -> str:
    assert found is not None
    command = found.entry["command"]
    assert isinstance(command, dict)
    return str(command["run"])


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ("Update the version number in `CMakeLists.txt`", "CMakeLists.txt"),
        ("`package.json` version is correct", "package.json"),
        (
            "Update [DESCRIPTION](https://github.com/acme/shop/blob/main/DESCRIPTION) with new version number",
            "DESCRIPTION",
        ),
        ("edit `addons/vendir.yml` to include the newly released version.", "addons/vendir.yml"),
        ("Update `internal/version.go`", "internal/version.go"),
        ("`NEWS.md` has been updated", "NEWS.md"),
        ("`docs/HISTORY.rst` includes the release", "docs/HISTORY.rst"),
        ("Release notes written (RELEASE_NOTES.md)", "RELEASE_NOTES.md"),
    ],
)
def test_a_named_file_has_the_version(item: str, path: str) -> None:
    found = proposed(item, title=TITLE)
    assert found is not None
    assert found.entry == {"file": {"path": path, "contains": "{version}"}}
    assert list(found.asks) == ["version"]


def test_each_of_several_files_has_the_version() -> None:
    found = proposed("Version is the same in `package.json`, `pyproject.toml` and `docs/conf.py`", title=TITLE)
    assert run_of(found) == (
        "grep -qF -- {version} package.json && grep -qF -- {version} pyproject.toml && grep -qF -- {version}"
        " docs/conf.py"
    )


def test_a_version_that_the_item_spells_is_looked_for() -> None:
    found = proposed("Update version in `Cargo.toml` to v1.4.2", title=TITLE)
    assert found is not None
    assert found.entry == {"file": {"path": "Cargo.toml", "contains": "1.4.2"}}


@pytest.mark.parametrize(
    "item", ["`CHANGELOG.md` has a dated section for the release", "CHANGELOG.md updated with version and date"]
)
def test_where_a_date_is_said_a_date_stands_beside_the_version(item: str) -> None:
    found = proposed(item, title=TITLE)
    assert run_of(found) == "grep -F -- {version} CHANGELOG.md"
    assert found is not None
    assert "expect" in found.entry


@pytest.mark.parametrize(
    "item",
    [
        "go.mod version matches",
        "Update version in `docker-compose.yml`",
        "`README.md` updated",
        "Update `src/main.py` with the new endpoint",
        "Version in `package.json` and the website match",
        "`CHANGELOG.md` lists every fix with its author",
    ],
)
def test_what_is_no_version_of_the_release_is_left(item: str) -> None:
    found = proposed(item, title=TITLE)
    assert found is None or found.kind != "version in files"


@pytest.mark.parametrize("item", ["Create a GitHub release for `vX.Y.Z`", "Tag `vX.Y.Z` created and pushed"])
def test_a_blank_for_the_version_is_no_name(item: str) -> None:
    found = proposed(item, title=TITLE)
    assert "X.Y.Z" not in run_of(found)


def test_blanks_of_versions_are_asked_for_each_by_itself() -> None:
    plain, candidate = check_left("git tag -a vX.Y.Z"), check_left("git tag vX.Y.Z-RCN")
    assert plain is not None
    assert candidate is not None
    assert "refs/tags/v{version}" in json.dumps(plain[0])
    assert "refs/tags/{vx-y-z-rcn}" in json.dumps(candidate[0])


def test_a_version_that_the_list_is_not_about_is_an_example() -> None:
    own, example = check_left("git tag v1.2.0", "Release 1.2"), check_left("git tag v1.2.0", "Release checklist")
    assert own is not None
    assert example is not None
    assert "refs/tags/v1.2.0" in json.dumps(own[0])
    assert list(example[1]) == ["now-v1-2-0"]


def test_a_tag_that_is_made_and_pushed_is_looked_for_on_the_remote() -> None:
    found = proposed("Create and push tag: `git tag vX.Y.Z && git push origin vX.Y.Z`", title=TITLE)
    assert run_of(found) == "git ls-remote --exit-code origin refs/tags/v{version} refs/heads/v{version}"


@pytest.mark.parametrize(
    "item",
    [
        "Tag: `git tag v1.0.0 && git push origin v2.0.0`",
        "Clean state: `git checkout main && git pull && git status` (clean)",
        "Create a release tag in the website repository",
        "Move the tags: `git tag v1` and `git push origin v1`",
        "`git checkout main` or whatever branch it is",
        "Create a tag in https://github.com/acme/tap and https://github.com/acme/shop",
        "Ensure your working directory is clean (`git clean -fdx`)",
    ],
)
def test_what_is_elsewhere_or_another_one_is_left(item: str) -> None:
    assert suggested(f"# {TITLE}\n\n## Now\n\n- [ ] {item}\n").proposals == ()


def test_committed_and_pushed_looks_at_both() -> None:
    found = proposed("All changes committed and pushed", title=TITLE)
    assert "status --porcelain" in run_of(found)
    assert "@{{upstream}}" in run_of(found)


def test_a_block_of_an_item_that_speaks_of_no_release_says_nothing_of_git() -> None:
    text = f"# {TITLE}\n\n## Now\n\n- [ ] Update the address in all files\n\n  ```sh\n  git push\n  ```\n"
    assert suggested(text).proposals == ()


def test_a_tag_of_a_draft_at_the_host_is_not_looked_for_here() -> None:
    text = f"# {TITLE}\n\n- [ ] Draft the notes with the `Draft new release` button\n    - [ ] Create a release tag\n"
    assert suggested(text).proposals == ()


def test_two_pull_requests_and_two_versions_never_share_a_question() -> None:
    text = (
        f"# {TITLE}\n\n## Notes\n\n- [ ] Open a pull request\n- [ ] Merge the PR\n- [ ] `npm publish`\n\n"
        "## Package\n\n- [ ] Open a pull request\n- [ ] Merge the PR\n- [ ] `npm publish`\n"
    )
    asks = [set(each.asks) for each in suggested(text).proposals]
    assert asks == [
        {"notes-pull-request"},
        {"notes-pull-request"},
        {"package", "notes-version"},
        {"package-pull-request"},
        {"package-pull-request"},
        {"package", "package-version"},
    ]


def test_one_pull_request_is_asked_about_once() -> None:
    text = f"# {TITLE}\n\n## Notes\n\n- [ ] Open a pull request\n- [ ] Get the PR reviewed and merge it\n"
    assert [list(each.asks) for each in suggested(text).proposals] == [["pull-request"], ["pull-request"]]


def test_end_to_end_tests_have_a_command_of_their_own() -> None:
    found = proposed("End-to-end (E2E) tests passed", title=TITLE)
    assert found is not None
    assert list(found.asks) == ["end-to-end-test-command"]


def test_a_pull_request_is_merged_where_the_item_says() -> None:
    found = proposed("Version bump PR merged to `main`", title=TITLE)
    assert found is not None
    assert found.entry["expression"] == "state=='MERGED' && ends_with(baseRefName, 'main')"
