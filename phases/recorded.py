"""Is what a step reads back from the journal what a step leaves there? Its kind is looked at where it is read.

Rules:
- The journal is a file that anybody can edit: whatever a step reads back from it is refused with line and field when it
  is not of the kind that the step goes on with.
- A kind is a TypedDict: `Configured` of task 3.1, say. Fields that it does not name are left as they are.
- pydantic looks, and is loaded when something is read back: steps are declared without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar, cast

from state.errors import JournalDamaged
from state.json_values import shown
from state.path_word import path_word

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema

T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True)
class Holds(Generic[V]):
    """Beside a type: what else must hold, and how it is called."""

    what: str
    test: Callable[[V], bool]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How pydantic asks for it: "Customizing validation" in its documentation of types."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._look, handler(source))

    def _look(self, value: V) -> V:
        if not self.test(value):
            raise ValueError(f"expected {self.what}")
        return value


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


Region = Annotated[str, Holds("a region of AWS", _matches(r"[a-z]{2}[a-z0-9-]{1,60}"))]
Account = Annotated[str, Holds("an account of AWS", _matches(r"[0-9]{12}"))]
Arn = Annotated[str, Holds("an ARN", _matches(r"arn:[a-z0-9-]+:[a-z0-9-]+:[^:\0]*:[^:\0]*:[^\0]{1,2000}"))]
Line = Annotated[str, Holds("a name or path of one line", _matches(r"[^\0-\x1f]{1,2000}"))]
Hex = Annotated[str, Holds("a hexadecimal digest", _matches(r"[0-9a-f]{7,64}"))]
Time = Annotated[str, Holds("a time in ISO 8601, with its zone", _is_moment)]
Seconds = Annotated[float, Holds("a number of seconds", lambda number: 0 <= number < 1e9)]


@cache
def _reader(kind: Hashable) -> TypeAdapter[object]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast(type[object], kind))


def as_recorded(value: Mapping[str, object], kind: type[T], *, place: str, field: str) -> T:
    """The value as it was recorded, seen to be of this kind.

    Args:
        place: `.phasegate/<run>/journal.jsonl:<line>`.
        field: of that line, in which the value stands.

    Raises JournalDamaged with line and field.
    """
    from pydantic import ValidationError

    try:
        _reader(cast(Hashable, kind)).validate_python(value, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        inside = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"])
        seen = "nothing" if found["type"] == "missing" else _shown(found["input"])
        message = found["msg"].removeprefix("Value error, ")
        raise JournalDamaged(
            f"{place}: field `{field}{inside}`: {message[0].lower()}{message[1:]}, seen {seen}",
            next_command=f"git -P log -p -- {path_word(place.rpartition(':')[0])}   # look who changed it",
        ) from None
    return cast(T, value)


def _shown(value: object) -> str:
    return shown(value if isinstance(value, str | int | float | bool | dict | list | None) else str(value))
