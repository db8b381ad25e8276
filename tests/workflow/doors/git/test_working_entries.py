"""The tree entry that a path would get: always the one that git's own commit then holds, whatever git is set to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from state.tree_entry import EXECUTABLE, LINK, PLAIN, TreeEntry, missing
from tests.worlds.git_world import Repo, verb_of
from workflow.doors.git.repository import GitDoor

IT = "dir/it.sh"


def in_commit(repo: Repo, sha: str, path: str) -> TreeEntry:
    """What git itself says that a commit holds."""
    listed = repo.git("ls-tree", sha, "--", path)
    if not listed:
        return missing(path)
    mode, kind, blob = listed.split("\t")[0].split(" ")
    assert kind == "blob"
    return TreeEntry(path, mode, "link" if mode == LINK else "file", blob)


def executable(repo: Repo, yes: bool = True) -> None:
    (repo.path / IT).chmod(0o755 if yes else 0o644)


def a_link(repo: Repo, to: str = "target") -> None:
    (repo.path / IT).unlink(missing_ok=True)
    (repo.path / IT).parent.mkdir(exist_ok=True)
    (repo.path / IT).symlink_to(to)


def settings(**values: str) -> Callable[[Repo], None]:
    def make(repo: Repo) -> None:
        for name, value in values.items():
            repo.git("config", f"core.{name}", value)

    return make


def attributes(line: str) -> Callable[[Repo], None]:
    def make(repo: Repo) -> None:
        repo.git("config", "filter.shout.clean", "tr a-z A-Z")
        repo.write(".git/info/attributes", line + "\n")

    return make


def written(content: bytes) -> Callable[[Repo], None]:
    return lambda repo: repo.write(IT, content) and None


def staged_executable(repo: Repo) -> None:
    repo.git("update-index", "--add", "--chmod=+x", IT)


def committed(repo: Repo) -> None:
    repo.commit_all()


def removed(repo: Repo) -> None:
    (repo.path / IT).unlink()


Step = Callable[[Repo], object]
NEW, OLD = written(b"new\n"), written(b"old\n")
NO_MODES, NO_LINKS = settings(fileMode="false"), settings(symlinks="false")
# what happens before -> the mode that the commit holds
CASES: dict[str, tuple[list[Step], str]] = {
    "a new file": ([NEW], PLAIN),
    "a new executable": ([NEW, executable], EXECUTABLE),
    "a file that becomes executable": ([OLD, committed, executable], EXECUTABLE),
    "an executable that becomes a file": (
        [OLD, executable, committed, NEW, lambda repo: executable(repo, False)],
        PLAIN,
    ),
    "an executable that stays one": ([OLD, executable, committed, NEW], EXECUTABLE),
    "without modes, a new executable": ([NO_MODES, NEW, executable], PLAIN),
    "without modes, a file made executable": ([NO_MODES, OLD, committed, NEW, executable], PLAIN),
    "without modes, an executable that lost its bit": (
        [OLD, executable, committed, NO_MODES, NEW, lambda repo: executable(repo, False)],
        EXECUTABLE,
    ),
    "without modes, staged as executable": ([OLD, committed, NO_MODES, NEW, staged_executable], PLAIN),
    "staged as executable only": ([OLD, committed, NEW, staged_executable], PLAIN),
    "a file that becomes a link": ([OLD, committed, a_link], LINK),
    "a link that becomes a file": ([a_link, committed, removed, NEW], PLAIN),
    "without links, a link's text in a file": ([a_link, committed, NO_LINKS, removed, written(b"other")], LINK),
    "a file that goes": ([OLD, committed, removed], "000000"),
    "CR LF under autocrlf": ([settings(autocrlf="true"), written(b"a\r\nb\r\n")], PLAIN),
    "CR LF that stays": ([written(b"a\r\nb\r\n")], PLAIN),
    "a filter": ([attributes("*.sh filter=shout"), NEW, executable], EXECUTABLE),
    "eol": ([attributes("*.sh text eol=crlf"), written(b"a\r\n")], PLAIN),
}


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
@pytest.mark.parametrize(("steps", "mode"), CASES.values(), ids=CASES)
def test_it_is_what_gits_commit_holds(repo: Repo, steps: list[Step], mode: str, packed: bool) -> None:
    for take in steps:
        take(repo)
    if packed:
        repo.git("gc", "-q")
    found = GitDoor(repo.path).entries([IT])
    sha = GitDoor(repo.path).commit([IT], "1.1\n")
    assert found == {IT: in_commit(repo, sha, IT)}
    assert found[IT].mode == mode
    assert GitDoor(repo.path).tree_entries(sha, [IT]) == found


def test_a_workspace_below_the_top_has_its_own_paths(repo: Repo) -> None:
    repo.write("below/dir/it.sh", "new\n")
    (repo.path / "below/dir/it.sh").chmod(0o755)
    repo.write("dir/it.sh", "another\n")
    repo.commit_all()
    repo.git("gc", "-q")
    door = GitDoor(repo.path / "below")
    entry = TreeEntry(IT, EXECUTABLE, "file", repo.git("hash-object", "below/dir/it.sh"))
    assert door.entries([IT, "no"]) == {IT: entry, "no": missing("no")}
    assert door.tree_entries(repo.head, [IT, "no"]) == {IT: entry, "no": missing("no")}


NAMES = ["a*b", ":(top)x", "sp ace", "ünï", "line\nfeed"]


def test_names_are_names_and_no_patterns(repo: Repo) -> None:
    for name in NAMES:
        repo.write(f"dir/{name}", f"{name}\n")
    repo.commit_all()
    repo.git("gc", "-q")
    door = GitDoor(repo.path)
    paths = [f"dir/{name}" for name in NAMES]
    held = door.tree_entries(repo.head, [*paths, "dir", "dir/a"])
    assert [held[path].type for path in paths] == ["file"] * len(paths)
    assert (held["dir"].type, held["dir/a"].type) == ("directory", "missing")
    assert door.entries(paths) == {path: held[path] for path in paths}


def a_directory(repo: Repo) -> None:
    repo.write(f"{IT}/inner")


def another_repository(repo: Repo) -> None:
    a_directory(repo)
    repo.git("init", "-q", IT)


def beyond_a_link(repo: Repo) -> None:
    repo.write("elsewhere/it.sh", "old\n")
    (repo.path / "dir").symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (a_directory, "a directory"),
        (another_repository, "another repository (a submodule), mode 160000"),
        (beyond_a_link, "not there"),
    ],
)
def test_what_no_journal_holds_has_words(repo: Repo, make: Callable[[Repo], None], said: str) -> None:
    make(repo)
    assert GitDoor(repo.path).entries([IT])[IT].words == said


def test_a_submodule_in_a_commit_has_words(repo: Repo) -> None:
    another_repository(repo)
    repo.git("-C", IT, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    repo.git("add", IT)
    repo.git("commit", "-q", "-m", "sub")
    assert GitDoor(repo.path).tree_entries(repo.head, [IT])[IT].type == "submodule"


def test_an_ordinary_file_costs_no_process(repo: Repo) -> None:
    """Settings are asked for only where the disk and HEAD say two things."""
    repo.write(IT, "old\n")
    repo.commit_all()
    repo.write("new.md", "new\n")
    told: list[str] = []
    door = GitDoor(repo.path, on_process=lambda when, argv: told.append(verb_of(argv)) if when == "before" else None)
    door.object_ids([IT, "new.md"])  # git is asked for their attributes
    told.clear()
    door.entries([IT, "new.md"])
    assert told == []
    executable(repo)
    door.entries([IT, "new.md"])
    door.entries([IT, "new.md"])
    assert told == ["config"]
