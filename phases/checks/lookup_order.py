"""In which order are lookups made? Each behind those that it needs; those that need each other are refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from phases.checks.definition import DeclaredCheck
from phases.checks.placeholders import names_in, texts_of
from phases.documents.yaml_document import YamlDocument
from state.errors import Problem


def in_needed_order(lookups: Sequence[DeclaredCheck]) -> tuple[DeclaredCheck, ...]:
    """The lookups, each behind those that fill its placeholders; else in the file's order. None needs itself."""
    by_name = {each.id: each for each in lookups}
    found: dict[str, DeclaredCheck] = {}

    def put(lookup: DeclaredCheck) -> None:
        if lookup.id in found:
            return
        for _path, name in lookup.placeholders():
            if name in by_name:
                put(by_name[name])
        found[lookup.id] = lookup

    for each in lookups:
        put(each)
    return tuple(found.values())


def need_each_other(document: YamlDocument, given: object) -> Iterator[Problem]:
    """Lookups that nothing can make first, each at its place; `given` as the file has them, sound or not."""
    entries = given if isinstance(given, dict) else {}
    needs = {str(name): _names(entry) & entries.keys() for name, entry in entries.items()}
    for name in needs:
        if name in (reached := _reached(needs, name)):
            others = [each for each in needs if each in reached and name in _reached(needs, each) and each != name]
            what = f"{', '.join(others)}, which needs it" if others else "itself"
            yield document.problem(("lookups", name), f"lookups: {name} needs {what}: neither can be made first")


def _names(entry: object) -> set[str]:
    return {name for _path, text in texts_of(entry) for name in names_in(text)}


def _reached(needs: Mapping[str, Collection[str]], start: str) -> set[str]:
    """What a lookup needs, through others too."""
    found: set[str] = set()
    left = list(needs[start])
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += needs[name]
    return found
