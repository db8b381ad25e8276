"""What did AWS answer, as one JSON value, and how much of it is kept?

Rules:
- All pages are put together by the names that the operation's model gives; everything else is as on the first page.
- Times are written as ISO 8601 in UTC; bytes are not kept, their number is.
- What is kept says where something was left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from state.counted import counted
from state.json_values import Json

MOST_PAGES = 1000
KEPT = 8_000  # characters of JSON
_TIGHTER = ((20, 400), (5, 200), (2, 80))  # entries of a list, characters of a text


class TooManyPages(Exception):
    """The answer did not end within MOST_PAGES."""


def merge_pages(pages: Iterable[Mapping[str, object]], names: Sequence[str]) -> dict[str, Json]:
    """The answer as if it had come on one page.

    Args:
        names: dotted names of what goes on from page to page.

    Raises TooManyPages.
    """
    whole: dict[str, Json] = {}
    for number, page in enumerate(pages):
        if number >= MOST_PAGES:
            raise TooManyPages(f"the answer has more than {MOST_PAGES} pages: narrow the parameters")
        if number == 0:
            whole = _object(page)
            continue
        for name in names:
            _append(whole, _object(page), name.split("."))
    return whole


def as_json(value: object) -> Json:
    """boto3's values as JSON values."""
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list | tuple | set):
        return [as_json(entry) for entry in value]
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes | bytearray):
        return f"[{counted(len(value), 'byte')}]"
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def truncated(value: Json, mask_text: Callable[[str], str]) -> Json:
    """As much of a JSON value as is worth keeping, each text masked; what is left out is said in its place."""
    for entries, characters in _TIGHTER:
        cut = _cut(value, entries, characters, mask_text)
        if len(json.dumps(cut, ensure_ascii=False)) <= KEPT:
            return cut
    return f"[left out: {len(json.dumps(value, ensure_ascii=False)):,} characters]"


def _object(fields: Mapping[str, object]) -> dict[str, Json]:
    return {str(name): as_json(entry) for name, entry in fields.items()}


def _append(whole: dict[str, Any], page: dict[str, Any], path: Sequence[str]) -> None:
    name = path[0]
    if name not in page:
        return
    if len(path) > 1 and isinstance(page[name], dict):
        _append(whole.setdefault(name, {}), page[name], path[1:])
    elif isinstance(page[name], list):
        whole.setdefault(name, []).extend(page[name])
    elif isinstance(page[name], int | float):
        whole[name] = whole.get(name, 0) + page[name]
    else:
        whole.setdefault(name, page[name])


def _cut(value: Json, entries: int, characters: int, mask_text: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        text = mask_text(value)  # before it is cut: half a secret has no shape
        more = f"[... {len(text) - characters:,} more characters]" if len(text) > characters else ""
        return text[:characters] + more
    if isinstance(value, dict):
        return {name: _cut(entry, entries, characters, mask_text) for name, entry in value.items()}
    if isinstance(value, list):
        left_out = [f"[... {len(value) - entries:,} more]"] * (len(value) > entries)
        return [*(_cut(entry, entries, characters, mask_text) for entry in value[:entries]), *left_out]
    return value
