"""What leaves the sandbox? Nothing: deliveries are recorded, and a connection that anything opens is refused.

moto delivers for real: SNS posts to http(s) subscriptions, EventBridge to API destinations, Firehose to HTTP endpoints,
API Gateway to its integrations; Lambda and Batch start docker containers.

Rules:
- What moto would send by `requests` is kept (`Unsent`) and answered with an empty 200, so that the call that caused it
  works as ever. Calls of anybody else in the process go on as they are.
- In the server's process no connection is opened, no name is looked up and no program is started, by whatever module:
  Python tells of each before it happens, and the guard refuses. Accepted connections are none of these.

Source: moto 5.2.5; https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

KEPT = 100  # of the latest deliveries
REFUSED = frozenset(
    {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
    | {"socket.gethostbyaddr", "socket.getnameinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}
    | {"os.spawn", "os.startfile", "pty.spawn", "urllib.Request", "http.client.connect", "smtplib.connect"}
    | {"ftplib.connect", "imaplib.open", "poplib.connect", "telnetlib.Telnet.open"}
)


@dataclass
class Unsent:
    """Deliveries that were not made.

    Attributes:
        total: how many there were.
        latest: method and `scheme://host[:port]` of the last hundred; the rest of an address may hold a secret.
    """

    total: int = 0
    latest: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def keep(self, method: str, url: str) -> None:
        parts = urlsplit(url)
        self.latest.append((method.upper(), f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"))
        self.total += 1


@contextmanager
def recorded() -> Iterator[Unsent]:
    """Within this context what moto sends by `requests` is kept, and goes nowhere."""
    import requests

    unsent = Unsent()
    original = requests.api.request

    def request(method: str, url: str, **options: Any) -> Any:
        if not _is_motos(sys._getframe(1)):
            return original(method, url, **options)
        unsent.keep(method, url)
        answer = requests.Response()
        answer.status_code, answer.url = 200, url
        answer._content = b""
        return answer

    # `requests.post` and the like call the first, `requests.request` is the second
    with patch.object(requests.api, "request", request), patch.object(requests, "request", request):
        yield unsent


def close(refused: Callable[[str], None]) -> None:
    """From here on this process opens no connection and starts no program; cannot be taken back.

    Whatever tries gets a PermissionError; `refused` is told of it by a sentence without the address's secrets.
    """

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in REFUSED or (event == "socket.sendmsg" and arguments[1] is None):
            return
        refused(f"{event} was refused: the sandbox sends nothing out")
        raise PermissionError(f"{event}: the sandbox sends nothing out")

    sys.addaudithook(guard)


def _is_motos(frame: Any) -> bool:
    """Whether moto asked: the caller is moto's, or `requests` itself on behalf of moto."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith("requests"):
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "moto"
