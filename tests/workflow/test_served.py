"""Is a repository served now, and where? Told by a lock that every system has, and that goes with its process."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from pathlib import Path

import pytest

from state.errors import RunHeld
from tests.worlds.processes import begin, ended
from tests.worlds.repositories import first_commit
from tests.worlds.served_page import free_port
from workflow.service.served import HELD, SERVED, gate_served, served


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "shop"
    place.mkdir()
    (place / "tasks.md").write_text("# Shop\n\n- [ ] 1. Open\n")
    first_commit(place)
    return place


def test_the_gate_is_where_it_is_served_and_nowhere_afterwards(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("workflow.doors.lock_holder._TABLE", tmp_path / "no table of locks, as on macOS")
    assert gate_served(root, "RUN") == ""
    with served({"shop": root}, "http://localhost:8471"):
        assert gate_served(root, "RUN") == "http://localhost:8471/r/shop/RUN/gate"
        with pytest.raises(RunHeld, match="at http://localhost:8471"), served({"shop": root}, "http://localhost:1"):
            pass
        assert gate_served(root, "RUN") == "http://localhost:8471/r/shop/RUN/gate"
    assert gate_served(root, "RUN") == ""


def test_who_looks_is_no_server_and_keeps_none_from_beginning(root: Path) -> None:
    with served({"shop": root}, "http://localhost:8471"):
        pass
    begun, ends = threading.Event(), threading.Event()

    def serves() -> None:
        with served({"shop": root}, "http://localhost:8472"):
            begun.set()
            ends.wait(60)

    looker = os.open(root / ".git" / HELD, os.O_RDONLY)
    fcntl.flock(looker, fcntl.LOCK_SH | fcntl.LOCK_NB)
    assert gate_served(root, "RUN") == ""
    server = threading.Thread(target=serves)
    server.start()
    while "8472" not in (root / ".git" / SERVED).read_text():  # then it has the first lock, and wants the second
        assert server.is_alive()
    os.close(looker)
    assert begun.wait(60)
    assert gate_served(root, "RUN").startswith("http://localhost:8472/")
    ends.set()
    server.join()


def test_a_link_in_its_place_is_no_server(root: Path, tmp_path: Path) -> None:
    (root / ".git/phasegate").mkdir()
    (root / ".git" / HELD).symlink_to(tmp_path / "elsewhere")
    assert gate_served(root, "RUN") == ""


@pytest.mark.slow
def test_a_server_that_was_killed_serves_nothing(root: Path) -> None:
    port = free_port()
    process = begin(root, "serve", "--no-browser", "--port", str(port))
    assert process.stdout is not None
    process.stdout.readline()
    assert gate_served(root, "RUN") == f"http://localhost:{port}/r/shop/RUN/gate"
    os.killpg(process.pid, signal.SIGKILL)
    ended(process)
    assert gate_served(root, "RUN") == ""
