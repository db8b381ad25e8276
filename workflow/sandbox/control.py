"""How is the sandbox server started, found and stopped? From any process, without importing moto.

Rules:
- Standard library only: `phasegate sandbox status` must not pay for boto3.
- `start` is idempotent and safe against itself: whoever holds `start.lock` looks first, then starts.
- A server counts as running when the kernel says that its lock is held and it proves that it knows the token that
  server.json names: a process id or a port alone may be somebody else's by now. The token itself is not sent.
"""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from state.outside_file import open_outside, read_outside
from state.plain_files import open_lock
from workflow.sandbox.callers import CHALLENGE, PROOF, proof
from workflow.sandbox.errors import SandboxRefused
from workflow.sandbox.installed import require_installed

STOP_LIMIT = 20.0  # [s], far above what saving a large account takes
LOG_LINES = 15
LONGEST_ANSWER = 1 << 20  # [bytes]
# The server imports the very packages that this process runs.
PACKAGE_PATH = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True)
class SandboxInfo:
    """A running server. `started_at` is UTC, ISO 8601; `endpoint_url` goes into AWS_ENDPOINT_URL.

    `token` opens its controls (`callers.TOKEN`); it is shown nowhere.
    """

    pid: int
    port: int
    endpoint_url: str
    started_at: str
    account: str
    token: str = field(repr=False)


def start(state_dir: Path) -> SandboxInfo:
    """The directory's server: the one that runs, or a new one with the account that is kept there.

    Raises:
        BadInput: where the packages that it needs are not installed.
        SandboxRefused: when it cannot start; the message has the end of its log.
    """
    state_dir = state_dir.resolve()
    state_dir.mkdir(parents=True, exist_ok=True)
    state_dir.chmod(0o700)
    with _locked(state_dir / "start.lock"):
        return status(state_dir) or _launch(state_dir)


def status(state_dir: Path) -> SandboxInfo | None:
    """The running server, or None."""
    state_dir = state_dir.resolve()
    if not _is_held(state_dir / "server.lock"):
        return None
    try:
        found = json.loads(read_outside(state_dir / "server.json", "record of the server", limit=None))
        health = _health(found["port"], found["token"])
    except (OSError, ValueError, http.client.HTTPException):
        # Between its lock and its first answer, or between its last answer and its end.
        return None
    return _info(found) if health is not None and health.get("pid") == found["pid"] else None


def stop(state_dir: Path, forget: bool = False) -> bool:
    """End the server, the account saved, or thrown away with `forget`; whether one was running.

    Raises:
        SandboxRefused: when it does not end within `STOP_LIMIT`.
    """
    state_dir = state_dir.resolve()
    if not state_dir.exists():
        return False
    with _locked(state_dir / "start.lock"):
        running = status(state_dir)
        if running is not None:
            os.kill(running.pid, signal.SIGTERM)
            _wait_until_gone(state_dir, running.pid)
        if forget:
            (state_dir / "snapshot.bin").unlink(missing_ok=True)
    return running is not None


def _launch(state_dir: Path) -> SandboxInfo:
    require_installed()
    reading, writing = os.pipe()
    log = state_dir / "server.log"
    log.unlink(missing_ok=True)
    with open_lock(log) as output:
        begin(state_dir, writing, output.fileno())
    os.close(writing)
    with os.fdopen(reading, "rb") as ready:
        # Ends when the server has written, or when it is gone and with it the other end of the pipe.
        said = ready.read()
    answer: dict[str, Any] = json.loads(said) if said else {"error": "it ended before it could answer"}
    if "error" in answer:
        told = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        raise SandboxRefused(
            f"the sandbox server did not start: {answer['error']}",
            body="\n".join([f"{log}:", *told]),
            next_command=answer.get("next_command", ""),
        )
    return _info(answer)


def begin(state_dir: Path, ready: int, log: int) -> None:
    """Have a server begin, which answers to the descriptor `ready`; returns when it has detached itself."""
    # -P: the caller's directory may have a package of our name; it must not be taken for ours.
    command = [sys.executable, "-P", "-m", "workflow.sandbox.server", str(state_dir), "--ready-fd", str(ready)]
    subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=(ready,),
        cwd="/",
        env={**os.environ, "PYTHONPATH": PACKAGE_PATH},
        start_new_session=True,
    )


def _info(found: dict[str, Any]) -> SandboxInfo:
    url = f"http://127.0.0.1:{found['port']}"
    return SandboxInfo(found["pid"], found["port"], url, found["started_at"], found["account"], found["token"])


def _health(port: int, token: str) -> dict[str, Any] | None:
    """What the server at this port says of itself; None when it does not know the token: it is not ours."""
    challenge = os.urandom(16).hex()
    headers = {CHALLENGE: challenge, PROOF: proof(token, "ask", challenge)}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_phasegate/health", headers=headers)
        answer: Any = json.loads(connection.getresponse().read(LONGEST_ANSWER))
    finally:
        connection.close()
    said = str(answer.get("proof", "")) if isinstance(answer, dict) else ""
    return answer if hmac.compare_digest(said.encode(), proof(token, "answer", challenge).encode()) else None


def _is_held(path: Path) -> bool:
    """Whether another process holds the lock file."""
    try:
        with open_outside(path, "lock") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open_lock(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _wait_until_gone(state_dir: Path, pid: int) -> None:
    end = time.monotonic() + STOP_LIMIT
    while _is_held(state_dir / "server.lock"):
        if time.monotonic() > end:
            raise SandboxRefused(
                f"the sandbox server (process {pid}) did not end within {STOP_LIMIT:g} s", next_command=f"kill -9 {pid}"
            )
        time.sleep(0.01)
