"""The command line at a terminal, forked as `forked_shell` does it: nothing is imported again.

    child = ForkedTerminal(["status"], cwd=str(place), env=environment(), encoding="utf-8")

It is a `pexpect.spawn`. Tests of terminals themselves have the real command (tests/stories/test_terminal.py).
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pexpect
from ptyprocess import PtyProcess

from tests.worlds import warm_sandbox
from tests.worlds.forked_shell import become, bring_in
from tests.worlds.workspaces import PHASEGATE


class ForkedTerminal(pexpect.spawn):  # type: ignore[type-arg]
    """See the module. `words`: the command line without its first word."""

    def __init__(self, words: Sequence[str], **how: Any) -> None:
        self._told = os.memfd_create("imported")  # what it imported, written at its end
        super().__init__(PHASEGATE, list(words), **how)

    def _spawnpty(self, args: list[str], **how: Any) -> PtyProcess:
        kept = {self._told, *warm_sandbox.HANDLES}

        def instead(_command: str, argv: Sequence[bytes], given: Mapping[str, str]) -> None:
            """Where the child would start a program."""
            _be([os.fsdecode(word) for word in argv[1:]], given, self._told, kept)

        with patch.object(os, "execvpe", instead):
            return PtyProcess.spawn(args, pass_fds=tuple(kept), **how)

    def close(self, force: bool = True) -> None:
        super().close(force)
        if self._told >= 0:
            with os.fdopen(self._told, "rb") as told:
                self._told = -1
                told.seek(0)
                bring_in(told.read().decode().split())


def _be(words: Sequence[str], given: Mapping[str, str], told: int, kept: set[int]) -> None:
    """The command; this process ends here."""
    gc.disable()  # it does not live long enough to need it
    code, known = 70, set(sys.modules)
    try:
        for handle in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
            if handle > 2 and handle not in kept:
                try:
                    os.close(handle)  # among them what the parent waits for, as at the start of a program
                except OSError:  # it was that of the list
                    pass
        code = become((0, 1, 2), Path.cwd(), given, words)
        for thread in threading.enumerate():  # as Python does at its end
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
    except BaseException:  # noqa: BLE001 - whatever it is, nothing of this process's may go on in the fork
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
            os.write(told, "\n".join(name for name in sys.modules if name not in known).encode())
        finally:  # a further signal, or the end of the terminal, must not bring it into what its parent goes on with
            os._exit(code)
