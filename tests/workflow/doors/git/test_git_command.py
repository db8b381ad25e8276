"""Whose repository git acts on, and that reading starts none of the programs that a configuration names."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from state.position import Outcome
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.cli.main import run
from workflow.doors.git.command import environment, is_bare
from workflow.doors.git.plumbing import find_workspace, git_dir_of
from workflow.doors.git.repository import GitDoor
from workflow.views.driven import Driven

SOURCE = Path(__file__).parents[4] / "workflow"
ROBOT = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}


def command(repo: Repo, *arguments: str) -> int:
    return run(["-C", str(repo.path), *arguments])


@pytest.fixture
def under_way(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with a run in it whose first task is committed and whose second one waits."""
    repo.write(RUNBOOK, "# Paint\n\n- [ ] 1. Begin\n- [ ] 2. End\n")
    repo.commit_all("A runbook")
    assert command(repo, "run", RUNBOOK, "--sandbox", "--yes", "--practice", "--until", "1") == 0
    assert command(repo, "resume") == 3
    return repo


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """Where each program of the configuration leaves its name when it runs."""
    (tmp_path / "ran").mkdir()
    return tmp_path / "ran"


def program(ran: Path, name: str) -> str:
    file = ran.parent / f"{name}.sh"
    file.write_text(f"#!/bin/sh\ntouch '{ran}/{name}'\nexit 1\n")
    file.chmod(0o755)
    return str(file)


PROGRAMS = [
    *("core.fsmonitor", "core.pager", "pager.log", "pager.status", "core.editor", "core.sshCommand", "core.askPass"),
    *("core.gitProxy", "core.alternateRefsCommand", "diff.external", "diff.mine.textconv", "diff.mine.command"),
    *("gpg.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand", "credential.helper", "filter.mine.clean"),
    *("filter.mine.process", "merge.mine.driver", "uploadpack.packObjectsHook", "remote.origin.uploadpack"),
    *("remote.origin.vcs", "alias.log", "alias.cat-file", "trailer.phasegate-run.cmd", "sequence.editor", "man.x.cmd"),
]


@pytest.mark.slow
def test_reading_starts_no_program_that_the_configuration_names(under_way: Repo, ran: Path, tmp_path: Path) -> None:
    repo = under_way
    signed = repo.git("cat-file", "commit", "HEAD").replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n\n", 1)
    (tmp_path / "signed").write_text(signed + "\n")
    repo.git("update-ref", "HEAD", repo.git("hash-object", "-t", "commit", "-w", str(tmp_path / "signed")))
    for name in PROGRAMS:
        repo.git("config", name, program(ran, name))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "core.hooksPath", str(ran.parent / "hooks"))
    (ran.parent / "hooks").mkdir()
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "post-checkout"):
        Path(program(ran, f"hook {hook}")).rename(ran.parent / "hooks" / hook)
    repo.write(".git/info/attributes", "* filter=mine diff=mine merge=mine\n")
    repo.write(".git/objects/info/alternates", str(tmp_path / "elsewhere" / "objects") + "\n")
    Repo(tmp_path / "elsewhere").path.mkdir()
    Repo(tmp_path / "elsewhere").git("init", "-q")
    repo.git("status", check=False)
    assert {file.name for file in ran.iterdir()} >= {"core.fsmonitor"}  # git itself starts it
    repo.git("log", check=False)
    assert "gpg.program" in {file.name for file in ran.iterdir()}
    for file in ran.iterdir():
        file.unlink()
    for verb in (["status"], ["status", "--json"], ["status", "--review"], ["log"], ["plan", RUNBOOK], ["audit"]):
        command(repo, *verb)
        assert [file.name for file in ran.iterdir()] == [], verb


def test_looking_at_the_working_tree_starts_none_either(repo: Repo, ran: Path) -> None:
    """Of a clean filter alone git has to be told, since it decides what a commit holds."""
    before = GitDoor(repo.path).snapshot()
    for name in PROGRAMS:
        if not name.startswith("filter."):
            repo.git("config", name, program(ran, name))
    repo.git("config", "core.hooksPath", str(ran.parent / "hooks"))
    (ran.parent / "hooks").mkdir()
    Path(program(ran, "hook")).rename(ran.parent / "hooks" / "post-index-change")
    repo.write(".git/info/attributes", "* diff=mine\n")
    repo.write("theirs.txt", "two\n")
    repo.git("status", check=False)
    assert {"core.fsmonitor"} <= {file.name for file in ran.iterdir()}
    for file in ran.iterdir():
        file.unlink()
    door = GitDoor(repo.path)
    door.preflight(["artifacts/log.md"], RUNBOOK)
    assert door.snapshot() != before
    assert door.changes(before) == ["theirs.txt"]
    assert "+two" in door.diff(["theirs.txt"], repo.head)
    assert door.find_commits({"Phasegate-Run": "r"}) == []
    assert [file.name for file in ran.iterdir()] == []


