"""What a sparse checkout leaves out is told before the work, and the command that is named brings it in."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git.repository import GitDoor
from workflow.trailers import ATTRIBUTES

OURS = ["artifacts/api/out.json", "artifacts/one.txt", ".phasegate/tasks-1/journal.jsonl", "it's [a].md"]
PATTERNS = {
    "cone": ["--cone", "services/api"],
    "cone with some of it": ["--cone", "services/api", "artifacts/api"],
    "patterns": ["--no-cone", "/services/", "/*.md"],
    "patterns with an exception": ["--no-cone", "/*", "!/artifacts/", "!/.phasegate/"],
}
LEFT_OUT = {
    "cone": [OURS[0], OURS[1], OURS[2], ATTRIBUTES],
    "cone with some of it": [OURS[2], ATTRIBUTES],  # a cone brings in the files of the directories above it
    "patterns": [OURS[0], OURS[1], OURS[2], ATTRIBUTES],
    "patterns with an exception": [OURS[0], OURS[1], OURS[2], ATTRIBUTES],
}


def sparse(repo: Repo, name: str) -> None:
    repo.write("services/api/x")
    repo.write("services/web/x")
    repo.commit_all()
    repo.git("sparse-checkout", "set", *PATTERNS[name])


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("resuming", [False, True])
def test_it_is_told_before_the_work_with_a_command_that_brings_it_in(repo: Repo, name: str, resuming: bool) -> None:
    sparse(repo, name)
    before = (repo.index, repo.git("sparse-checkout", "list"))
    with pytest.raises(WorkspaceRefused, match="outside of the sparse checkout") as refused:
        GitDoor(repo.path).preflight(OURS, RUNBOOK, resuming=resuming)
    assert [problem.where for problem in refused.value.problems] == LEFT_OUT[name]
    assert (repo.index, repo.git("sparse-checkout", "list")) == before
    words = shlex.split(refused.value.next_command)
    repo.git(*words[1:])
    GitDoor(repo.path).preflight(OURS, RUNBOOK, resuming=resuming)
    for path in OURS:
        repo.write(path)
    GitDoor(repo.path).commit(OURS, "All of them\n")
    assert repo.git("ls-tree", "-r", "--name-only", "-z", "HEAD").count("artifacts/") == 2


def test_in_a_subdirectory_and_with_the_sparse_checkout_off_again(repo: Repo) -> None:
    sparse(repo, "cone")
    repo.write(f"services/api/{RUNBOOK}")
    repo.commit_all()
    work = Path(repo.path / "services" / "api")
    GitDoor(work).preflight(["artifacts/out.json"], RUNBOOK)
    repo.git("sparse-checkout", "disable")
    GitDoor(repo.path).preflight(OURS, RUNBOOK)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_committed_file_that_is_left_out_comes_back_and_is_no_deletion(repo: Repo, name: str) -> None:
    for path in OURS:
        repo.write(path, "what was said\n")
    repo.commit_all()
    sparse(repo, name)
    with pytest.raises(WorkspaceRefused) as refused:
        GitDoor(repo.path).preflight(OURS, RUNBOOK, resuming=True)
    assert refused.value.next_command.startswith("git sparse-checkout add ")
    assert [problem.message for problem in refused.value.problems if "skip-worktree" in problem.message] == []
    repo.git(*shlex.split(refused.value.next_command)[1:])
    GitDoor(repo.path).preflight(OURS, RUNBOOK, resuming=True)
    assert [(repo.path / path).read_text() for path in OURS] == ["what was said\n"] * len(OURS)
