"""Where does a worker work at a run? In a clone of its own, of the objects that are here; it goes away with the block.

Rules:
- Nothing that a person has checked out is touched, and nothing of one segment is there in the next: what a run needs is
  in its tip.
- What git needs of this clone's configuration comes along (`TAKEN_ALONG`): who acts, by which key, how remotes are
  reached. Hooks do not, as in any other clone.
- It is made by few processes of git, as there is one a segment; its configuration is written as git-config(1) has it.
- A process that was killed leaves its clone behind: the next one of its name removes it (`one_worker`).
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from state.errors import RunHeld, WorkspaceRefused
from state.path_word import path_word
from workflow.doors.git.meeting_place import said
from workflow.doors.git.plumbing import common_dir_of, git_dir_of, look
from workflow.doors.git.tips import run_git

TAKEN_ALONG = re.compile(
    r"(user|author|committer|gpg|commit|credential|https?|url|ssh|remote|filter|lfs|protocol)\..+|core\.sshcommand"
)
PREFIX = "phasegate-work-"  # of the directory's name, among temporary files


class OneWorker:
    """The worker of this name in this clone, and the clone that it works in, remembered for who comes after a kill."""

    def __init__(self, file: Path, held: IO[str]) -> None:
        self._file, self._held = file, held

    def let_go(self) -> None:
        """Be no longer the worker of this name, in a child that was forked by it: it would be one for as long."""
        self._held.close()

    @contextmanager
    def tree(self, workspace: Path) -> Iterator[Path]:
        """A repository without a commit checked out, which has the objects and the remotes of this one.

        Raises WorkspaceRefused where none can be made.
        """
        place = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._file.write_text(str(place))
        try:
            yield _made(workspace, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def forget_former(self) -> None:
        """Remove the clone of a former process of this name that was killed."""
        former = Path(self._file.read_text().strip() or "none")
        if former.name.startswith(PREFIX):
            shutil.rmtree(former, ignore_errors=True)


@contextmanager
def one_worker(workspace: Path, name: str, *, waits: bool = False) -> Iterator[OneWorker]:
    """In the block, this process is the worker of that name in this clone. Raises RunHeld when another one is.

    With `waits` that one is about to end.
    """
    file = common_dir_of(git_dir_of(workspace)) / "phasegate" / "workers" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunHeld(
                f"another process is worker {name} of this clone",
                next_command=f"phasegate worker --name {path_word(name + '-2')}",
            ) from error
        found = OneWorker(file, held)
        found.forget_former()
        yield found


def check_out(tree: Path, commit: str, branch: str) -> None:
    """Have the branch checked out in such a repository, at this commit. Raises WorkspaceRefused."""
    _must(tree, "checkout", "-q", "-B", branch, commit)


def _made(workspace: Path, place: Path) -> Path:
    told = look(workspace, "rev-parse", "--show-object-format", "--show-toplevel").stdout
    form, _, at = os.fsdecode(told).rstrip("\n").partition("\n")
    top = Path(at)
    tree = place / (top.name or "repository")
    _must(place, "init", "-q", "--template=", f"--object-format={form or 'sha1'}", str(tree))
    objects = common_dir_of(git_dir_of(workspace)) / "objects"
    (tree / ".git/objects/info").mkdir(exist_ok=True)
    (tree / ".git/objects/info/alternates").write_text(f"{objects}\n")
    lines = [*map(setting, ("gc.auto", "maintenance.auto"), ("0", "false"))]  # it is gone before that pays
    for name, value in _taken_along(workspace):
        lines.append(setting(name, _absolute(top, value) if value and name.endswith("url") else value))
    with (tree / ".git/config").open("ab") as file:
        file.write(os.fsencode("".join(lines)))
    return tree


def setting(name: str, value: str | None) -> str:
    """A setting as it stands in a file of git's, in a section of its own; None is a name without a value, which is on.

    Source: git-config(1), "Syntax".
    """
    section, _, rest = name.partition(".")
    below, _, key = rest.rpartition(".")
    head = f'[{section} "{_quoted(below)}"]' if below else f"[{section}]"
    if value is None:
        return f"{head}\n\t{key}\n"
    written = _quoted(value).replace("\n", "\\n").replace("\t", "\\t").replace("\b", "\\b")
    return f'{head}\n\t{key} = "{written}"\n'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _taken_along(workspace: Path) -> Iterator[tuple[str, str | None]]:
    listed = look(workspace, "config", "--local", "--list", "-z").stdout
    for entry in filter(None, os.fsdecode(listed).split("\0")):
        name, has_value, value = entry.partition("\n")
        if TAKEN_ALONG.fullmatch(name):
            yield name, value if has_value else None


def _absolute(top: Path, address: str) -> str:
    """The address of a remote, as another directory reaches it."""
    return str((top / address).resolve()) if (top / address).is_dir() else address


def _must(place: Path, *arguments: str) -> None:
    done = run_git(place, *arguments)
    if done.returncode != 0:
        raise WorkspaceRefused(
            f"git {arguments[0]} failed in the worker's own clone: {said(done.stderr)}",
            next_command=f"df -h {path_word(tempfile.gettempdir())}   # room and rights there",
        )