@pytest.mark.slow
def test_a_partial_clone_is_refused_by_an_audit_and_nothing_is_fetched(
    under_way: Repo, ran: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    under_way.git("config", "uploadpack.allowFilter", "true")
    words = ("clone", "-q", "--filter=blob:none", "--no-checkout", under_way.path.as_uri(), str(tmp_path / "partial"))
    under_way.git(*words)
    partial = Repo(tmp_path / "partial")
    uploadpack = partial.git("config", "--default", "git-upload-pack", "remote.origin.uploadpack")
    partial.git("config", "remote.origin.uploadpack", program(ran, "uploadpack"))
    capsys.readouterr()
    assert command(partial, "audit") == 2
    said = capsys.readouterr().err
    assert "this is a partial clone" in said
    assert list(ran.iterdir()) == []
    partial.git("config", "remote.origin.uploadpack", uploadpack)
    next_command = re.findall(r"^next: (git [^#;]*)", said, re.MULTILINE)[0].split()
    partial.git(*next_command[1:])
    partial.git("checkout", "-q", "main")
    assert command(partial, "audit") == command(under_way, "audit")


OUTER = {
    "GIT_DIR": "{outer}/.git",
    "GIT_WORK_TREE": "{outer}",
    "GIT_INDEX_FILE": "{outer}/.git/index",
    "GIT_OBJECT_DIRECTORY": "{outer}/.git/objects",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "{outer}/.git/objects",
    "GIT_COMMON_DIR": "{outer}/.git",
    "GIT_PREFIX": "sub/",
    "GIT_EXTERNAL_DIFF": "{outer}/fail",
    "GIT_PAGER": "{outer}/fail",
    "GIT_EDITOR": "{outer}/fail",
    "GIT_QUARANTINE_PATH": "{outer}/.git/objects",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NOGLOB_PATHSPECS": "1",
    "GIT_NAMESPACE": "outer",
    "GIT_REFLOG_ACTION": "rebase",
    "GIT_CEILING_DIRECTORIES": "{inner}",
    "GIT_ATTR_SOURCE": "HEAD",
    "GIT_DIFF_OPTS": "--unified=0",
    "GIT_SHALLOW_FILE": "{outer}/shallow",
    "GIT_GRAFT_FILE": "{outer}/grafts",
}


@pytest.mark.slow
def test_inside_a_hook_of_another_repository_a_run_is_the_same(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = Repo(tmp_path / "outer")
    outer.path.mkdir()
    outer.git("init", "-q")
    outer.write("fail", "#!/bin/sh\nexit 9\n")
    (outer.path / "fail").chmod(0o755)
    outer.git("add", "-A")
    before = sorted((str(path), path.stat().st_mtime_ns) for path in outer.path.rglob("*") if path.is_file())
    (repo.path / "sub").mkdir()
    repo.write(f"sub/{RUNBOOK}", "# Paint\n\n- [ ] 1. Begin\n- [ ] 2. End\n")
    repo.commit_all("A runbook")
    monkeypatch.chdir(repo.path)
    with monkeypatch.context() as inside:
        for name, value in OUTER.items():
            inside.setenv(name, value.format(outer=outer.path, inner=repo.path))
        for name, value in ROBOT.items():
            inside.setenv(name, value)
        inside.setenv("GIT_CONFIG_COUNT", "1")
        inside.setenv("GIT_CONFIG_KEY_0", "user.name")
        inside.setenv("GIT_CONFIG_VALUE_0", "The Committer")
        assert run(["run", f"sub/{RUNBOOK}", "--sandbox", "--yes", "--practice"]) == 0
        assert run(["status"]) == 0
        assert run(["audit"]) == 0
    said = repo.git("log", "--format=%an by %cn: %gs", "-g", "-2").splitlines()
    assert [line.split(":")[0] for line in said] == ["Robot by The Committer"] * 2
    assert "rebase" not in "".join(said)
    assert repo.git("status", "--porcelain") == ""
    assert before == sorted((str(path), path.stat().st_mtime_ns) for path in outer.path.rglob("*") if path.is_file())


def test_a_demo_made_inside_a_hook_leaves_the_hooks_repository_alone(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(repo.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo.path / ".git/index"))
    head, index = repo.head, (repo.path / ".git/index").read_bytes()
    made: list[Path] = []
    driven = Driven("r", Outcome.COMPLETE, 0, 0, 0, 0, sandbox=True, summary=None)
    monkeypatch.setattr("workflow.cli.demo.run", lambda *given: made.append(given[0]) or driven)
    assert run(["-C", str(tmp_path), "demo", "made", "--yes"]) == 0
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert made == [tmp_path / "made"]
    assert (repo.head, (repo.path / ".git/index").read_bytes()) == (head, index)
    assert repo.git("log", "--format=%an", cwd=tmp_path / "made") == "Demo Operator"


def test_what_says_who_acts_comes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"GIT_AUTHOR_DATE": "1", "GIT_SSH_COMMAND": "ssh -i key", "GIT_SSL_CAINFO": "ca", "GIT_TRACE2_EVENT": "f"}
    for name, value in (kept | {"GIT_DIR": "x", "GIT_ANYTHING_NEW": "x", "HOME": "h"}).items():
        monkeypatch.setenv(name, value)
    seen = environment()
    assert seen.items() >= kept.items()
    assert seen["HOME"] == "h"
    assert not {"GIT_DIR", "GIT_ANYTHING_NEW"} & seen.keys()


# a directory that looks like git's


def planted(repo: Repo, ran: Path) -> Path:
    """What a clone can bring: HEAD, objects, refs, a configuration with programs, and a run's directory."""
    place = repo.path / "tools"
    for name in ("objects", "refs"):
        repo.write(f"tools/{name}/keep")
    repo.write("tools/HEAD", "ref: refs/heads/main\n")
    repo.write("tools/config", f"[core]\n\tbare = true\n\tfsmonitor = {program(ran, 'fsmonitor')}\n")
    repo.write("tools/.phasegate/r/journal.jsonl", "{}\n")
    repo.write("tools/deeper/.phasegate/keep")
    return place


@pytest.mark.parametrize("verb", [["status"], ["log"], ["audit"], ["run", "x.md"], ["sandbox", "start"]], ids=" ".join)
def test_what_looks_like_a_git_directory_in_a_working_tree_is_refused(
    repo: Repo, ran: Path, verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    place = planted(repo, ran)
    assert run(["-C", str(place), *verb]) == 2
    said = capsys.readouterr().err
    assert "looks like a git directory and lies in the working tree of" in said
    assert f"next: cd {repo.path}" in said
    assert not (place / "phasegate").exists()
    assert list(ran.iterdir()) == []


def test_below_it_the_repository_is_the_one_that_it_lies_in(repo: Repo, ran: Path) -> None:
    place = planted(repo, ran)
    for start in (place, place / "refs", place / "deeper"):
        assert find_workspace(start) == repo.path
        assert git_dir_of(start) == repo.path / ".git"
    with pytest.raises(WorkspaceRefused, match=r"safe\.bareRepository"):
        GitDoor(place).branch()
    assert list(ran.iterdir()) == []


def test_a_bare_clone_of_ones_own_is_one(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "own.git"))
    assert is_bare(tmp_path / "own.git")
    assert find_workspace(tmp_path / "own.git") == tmp_path / "own.git"
    assert GitDoor(tmp_path / "own.git").head() == repo.head


@pytest.mark.parametrize("name", ["it's a $HOME", "~", "${PATH}", "%s"])
def test_a_directory_is_taken_as_it_is_named(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A library that takes it for a shell's word would work in the process's own directory instead."""
    shutil.copytree(repo.path, tmp_path / "other" / name, symlinks=True)
    monkeypatch.chdir(tmp_path / "other")
    (commit,) = GitDoor(tmp_path / "other" / name).find_commits({})
    assert commit.sha == repo.head


def test_git_is_started_in_one_way_only() -> None:
    """Whoever starts a process of its own names `git` by `doors/git/command.py`, and hands its environment on."""
    starts = re.compile(r"""\[\s*["']git["'],|["']git["'],\s*["']-|shutil\.which\(["']git""")
    found = {str(file.relative_to(SOURCE)) for file in SOURCE.rglob("*.py") if starts.search(file.read_text("utf-8"))}
    assert found == {"doors/git/command.py"}
