"""What does a form hold? A few short texts, once each; anything else is refused before it is read further."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from state.longest_text import LONGEST
from state.utf8 import is_utf8
from workflow.web.guard import LARGEST_BODY, Closed

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 600


class NoForm(Exception):
    """What was sent is no form of this page."""

    def __init__(self, closed: Closed) -> None:
        super().__init__(closed.why)
        self.closed = closed


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields by name; texts have LF as line ends. Raises NoForm."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise NoForm(Closed(415, f"expected a form: {FORM}"))
    return fields_in(await _body(request))


def fields_in(body: bytes) -> Mapping[str, str]:
    """The fields of a form's body. Raises NoForm."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:  # UnicodeError is one
        raise NoForm(Closed(400, "the form cannot be read")) from error
    fields = {name: value.replace("\r\n", "\n") for name, value in pairs}
    if len(fields) < len(pairs):
        raise NoForm(Closed(400, "a field is there twice"))
    if any(len(each) > LONGEST for each in fields.values()):
        raise NoForm(Closed(413, f"a text is too long: expected at most {LONGEST:,} characters"))
    if not all(is_utf8(each) and "\0" not in each for each in fields.values()):
        raise NoForm(Closed(400, "a text holds what is no text"))
    return fields


async def _body(request: Request) -> bytes:
    """The body, read no further than it may be long; its length was looked at before, and is not believed."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > LARGEST_BODY:
            raise NoForm(Closed(413, f"expected at most {LARGEST_BODY:,} bytes"))
    return bytes(data)
