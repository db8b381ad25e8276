"""Which placeholders of a checks file are slips of the pen? `{regoin}`, where every profile gives `region`.

Rules:
- A placeholder that neither a profile nor a lookup gives is asked for in a run, so it is refused only where it is one
  sign off a name that they give; names that differ in a number alone (`zone-1`, `zone-2`) are two names.
- It is told with all other problems of the file, at its own place; other unknown ones, when they get no value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from phases.checks.placeholders import names_in, texts_of
from phases.documents.yaml_document import YamlDocument
from state.errors import Problem
from state.nearest import nearest

_LEAST = 5  # signs of a name in which one may be wrong
_WORDS = ("id", "name", "criterion", "tasks", "waits-for", "why")  # what people read: nothing is filled in


def misspelt_placeholders(document: YamlDocument, given: Mapping[str, object]) -> Iterator[Problem]:
    """Each of them, in the values of the whole file; `given` is its mapping, sound or not."""
    profiles, lookups = (part if isinstance(part, dict) else {} for part in map(given.get, ("profiles", "lookups")))
    values = (each.get("values") for each in profiles.values() if isinstance(each, dict))
    known = {str(name) for each in values if isinstance(each, dict) for name in each} | set(map(str, lookups))
    for part in ("lookups", "checks"):
        for path, text in texts_of(given.get(part), (part,)):
            if path[2:] and path[2] not in _WORDS and "matches" not in path:
                for name in names_in(text):
                    if meant := _meant(name, known):
                        yield document.problem(path, f"{{{name}}} has no value; did you mean {{{meant}}}?")


def _meant(name: str, known: Collection[str]) -> str:
    """The name that this one is a slip of; "" where it is a name of its own."""
    if name in known or len(name) < _LEAST:
        return ""
    found = nearest(name, known)
    alike = found and abs(len(found) - len(name)) <= 1 and _signs_apart(name, found) <= 1
    return found if alike and re.sub(r"[0-9]", "", name) != re.sub(r"[0-9]", "", found) else ""


def _signs_apart(one: str, other: str) -> int:
    """How many signs are wrong, missing, too many, or changed places, where that is at most one; else 2."""
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    swapped = len(a) == len(b) > 1 and (a[0], a[1], a[2:]) == (b[1], b[0], b[2:])
    return 0 if a == b else 1 if swapped or a[1:] == b[1:] or a[1:] == b or a == b[1:] else 2
