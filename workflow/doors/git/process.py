"""How is a git process started, and what comes back?

What changes a repository goes through GitPython, which is loaded on first use (`gitpython.py`) and takes as long as
twenty modules of ours; so what only reads is started without it.

Rules:
- Every process is started in the workspace as `git_command.py` says: without terminal prompts and the variables of an
  outer repository; those that only read disturb nobody who is at work there, and see the history that a clone would.
- Paths are given as `:(literal)` pathspecs: a `*` in a file's name is a star.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from state.cheap_classes import dataclass
from state.errors import WorkspaceRefused
from workflow.doors.git.command import environment, outer_variables, reading, writing
from workflow.doors.git.locks import names_lock, past_locks
from workflow.doors.git.plumbing import after, git_is_missing, refuse_if_distrusted

if TYPE_CHECKING:
    from git.cmd import Git

OLDEST = (2, 25)  # Ubuntu 20.04; everything used here is in it
MANY_PATHS = ["--pathspec-from-file=-", "--pathspec-file-nul"]
MANY = 1_000  # paths that are named on one command line: a system takes no more than some megabytes

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
    """Starts git in one directory.

    `on_process` is called with ("before" | "after", argv) around each process; tests count and cut there.
    """

    def __init__(self, directory: Path, on_process: ProcessHook | None = None) -> None:
        self.directory = directory
        self._on_process = on_process
        self.is_recent = False  # whether something that OLDEST brought was seen to work
        self._version: tuple[int, ...] | None = None

    def read(self, *args: str, stdin: bytes | None = None, accept: Collection[int] = (0,), **env: str) -> Finished:
        """Run a command that changes nothing. Raises WorkspaceRefused when its status is not in `accept`."""
        argv = reading(self.directory, *args)
        return self._accepted(args[0], argv, self._look(argv, stdin, env), accept)

    def read_of(self, *args: str, paths: Sequence[str]) -> list[str]:
        """The entries that a `-z` command prints of these paths, asked about some at a time. Raises as `read`."""
        parts = [paths[at : at + MANY] for at in range(0, len(paths), MANY)]
        return [item for part in parts for item in self.read(*args, *literal(part)).items]

    def try_read(self, *args: str, config: Sequence[str] = (), **env: str) -> Finished:
        """Run a command that changes nothing, with `-c` settings, and whose failure is the caller's to read."""
        return self._look(reading(self.directory, *_settings(config), *args), None, env)

    def write(self, *args: str, config: Sequence[str] = (), accept: Collection[int] = (0,)) -> Finished:
        """Run a command that changes the repository, with `-c` settings. Raises as `read`."""
        argv = writing(*_settings(config), *args)
        return self._accepted(args[0], argv, self._past_locks(argv, {}), accept)

    def attempt(self, *args: str, config: Sequence[str] = (), stdin: bytes | None = None, **env: str) -> Finished:
        """Run a command that may change the repository, and whose failure is the caller's to read."""
        return self._past_locks(writing(*_settings(config), *args), env, stdin)

    def attempt_on(self, paths: Sequence[str], *args: str, config: Sequence[str] = (), **env: str) -> Finished:
        """As `attempt`, with the paths as literal pathspecs: behind the command, or to be read where they are many."""
        words, stdin = literal(paths), None
        if len(paths) > MANY:
            words, stdin = MANY_PATHS, b"".join(os.fsencode(each) + b"\0" for each in words[1:])
        return self._past_locks(writing(*_settings(config), *args, *words), env, stdin)

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

    @property
    def synced(self) -> str:
        """The setting that makes git sync what it writes, as it does not by default. Source: git-config(1)."""
        if self.version >= (2, 36):
            return "core.fsync=committed,loose-object,reference,index"
        return "core.fsyncObjectFiles=true"

    def _past_locks(self, argv: list[str], env: Mapping[str, str], stdin: bytes | None = None) -> Finished:
        """Run a command that changes the repository; again, for a moment, while somebody holds a lock that it needs."""
        return past_locks(lambda: self._run(argv, stdin, env), lambda done: names_lock(done.status, done.err))

    def _accepted(self, verb: str, argv: list[str], done: Finished, accept: Collection[int]) -> Finished:
        if done.status not in accept:
            command = " ".join(argv[argv.index(verb) :])
            message = f"`git {command[:200]}` failed in {self.directory} (exit {done.status}): {done.err.strip()}"
            raise WorkspaceRefused(message, next_command=after(done.err))
        return done

    def _look(self, argv: list[str], stdin: bytes | None, env: Mapping[str, str]) -> Finished:
        """Run a command that only reads."""
        argv = [_executable(), *argv[1:]]
        self._tell("before", argv)
        try:
            done = subprocess.run(
                argv,
                cwd=self.directory,
                env={**environment(), **env},
                input=stdin or b"",
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise git_is_missing() from error
        self._tell("after", argv)
        return self._finished(done.returncode, done.stdout, done.stderr.decode("utf-8", "surrogateescape"))

    def _run(self, argv: list[str], stdin: bytes | None, env: Mapping[str, str]) -> Finished:
        """Run a command that may change the repository."""
        argv = [_executable(), *argv[1:]]
        import tempfile  # here: few commands come to it, and it takes as long as six modules of ours

        from workflow.doors.git.gitpython import git_cmd

        module = git_cmd()
        git: Git = module.Git(self.directory)  # a Path: in a text it would replace `$HOME` and `~`
        self._tell("before", argv)
        with tempfile.TemporaryFile() as given, _no_outer_repository():
            if stdin is not None:
                given.write(stdin)
                given.seek(0)
            try:
                status, out, err = git.execute(
                    argv,
                    istream=None if stdin is None else given,
                    env={"GIT_TERMINAL_PROMPT": "0", **env},
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
            except module.GitCommandNotFound as error:
                raise git_is_missing() from error
        self._tell("after", argv)
        return self._finished(status, out, err)

    def _tell(self, when: str, argv: list[str]) -> None:
        if self._on_process is not None:
            self._on_process(when, argv)

    def _finished(self, status: int, out: bytes, err: str) -> Finished:
        if status:
            refuse_if_distrusted(self.directory, err)
        return Finished(status, out, err)


def literal(paths: Collection[str]) -> list[str]:
    """`--` and the paths as pathspecs that match exactly themselves, relative to the process's directory."""
    return ["--", *(f":(literal){path}" for path in paths)]


def outer_locale() -> dict[str, str]:
    """The person's own locale, for the one command that runs their hooks and whose words are for them: `commit`."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if os.environ.get(name):
            return {"LC_ALL": os.environ[name], "LANGUAGE": os.environ.get("LANGUAGE", "")}
    return {}


def _executable() -> str:
    """The git that GitPython takes. Source: git.cmd, `Git.refresh`."""
    return os.environ.get("GIT_PYTHON_GIT_EXECUTABLE") or "git"


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
