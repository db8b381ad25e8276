"""How does a client speak to the service? Through a WebSocket of its own for each connection.

The client is `websockets`: it has no dependencies, checks certificates by the system's trust, and its server is what
the sandbox's endpoint is made of (local_api.py); websocket-client would be a second library beside it.
"""

import json
import ssl
import time
from contextlib import ExitStack
from urllib.parse import urlencode, urlsplit

from gateway import Refused
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect

ANSWERS = ("heartbeat", "refreshed", "error")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Client:
    """The WebSocket endpoint, with what `Gateway` offers: connect, send, disconnect.

    Attributes:
        entries: says which entries of Connections are the test user's, by connection id: a client is not told its id.
        timeout: what an answer, or a change that follows from one, may take [s].
    """

    def __init__(self, endpoint, entries, timeout=10):
        parts = urlsplit(endpoint)
        if parts.scheme != "wss" and (parts.scheme != "ws" or parts.hostname not in LOOPBACK):
            raise Refused(f"{endpoint}: wss is expected, a token is not sent in the open")
        self.endpoint, self.entries, self.timeout, self._open = endpoint, entries, timeout, {}

    def connect(self, token, **query):
        """A new connection's id, and its entry.

        Raises:
            Refused: the status with which the handshake was refused, or why there was none.
        """
        before = self.entries()
        given = {**({"token": token} if token else {}), **query}
        url, limits = (
            f"{self.endpoint}?{urlencode(given)}",
            {"open_timeout": self.timeout, "close_timeout": self.timeout},
        )
        held = ExitStack()
        try:
            socket = held.enter_context(connect(url, **limits, proxy=None))
        except InvalidStatus as refusal:
            raise Refused(f"{refusal.response.status_code}: the handshake was refused") from None
        except ssl.SSLError as error:
            raise Refused(f"no TLS with {urlsplit(self.endpoint).netloc}: {error.reason}") from None
        except (OSError, InvalidHandshake) as error:
            raise Refused(f"{urlsplit(self.endpoint).netloc} does not answer: {error}") from None
        new = {name: entry for name, entry in self.entries().items() if name not in before}
        if len(new) != 1:
            held.close()
            raise Refused(f"{len(new)} new entries of the test user in Connections, expected 1")
        ((name, entry),) = new.items()
        self._open[name] = (socket, entry, held)
        return name, entry

    def send(self, connection, **message):
        """What the service says to this connection.

        Raises:
            Refused: the status that it says, or that nothing was said in time.
        """
        if connection not in self._open:
            raise Refused("410: the connection is closed")
        socket, _, _ = self._open[connection]
        try:
            socket.send(json.dumps(message))
            said = self._hear(socket, ANSWERS)
        except ConnectionClosed as error:
            raise Refused(f"410: {error}") from None
        if said["type"] == "error":
            raise Refused(f"{said['status']}: {said['error']}")
        return said

    def disconnect(self, connection):
        """Close it, wait until its entry is gone, and tell how many of this client's listeners heard of it."""
        _, entry, held = self._open.pop(connection)
        held.close()
        end = time.monotonic() + self.timeout
        while connection in self.entries():
            if time.monotonic() > end:
                raise Refused(f"the entry of a closed connection is there after {self.timeout} s")
            time.sleep(0.1)
        moved = entry.get("role") != "speaker" or any(
            one.get("role") == "speaker" and one.get("sessionId") == entry["sessionId"]
            for one in self.entries().values()
        )
        listeners = (
            [] if moved else [one for one, its, _ in self._open.values() if its["sessionId"] == entry["sessionId"]]
        )
        return {"told": sum(self._hear(one, ("sessionEnded",))["sessionId"] == entry["sessionId"] for one in listeners)}

    def close(self):
        for _, _, held in self._open.values():
            held.close()
        self._open.clear()

    def _hear(self, socket, kinds):
        """The next message of one of these kinds."""
        end = time.monotonic() + self.timeout
        while (left := end - time.monotonic()) > 0:
            try:
                said = json.loads(socket.recv(left))
            except TimeoutError:
                break
            if said.get("type") in kinds:
                return said
            if "message" in said:  # of API Gateway itself: "Forbidden", "Internal server error"
                raise Refused(f"{said['message']}")
        raise Refused(f"nothing was said within {self.timeout} s")
