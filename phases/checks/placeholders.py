"""Where do a check's `{placeholders}` stand, and what do they become?

Rules:
- `{name}` is filled from the variables (the run's answers); `{{name}}` is the text `{name}` itself, as in the route
  `GET /orders/{{id}}`. Anything else in braces stays as it is.
- A text that is one placeholder and nothing else may stand where a number or a boolean belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from state.json_values import Json
from state.late_pattern import late

Path = tuple[str | int, ...]

NAME = r"[a-z][a-z0-9-]*"  # as a question's name
_ANY = late(rf"\{{\{{({NAME})\}}\}}|\{{({NAME})\}}")
_WHOLE = late(rf"\{{{NAME}\}}")


def names_in(text: str) -> list[str]:
    """The placeholders' names, in order."""
    return [found[2] for found in _ANY.finditer(text) if found[2]]


def is_whole(value: object) -> bool:
    """Whether the value is one placeholder and nothing else."""
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with its placeholders filled. Raises KeyError for a missing one."""
    return _ANY.sub(lambda found: f"{{{found[1]}}}" if found[1] else variables[found[2]], text)


def texts_of(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in JSON values, with where it stands."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from texts_of(entry, (*path, name))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from texts_of(entry, (*path, number))


def with_texts(value: Json, change: Callable[[str], str]) -> Json:
    """JSON values with `change` applied to every text."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: with_texts(entry, change) for name, entry in value.items()}
    if isinstance(value, list):
        return [with_texts(entry, change) for entry in value]
    return value
