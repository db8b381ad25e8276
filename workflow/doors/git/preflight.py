"""May a run write to this repository?

Every reason why a commit would fail or would take in what is not ours is found before any work starts, and all of
them are told at once, each with the command that mends it.

Rules:
- It looks and writes nothing.
- A resumed run has its own files in hand: `resuming` leaves out what they would trip over (dirty files, the runbook's
  marks), and what is known: who the author is, whom the run was taken in hand by.
- A file that git has just named as changed is neither ignored nor marked as unchanged: it is not asked again.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

from state.cheap_classes import dataclass
from state.counted import counted
from state.errors import Problem, WorkspaceRefused
from state.path_word import lift_mark, path_word
from state.plain_files import break_hard_link, hard_links, kind_of, look_at
from state.printable import as_name
from state.utf8 import is_utf8
from workflow.doors.git import locks
from workflow.doors.git.commits import relative
from workflow.doors.git.index_marks import surely_unmarked
from workflow.doors.git.locks import git_processes, is_old, lasting_locks, locks_in
from workflow.doors.git.plumbing import common_dir_of, read_head
from workflow.doors.git.process import GitProcess
from workflow.doors.git.sparse import command_to_add, left_out
from workflow.trailers import ATTRIBUTES

# Source: gitrepository-layout(5) and git's wt-status.c, `wt_status_get_state`.
IN_PROGRESS = {
    "MERGE_HEAD": ("a merge", "git merge --continue   # or takes it back: git merge --abort"),
    "rebase-merge": ("a rebase", "git rebase --continue   # or takes it back: git rebase --abort"),
    "rebase-apply": ("a rebase or `git am`", "git rebase --abort   # or, of `git am`: git am --abort"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "git cherry-pick --continue   # or takes it back: git cherry-pick --abort"),
    "REVERT_HEAD": ("a revert", "git revert --continue   # or takes it back: git revert --abort"),
    "BISECT_LOG": ("a bisect", "git bisect reset"),
}
_WORDS = {"?": "untracked", "A": "added", "D": "deleted", "M": "modified", "T": "type changed", "U": "unmerged"}
ROLES = ("AUTHOR", "COMMITTER")
RECENT = "--show-object-format"  # of `rev-parse` since 2.25; an older git says it again, as any option it does not know
FIRST_COMMIT = 'git add . && git commit --allow-empty -m "Start"'  # also where there is nothing to add
WHO_AM_I = 'git config user.name "Your Name" && git config user.email you@example.com'


@dataclass(frozen=True, slots=True)
class Place:
    """Where the workspace is: `prefix` is its path in the repository ("" or `sub/dir/`); a bare one has no toplevel."""

    git_dir: Path
    common_dir: Path
    toplevel: Path | None
    prefix: str


@dataclass(frozen=True, slots=True)
class FileStatus:
    """A file that is not as in HEAD. `index` and `worktree` are git's letters: "M", "A", "D", "T", "U", "?" or ".".

    Source: git-status(1), "Porcelain Format Version 2".
    """

    path: str
    index: str
    worktree: str

    @property
    def words(self) -> str:
        """For people: `staged and modified`, `untracked`."""
        if self.index == "?":
            return "untracked"
        if (self.index, self.worktree) == (".", "A"):
            return "intended to be added"
        staged = f"staged ({_WORDS.get(self.index, self.index)})" if self.index != "." else ""
        edited = _WORDS.get(self.worktree, self.worktree) if self.worktree != "." else ""
        return " and ".join(word for word in (staged, edited) if word)


def find_place(git: GitProcess) -> Place:
    """Where the workspace is in its repository, by one process.

    Raises WorkspaceRefused when it is in none, or in one that git does not trust (another user's).
    """
    if not git.directory.is_dir():
        raise WorkspaceRefused(
            f"there is no directory {git.directory}", next_command=f"mkdir -p {shlex.quote(str(git.directory))}"
        )
    asked = (RECENT, "--absolute-git-dir", "--is-inside-work-tree", "--show-prefix", "--show-toplevel")
    done = git.try_read("rev-parse", *asked)
    lines = os.fsdecode(done.out).split("\n")[:-1]  # a directory's name is bytes, and may hold any but NUL
    if len(lines) > len(asked):  # a line end, too: then each is asked for by itself
        lines = [os.fsdecode(git.try_read("rev-parse", each).out).removesuffix("\n") for each in asked]
    if not lines:
        if "not a git repository" in done.err:
            raise WorkspaceRefused(f"{git.directory} is not in a git repository", next_command="git init")
        raise WorkspaceRefused(f"git refuses {git.directory}: {done.err.strip()}")
    git.is_recent = lines.pop(0) != RECENT
    git_dir, inside = Path(lines[0]), lines[1] == "true"
    toplevel = Path(lines[3]) if inside else None
    return Place(git_dir, common_dir_of(git_dir), toplevel, lines[2] if inside else "")


def preflight(
    git: GitProcess,
    place: Place,
    paths: Sequence[str],
    runbook: str,
    *,
    resuming: bool,
    changed: Collection[str] = (),
    roles: Sequence[str] = ROLES,
) -> None:
    """Raise WorkspaceRefused with every problem found, or return. See `GitDoor.preflight`."""
    if not git.is_recent:
        git.version  # noqa: B018  (raises when git is too old)
    if place.toplevel is None:
        message = f"{git.directory} has no working tree: a bare repository, or the inside of .git"
        raise WorkspaceRefused(
            message,
            next_command=f"git clone {shlex.quote(str(git.directory.resolve()))} working-copy   # and run there",
        )
    wanted = list(dict.fromkeys([runbook, *paths]))
    bad_paths = [*_unfit_paths(git.directory, wanted), *_not_in_place(git.directory, runbook)]
    found = [*repository_problems(git, place, roles), *bad_paths]
    if not bad_paths:  # git would stop at the first of these itself
        found += _file_problems(git, place, wanted, runbook, resuming=resuming, changed=changed)
    if found:
        problems = [Problem(as_name(where), f"{what}; next: {command}") for where, what, command in found]
        count = counted(len(found), "problem")
        message = f"the repository at {git.directory} is not ready for a run: {count}"
        raise WorkspaceRefused(message, next_command=found[0][2], problems=problems)


def status(git: GitProcess, place: Place, paths: Sequence[str]) -> list[FileStatus]:
    """The files among these paths that differ from HEAD or are untracked, sorted by path; ignored ones are not told."""
    if not paths:
        return []
    asked = ["status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none"]
    found = []
    for entry in git.read_of(*asked, paths=paths):
        kind, _, rest = entry.partition(" ")
        if kind == "?":
            found.append(FileStatus(relative(rest, place.prefix), "?", "?"))
        elif kind in ("1", "u"):
            path = rest.split(" ", 7 if kind == "1" else 9)[-1]
            found.append(FileStatus(relative(path, place.prefix), rest[0], rest[1]))
    return sorted(found, key=lambda file: file.path)


def identity(git: GitProcess, role: str) -> str | None:
    """`Name <email>` as git would write it for `AUTHOR` or `COMMITTER`; None when git would have to guess."""
    done = git.try_read("var", f"GIT_{role}_IDENT", config=["user.useConfigOnly=true"])
    return done.text.rsplit(">", 1)[0] + ">" if done.status == 0 else None


def identity_of_both(git: GitProcess) -> str | None:
    """`Name <email>` of author and committer, by one process, where user.name and user.email alone say so.

    None where more than these may say it, or nothing: then each is asked for by itself. What git guesses is none of
    these: it has the name and the address that the configuration has. Source: git-var(1), git's ident.c.
    """
    if any(f"GIT_{role}_{part}" in os.environ for role in ROLES for part in ("NAME", "EMAIL")):
        return None
    done = git.try_read("var", "-l", config=["user.useConfigOnly=true"])
    settings, _, said = done.text.rpartition("\nGIT_COMMITTER_IDENT=")
    committer, _, rest = said.partition("\nGIT_AUTHOR_IDENT=")
    who = committer.rpartition(">")[0] + ">"
    if done.status != 0 or rest.partition("\n")[0].rpartition(">")[0] + ">" != who:
        return None
    given = dict(line.partition("=")[::2] for line in settings.split("\n"))
    others = {f"{role.lower()}.{part}" for role in ROLES for part in ("name", "email")}
    name, email = given.get("user.name"), given.get("user.email")
    return who if name and email and who == f"{name} <{email}>" and others.isdisjoint(given) else None


Found = tuple[str, str, str]  # where, what, the next command


def repository_problems(git: GitProcess, place: Place, roles: Sequence[str] = ROLES) -> Iterator[Found]:
    branch, commit = read_head(place.git_dir)
    yield from _head_problems(git, place, branch, commit)
    for role in roles:
        if identity(git, role) is None:
            yield "identity", f"git does not know who the {role.lower()} is (user.name, user.email)", WHO_AM_I
            break
    yield from _lock_problems(place, branch)


def _head_problems(git: GitProcess, place: Place, branch: str | None, commit: str | None) -> Iterator[Found]:
    """Why nothing can be committed to where HEAD is."""
    underway = [IN_PROGRESS[name] for name in IN_PROGRESS if (place.git_dir / name).exists()]
    for what, command in underway:
        yield "HEAD", f"{what} is in progress", command
    if branch is not None and not is_utf8(branch):
        yield "HEAD", f"the name of branch {branch!a} is not UTF-8: no log can hold it", "git branch -m NEW-NAME"
    if branch is None and not underway:
        yield "HEAD", f"HEAD is detached at {commit}: a commit would be on no branch", "git switch -c phasegate-run"
    if commit is None and git.try_read("rev-parse", "--verify", "--quiet", "HEAD").status != 0:
        yield "HEAD", f"branch {branch} has no commit yet", FIRST_COMMIT


def _lock_problems(place: Place, branch: str | None) -> Iterator[Found]:
    for lock in lasting_locks(lambda: locks_in(place.git_dir, place.common_dir, branch)):
        holders = git_processes(place.git_dir, *([place.toplevel] if place.toplevel else []))
        command = f"rm {shlex.quote(str(lock))}   # or, where a run had begun to commit: phasegate resume"
        if holders:
            who, command = f"held by {', '.join(holders)}", "git status   # once that has ended, the same command again"
        elif is_old(lock):
            who = "no git process is at work here: left by one that died"
        else:
            who = f"made less than {locks.PATIENCE:g} s ago by a program that is not git"
            command = f"ls -l {shlex.quote(str(lock))}   # close that program; a lock that stays: rm it"
        yield lock.name, f"{lock} is there, {who}", command


def _unfit_paths(workspace: Path, paths: Sequence[str]) -> Iterator[Found]:
    """Paths that cannot be committed from this workspace, whatever git says."""
    known: dict[PurePosixPath, str] = {}  # directory -> what on the way to it, or itself, is in the way
    for path in paths:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts:
            yield (
                path,
                "leaves the workspace",
                "git status --short   # lists what may be named",
            )
        elif "\n" in path or "\0" in path:
            yield (
                path,
                "has a line break or a NUL in its name, which no run commits: expected a name in one line",
                "git status --short   # lists what may be named",
            )
        elif any(part.lower() == ".git" for part in parts):
            yield (
                path,
                "lies in a directory that git keeps for itself: expected a path outside of .git",
                "git status --short   # lists what may be named",
            )
        elif reason := _in_the_way(workspace, PurePosixPath(path), known):
            yield path, f"{reason}: expected a file of this repository", f"ls -ld -- {path_word(path)}   # what it is"


def _in_the_way(workspace: Path, path: PurePosixPath, known: dict[PurePosixPath, str]) -> str:
    """What on the way from the workspace to the file makes it another repository's, or nobody's."""
    if reason := _on_the_way(workspace, path.parent, known):
        return reason
    file = workspace / path
    if file.is_symlink():
        return f"is a symbolic link -> {file.readlink()}"
    kind = kind_of(file.lstat().st_mode) if file.exists() else ""
    return f"is {kind}" if kind else ""


def _on_the_way(workspace: Path, directory: PurePosixPath, known: dict[PurePosixPath, str]) -> str:
    """As `_in_the_way`, up to a directory; each is looked at once."""
    if directory not in known:
        here = workspace / directory
        if directory == PurePosixPath("."):
            reason = ""
        elif reason := _on_the_way(workspace, directory.parent, known):
            pass
        elif here.is_symlink():
            reason = f"goes through the symbolic link {directory} -> {here.readlink()}"
        elif here.exists() and not here.is_dir():
            reason = f"goes through {directory}, which is a file"
        elif (here / ".git").exists():
            reason = f"is in another repository, {directory} (a submodule?)"
        known[directory] = reason
    return known[directory]


def _not_in_place(workspace: Path, runbook: str) -> Iterator[Found]:
    """What is no path of a commit to be told about, and still must not lead out of the repository."""
    attributes = PurePosixPath(ATTRIBUTES)
    if reason := _in_the_way(workspace, attributes, {}):
        yield ATTRIBUTES, reason, look_at(Path(ATTRIBUTES))
    file = workspace / runbook
    if file.is_file() and not file.is_symlink() and file.stat().st_nlink > 1:  # its boxes are ticked in place
        yield runbook, hard_links(file.stat().st_nlink), break_hard_link(Path(runbook))


def _file_problems(
    git: GitProcess, place: Place, paths: Sequence[str], runbook: str, *, resuming: bool, changed: Collection[str]
) -> Iterator[Found]:
    unsure = [path for path in paths if path not in changed]
    yield from _ignored(git, unsure)
    outside = left_out(git, place.git_dir, place.prefix, [*paths, ATTRIBUTES])
    for path in outside:
        yield path, "is outside of the sparse checkout, so git would not commit it", command_to_add(git, outside)
    for path, name in marked(git, place, unsure):
        if path not in outside:  # without its mark, such a file is a deletion
            command = lift_mark(name, path)
            if not os.path.lexists(git.directory / path):
                command += f" && git restore -- {shlex.quote(f':(literal){path}')}"
            yield path, f"is marked {name}, so changes are not seen", command
    if not resuming:
        if not (git.directory / runbook).is_file():
            yield runbook, "the runbook is not there", "phasegate init WORKFLOW"
        yield from _uncommitted(git, place, paths, runbook)


def _ignored(git: GitProcess, paths: Sequence[str]) -> Iterator[Found]:
    # `./` in front: check-ignore takes a name that begins with a colon for a pathspec, and knows no `:(literal)`
    if not paths:
        return
    given = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)
    ignored = git.read("check-ignore", "-z", "--stdin", stdin=given, accept=(0, 1)).items
    for path in (each.removeprefix("./") for each in ignored):
        what = "is ignored by .gitignore, so it would not be committed"
        yield path, what, f"git check-ignore -v -- {shlex.quote(f'./{path}' if path.startswith(':') else path)}"


def marked(git: GitProcess, place: Place, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The path of each file whose changes git is told not to see, and the mark that tells it."""
    if surely_unmarked(place.git_dir, [f"{place.prefix}{path}" for path in paths]):
        return
    for line in git.read_of("ls-files", "-v", "-z", paths=paths):
        flag, path = line[0], line[2:]
        if flag.islower() or flag == "S":
            yield path, "skip-worktree" if flag in "Ss" else "assume-unchanged"


def _uncommitted(git: GitProcess, place: Place, paths: Sequence[str], runbook: str) -> Iterator[Found]:
    for file in status(git, place, paths):
        mend = f"git add -- {path_word(file.path)} && git commit"
        if file.path == runbook:
            yield runbook, f"the runbook is {file.words}: the run must start from a committed one", mend
        else:
            yield (
                file.path,
                f"is {file.words}, and the run would commit it as its own",
                f"{mend}   # or puts it aside: git stash",
            )
