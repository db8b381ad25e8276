"""A command that goes on beside the test, forked as `forked_shell` does it: nothing is imported again.

process = forked_process(place, "worker", said=place / "said", TMPDIR=...)
process.send_signal(signal.SIGTERM)       # as with `subprocess.Popen`; it leads a session of its own
process.wait(timeout=60)
process = forked_server(place, "serve")   # in this environment; its `stdout` and `stderr` can be read
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from tests.worlds.forked_shell import become
from tests.worlds.warm_sandbox import HANDLES
from tests.worlds.workspaces import environment


class ForkedProcess:
    """What is used of `subprocess.Popen`. `stdout` and `stderr` are there where nobody said where they go."""

    def __init__(self, pid: int, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self.returncode: int | None = None
        self._ended = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Its exit code, negative when a signal ended it; None while it goes on."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended; an AssertionError when it has not after so many seconds."""
        code = self._look(timeout)
        assert code is not None, f"process {self.pid} had not ended after {timeout:g} s"
        return code

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._ended)
        return self.returncode


def forked_process(place: Path, *words: str, said: Path, **changes: str) -> ForkedProcess:
    """The command line in this directory, under way in a session of its own; what it prints is added to `said`."""
    with said.open("ab") as out:
        given = {**environment(), **changes}
        return ForkedProcess(_fork(out.fileno(), out.fileno(), given, ["-C", str(place), *words]))


def forked_server(place: Path, *words: str) -> ForkedProcess:
    """The command line in this directory, with this process's environment; what it prints can be read, as text."""
    (out, its_out), (error, its_error) = os.pipe(), os.pipe()
    fork = _fork(its_out, its_error, os.environ, ["-C", str(place), *words])
    os.close(its_out)
    os.close(its_error)
    return ForkedProcess(fork, *(os.fdopen(each, encoding="utf-8") for each in (out, error)))


def _fork(out: int, error: int, given: Mapping[str, str], words: Sequence[str]) -> int:
    """A fork that is the command, once it leads a session of its own."""
    leads, led = os.pipe()
    fork = os.fork()
    if fork == 0:
        gc.disable()
        code = 70
        try:
            os.setsid()
            os.close(led)
            with Path(os.devnull).open("rb") as nothing:
                keep = {0, 1, 2, out, error, nothing.fileno(), *HANDLES}
                for handle in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
                    if handle not in keep:
                        with suppress(OSError):  # it was that of the list
                            os.close(handle)  # among them what somebody waits for the end of, as at a program's start
                # an event loop of this process may have a handler of its own
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                code = become((nothing.fileno(), out, error), Path.cwd(), given, words)
            for thread in threading.enumerate():  # as Python does at its end
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
        except BaseException:  # noqa: BLE001 - whatever it is, nothing of this process's may go on in the fork
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:  # a further signal must not bring it into what this process goes on with
                os._exit(code)
    os.close(led)
    with os.fdopen(leads, "rb") as until:
        until.read()  # it leads its session: who ends its group from now on ends it
    return fork
