"""What takes connections where the account is a sandbox? A WebSocket server here, with the deployed handlers behind it.

It listens on 127.0.0.1. What API Gateway does with a handshake, a message and an end is done by `Gateway`, from the
API's own wiring; a handler that says something to a connection posts it to the management endpoint here.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from gateway import STAGE, Gateway, Refused
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve


class LocalApi:
    """The served API; `url` is where clients connect. `tls` is a server's context of module ssl, or None."""

    def __init__(self, session, config, tls=None):
        self._sockets, self._one_at_a_time = {}, threading.Lock()
        self._management = ThreadingHTTPServer(("127.0.0.1", 0), self._posts())
        management = f"http://127.0.0.1:{self._management.server_port}"
        try:
            self._gateway = Gateway(session, config, management)
        except Refused:
            self._management.server_close()
            raise
        self._server = serve(self._talk, "127.0.0.1", 0, process_request=self._let_in, ssl=tls)
        host, port = self._server.socket.getsockname()
        self.url = f"{'wss' if tls else 'ws'}://{host}:{port}/{STAGE}"
        for each in (self._management, self._server):
            threading.Thread(target=each.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._management.shutdown()
        self._management.server_close()
        with self._one_at_a_time:
            self._gateway.close()

    def _let_in(self, socket, request):
        """None lets the client in; a refusal has the status of authorizer or handler."""
        parts = urlsplit(request.path)
        if parts.path != f"/{STAGE}":
            return socket.respond(403, "Forbidden\n")
        query = dict(parse_qsl(parts.query))
        try:
            with self._one_at_a_time:
                socket.name, _ = self._gateway.connect(query.pop("token", ""), **query)
        except Refused as refusal:
            status = str(refusal).split(":")[0]
            return socket.respond(int(status) if status.isdigit() else 502, f"{refusal}\n")
        self._sockets[socket.name] = socket
        return None

    def _talk(self, socket):
        try:
            for message in socket:
                self._take(socket, message)
        except ConnectionClosed:
            pass  # without a closing handshake: an end like any other
        finally:
            self._sockets.pop(socket.name, None)
            with self._one_at_a_time:
                self._gateway.disconnect(socket.name)

    def _take(self, socket, message):
        """One message, by the route that its `action` names."""
        try:
            read = json.loads(message)
            action = read.get("action") if isinstance(read, dict) else None
        except ValueError:
            action = None
        if not isinstance(action, str) or action.startswith("$"):
            socket.send(json.dumps({"message": "Forbidden"}))
            return
        try:
            with self._one_at_a_time:
                self._gateway.send(socket.name, **read)
        except Refused as refusal:
            if not str(refusal)[:3].isdigit():  # the handler's own refusals are said by the handler
                socket.send(json.dumps({"message": f"Internal server error: {refusal}"}))

    def _posts(self):
        sockets = self._sockets

        class Posts(BaseHTTPRequestHandler):
            """POST /@connections/ID. Source: PostToConnection of the API Gateway management API."""

            def do_POST(self):
                said = self.rfile.read(int(self.headers["Content-Length"])).decode()
                socket = sockets.get(unquote(self.path.removeprefix("/@connections/")))
                try:
                    if socket is not None:
                        socket.send(said)
                except ConnectionClosed:
                    socket = None
                self.send_response(200 if socket is not None else 410)
                if socket is None:
                    self.send_header("x-amzn-ErrorType", "GoneException")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Nothing: standard error is the smoke tests'."""

        return Posts
