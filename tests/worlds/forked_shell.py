"""A real shell in which `phasegate` is this process once more: forked where it is typed, nothing is imported again.

The shell parses what is typed and starts a script of that name; the fork takes from the script what a command is
started with: its words, directory, environment and three streams. Tests of starting itself have the real command.

What a fork imports is imported here as soon as it has ended, so that the next one finds it.

    done = type_in(place, "cd 'sub dir' && phasegate status | head -1", os.environ)
    done = forked(place, "status", "--json")             # without a shell
    with at_hand() as desk: ...                          # a shell at a terminal, with `desk` on its PATH
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from tests.worlds.workspaces import environment
from workflow.cli.main import main
from workflow.doors.git import locks

PATIENCE = locks.PATIENCE  # of a command; tests in this process have less of it
# What a fork imports of these is imported for those after it: the product, and the libraries that it waits for longest.
TAKEN_OVER = {"workflow", "phases", "gates", "state", "pydantic", "smmap", "transitions"}
TAKEN_OVER |= {"cfnlint", "mpmath", "networkx", "sympy"}  # a thousand modules of the linter's
TAKEN_OVER |= {"prompt_toolkit", "questionary", "rich", "wcwidth"}  # a question at a terminal

# Asked for in a shell of its own: while this one writes elsewhere, its handle 1 is no longer what it was started with.
# Nor is its handle 0 while it reads: handle 3 is. What is answered to the command before may not be closed yet: nothing
# but an end is read from it then.
SCRIPT = """#!/bin/sh
exec 3<&0
(echo $$ > {asked})
until read code < {answered}; do :; done
exit "$code"
"""


def type_in(place: Path, command: str, given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Type it into `sh -e` in this directory, with nothing to read, and wait for its end."""
    # what a shell and a fork write to one file follows each other only when both append
    with _desk() as (desk, requests), (desk / "out").open("ab") as out, (desk / "error").open("ab") as error:
        shell = subprocess.Popen(
            ["sh", "-ec", command],
            cwd=place,
            env={**given, "PATH": f"{desk}{os.pathsep}{given['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=error,
        )
        ended = os.pidfd_open(shell.pid)
        try:
            while ended not in (ready := select.select([requests, ended], [], [])[0]):
                assert requests in ready
                _answer(desk, requests)
            code = shell.wait()
        finally:
            os.close(ended)
        texts = [(desk / stream).read_text("utf-8", "surrogateescape") for stream in ("out", "error")]
        return subprocess.CompletedProcess(command, code, *texts)


@contextmanager
def at_hand() -> Iterator[Path]:
    """A directory for the PATH of a shell that the test talks to at a terminal; another fork answers what is typed.

    Its forks have the terminal for their streams, but do not lead it: Ctrl-C and Ctrl-Z do not reach them.
    """
    with _desk() as (desk, requests):
        answers = os.fork()
        if answers == 0:
            try:
                os.setsid()
                known = set(sys.modules)
                while True:
                    _answer(desk, requests)
                    (desk / "imported").write_text("\n".join(name for name in sys.modules if name not in known))
            finally:
                os._exit(70)
        try:
            yield desk
        finally:
            for end in (os.kill, os.killpg):  # it may not lead its group yet; what it has begun goes with it
                with suppress(ProcessLookupError):
                    end(answers, signal.SIGKILL)
            os.waitpid(answers, 0)
            bring_in((desk / "imported").read_text().split() if (desk / "imported").exists() else [])


@contextmanager
def _desk() -> Iterator[tuple[Path, int]]:
    """A directory with the script in it, and the end at which the process numbers of those who started it are read."""
    with TemporaryDirectory(prefix="phasegate-typed-") as name:
        desk = Path(name)
        asked, answered, script = desk / "asked", desk / "answered", desk / "phasegate"
        os.mkfifo(asked)
        os.mkfifo(answered)
        script.write_text(SCRIPT.format(asked=shlex.quote(str(asked)), answered=shlex.quote(str(answered))))
        script.chmod(0o755)
        # a handle that also writes: while no script has it open, there is nothing to read instead of an end
        requests = os.open(asked, os.O_RDWR)
        try:
            yield desk, requests
        finally:
            os.close(requests)


def _answer(desk: Path, requests: int) -> None:
    """Wait for those who start the script next, and do what each was started for."""
    for process in os.read(requests, 100).split():
        code = _run(int(process), desk / "phasegate")
        (desk / "answered").write_text(f"{code}\n")


def forked(place: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """`tests.worlds.workspaces.phasegate` without the start of Python: the same command line in a fork."""
    return done_in_fork(["phasegate", "-C", str(place), *arguments], {**environment(), **changes}, main)


def done_in_fork(
    words: Sequence[str], given: Mapping[str, str], act: Callable[[], object]
) -> subprocess.CompletedProcess[str]:
    """What a program of Python comes to that does this, with nothing to read; `words`: how it is started."""
    with TemporaryFile() as out, TemporaryFile() as error, Path(os.devnull).open("rb") as nothing:
        streams = tuple(stream.fileno() for stream in (nothing, out, error))
        code = _in_fork(lambda: _program(streams, Path.cwd(), given, words, act))
        said = []
        for stream in (out, error):
            stream.seek(0)
            said.append(stream.read().decode())
    return subprocess.CompletedProcess(words, code, *said)


def _run(process: int, script: Path) -> int:
    """Do what this process was started for, in a fork; its exit code as a shell has it."""
    started = Path(f"/proc/{process}")

    def as_asked() -> int:
        words = [os.fsdecode(word) for word in (started / "cmdline").read_bytes().split(b"\0")[:-1]]
        given = [item.partition(b"=") for item in (started / "environ").read_bytes().split(b"\0")[:-1]]
        modes = {3: os.O_RDONLY, 1: os.O_WRONLY | os.O_APPEND, 2: os.O_WRONLY | os.O_APPEND}
        streams = tuple(os.open(started / "fd" / str(handle), how) for handle, how in modes.items())
        place = (started / "cwd").readlink()
        values = {os.fsdecode(name): os.fsdecode(value) for name, _, value in given}
        return become(streams, place, values, words[words.index(str(script)) + 1 :])

    code = _in_fork(as_asked)
    return code if code >= 0 else 128 - code


def _in_fork(act: Callable[[], int]) -> int:
    """What a process ends with that does this and nothing else: its exit code, negative when a signal ended it."""
    with TemporaryFile() as imported:
        fork = os.fork()
        if fork == 0:
            gc.disable()  # it does not live long enough to need it
            code, known = 70, set(sys.modules)
            try:
                code = act()
            except BaseException:  # noqa: BLE001 - whatever it is, nothing of this process's may go on in the fork
                traceback.print_exc()
            finally:
                try:
                    sys.stderr.flush()
                    imported.write("\n".join(name for name in sys.modules if name not in known).encode())
                    imported.flush()
                finally:  # a further signal must not bring it into what this process goes on with
                    os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
        imported.seek(0)
        bring_in(imported.read().decode().split())
    return code


def bring_in(names: Sequence[str]) -> None:
    """Import what a fork imported, of `TAKEN_OVER`, and with it all that it needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            if name.partition(".")[0] in TAKEN_OVER:
                importlib.import_module(name)


def become(streams: tuple[int, ...], place: Path, given: Mapping[str, str], words: Sequence[str]) -> int:
    """The command as a new process is it; returns its exit code."""
    return _program(streams, place, given, ["phasegate", *words], main)


def _program(
    streams: tuple[int, ...], place: Path, given: Mapping[str, str], words: Sequence[str], act: Callable[[], object]
) -> int:
    for handle, stream in enumerate(streams):
        os.dup2(stream, handle)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the fork lives
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(place)
    os.environ.clear()
    os.environ.update(given)
    tempfile.tempdir = None  # to be looked for again
    warnings.resetwarnings()
    for unseen in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", unseen)  # as in a Python that was started without -W
    locks.PATIENCE = PATIENCE
    sys.argv = [*words]
    try:
        act()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    return 0
