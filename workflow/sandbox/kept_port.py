"""On which port does the server listen? The one that this directory's servers had before, while it is free.

    STATE_DIR/port      the number, in ASCII

So that an address that somebody exported is good after `stop` and `start`. A port that another program has by now, and
a file that holds none, give way to a free one. Who asks is told apart by the token, never by the port.
"""

from __future__ import annotations

import socket
from pathlib import Path

from state.errors import BadInput
from state.files import Disk
from state.outside_file import read_if_there

HOST = "127.0.0.1"
_UNPRIVILEGED = range(1024, 65536)
_LONGEST = 16  # [bytes]


def listen(state_dir: Path) -> socket.socket:
    """A socket that listens on loopback; its port is kept for the next one."""
    listening = _listen_on(_kept(state_dir)) or _listen_on(0)
    assert listening is not None  # port 0 is any that is free
    port = listening.getsockname()[1]
    Disk(state_dir).write_atomic(state_dir / "port", str(port).encode(), sync=False)
    return listening


def _kept(state_dir: Path) -> int:
    """The port of the server before, 0 without one."""
    try:
        said = read_if_there(state_dir / "port", "port of the sandbox", limit=_LONGEST) or b""
    except BadInput:
        return 0
    text = said.decode("ascii", "replace")
    return int(text) if text.isascii() and text.isdigit() and int(text) in _UNPRIVILEGED else 0


def _listen_on(port: int) -> socket.socket | None:
    """The socket; None where that port is somebody else's."""
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError:
        if port == 0:
            raise
        return None
