"""What of a repository would stop a run, or surprise one? For `phasegate doctor`: it looks, and changes nothing.

Rules:
- No hook, filter or other program of the repository is started, and nothing is fetched.
- Addresses of remotes may hold passwords: their hosts are named, no more.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from state.counted import counted
from state.errors import WorkspaceRefused
from workflow.doors.git.conversions import conversions, patterns, without_it
from workflow.doors.git.plumbing import look, read_head
from workflow.doors.git.preflight import WHO_AM_I, find_place, identity, repository_problems
from workflow.doors.git.process import GitProcess
from workflow.views.doctor import Health, Looked

AREA = "repository"
# What `git commit` runs, and a switch of branches, a push. Source: githooks(5).
HOOKS = {
    "pre-commit": "at each task's commit",
    "prepare-commit-msg": "at each task's commit",
    "commit-msg": "at each task's commit",
    "post-commit": "after each task's commit",
    "post-index-change": "at each task's commit",
    "reference-transaction": "at each task's commit",
    "post-checkout": "where a step switches the branch",
    "pre-push": "where a step pushes",
}
AHEAD = timedelta(minutes=5)  # a commit that is this much later than now was made by another clock
_HOST = re.compile(r"(?:\w[\w+.-]*://)?(?:[^@/]*@)?(\[[^\]]*\]|[^/:@]+)[:/]")


def look_at_repository(workspace: Path, now: datetime) -> Iterator[Looked]:
    """Each thing that was looked at; after one that makes the rest unknowable nothing comes."""
    git = GitProcess(workspace)
    try:
        place = find_place(git)
    except WorkspaceRefused as error:
        yield Looked(AREA, "working tree", "fail", error.message, error.next_command or "git status")
        return
    if place.toplevel is None:
        seen = "a bare repository, or the inside of .git: a run needs a working tree"
        yield Looked(AREA, "working tree", "fail", seen, "git clone . ../working-copy")
        return
    yield Looked(AREA, "working tree", "ok", str(workspace))
    found = list(repository_problems(git, place))
    yield from _branch(place.git_dir, [each for each in found if each[0] == "HEAD"])
    yield _identity(git, is_known=not any(where == "identity" for where, _what, _command in found))
    yield from _locks([each for each in found if each[0] not in ("HEAD", "identity")])
    yield from _hooks(workspace)
    yield from _signing(workspace)
    yield from _clone(workspace, place.git_dir)
    yield from _attributes(workspace)
    yield from _remotes(workspace)
    yield from _clock(workspace, now)


def _branch(git_dir: Path, problems: list[tuple[str, str, str]]) -> Iterator[Looked]:
    for _where, what, command in problems:
        yield Looked(AREA, "branch", "fail", what, command.split(", or ")[0])
    if not problems:
        branch, commit = read_head(git_dir)
        yield Looked(AREA, "branch", "ok", f"{branch}, at {commit[:10]}" if commit else f"{branch}")


def _identity(git: GitProcess, *, is_known: bool) -> Looked:
    if not is_known:
        return Looked(AREA, "identity", "fail", "git does not know who you are (user.name, user.email)", WHO_AM_I)
    return Looked(AREA, "identity", "ok", identity(git, "AUTHOR") or "")


def _locks(problems: list[tuple[str, str, str]]) -> Iterator[Looked]:
    for where, what, _command in problems:
        path = what.split(" is there, ")[0]
        is_held = "held by" in what
        fix = f"ls -l {shlex.quote(path)}   # that process ends by itself" if is_held else f"rm {shlex.quote(path)}"
        yield Looked(AREA, f"lock {where}", "fail", what, fix)
    if not problems:
        yield Looked(AREA, "locks", "ok", "none")


def hooks_directory(workspace: Path) -> Path:
    """Where git looks for hooks: `core.hooksPath` as seen from the top of the working tree, or `hooks` of its own."""
    # what we start git with for reading comes last, and is the null device
    said = look(workspace, "config", "--type=path", "-z", "--get-all", "core.hooksPath").stdout
    values = [os.fsdecode(each) for each in said.split(b"\0") if each]
    if values and values[-1] == os.devnull:
        values.pop()
    if values:
        top = os.fsdecode(look(workspace, "rev-parse", "--show-toplevel").stdout).removesuffix("\n")
        return Path(top) / values[-1]
    common = os.fsdecode(look(workspace, "rev-parse", "--git-common-dir").stdout).removesuffix("\n")
    return workspace / common / "hooks"


def _hooks(workspace: Path) -> Iterator[Looked]:
    directory = hooks_directory(workspace)
    there = [(name, directory / name) for name in HOOKS if (directory / name).is_file()]
    for name, hook in there:
        path = shlex.quote(str(hook))
        if not os.access(hook, os.X_OK):
            yield Looked(AREA, f"hook {name}", "warn", "not executable: git passes it over", f"chmod +x {path}")
        elif program := _missing_program(hook):
            seen = f"runs {HOOKS[name]} and begins with #!{program}, which is not there: git would fail"
            yield Looked(AREA, f"hook {name}", "fail", seen, f"$EDITOR {path}")
        else:
            seen = f"runs {HOOKS[name]}: what it refuses stops the run there, what it changes is not committed"
            yield Looked(AREA, f"hook {name}", "warn", seen, f"cat {path}   # look; nothing is to be changed")
    if not there:
        yield Looked(AREA, "hooks", "ok", "none that a run would meet")


def _missing_program(hook: Path) -> str:
    """The interpreter that the hook's first line names and that is not on this machine; "" where there is none."""
    with hook.open("rb") as file:
        first = file.readline(4096)
    if not first.startswith(b"#!"):
        return ""
    words = os.fsdecode(first[2:]).split()
    if not words:
        return ""
    program = words[0]
    if Path(program).name == "env" and len(words) > 1:
        program = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), program)
    return "" if shutil.which(program) else program


