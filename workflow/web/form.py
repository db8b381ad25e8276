"""What does a form hold? A few short texts, once each; anything else is refused before it is read further."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from state.longest_text import LONGEST
from state.printable import as_name
from state.utf8 import is_utf8
from workflow.web.guard import LARGEST_BODY, Closed

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 600
BOX, WHY = "box-", "why-"  # how the fields of a box are named, before its number
_NAMES = {
    "text": "the note",
    "comment": "the comment",
    "reason": "the reason",
    "name": "the name",
    "address": "the address",
}


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
    for name, text in fields.items():
        if len(text) > LONGEST:
            seen = f"expected at most {LONGEST:,} characters, seen {len(text):,}"
            raise NoForm(Closed(413, f"{_called(name)} is too long: {seen}"))
        if not is_utf8(text) or "\0" in text:
            raise NoForm(Closed(400, f"{_called(name)} holds what is no text"))
    return fields


def _called(name: str) -> str:
    """What a person calls a field of a form."""
    if name.startswith(WHY):
        return f"the reason to waive box {as_name(name.removeprefix(WHY)[:20])}"
    return _NAMES.get(name, f"the field {as_name(name[:40])}")


async def _body(request: Request) -> bytes:
    """The body, read no further than it may be long; its length was looked at before, and is not believed."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > LARGEST_BODY:
            raise NoForm(Closed(413, f"expected at most {LARGEST_BODY:,} bytes"))
    return bytes(data)
