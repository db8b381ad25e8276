"""What a commit holds at a path is told by what the commits changed, and git is asked only where they cannot tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.worlds.forger import Forger
from workflow.audit import file_history
from workflow.audit.facts import Change, Commit
from workflow.audit.file_history import FileHistory
from workflow.doors.git.history import AllHistory, History
from workflow.doors.git.object_store import GitRepository

LOG = "artifacts/shed/working_log.md"


class Asked(GitRepository):
    """The real repository; `names` is what it was asked for."""

    def __init__(self, run: Forger) -> None:
        super().__init__(run.root)
        self.names: list[str] = []

    def id_at(self, commit: str, path: str) -> str:
        self.names.append(f"{commit}:{path}")
        return super().id_at(commit, path)

    def all(self, *places: str) -> list[Commit]:
        with History(self, None) as history:
            return history.commits(places)


def truth(run: Forger, commit: str, path: str) -> str:
    found = run.git("ls-tree", commit, "--", path).split()
    return found[2] if found else ""


@pytest.mark.parametrize("places", [(), ("artifacts/shed", "tasks.md", "absent"), ("tasks.md",)])
def test_what_each_commit_holds_is_told_as_git_has_it(complete: Forger, places: tuple[str, ...]) -> None:
    complete.write(LOG, b"another\n")
    complete.commit("behind the run", LOG)
    complete.git("switch", "-q", "-c", "side", "HEAD~3")
    complete.write(LOG, b"beside\n")
    complete.commit("beside the run", LOG)
    complete.git("merge", "-q", "--no-commit", "-s", "ours", "main")
    complete.git("checkout", "main", "--", ".")  # nothing to show: each file is the second parent's
    complete.commit("join")
    complete.commit("after the merge")
    with Asked(complete) as repository:
        commits = repository.all(*places)
        assert len(commits) == 8
        files = FileHistory(repository, commits, places, AllHistory(repository))
        for path in (LOG, "tasks.md", "absent"):
            for commit in commits:
                assert files.id_at(commit.sha, path) == truth(complete, commit.sha, path), (commit.message, path)


def test_git_is_asked_once_for_a_file_that_no_commit_touches(complete: Forger) -> None:
    with Asked(complete) as repository:
        commits = repository.all("absent")
        files = FileHistory(repository, commits[1:], ["absent"], AllHistory(repository))
        assert [files.id_at(commit.sha, "absent") for commit in commits[1:]] == ["", "", ""]
        assert repository.names == [f"{commits[0].sha}:absent"]


def test_objects_are_read_in_order_however_many_are_asked_for(complete: Forger) -> None:
    with Asked(complete) as repository:
        known = [commit.sha for commit in repository.all()]
        names = [known[n % 4] if n % 3 else f"{n:040x}" for n in range(200)]
        found = []
        for held in repository.get_all(names):
            found.append(held.sha if held else None)
            assert repository.get(known[0]) is not None  # asked for in between
        assert found == [name if name in known else None for name in names]
        assert repository.get("two\nlines") is None
        assert repository.get(known[1]) is not None


class Answers(AllHistory):
    """The real one; `asked` is how many commits it was asked about, each time."""

    asked: list[int]

    def changes_in(self, commits: Sequence[str]) -> dict[str, Mapping[str, Change]]:
        self.asked.append(len(commits))
        return super().changes_in(commits)


def test_of_very_many_commits_elsewhere_nobody_asks_what_they_changed(
    complete: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one.txt", "two.txt"):
        complete.write(name, b"theirs\n")
        complete.commit("theirs", name)
    with Asked(complete) as repository:
        commits, git = repository.all("tasks.md"), Answers(repository)
        elsewhere = {each.sha for each in commits if not each.changes}
        assert len(elsewhere) == 2
        git.asked = []
        monkeypatch.setattr(file_history, "MANY", len(elsewhere) - 1)
        told = FileHistory(repository, commits, ["tasks.md"], git).changes_in(commits)
        assert (git.asked, set(told)) == ([], {each.sha for each in commits} - elsewhere)
        monkeypatch.setattr(file_history, "MANY", len(elsewhere))
        told = FileHistory(repository, commits, ["tasks.md"], git).changes_in(commits)
        assert (git.asked, set(told)) == ([len(elsewhere)], {each.sha for each in commits})
