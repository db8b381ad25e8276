"""A task's commit: the run's own paths and nothing else, whatever the person has in hand and whatever hooks do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo, verb_of
from workflow.doors.git.commit_paths import CommitRefused
from workflow.doors.git.repository import GitDoor

MESSAGE = "1.1 Begin\n\nPhasegate-Task: 1.1\n"


def tick(repo: Repo) -> None:
    repo.write(RUNBOOK, "- [x] 1.1 Begin\n")


def hands_full(repo: Repo) -> None:
    """The person is at work: staged, partly staged, staged new, dirty, intended to be added, untracked, removed."""
    for name in ("partly.txt", "removed.txt", "dirty.txt"):
        repo.write(name, "one\n")
    repo.commit_all("theirs")
    repo.write("theirs.txt", "two\n")
    repo.write("partly.txt", "staged\n")
    repo.write("new.txt", "staged\n")
    repo.git("add", "theirs.txt", "partly.txt", "new.txt")
    repo.write("partly.txt", "staged and edited\n")
    repo.write("intended.txt")
    repo.git("add", "-N", "intended.txt")
    repo.git("rm", "-q", "--cached", "removed.txt")
    repo.write("dirty.txt", "two\n")
    repo.write("untracked.txt")


def test_a_commit_holds_our_paths_new_and_changed(repo: Repo) -> None:
    tick(repo)
    repo.write("artifacts/out.json", "{}\n")
    before = repo.head
    sha = GitDoor(repo.path).commit([RUNBOOK, "artifacts/out.json"], MESSAGE)
    assert sha == repo.head
    assert repo.git("rev-parse", "HEAD^") == before
    assert repo.git("show", "--format=", "--name-only", "HEAD").split() == ["artifacts/out.json", RUNBOOK]
    assert repo.git("status", "--porcelain") == ""


def test_what_the_person_has_in_hand_stays_exactly_so(repo: Repo) -> None:
    hands_full(repo)
    tick_free = repo.index
    tick(repo)
    repo.write("artifacts/out.json")
    GitDoor(repo.path).commit([RUNBOOK, "artifacts/out.json"], MESSAGE)
    ours = {RUNBOOK, "artifacts/out.json"}
    theirs = [line for line in repo.index.splitlines() if line.split("\t")[-1] not in ours]
    assert theirs == [line for line in tick_free.splitlines() if line.split("\t")[-1] not in ours]
    assert sorted(repo.git("show", "--format=", "--name-only", "HEAD").split()) == sorted(ours)


def test_a_hook_sees_our_paths_only_and_the_rest_stays_staged(repo: Repo) -> None:
    hands_full(repo)
    seen = repo.path / ".git" / "seen"
    repo.hook("pre-commit", f"git diff --cached --name-only > '{seen}'")
    before = repo.index
    tick(repo)
    GitDoor(repo.path).commit([RUNBOOK], MESSAGE)
    assert seen.read_text().split() == [RUNBOOK]
    assert [line for line in repo.index.splitlines() if RUNBOOK not in line] == [
        line for line in before.splitlines() if RUNBOOK not in line
    ]


def test_a_refusing_hook_is_quoted_and_leaves_everything_as_it_was(repo: Repo) -> None:
    hands_full(repo)
    tick(repo)
    repo.write("artifacts/out.json")
    repo.hook("pre-commit", "echo 'no tabs please' >&2; exit 1")
    before, head = repo.index, repo.head
    with pytest.raises(CommitRefused, match="no tabs please") as refused:
        GitDoor(repo.path).commit([RUNBOOK, "artifacts/out.json"], MESSAGE)
    assert (refused.value.status, refused.value.output) == (1, "no tabs please")
    assert isinstance(refused.value, WorkspaceRefused)
    assert (repo.index, repo.head) == (before, head)


def test_after_a_refusal_the_same_commit_can_be_made(repo: Repo) -> None:
    tick(repo)
    repo.write("out.json")
    repo.hook("pre-commit", "exit 1")
    door = GitDoor(repo.path)
    with pytest.raises(CommitRefused, match="without a word"):
        door.commit([RUNBOOK, "out.json"], MESSAGE)
    repo.hook("pre-commit", "exit 0")
    assert door.commit([RUNBOOK, "out.json"], MESSAGE) == repo.head


def test_an_ignored_file_refuses_the_commit_and_leaves_no_trace(repo: Repo) -> None:
    hands_full(repo)
    tick(repo)
    repo.write("out.json")
    repo.write("build/out.json")
    before, head = repo.index, repo.head
    with pytest.raises(CommitRefused, match="ignored by one of your"):
        GitDoor(repo.path).commit([RUNBOOK, "out.json", "build/out.json"], MESSAGE)
    assert (repo.index, repo.head) == (before, head)


def test_a_head_that_came_off_its_branch_gets_no_commit(repo: Repo) -> None:
    head = repo.head
    repo.git("checkout", "-q", "--detach")
    tick(repo)
    with pytest.raises(WorkspaceRefused, match="HEAD is detached"):
        GitDoor(repo.path).commit([RUNBOOK], MESSAGE)
    assert repo.head == head


@pytest.mark.parametrize(
    "message",
    [
        "# 1.1 Begin\n\nbody\n",
        "feat(dynamodb): Prüfung 数据库 ✅\n\n; not a comment\n#nor this\n\nPhasegate-Run: r1\n",
        "-m is a word\n",
        "two spaces at the end  \n\n\n\nand empty lines\n",
    ],
)
def test_a_message_is_kept_byte_for_byte(repo: Repo, message: str) -> None:
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.git("config", "commit.cleanup", "strip")
    tick(repo)
    GitDoor(repo.path).commit([RUNBOOK], message)
    raw = subprocess.run(["git", "cat-file", "commit", "HEAD"], cwd=repo.path, capture_output=True, check=True).stdout
    headers, _, stored = raw.partition(b"\n\n")
    assert stored == message.encode()
    assert b"encoding" not in headers


def test_a_deleted_path_is_committed_as_deleted(repo: Repo) -> None:
    (repo.path / "theirs.txt").unlink()
    tick(repo)
    GitDoor(repo.path).commit([RUNBOOK, "theirs.txt"], MESSAGE)
    assert repo.git("ls-tree", "--name-only", "HEAD").split() == [".gitignore", RUNBOOK]


def test_a_path_removed_from_the_index_is_committed_as_deleted(repo: Repo) -> None:
    repo.git("rm", "-q", "theirs.txt")
    GitDoor(repo.path).commit(["theirs.txt"], MESSAGE)
    assert repo.git("ls-tree", "--name-only", "HEAD").split() == [".gitignore", RUNBOOK]


def test_paths_that_are_unchanged_or_nowhere_do_not_disturb(repo: Repo) -> None:
    tick(repo)
    GitDoor(repo.path).commit([RUNBOOK, "theirs.txt", "nowhere.md"], MESSAGE)
    assert repo.git("show", "--format=", "--name-only", "HEAD") == RUNBOOK


@pytest.mark.parametrize("paths", [["theirs.txt"], ["nowhere.md"], []], ids=["unchanged", "nowhere", "no path"])
def test_a_commit_of_nothing_is_refused_and_takes_nothing_in(repo: Repo, paths: list[str]) -> None:
    hands_full(repo)
    repo.git("reset", "-q", "theirs.txt")
    repo.git("checkout", "-q", "theirs.txt")
    before, head = repo.index, repo.head
    with pytest.raises(CommitRefused):
        GitDoor(repo.path).commit(paths, MESSAGE)
    assert (repo.index, repo.head) == (before, head)


def test_names_are_names_and_not_patterns(repo: Repo) -> None:
    names = ["a b/ü 数.md", "star*.md", ":(top)x.md", "[ab].md", "-q", "quote'\".md"]
    for name in [*names, "starred.md", "a.md"]:
        repo.write(name)
    GitDoor(repo.path).commit(names, MESSAGE)
    shown = repo.git("-c", "core.quotePath=false", "show", "-z", "--format=", "--name-only", "HEAD").split("\0")
    assert sorted(filter(None, shown)) == sorted(names)


def test_a_workspace_below_the_top_commits_its_own_paths(repo: Repo) -> None:
    repo.write("team/deploy/tasks.md", "- [x] 1\n")
    repo.write("tasks.md", "dirty, and not ours\n")
    door = GitDoor(repo.path / "team" / "deploy")
    sha = door.commit(["tasks.md"], MESSAGE)
    assert repo.git("show", "--format=", "--name-only", sha) == "team/deploy/tasks.md"
    assert door.blob(sha, "tasks.md") == b"- [x] 1\n"
    assert door.status(["tasks.md"]) == []


def test_a_worktree_commits_on_its_own_branch(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", "../side")
    side = Repo(repo.path.parent / "side")
    tick(side)
    door = GitDoor(side.path)
    sha = door.commit([RUNBOOK], MESSAGE)
    assert (door.branch(), door.head()) == ("side", sha)
    assert door.git_dir() == repo.path / ".git" / "worktrees" / "side"
    assert repo.git("rev-parse", "side") == sha
    assert repo.git("rev-parse", "main") != sha


def test_a_sha256_repository_works_as_well(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.path.mkdir()
    repo.git("init", "-q", "--object-format=sha256", "-b", "main")
    repo.git("config", "user.name", "A")
    repo.git("config", "user.email", "a@example.com")
    repo.write(RUNBOOK)
    repo.commit_all()
    tick(repo)
    door = GitDoor(repo.path)
    sha = door.commit([RUNBOOK], MESSAGE)
    assert len(sha) == 64
    assert door.tree_ids(sha, [RUNBOOK]) == door.object_ids([RUNBOOK])
    assert [commit.sha for commit in door.find_commits({"Phasegate-Task": "1.1"})] == [sha]


def test_a_dirty_submodule_is_left_alone(repo: Repo, template: Path) -> None:
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(template), "lib")
    repo.commit_all("submodule")
    Repo(repo.path / "lib").write("theirs.txt", "dirty\n")
    tick(repo)
    GitDoor(repo.path).commit([RUNBOOK], MESSAGE)
    assert repo.git("show", "--format=", "--name-only", "HEAD") == RUNBOOK
    assert repo.git("status", "--porcelain") == " M lib"


def test_the_commit_is_synced_and_costs_two_processes(repo: Repo) -> None:
    started: list[list[str]] = []
    door = GitDoor(repo.path, on_process=lambda when, argv: started.append(argv) if when == "before" else None)
    tick(repo)
    repo.write("one.json")
    door.commit([RUNBOOK, "one.json"], MESSAGE)
    assert "core.fsync=committed,loose-object,reference,index" in started[-1]
    assert [word for word in ("-P", "commit", "--only", "--") if word not in started[-1]] == []
    started.clear()
    repo.write("one.json", "2\n")
    repo.write("two.json")
    door.commit([RUNBOOK, "one.json", "two.json"], MESSAGE)
    assert [verb_of(argv) for argv in started] == ["add", "commit"]
    started.clear()
    repo.write("one.json", "3\n")
    door.commit([RUNBOOK, "one.json", "two.json"], MESSAGE)
    assert [verb_of(argv) for argv in started] == ["commit"]


def test_a_process_is_told_before_and_after(repo: Repo) -> None:
    told: list[tuple[str, str]] = []
    GitDoor(repo.path, on_process=lambda when, argv: told.append((when, verb_of(argv)))).status([RUNBOOK])
    assert told[-2:] == [("before", "status"), ("after", "status")]


@pytest.mark.slow
def test_a_hook_of_another_repository_does_not_lead_us_astray(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    other.path.mkdir()
    other.git("init", "-q")
    tick(repo)
    code = (
        "import sys; from pathlib import Path; from workflow.doors.git.repository import GitDoor\n"
        f"print(GitDoor(Path(sys.argv[1])).commit([{RUNBOOK!r}], 'x'))"
    )
    inside = {"GIT_DIR": str(other.path / ".git"), "GIT_INDEX_FILE": str(other.path / ".git/index"), "GIT_PREFIX": "a/"}
    command = [sys.executable, "-c", code, str(repo.path)]
    done = subprocess.run(command, env={**os.environ, **inside}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repo.head
    assert other.git("rev-parse", "--verify", "-q", "HEAD", check=False) == ""


def test_hooks_run_in_the_persons_own_locale(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    seen = repo.path / ".git" / "seen"
    repo.hook("pre-commit", f"echo $LC_ALL > '{seen}'")
    tick(repo)
    GitDoor(repo.path).commit([RUNBOOK], MESSAGE)
    assert seen.read_text().strip() == "C.UTF-8"


def test_what_a_hook_changed_is_seen_and_can_be_taken_back(repo: Repo) -> None:
    hands_full(repo)
    tick(repo)
    repo.write("out.json", "approved\n")
    approved = GitDoor(repo.path).object_ids([RUNBOOK, "out.json"])
    repo.hook("pre-commit", f"echo changed >> out.json; echo more > added.txt; git add out.json added.txt {RUNBOOK}")
    before, parent = repo.git("ls-files", "--stage"), repo.head
    door = GitDoor(repo.path)
    sha = door.commit([RUNBOOK, "out.json"], MESSAGE)
    seen = door.tree_ids(sha, [RUNBOOK, "out.json"])
    assert seen[RUNBOOK] == approved[RUNBOOK]
    assert seen["out.json"] != approved["out.json"]
    made = door.just_made(sha, MESSAGE)
    assert made is not None
    assert made.paths == ("added.txt", "out.json", RUNBOOK)

    door.undo_commit(sha, parent, [RUNBOOK, "out.json"])
    assert (repo.head, door.branch()) == (parent, "main")
    assert repo.git("ls-files", "--stage") == before
    assert (repo.path / "out.json").read_text() == "approved\nchanged\n"
    assert (repo.path / RUNBOOK).read_text() == "- [x] 1.1 Begin\n"
    repo.hook("pre-commit", "exit 0")
    assert door.commit([RUNBOOK, "out.json"], MESSAGE) == repo.head


def test_a_commit_that_is_no_longer_the_newest_is_not_taken_back(repo: Repo) -> None:
    parent = repo.head
    tick(repo)
    door = GitDoor(repo.path)
    sha = door.commit([RUNBOOK], MESSAGE)
    later = repo.git("commit", "-q", "--allow-empty", "-m", "later") or repo.head
    with pytest.raises(WorkspaceRefused, match=f"the branch is at {later}"):
        door.undo_commit(sha, parent, [RUNBOOK])
    assert repo.head == later


def test_under_autocrlf_ids_agree_where_bytes_do_not(repo: Repo) -> None:
    repo.git("config", "core.autocrlf", "true")
    content = b"- [x] 1.1 Begin\r\n"
    repo.write(RUNBOOK, content)
    door = GitDoor(repo.path)
    sha = door.commit([RUNBOOK], MESSAGE)
    assert door.blob(sha, RUNBOOK) == content.replace(b"\r\n", b"\n")
    assert door.tree_ids(sha, [RUNBOOK]) == door.object_ids([RUNBOOK])
    repo.write(RUNBOOK, b"- [ ] 1.1 Begin\r\n")
    assert door.tree_ids(sha, [RUNBOOK]) != door.object_ids([RUNBOOK])


def test_a_signature_that_cannot_be_made_refuses_the_commit(repo: Repo) -> None:
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", "/bin/false")
    tick(repo)
    head = repo.head
    with pytest.raises(CommitRefused, match="gpg failed to sign"):
        GitDoor(repo.path).commit([RUNBOOK], MESSAGE)
    assert repo.head == head


def test_the_diff_shows_new_files_and_touches_no_index(repo: Repo) -> None:
    hands_full(repo)
    tick(repo)
    repo.write("out.json", "new\n")
    before = repo.index
    shown = GitDoor(repo.path).diff([RUNBOOK, "out.json", "nowhere"], "HEAD")
    assert "-- [ ] 1.1 Begin\n+- [x] 1.1 Begin\n" in shown
    assert "new file mode 100644" in shown
    assert "+new\n" in shown
    assert "theirs.txt" not in shown
    assert repo.index == before


def test_status_tells_what_is_not_as_in_head(repo: Repo) -> None:
    hands_full(repo)
    door = GitDoor(repo.path)
    words = {
        file.path: file.words
        for file in door.status(["partly.txt", "new.txt", "dirty.txt", "untracked.txt", "intended.txt", RUNBOOK])
    }
    assert words == {
        "partly.txt": "staged (modified) and modified",
        "new.txt": "staged (added)",
        "dirty.txt": "modified",
        "untracked.txt": "untracked",
        "intended.txt": "intended to be added",
    }
    assert door.status([RUNBOOK, "nowhere"]) == []
    assert door.status([]) == []
