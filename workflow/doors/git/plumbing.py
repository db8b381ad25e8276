"""What can be known about a repository at once, without GitPython?

For the commands that only read and must start quickly (`status`, `log`); standard library only.

Rules:
- Files of `.git` are read as gitrepository-layout(5) describes them; what these files cannot say (a reftable, say)
  is None, and `workflow/doors/git/repository.py` asks git.
- A directory that looks like a git directory and lies in a working tree is a directory: a clone can bring one.
- Where every command comes by, files are named by strings: they are three times as fast as paths.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import WorkspaceRefused
from state.late_pattern import late
from workflow.doors.git.command import environment, is_bare, is_file, is_git_dir, reading

if TYPE_CHECKING:
    from subprocess import CompletedProcess

# what git says of an object that is not there, or cannot be read
_UNREADABLE = late(
    r"(?i)unable to read|could not (?:read|fetch)|not a (?:tree|commit|valid) object|bad object"
    r"|missing (?:object|blob|tree|commit)|corrupt|is empty|promisor"
)
FSCK = "git fsck   # names each such object; take the true one from another clone"
_TO_TRUST = late(r"git config --global --add safe\.directory ([^\n]+)")
_OBJECT_ID = late(r"[0-9a-f]{40}([0-9a-f]{24})?")


def find_workspace(start: Path) -> Path | None:
    """The workspace that `start` is in, or None when it is in no repository.

    Nearest first: a directory with `.phasegate` in it, else the top of the working tree (or the bare repository).
    """
    marked = None
    start = start.absolute()
    for place in (start, *start.parents):
        if marked is None and (place / ".phasegate").is_dir():
            marked = place
        if _linked_git_dir(place) is not None or is_bare(place):
            return marked or place
        if is_git_dir(place):
            marked = None  # in a working tree: neither it nor what is below it is a place of work
    return None


def git_dir_of(workspace: Path) -> Path:
    """The git directory of the workspace, absolute: `.git`, or where the `.git` file of a worktree or submodule points.

    Raises WorkspaceRefused when the workspace is in no repository.
    """
    workspace = workspace.absolute()
    for place in (workspace, *workspace.parents):
        linked = _linked_git_dir(place)
        if linked is not None:
            return linked
        if is_bare(place):
            return place
    raise WorkspaceRefused(f"{workspace} is not in a git repository", next_command="git init")


def prefix_of(workspace: Path) -> str:
    """The workspace as the repository has it, with a slash behind it; "" for its top."""
    return os.fsdecode(look(workspace, "rev-parse", "--show-prefix").stdout).rstrip("\n")


def top_of(workspace: Path) -> Path:
    """The top of the working tree that the workspace is in."""
    return Path(os.fsdecode(look(workspace, "rev-parse", "--show-toplevel").stdout).rstrip("\n"))


def is_inside(directory: Path, top: Path) -> bool:
    """Whether the directory is there, and below the top or the top itself, wherever links lead."""
    return directory.is_dir() and directory.resolve().is_relative_to(top.resolve())


def common_dir_of(git_dir: Path) -> Path:
    """Where branches and objects are: the main repository's directory for a worktree, else `git_dir` itself."""
    pointer = f"{git_dir}/commondir"
    return (git_dir / _text(pointer)).resolve() if is_file(pointer) else git_dir


def other_worktrees(git_dir: Path) -> Iterator[tuple[Path, Path]]:
    """The git directory and the place of each other worktree of this repository that is there."""
    own, common = git_dir.resolve(), common_dir_of(git_dir).resolve()
    if own != common and common.name == ".git":
        yield common, common.parent
    listed = sorted((common / "worktrees").iterdir()) if (common / "worktrees").is_dir() else []
    for other in listed:
        pointer = other / "gitdir"
        if other.resolve() == own or not pointer.is_file():
            continue
        place = (other / os.fsdecode(pointer.read_bytes()).rstrip("\n")).parent
        if place.is_dir():
            yield other, place


def read_head(git_dir: Path) -> tuple[str | None, str | None]:
    """Branch and commit of HEAD, read from files: `("main", "<object id>")`.

    The branch is None when HEAD is detached. The commit is None on a branch without a commit, and where files do not
    say it (a reftable).
    """
    head = _text(f"{git_dir}/HEAD")
    if not head.startswith("ref: "):
        return None, head if _OBJECT_ID.fullmatch(head) else None
    name = head.removeprefix("ref: ")
    branch = name.removeprefix("refs/heads/")
    common = common_dir_of(git_dir)
    for loose in (f"{common}/{name}", f"{git_dir}/{name}"):
        if is_file(loose):
            found = _text(loose)
            return branch, found if _OBJECT_ID.fullmatch(found) else None
    packed = f"{common}/packed-refs"
    if is_file(packed):
        for line in _text(packed).split("\n"):
            if line.endswith(f" {name}"):
                return branch, line.split(" ", 1)[0]
    return branch, None


def branch_tips(git_dir: Path) -> set[str | None]:
    """The commits that branches are at, read from files; with a None where these do not say it of each."""
    common = common_dir_of(git_dir)
    if (common / "reftable").exists():
        return {None}
    tips: dict[str, str] = {}
    packed = common / "packed-refs"
    for line in _text(packed).split("\n") if packed.is_file() else ():
        commit, _, name = line.partition(" ")
        if name.startswith("refs/heads/"):
            tips[name] = commit
    for loose in (common / "refs" / "heads").rglob("*"):
        if loose.is_file():
            tips[loose.relative_to(common).as_posix()] = _text(loose)
    return {tip if _OBJECT_ID.fullmatch(tip) else None for tip in tips.values()}


