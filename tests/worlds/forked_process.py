"""A command that goes on beside the test, forked as `forked_shell` does it: nothing is imported again.

process = forked_process(place, "worker", said=place / "said", TMPDIR=...)
process.send_signal(signal.SIGTERM)       # as with `subprocess.Popen`; it leads a session of its own
process.wait(timeout=60)
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import threading
import traceback
from pathlib import Path

from tests.worlds.forked_shell import become
from tests.worlds.workspaces import environment


class ForkedProcess:
    """What is used of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Its exit code, negative when a signal ended it; None while it goes on."""
        return self._look(0)

    def wait(self, timeout: float) -> int:
        """Its exit code, once it has ended; an AssertionError when it has not after so many seconds."""
        code = self._look(timeout)
        assert code is not None, f"process {self.pid} had not ended after {timeout:g} s"
        return code

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def _look(self, timeout: float) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._ended)
        return self.returncode


def forked_process(place: Path, *words: str, said: Path, **changes: str) -> ForkedProcess:
    """The command line in this directory, under way in a session of its own; what it prints is added to `said`."""
    leads, led = os.pipe()
    fork = os.fork()
    if fork == 0:
        gc.disable()
        code = 70
        try:
            os.setsid()
            os.close(leads)
            os.close(led)
            with said.open("ab") as out, Path(os.devnull).open("rb") as nothing:
                streams = nothing.fileno(), out.fileno(), out.fileno()
                code = become(streams, Path.cwd(), {**environment(), **changes}, ["-C", str(place), *words])
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
    return ForkedProcess(fork)
