"""Servers of tests are forked from a warmed process; nobody but who began it ends it."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.worlds import warm_sandbox
from tests.worlds.warm_sandbox import warm_servers
from workflow.sandbox import control

pytestmark = pytest.mark.slow


def test_a_fork_on_its_way_out_ends_there_and_takes_the_servers_from_nobody(tmp_path: Path) -> None:
    def never(*_where: object) -> None:
        raise AssertionError("the warmed process is gone")

    fork, others = -1, set(warm_sandbox.HANDLES)
    try:
        with warm_servers():
            fork = os.fork()
            if fork == 0:
                raise KeyboardInterrupt  # as a signal does that comes before, or behind, what holds it in
            assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 70
            with patch.object(warm_sandbox, "REAL", never):
                control.start(tmp_path / "home")
            assert control.stop(tmp_path / "home")
    finally:
        if fork == 0:
            os._exit(0)  # it came through
    assert others == warm_sandbox.HANDLES  # whoever asks another warmed process goes on to
