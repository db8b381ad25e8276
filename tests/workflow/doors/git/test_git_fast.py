"""What `status` needs of git: found without GitPython, by reading files and at most one process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import Repo
from workflow.doors.git.plumbing import find_workspace, git_dir_of, last_commit_with, read_head


def task(number: str) -> str:
    return f"Task {number}\n\nPhasegate-Run: r1\nPhasegate-Task: {number}\n"


def test_the_workspace_is_the_top_of_the_repository(repo: Repo) -> None:
    repo.write("a/b/file")
    assert find_workspace(repo.path / "a" / "b") == repo.path
    assert git_dir_of(repo.path / "a") == repo.path / ".git"


def test_a_workspace_below_the_top_is_known_by_its_runs(repo: Repo) -> None:
    repo.write("team/deep/file")
    (repo.path / ".phasegate").mkdir()
    (repo.path / "team" / ".phasegate").mkdir()
    assert find_workspace(repo.path / "team" / "deep") == repo.path / "team"
    assert find_workspace(repo.path) == repo.path


def test_outside_any_repository_there_is_none(tmp_path: Path) -> None:
    (tmp_path / ".phasegate").mkdir()
    (tmp_path / ".git").mkdir()  # not a repository: git walks on, too
    assert find_workspace(tmp_path) is None
    with pytest.raises(WorkspaceRefused, match="not in a git repository"):
        git_dir_of(tmp_path)


def test_a_worktree_and_a_submodule_have_their_git_directory_elsewhere(repo: Repo, template: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", "../side")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(template), "lib")
    side, lib = repo.path.parent / "side", repo.path / "lib"
    assert (find_workspace(side), git_dir_of(side)) == (side, repo.path / ".git" / "worktrees" / "side")
    assert (find_workspace(lib), git_dir_of(lib)) == (lib, repo.path / ".git" / "modules" / "lib")
    assert read_head(git_dir_of(side)) == ("side", repo.head)


def test_a_bare_repository_is_its_own_git_directory(repo: Repo) -> None:
    repo.git("clone", "-q", "--bare", ".", "../bare.git")
    bare = repo.path.parent / "bare.git"
    assert (find_workspace(bare), git_dir_of(bare), read_head(bare)) == (bare, bare, ("main", repo.head))


def test_head_is_read_loose_packed_detached_and_unborn(repo: Repo) -> None:
    git_dir, head = repo.path / ".git", repo.head
    assert read_head(git_dir) == ("main", head)
    repo.git("switch", "-q", "-c", "feature/ünï")
    repo.git("branch", "main-2")
    repo.git("pack-refs", "--all")
    assert read_head(git_dir) == ("feature/ünï", head)
    repo.git("checkout", "-q", "--detach")
    assert read_head(git_dir) == (None, head)
    repo.git("switch", "-q", "--orphan", "mai")
    assert read_head(git_dir) == ("mai", None)


def test_the_newest_commit_with_exactly_these_trailers_is_found(repo: Repo) -> None:
    for number in ("1.1", "1.1", "1.10"):
        repo.git("commit", "-q", "--allow-empty", "-m", task(number))
    repo.git("commit", "-q", "--allow-empty", "-m", f"Sly\n\n{task('1.1')}\nnot a trailer, as this comes after\n")
    wanted = {"Phasegate-Run": "r1", "Phasegate-Task": "1.1"}
    assert last_commit_with(repo.path, wanted) == repo.git("rev-parse", "HEAD~2")
    assert last_commit_with(repo.path, {**wanted, "Phasegate-Task": "1.2"}) is None


def test_a_branch_without_a_commit_has_none(repo: Repo) -> None:
    repo.git("switch", "-q", "--orphan", "fresh")
    assert last_commit_with(repo.path, {"Phasegate-Run": "r1"}) is None


def test_a_damaged_repository_is_not_taken_for_an_empty_one(repo: Repo) -> None:
    head = repo.head
    (repo.path / ".git" / "objects" / head[:2] / head[2:]).unlink()
    with pytest.raises(WorkspaceRefused, match="could not read an object"):
        last_commit_with(repo.path, {"Phasegate-Run": "r1"})


def test_inside_a_hook_of_another_repository_ours_is_asked(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("commit", "-q", "--allow-empty", "-m", task("1"))
    head = repo.head
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
    assert last_commit_with(repo.path, {"Phasegate-Task": "1"}) == head


def test_without_git_the_message_says_so(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkspaceRefused, match="git was not found on PATH"):
        last_commit_with(repo.path, {"Phasegate-Task": "1"})


def test_importing_the_doors_does_not_import_gitpython() -> None:
    code = "import sys, workflow.doors.git.plumbing, workflow.doors.git.repository; print('git' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
