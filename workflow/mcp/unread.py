"""What is answered on standard input to a line that is no message? An error, so that no client waits for ever.

The SDK (2.3.0) drops what it cannot read. Here it is answered as JSON-RPC says:

    {"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "the line is no JSON: ..."}}

Rules:
- -32700 for what is no JSON, -32600 for JSON that is no message: a batch, a number, a request without a method.
- The id is the line's own where it has one that can be read, also beside a text that is no UTF-8 (half of a surrogate
  pair) and beside values nested deeper than the SDK reads.
- An empty line is nothing. An answer of the client's that cannot be read is not answered.

Source: JSON-RPC 2.0, "Response object" and "Error object"
"""

from __future__ import annotations

import json
import re
from typing import Any

from anyio import EndOfStream
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

_EXPECTED = "expected one message a line"
_OF_ALL = ("missing", "model_type")  # the problems whose input is the whole of what was sent
_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]|[^"\[\]{}]+', re.DOTALL)


class Answering:
    """The stream of a transport, with what is no message answered on the other one and left out."""

    def __init__(self, read: Any, write: Any) -> None:
        self._read, self._write = read, write

    @property
    def last_context(self) -> Any:
        """Of whoever sent the latest message, as the SDK wants it."""
        return getattr(self._read, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        """The next message. Raises as the stream that it comes from."""
        while True:
            item: SessionMessage | Exception = await self._read.receive()
            if not isinstance(item, ValidationError):
                return item
            if answer := answer_to(item):
                await self._write.send(SessionMessage(answer))

    def __aiter__(self) -> Answering:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except EndOfStream:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        """Close the stream that it reads."""
        await self._read.aclose()

    async def __aenter__(self) -> Answering:
        return self

    async def __aexit__(self, *_why: object) -> None:
        await self.aclose()


def answer_to(error: ValidationError) -> JSONRPCError | None:
    """The answer to what could not be read; None where nothing waits for one."""
    found = error.errors(include_url=False)
    first = found[0]
    if first["type"] == "json_invalid":
        if not str(first["input"]).strip():
            return None
        top = _top_of(str(first["input"]))
        code, why = PARSE_ERROR, f"the line cannot be read: {first['msg']}"
    else:
        top = next((each["input"] for each in found if each["type"] in _OF_ALL), None)
        code, why = INVALID_REQUEST, "a batch is not taken" if isinstance(top, list) else "no message of JSON-RPC"
    if isinstance(top, dict) and "method" not in top and ("result" in top or "error" in top):
        return None
    known = _id_of(top)
    if code == PARSE_ERROR and known is not None:
        code = INVALID_REQUEST  # it is JSON, but for what is in it
    return JSONRPCError(jsonrpc="2.0", id=known, error=ErrorData(code=code, message=f"{why}; {_EXPECTED}"))


def _id_of(message: object) -> str | int | None:
    """The id that an answer can have."""
    known = message.get("id") if isinstance(message, dict) else None
    if isinstance(known, str):
        return known if known.isprintable() else None
    return known if isinstance(known, int) and not isinstance(known, bool) else None


def _top_of(line: str) -> object:
    """The line as JSON without what is nested in it; None where it is none even then."""
    depth, kept = 0, []
    for part in _PARTS.findall(line):
        if part in ("{", "["):
            depth += 1
            kept.append("null" if depth == 2 else part if depth == 1 else "")
        elif part in ("}", "]"):
            kept.append(part if depth == 1 else "")
            depth -= 1
        elif depth <= 1:
            kept.append(part)
    try:
        return json.loads("".join(kept)) if depth == 0 else None
    except ValueError:
        return None
