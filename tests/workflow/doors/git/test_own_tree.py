"""A worker's own clone has what it needs of the configuration, value for value, and is made by few processes of git."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git
from workflow.doors.git.own_tree import one_worker, setting

pytestmark = pytest.mark.slow
MOST = 3  # processes of git that make one
SETTINGS = [
    ("user.name", 'Eve "the" worker \\ # ; not a comment '),
    ('remote.or\\ig"in.x.fetch', "+refs/heads/*:refs/remotes/origin/*"),
    ("remote.origin.fetch", "one"),
    ("remote.origin.fetch", "two"),
    ("url.file:///a b/.insteadof", "https://example.com/\t\n"),
    ("credential.helper", ""),
    ("core.sshcommand", "ssh -i '~/.ssh/a key'"),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "a").write_text("a\n")
    first_commit(home)
    return home


def settings_of(place: Path) -> list[str]:
    return git(place, "config", "--local", "--list", "-z").split("\0")


def test_a_setting_is_read_back_as_it_was(home: Path) -> None:
    for name, value in SETTINGS:
        git(home, "config", "--add", name, value)
    with (home / ".git/config").open("a") as file:
        file.write(setting("filter.lfs.required", None))
    git(home, "config", "alias.x", "!rm -rf /")
    with one_worker(home, "w1") as clones, clones.tree(home) as tree:
        there = settings_of(tree)
        assert [each for each in settings_of(home) if each.partition("\n")[0] in dict(SETTINGS)] == [
            each for each in there if each.partition("\n")[0] in dict(SETTINGS)
        ]
        assert "filter.lfs.required" in there and not [each for each in there if each.startswith("alias.")]
        assert git(tree, "config", "--type=bool", "filter.lfs.required").strip() == "true"
        assert git(tree, "cat-file", "-t", git(home, "rev-parse", "HEAD").strip()).strip() == "commit"
    assert not tree.exists()


def test_it_is_made_by_few_processes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, started = subprocess.run, list[Sequence[str]]()

    def counted(command: Sequence[str], **how: object) -> object:
        started.append(command)
        return run(command, **how)  # type: ignore[call-overload]

    with one_worker(home, "w1") as clones:
        monkeypatch.setattr(subprocess, "run", counted)
        with clones.tree(home):
            assert 0 < len(started) <= MOST, started
