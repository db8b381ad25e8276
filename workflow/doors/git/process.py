"""How is a git process started, and what comes back?

The only file that imports GitPython, on first use.

Rules:
- Every process is started in the workspace as `git_command.py` says: without terminal prompts and the variables of an
  outer repository; those that only read disturb nobody who is at work there, and see the history that a clone would.
- Paths are given as `:(literal)` pathspecs: a `*` in a file's name is a star.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from state.errors import WorkspaceRefused
from workflow.doors.git.command import outer_variables, reading, writing
from workflow.doors.git.locks import names_lock, past_locks
from workflow.doors.git.plumbing import git_is_missing, refuse_if_distrusted

if TYPE_CHECKING:
    from git.cmd import Git

OLDEST = (2, 25)  # Ubuntu 20.04; everything used here is in it

ProcessHook = Callable[[str, list[str]], None]
_environment_lock = Lock()


@dataclass(frozen=True, slots=True)
class Finished:
    """A git process that ended: exit status (negative: killed by that signal), stdout and stderr."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """stdout for people and for words: what is not UTF-8 is replaced."""
        return self.out.decode("utf-8", "replace")

    @property
    def items(self) -> list[str]:
        """stdout of a `-z` command: its entries, with paths as `os.fsdecode` gives them."""
        return [os.fsdecode(item) for item in self.out.split(b"\0") if item]


class GitProcess:
    """Starts git in one directory, through GitPython.

    `on_process` is called with ("before" | "after", argv) around each process; tests count and cut there.
    """

    def __init__(self, directory: Path, on_process: ProcessHook | None = None) -> None:
        self.directory = directory
        self._on_process = on_process
        self._git: Git | None = None
        self._version: tuple[int, ...] | None = None

    def read(self, *args: str, stdin: bytes | None = None, accept: Collection[int] = (0,), **env: str) -> Finished:
        """Run a command that changes nothing. Raises WorkspaceRefused when its status is not in `accept`."""
        return self._checked(args[0], reading(self.directory, *args), stdin, accept, env)

    def try_read(self, *args: str, config: Sequence[str] = (), **env: str) -> Finished:
        """Run a command that changes nothing, with `-c` settings, and whose failure is the caller's to read."""
        return self._run(reading(self.directory, *_settings(config), *args), None, env)

    def write(self, *args: str, config: Sequence[str] = (), accept: Collection[int] = (0,)) -> Finished:
        """Run a command that changes the repository, with `-c` settings. Raises as `read`."""
        argv = writing(*_settings(config), *args)
        return self._accepted(args[0], argv, self._past_locks(argv, {}), accept)

    def attempt(self, *args: str, config: Sequence[str] = (), **env: str) -> Finished:
        """Run a command that may change the repository, and whose failure is the caller's to read."""
        return self._past_locks(writing(*_settings(config), *args), env)

    @property
    def version(self) -> tuple[int, ...]:
        """git's version, such as (2, 39, 5). Raises WorkspaceRefused when it is older than this door can use."""
        if self._version is None:
            said = self.read("--version").text
            found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
            self._version = tuple(int(part) for part in found.groups("0")) if found else (0,)
        if self._version < OLDEST:
            seen, expected = ".".join(map(str, self._version)), ".".join(map(str, OLDEST))
            message = f"git {seen} is too old: expected {expected} or newer"
            raise WorkspaceRefused(message, next_command="apt-get install git   # or see https://git-scm.com/downloads")
        return self._version

    def _checked(
        self, verb: str, argv: list[str], stdin: bytes | None, accept: Collection[int], env: Mapping[str, str]
    ) -> Finished:
        return self._accepted(verb, argv, self._run(argv, stdin, env), accept)

    def _past_locks(self, argv: list[str], env: Mapping[str, str]) -> Finished:
        """Run a command that changes the repository; again, for a moment, while somebody holds a lock that it needs."""
        return past_locks(lambda: self._run(argv, None, env), lambda done: names_lock(done.status, done.err))

    def _accepted(self, verb: str, argv: list[str], done: Finished, accept: Collection[int]) -> Finished:
        if done.status not in accept:
            command = " ".join(argv[argv.index(verb) :])
            message = f"`git {command[:200]}` failed in {self.directory} (exit {done.status}): {done.err.strip()}"
            raise WorkspaceRefused(message)
        return done

    def _run(self, argv: list[str], stdin: bytes | None, env: Mapping[str, str]) -> Finished:
        git = self._gitpython()
        argv = [str(git.GIT_PYTHON_GIT_EXECUTABLE), *argv[1:]]
        if self._on_process is not None:
            self._on_process("before", argv)
        with tempfile.TemporaryFile() as given, _no_outer_repository():
            if stdin is not None:
                given.write(stdin)
                given.seek(0)
            status, out, err = git.execute(
                argv,
                istream=None if stdin is None else given,
                env={"GIT_TERMINAL_PROMPT": "0", **env},
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        if self._on_process is not None:
            self._on_process("after", argv)
        if status:
            refuse_if_distrusted(self.directory, err)
        return Finished(status, out, err)

    def _gitpython(self) -> Git:
        if self._git is None:
            try:
                import git
            except ImportError as error:  # GitPython raises it when it finds no git
                raise git_is_missing() from error
            self._git = git.cmd.Git(self.directory)  # a Path: in a text it would replace `$HOME` and `~`
        return self._git


def literal(paths: Collection[str]) -> list[str]:
    """`--` and the paths as pathspecs that match exactly themselves, relative to the process's directory."""
    return ["--", *(f":(literal){path}" for path in paths)]


def outer_locale() -> dict[str, str]:
    """The person's own locale, for the one command that runs their hooks and whose words are for them: `commit`."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if os.environ.get(name):
            return {"LC_ALL": os.environ[name], "LANGUAGE": os.environ.get("LANGUAGE", "")}
    return {}


def _settings(config: Sequence[str]) -> list[str]:
    return [word for setting in config for word in ("-c", setting)]


@contextmanager
def _no_outer_repository() -> Iterator[None]:
    """Take the outer repository's variables away while a process starts; GitPython copies os.environ and only adds."""
    with _environment_lock:
        taken = {name: os.environ.pop(name) for name in outer_variables()}
        try:
            yield
        finally:
            os.environ.update(taken)
