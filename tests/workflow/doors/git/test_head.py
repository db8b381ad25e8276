"""What HEAD holds is the same whether its objects lie loose, which starts no process, or in a pack."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.worlds.git_world import Repo
from workflow.doors.git import handed_over
from workflow.doors.git.head import directories_in_head, head_is, may_differ

MESSAGE = "Task\n\nPhasegate-Run: r1\nPhasegate-Task: t1\n"
OF_IT = {"Phasegate-Run": "r1", "Phasegate-Task": "t1"}


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The git commands that were started."""
    seen: list[str] = []

    real = handed_over.look

    def look(workspace: Path, *words: str, given: bytes | None = None) -> CompletedProcess[bytes]:
        seen.append(words[0])
        return real(workspace, *words, given=given)

    monkeypatch.setattr(handed_over, "look", look)
    return seen


@pytest.fixture
def base(repo: Repo) -> str:
    repo.write("runs/one/journal", "1")
    repo.write("runs/two/journal", "2")
    repo.write("runs/.gitattributes", "* -text")
    repo.write("policy", "strict")
    repo.commit_all("before")
    return repo.head


def pack(repo: Repo) -> None:
    repo.git("repack", "-adq")


@pytest.mark.parametrize("packed", [False, True])
def test_directories_are_named_and_files_beside_them_are_not(
    repo: Repo, base: str, processes: list[str], packed: bool
) -> None:
    if packed:
        pack(repo)
    assert directories_in_head(repo.path, "runs") == ["one", "two"]
    assert directories_in_head(repo.path, "policy") == directories_in_head(repo.path, "none") == []
    assert processes == ["cat-file"] * 3 * packed


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("paths", "differs"),
    [
        (["policy"], True),
        (["./policy"], True),
        (["runs"], False),
        (["none", "runs/one"], False),
        (["none", "policy"], True),
    ],
)
def test_what_is_another_since_the_base_is_seen(
    repo: Repo, base: str, processes: list[str], packed: bool, paths: list[str], differs: bool
) -> None:
    assert not may_differ(repo.path, base, paths)  # HEAD is the base
    assert not processes
    repo.write("policy", "weak")
    repo.commit_all("weaker")
    if packed:
        pack(repo)
    assert may_differ(repo.path, base, paths) == differs
    assert len(processes) == (packed or "./policy" in paths)


def test_a_base_that_is_not_here_tells_of_no_change(repo: Repo, base: str) -> None:
    assert not may_differ(repo.path, "1" * 40, ["policy"])


def test_heads_commit_is_known_by_its_whole_message_and_by_trailers_at_its_end(repo: Repo) -> None:
    repo.git("commit", "-q", "--allow-empty", "-m", MESSAGE)
    assert head_is(repo.path, MESSAGE, OF_IT) == repo.head
    assert head_is(repo.path, MESSAGE, {**OF_IT, "Phasegate-Task": "t2"}) is None
    assert head_is(repo.path, MESSAGE.replace("Task", "Tusk", 1), OF_IT) is None
    said_before = f"{MESSAGE}\nnothing at the end\n"
    repo.git("commit", "-q", "--allow-empty", "-m", said_before)
    assert head_is(repo.path, said_before, OF_IT) is None


def test_a_packed_head_and_one_without_a_commit_are_left_to_git(repo: Repo) -> None:
    repo.git("commit", "-q", "--allow-empty", "-m", MESSAGE)
    pack(repo)
    assert head_is(repo.path, MESSAGE, OF_IT) is None
    repo.git("switch", "-q", "--orphan", "fresh")
    assert head_is(repo.path, MESSAGE, OF_IT) is None
    assert directories_in_head(repo.path, "runs") == []
