"""What runs in the server's process? The account from disk, the front on loopback, and the watch over both.

Rules:
- `server.lock` is held for as long as this process lives: it says whose the directory is.
- Once a second: what is not on disk yet is saved, and the server ends when it is idle or its directory is gone.
- A directory that was removed and made anew under the same name is somebody else's: nothing is written there.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import werkzeug.serving
from moto.core.models import botocore_stubber
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

from state.files import Disk
from state.plain_files import open_lock
from workflow.sandbox import moto_gaps, no_network, snapshot
from workflow.sandbox.cloudformation.account import Account
from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.faults import Faults
from workflow.sandbox.front import Front
from workflow.sandbox.inside import ACCOUNT_ID, inside_client
from workflow.sandbox.kept_port import HOST, listen

IDLE_LIMIT = 30 * 60.0  # [s]
IDLE_VARIABLE = "PHASEGATE_SANDBOX_IDLE_SECONDS"
WATCH_EVERY = 1.0  # [s]
STOP_SEEN_WITHIN = 0.05  # [s]
# Whoever looks whether a server runs has its lock for an instant.
LOCK_PATIENCE = 2.0  # [s]


class QuietHandler(MotoRequestHandler):  # type: ignore[misc]
    """moto's request handler, without a line of log for each request."""

    def log_request(self, *_: Any) -> None: ...


def serve(state_dir: Path, announce: Callable[[dict[str, Any]], None]) -> None:
    """Load the account, answer until a signal, idleness or the directory's end, save.

    Args:
        announce: told what server.json says, as soon as requests are answered.

    Raises:
        SandboxRefused: when another server has the directory, or the snapshot is refused.
    """
    faults = Faults()
    with _Home(state_dir) as home, moto_gaps.installed(faults), no_network.recorded() as unsent:
        path = state_dir / "snapshot.bin"
        account = Account(ACCOUNT_ID, inside_client, faults, snapshot.load(path), clock=time.time)

        def save() -> None:
            if home.is_ours():
                snapshot.save(path, account.regions)

        token = secrets.token_hex(16)
        front = Front(DomainDispatcherApplication(create_backend_app), account, token, save, unsent)
        botocore_stubber.enabled = True

        with listen(state_dir) as listening:  # make_server has it twice
            server = werkzeug.serving.make_server(
                HOST, 0, front, threaded=True, request_handler=QuietHandler, fd=listening.fileno()
            )
        stopped = threading.Event()

        def stop(_signal: int | None = None, _frame: FrameType | None = None) -> None:
            stopped.set()
            # shutdown waits for the serving loop, which a signal handler would wait for in turn.
            threading.Thread(target=server.shutdown, daemon=True).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        threading.Thread(target=_watch, args=(home, front, stopped, stop), daemon=True).start()
        info = {
            "pid": os.getpid(),
            "port": server.port,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "token": token,
            "account": ACCOUNT_ID,
        }
        described = state_dir / "server.json"
        Disk(state_dir).write_atomic(described, json.dumps(info).encode(), sync=False)  # mode 0600 by the umask
        no_network.close(lambda what: _say(f"{what}\n"))
        announce(info)
        server.serve_forever(STOP_SEEN_WITHIN)
        server.server_close()
        if home.is_ours():
            front.save()
            described.unlink(missing_ok=True)


def _say(line: str) -> None:
    """Into server.log."""
    sys.stderr.write(line)
    sys.stderr.flush()


def _watch(home: _Home, front: Any, stopped: threading.Event, stop: Any) -> None:
    """Every second: save what is dirty; end the server when it is idle or homeless."""
    limit = float(os.environ.get(IDLE_VARIABLE, IDLE_LIMIT))
    while not stopped.wait(min(WATCH_EVERY, limit)):
        if not home.is_ours() or time.monotonic() - front.last_request > limit:
            stop()
            return
        front.save_if_dirty()


class _Home:
    """The directory, held by a lock on a file in it for as long as this process lives."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / "server.lock"

    def __enter__(self) -> _Home:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open_lock(self._path)
        end = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # what an earlier server said of itself is over: its port may be anybody's by now
                self._path.with_name("server.json").unlink(missing_ok=True)
                return self
            except BlockingIOError as error:
                if time.monotonic() > end:
                    raise SandboxRefused(
                        f"another sandbox server has {self._path.parent}", next_command="phasegate sandbox status"
                    ) from error
            time.sleep(0.01)

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def is_ours(self) -> bool:
        """Whether the directory is still there: not gone, and not another one made anew under its name."""
        try:
            return self._path.stat().st_ino == os.fstat(self._file.fileno()).st_ino
        except FileNotFoundError:
            return False