def last_commit_with(workspace: Path, trailers: Mapping[str, str], since: str = "") -> str | None:
    """The newest commit reachable from HEAD that carries all these trailers, by one `git log`; None when there is none.

    Nothing that `since` has is looked at, where that commit is here.

    Raises WorkspaceRefused when git is missing or refuses the repository.
    """
    wanted = [f"--grep={key}: {value}" for key, value in trailers.items()]  # only narrows; trailers decide below
    command = ["log", "-z", "--no-show-signature", "--encoding=UTF-8"]
    command += ["--fixed-strings", "--all-match", *wanted, "--format=%H%n%(trailers:only,unfold)", "HEAD"]
    command += [*(["--ignore-missing", f"^{since}"] if since else []), "--"]
    for record in of_head(workspace, command).decode(errors="replace").split("\0"):
        commit, _, lines = record.partition("\n")
        found = parse_trailers(lines)
        if commit and all(value in found.get(key, ()) for key, value in trailers.items()):
            return commit
    return None


def look(
    workspace: Path, *arguments: str, given: bytes | None = None, variables: Mapping[str, str] | None = None
) -> CompletedProcess[bytes]:
    """One git process that only looks, in the workspace, run to its end; `given`: what it reads.

    `variables` of its environment come on top of those that every such process has.

    Raises WorkspaceRefused without a git.
    """
    import subprocess  # here, so that what needs no git process starts without it

    command, around = reading(workspace, *arguments), environment(looking_only=True) | dict(variables or {})
    try:
        done = subprocess.run(command, cwd=workspace, env=around, input=given, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise git_is_missing() from error
    if done.returncode:
        refuse_if_distrusted(workspace, done.stderr.decode(errors="replace"))
    return done


def of_head(workspace: Path, command: list[str]) -> bytes:
    """What git says about HEAD; nothing when there is no commit yet."""
    done = look(workspace, *command)
    if done.returncode == 0:
        return done.stdout
    if read_head(git_dir_of(workspace))[1] is None:
        return b""
    raise failed(workspace, command[0], done.returncode, done.stderr)


def failed(workspace: Path, verb: str, exit_code: int, said: bytes) -> WorkspaceRefused:
    """The refusal when git fails at something that it always can do in a sound repository; `said`: its own words."""
    text = said.decode(errors="replace").strip()
    refuse_if_distrusted(workspace, text)
    if _UNREADABLE.search(text):
        return unreadable(workspace, text.split("\n")[0])
    return WorkspaceRefused(f"git {verb} failed in {workspace} (exit {exit_code}): {text}", next_command=after(text))


def after(said: str) -> str:
    """What to type after git's own words, where it hashed an object, and found other bytes; "" elsewhere."""
    return FSCK if "hash mismatch" in said else ""


def refuse_if_distrusted(workspace: Path, said: str) -> None:
    """Raise WorkspaceRefused when git, in its own words, does not work in a repository that belongs to another user.

    Source: git-config(1), `safe.directory`; the words are those of git's `setup.c`, which names the directory to trust.
    """
    if "dubious ownership" not in said:
        return
    named = _TO_TRUST.search(said)
    trusted = named[1] if named else shlex.quote(str(workspace))
    raise WorkspaceRefused(
        f"git refuses {workspace}: it belongs to another user",
        next_command=f"git config --global --add safe.directory {trusted}",
    )


def unreadable(workspace: Path, what: str) -> WorkspaceRefused:
    """The refusal when an object is not in the repository, though another one names it."""
    return WorkspaceRefused(
        f"git could not read an object in {workspace} ({what}): it is damaged, or this is a partial clone, which left "
        "it out, and what only looks fetches nothing",
        next_command="git fetch --refetch --no-filter   # brings all objects; or look: git fsck",
    )


def parse_trailers(lines: str) -> dict[str, tuple[str, ...]]:
    """What `%(trailers:only,unfold)` prints, as key -> its values in order."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in _pairs(lines):
        found[key] = (*found.get(key, ()), value)
    return found


def git_is_missing() -> WorkspaceRefused:
    """The refusal when there is no git to start."""
    message = "git was not found on PATH; phasegate keeps its records in a git repository"
    return WorkspaceRefused(message, next_command="apt-get install git   # or see https://git-scm.com/downloads")


def _text(file: Path | str) -> str:
    """What one of git's own files says, without its line end; names in it are as `os.fsdecode` gives them."""
    with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - a path would be made of a string first
        return os.fsdecode(opened.readall()).rstrip("\r\n")


def _pairs(lines: str) -> Iterator[tuple[str, str]]:
    for line in lines.split("\n"):
        key, colon, value = line.partition(":")
        if colon:
            yield key.strip(), value.strip()


def _linked_git_dir(place: Path) -> Path | None:
    """The git directory that `place/.git` is or names, or None when it is neither (git walks on then, too)."""
    dot_git = f"{place}/.git"
    if is_file(dot_git):
        pointer = _text(dot_git)
        return (place / pointer.removeprefix("gitdir: ")).resolve() if pointer.startswith("gitdir: ") else None
    return place / ".git" if is_git_dir(dot_git) else None
