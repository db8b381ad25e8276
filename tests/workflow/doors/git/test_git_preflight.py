"""Everything that would make a commit fail, or take in what is not ours, is told before any work starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.audit import audit_workspace
from workflow.doors.git.plumbing import last_commit_with
from workflow.doors.git.repository import GitDoor

OURS = ["artifacts/out.json", "log.md"]


def refused(workspace: Path, paths: list[str] | None = None, *, resuming: bool = False) -> WorkspaceRefused:
    with pytest.raises(WorkspaceRefused) as caught:
        GitDoor(workspace).preflight(OURS if paths is None else paths, RUNBOOK, resuming=resuming)
    assert caught.value.exit_code == 2
    return caught.value


def test_a_clean_repository_is_ready_whatever_else_the_person_edits(repo: Repo) -> None:
    repo.write("theirs.txt", "dirty\n")
    repo.write("new.txt")
    repo.git("add", "new.txt")
    before = repo.index
    GitDoor(repo.path).preflight(OURS, RUNBOOK)
    assert repo.index == before


def no_repository(repo: Repo) -> None:
    (repo.path / ".git").rename(repo.path / "no.git")


def unborn(repo: Repo) -> None:
    repo.git("switch", "-q", "--orphan", "fresh")


def detached(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")


def merging(repo: Repo) -> None:
    conflict(repo)
    repo.git("merge", "side", check=False)


def rebasing(repo: Repo) -> None:
    conflict(repo)
    repo.git("rebase", "side", check=False)


def picking(repo: Repo) -> None:
    conflict(repo)
    repo.git("cherry-pick", "side", check=False)


def reverting(repo: Repo) -> None:
    conflict(repo)
    repo.git("revert", "--no-edit", "main~1", check=False)


def bisecting(repo: Repo) -> None:
    repo.git("bisect", "start")


def conflict(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.write("theirs.txt", "side\n")
    repo.commit_all()
    repo.git("switch", "-q", "main")
    for text in ("two\n", "three\n"):
        repo.write("theirs.txt", text)
        repo.commit_all()


def nobody(repo: Repo) -> None:
    repo.git("config", "--unset", "user.email")


def untracked_runbook(repo: Repo) -> None:
    repo.git("rm", "-q", "--cached", RUNBOOK)
    repo.git("commit", "-q", "-m", "out")


def edited_runbook(repo: Repo) -> None:
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")


def missing_runbook(repo: Repo) -> None:
    repo.git("rm", "-q", RUNBOOK)
    repo.git("commit", "-q", "-m", "out")


def dirty_artifact(repo: Repo) -> None:
    repo.write("log.md", "one\n")
    repo.commit_all()
    repo.write("log.md", "two\n")


def staged_artifact(repo: Repo) -> None:
    repo.write("log.md", "one\n")
    repo.git("add", "log.md")


def untracked_artifact(repo: Repo) -> None:
    repo.write("artifacts/out.json")


def ignored_artifact(repo: Repo) -> None:
    repo.write(".gitignore", "artifacts/\n")
    repo.commit_all()


def unseen_artifact(repo: Repo) -> None:
    repo.write("log.md")
    repo.commit_all()
    repo.git("update-index", "--assume-unchanged", "log.md")


def skipped_artifact(repo: Repo) -> None:
    repo.write("log.md")
    repo.commit_all()
    repo.git("update-index", "--skip-worktree", "log.md")


def skipped_and_absent(repo: Repo) -> None:
    skipped_artifact(repo)
    (repo.path / "log.md").unlink()


def linked_directory(repo: Repo) -> None:
    (repo.path.parent / "elsewhere").mkdir()
    (repo.path / "artifacts").symlink_to(repo.path.parent / "elsewhere")


def linked_file(repo: Repo) -> None:
    (repo.path / "log.md").symlink_to("theirs.txt")


def file_in_the_way(repo: Repo) -> None:
    repo.write("artifacts", "a file\n")


def directory_in_the_way(repo: Repo) -> None:
    (repo.path / "log.md").mkdir()


def repository_inside(repo: Repo) -> None:
    (repo.path / "artifacts").mkdir()
    repo.git("init", "-q", cwd=repo.path / "artifacts")


def locked(repo: Repo) -> None:
    (repo.path / ".git" / "index.lock").touch()


WORLDS: list[tuple[Callable[[Repo], None], str, str]] = [
    (no_repository, "is not in a git repository", "git init"),
    (unborn, "branch fresh has no commit yet", "git add . && git commit"),
    (detached, "HEAD is detached at", "git switch -c"),
    (merging, "a merge is in progress", "git merge --continue"),
    (rebasing, "a rebase is in progress", "git rebase --continue"),
    (picking, "a cherry-pick is in progress", "git cherry-pick --continue"),
    (reverting, "a revert is in progress", "git revert --continue"),
    (bisecting, "a bisect is in progress", "git bisect reset"),
    (nobody, "git does not know who the author is", "git config user.name"),
    (untracked_runbook, "the runbook is untracked", "git add -- tasks.md && git commit"),
    (edited_runbook, "the runbook is modified", "git add -- tasks.md && git commit"),
    (missing_runbook, "the runbook is not there", "phasegate init"),
    (dirty_artifact, "log.md: is modified", "git add -- log.md"),
    (staged_artifact, "log.md: is staged (added)", "git add -- log.md"),
    (untracked_artifact, "artifacts/out.json: is untracked", "git add -- artifacts/out.json"),
    (ignored_artifact, "artifacts/out.json: is ignored by .gitignore", "git check-ignore -v"),
    (unseen_artifact, "log.md: is marked assume-unchanged", "git update-index --no-assume-unchanged log.md"),
    (skipped_artifact, "log.md: is marked skip-worktree", "git update-index --no-skip-worktree log.md"),
    (
        skipped_and_absent,
        "log.md: is marked skip-worktree",
        "git update-index --no-skip-worktree log.md && git restore -- ",
    ),
    (linked_directory, "goes through the symbolic link artifacts", "ls -ld -- "),
    (linked_file, "log.md: is a symbolic link", "ls -ld -- "),
    (file_in_the_way, "goes through artifacts, which is a file", "ls -ld -- "),
    (directory_in_the_way, "log.md: is a directory", "ls -ld -- "),
    (repository_inside, "is in another repository, artifacts", "ls -ld -- "),
    (locked, "no git process is at work here", "rm "),
]


@pytest.mark.parametrize(
    ("change", "words", "next_command"), WORLDS, ids=[world.__name__ for world, _words, _next in WORLDS]
)
def test_what_is_wrong_is_told_with_the_command_that_mends_it(
    repo: Repo, change: Callable[[Repo], None], words: str, next_command: str
) -> None:
    change(repo)
    error = refused(repo.path)
    assert words in str(error)
    assert error.next_command.startswith(next_command)
    assert len(error.problems) <= 1 or change is unborn  # where nothing is tracked any more


@pytest.mark.parametrize("mark", ["skip-worktree", "assume-unchanged"])
def test_the_way_on_from_an_absent_file_that_is_marked_is_no_deletion(repo: Repo, mark: str) -> None:
    repo.write("log.md", "what was said\n")
    repo.commit_all()
    repo.git("update-index", f"--{mark}", "log.md")
    (repo.path / "log.md").unlink()
    subprocess.run(refused(repo.path).next_command, shell=True, cwd=repo.path, check=True)
    assert (repo.path / "log.md").read_text() == "what was said\n"
    GitDoor(repo.path).preflight(OURS, RUNBOOK)


@pytest.mark.parametrize(
    "path", ["../out.md", "/etc/passwd", "a/../../out.md", ".git/config", "sub/.GIT/x", "a\nb", ""]
)
def test_a_path_that_is_not_in_the_workspace_is_refused(repo: Repo, path: str) -> None:
    error = refused(repo.path, [path])
    assert [problem.where for problem in error.problems] == [path.replace("\n", "\\n")]


def test_all_problems_are_told_at_once(repo: Repo) -> None:
    detached(repo)
    nobody(repo)
    edited_runbook(repo)
    untracked_artifact(repo)
    error = refused(repo.path)
    assert [problem.where for problem in error.problems] == ["HEAD", "identity", "artifacts/out.json", RUNBOOK]
    assert "not ready for a run: 4 problems" in error.message


def test_a_bare_repository_is_refused(repo: Repo) -> None:
    repo.git("clone", "-q", "--bare", ".", "../bare.git")
    assert "no working tree" in refused(repo.path.parent / "bare.git").message


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "there is no directory" in refused(tmp_path / "nowhere").message


def test_another_users_repository_names_the_setting(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    error = refused(repo.path)
    assert error.next_command == f"git config --global --add safe.directory {repo.path}"


@pytest.mark.parametrize(
    "ask",
    [
        lambda place: GitDoor(place).identity(),
        lambda place: GitDoor(place).entries(["a"]),
        lambda place: last_commit_with(place, {"Phasegate-Run": "x"}),
        lambda place: audit_workspace(place, None),
    ],
)
def test_another_users_repository_is_the_cause_whatever_is_asked_of_git(
    ask: Callable[[Path], object], repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git itself leaves the repository's configuration out there, and so knows no user.name."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "")
    with pytest.raises(WorkspaceRefused, match="it belongs to another user") as error:
        ask(repo.path)
    assert error.value.next_command == f"git config --global --add safe.directory {repo.path}"


def test_a_resumed_run_may_find_its_own_files_dirty_and_nothing_else(repo: Repo) -> None:
    edited_runbook(repo)
    untracked_artifact(repo)
    GitDoor(repo.path).preflight(OURS, RUNBOOK, resuming=True)
    ignored_artifact(repo)
    detached(repo)
    assert len(refused(repo.path, resuming=True).problems) == 2


def test_an_ignored_file_that_is_tracked_all_the_same_is_fine(repo: Repo) -> None:
    repo.write("build/out.json")
    repo.git("add", "-f", "build/out.json")
    repo.git("commit", "-q", "-m", "forced")
    GitDoor(repo.path).preflight(["build/out.json"], RUNBOOK)


def test_a_workspace_below_the_top_is_judged_by_its_own_paths(repo: Repo) -> None:
    repo.write("team/tasks.md")
    repo.commit_all()
    repo.write("tasks.md", "edited, and not ours\n")
    GitDoor(repo.path / "team").preflight(OURS, RUNBOOK)
    repo.write("team/tasks.md", "edited\n")
    assert [problem.where for problem in refused(repo.path / "team").problems] == [RUNBOOK]


def test_identity_is_what_git_would_write(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    assert GitDoor(repo.path).identity() == "Ada Lovelace <ada@example.com>"
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Zoë")
    assert GitDoor(repo.path).identity() == "Zoë <ada@example.com>"
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    nobody(repo)
    monkeypatch.setenv("EMAIL", "zoe@example.com")  # git would guess from it, and from the host's name
    with pytest.raises(WorkspaceRefused, match="who you are"):
        GitDoor(repo.path).identity()
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "zoe@example.com")
    assert GitDoor(repo.path).identity() == "Ada Lovelace <zoe@example.com>"
    assert "who the committer is" in str(refused(repo.path))


@pytest.mark.slow
def test_without_git_the_message_says_so(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from workflow.doors.git.repository import GitDoor, WorkspaceRefused\n"
        "try: GitDoor(Path(sys.argv[1])).identity()\n"
        "except WorkspaceRefused as error: print(error)"
    )
    env = {**os.environ, "PATH": str(tmp_path / "empty")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(repo.path)], env=env, capture_output=True, text=True, check=True
    )
    assert "git was not found on PATH" in done.stdout