def _signing(workspace: Path) -> Iterator[Looked]:
    if _config(workspace, "--type=bool", "commit.gpgSign") != "true":
        return
    form = _config(workspace, "gpg.format") or "openpgp"
    usual = {"openpgp": "gpg", "x509": "gpgsm", "ssh": "ssh-keygen"}.get(form, "gpg")
    program = _config(workspace, f"gpg.{form}.program") or _config(workspace, "gpg.program") or usual
    if shutil.which(os.path.expanduser(program)) is None:  # noqa: PTH111 - a name on PATH, or a path with ~
        seen = f"commit.gpgSign is on, and {program}, which signs, is not there: git would refuse every commit"
        yield Looked(AREA, "signed commits", "fail", seen, "git config commit.gpgSign false")
    else:
        seen = f"git signs each commit with {program}, which may ask for a passphrase"
        yield Looked(
            AREA, "signed commits", "warn", seen, "git config commit.gpgSign false   # or leave it, and be there"
        )


def _clone(workspace: Path, git_dir: Path) -> Iterator[Looked]:
    if look(workspace, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        seen = "a shallow clone: it would stop a run that began before it, and the audit cannot read what it left out"
        yield Looked(AREA, "history", "warn", seen, "git fetch --unshallow")
    if (git_dir / "info" / "sparse-checkout").is_file() and _config(workspace, "core.sparseCheckout") == "true":
        seen = "a sparse checkout: a run is refused where one of its files would lie outside of it"
        yield Looked(AREA, "sparse checkout", "warn", seen, "git sparse-checkout list")


def _attributes(workspace: Path) -> Iterator[Looked]:
    """What would change the bytes of runbooks and of a run's own files on their way into git."""
    runbooks = sorted(file.name for file in workspace.glob("*.md") if file.is_file())
    own = (".phasegate/run/journal.jsonl", "artifacts/run/working_log.md")
    for path, by in conversions(workspace, (*own, *runbooks)).items():
        (pattern,) = patterns(path if path in runbooks else "", [path])
        seen = f"{by} changes what git stores of it, so "
        health: Health = "warn" if path in runbooks else "fail"
        which = "no run of it begins, were it a runbook" if path in runbooks else "no run begins"
        yield Looked(AREA, f"attributes of {pattern}", health, seen + which, without_it([pattern]))


def _remotes(workspace: Path) -> Iterator[Looked]:
    names = os.fsdecode(look(workspace, "remote").stdout).split("\n")[:-1]
    if not names:
        yield Looked(AREA, "remotes", "ok", "none")
        return
    listed = [f"{name} ({_host(_config(workspace, f'remote.{name}.url'))})" for name in names]
    yield Looked(AREA, "remotes", "ok", ", ".join(listed))
    counts = look(workspace, "rev-list", "--left-right", "--count", "HEAD...@{upstream}", "--")
    if counts.returncode != 0:
        yield Looked(AREA, "upstream", "ok", "the branch follows none")
        return
    ahead, behind = map(int, counts.stdout.split())
    if behind:
        seen = f"{counted(behind, 'commit')} of it are not here: a run of somebody else may be among them"
        yield Looked(
            AREA, "upstream", "warn", seen, "git merge --ff-only '@{upstream}'" if not ahead else "git log HEAD.."
        )
    else:
        yield Looked(
            AREA, "upstream", "ok", f"{counted(ahead, 'commit')} ahead" if ahead else "as here, as last fetched"
        )


def _host(url: str) -> str:
    """The host of a remote's address, without what may be a secret in it; `a directory` for none."""
    found = _HOST.match(url)
    return found[1] if found and not url.startswith(("/", ".", "file:")) else "a directory"


def _clock(workspace: Path, now: datetime) -> Iterator[Looked]:
    said = look(workspace, "log", "-1", "--format=%ct", "HEAD", "--").stdout.strip()
    if not said:
        return
    last = datetime.fromtimestamp(int(said), UTC)
    if last - now > AHEAD:
        seen = f"{now:%Y-%m-%d %H:%M} UTC, and the last commit is of {last:%Y-%m-%d %H:%M} UTC: one clock is wrong"
        yield Looked(AREA, "clock", "warn", seen, "date -u")
    else:
        yield Looked(AREA, "clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC, not before the last commit")


def _config(workspace: Path, *asked: str) -> str:
    """A value of git's configuration, "" where it has none."""
    *options, name = asked
    return os.fsdecode(look(workspace, "config", *options, "--get", name).stdout).removesuffix("\n")
