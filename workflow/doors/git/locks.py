"""Is a lock in the git directory left behind by a git that was killed?

A SIGKILL during `git commit` leaves `index.lock` and `next-index-<pid>.lock`, or a lock on the branch; every later
commit is then refused. git itself never removes such a lock, since it cannot know.

Rules:
- A lock is removed only when no git process is at work in this repository. On Linux that is read from /proc (name and
  working directory of each process); elsewhere any git process of this machine counts, as `ps` does not say where.
- git closes `index.lock` before it runs the hooks, so "nobody has it open" would prove nothing.
- Whether the lock is *ours* the caller must know: its journal ends with `commit-intended`.
- Editors and prompts hold a lock for some milliseconds: one that is younger than `PATIENCE` is looked at again, and a
  command of ours that met one is tried again for as long. How old a lock is, its file's time tells.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeVar

from state.late_pattern import late

Done = TypeVar("Done")
PATIENCE = 2.0  # for a lock that somebody holds for a moment [s]
_PAUSES = (0.01, 0.02, 0.04, 0.08)  # between two looks; the last one is repeated [s]
# git's exit status when it dies of itself, as it does when it meets a lock; a hook that refuses ends a commit with 1.
_DIED = 128
_LOCKED = late(r"\b(?:index|HEAD|ORIG_HEAD|config|config\.worktree|packed-refs|shallow|refs/\S+)\.lock\b")
PROC = Path("/proc")
# These read, and may live as long as an editor or a pager does.
READERS = ("fsmonitor--daemon", "cat-file", "log", "show", "blame")


def locks_in(git_dir: Path, common_dir: Path, *branches: str | None) -> list[Path]:
    """The locks that a commit or a switch takes and that exist now: on the index, on HEAD, on the branches."""
    wanted = [git_dir / "index.lock", *sorted(git_dir.glob("next-index-*.lock")), git_dir / "HEAD.lock"]
    wanted += [common_dir / "refs" / "heads" / f"{branch}.lock" for branch in dict.fromkeys(branches) if branch]
    return [path for path in wanted if path.exists()]


def lasting_locks(find: Callable[[], list[Path]]) -> list[Path]:
    """The locks that `find` names and that are not held for a moment only; looks again for PATIENCE at most.

    Whoever locks again and again is waited for as long, and what is there at the end is returned. A git takes its locks
    one after the other: those that one left behind become old one after the other, too.
    """
    for _ in _moments():
        locks = find()
        if all(is_old(lock) for lock in locks):
            return locks
    return find()


def is_old(lock: Path) -> bool:
    """Whether a lock is there, and was made longer ago than anybody holds one for a moment."""
    try:
        return time.time() - lock.stat().st_mtime >= PATIENCE
    except FileNotFoundError:
        return False


def past_locks(attempt: Callable[[], Done], met_lock: Callable[[Done], bool]) -> Done:
    """The result of a command that changes the repository, tried again for PATIENCE while it meets a lock."""
    done = attempt()
    if met_lock(done):
        for _ in _moments():
            done = attempt()
            if not met_lock(done):
                break
    return done


def names_lock(status: int, words: str) -> bool:
    """Whether a git process ended because a lock was there; git names its file, in any language."""
    return status == _DIED and _LOCKED.search(words) is not None


def _moments() -> Iterator[None]:
    """Moments to look again, until PATIENCE is over; the first is now."""
    yield
    end = time.monotonic() + PATIENCE
    for number in count():
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, _PAUSES[min(number, len(_PAUSES) - 1)]))
        yield


def git_processes(*places: Path, proc: Path = PROC) -> list[str]:
    """The git processes at work below one of these directories, as `git commit (process 4711)`."""
    if not (proc / "self").exists():
        return list(_git_processes_anywhere())
    found = []
    for entry in proc.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            cwd = (entry / "cwd").readlink()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended while we looked, or is another user's, who does not commit here
        name, verb = _command([word.decode(errors="replace") for word in words])
        if _is_git(name) and verb not in READERS and any(cwd.is_relative_to(place) for place in places):
            found.append(f"{name} {verb} (process {entry.name})")
    return sorted(found)


def _command(words: list[str]) -> tuple[str, str]:
    """Program and verb of a git command line: `git -c a=b -P commit -q` gives ("git", "commit")."""
    rest = iter(words[1:])
    for word in rest:
        if word in ("-c", "-C"):
            next(rest, None)
        elif not word.startswith("-"):
            return Path(words[0]).name, word
    return Path(words[0]).name, ""


def _is_git(name: str) -> bool:
    return name == "git" or name.startswith("git-")


def _git_processes_anywhere() -> Iterator[str]:
    listing = subprocess.run(["ps", "-A", "-o", "pid=,comm="], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        name = Path(command.strip()).name
        if _is_git(name):
            yield f"{name} (process {pid})"
