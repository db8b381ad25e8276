"""Can DynamoDB hold what the contract describes? Names, keys, indexes and projections, judged on the raw document.

Rules:
- The rules look at the document, not at the models, so that one malformed field does not hide the other problems:
  a value of the wrong type is skipped here and refused by `phases/contract/shape.py`.
- Nothing is assumed: a key attribute that is declared nowhere is an error, never silently a string.
- An error is what AWS would refuse or what would lose data; anything else that is odd is a note.

Sources (Amazon DynamoDB Developer Guide, "Quotas in Amazon DynamoDB"; API reference, CreateTable):
names 3-255 of a-zA-Z0-9_.-; key attribute names up to 255 characters; keys of type S, N or B; 20 global secondary
indexes a table; 100 projected attributes summed over a table's indexes, 20 in one index; items up to 400 KB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeGuard, get_args

from phases.contract.model import AttributeType, KeyType
from phases.contract.settings import another_key, local_index, lost_setting
from phases.contract.shape import NEEDED, AttributeShape, ContractShape, EntityShape, IndexShape, TableShape
from phases.documents.json_document import Location, WrongJson, json_path, shown

MAX_INDEXES = 20
MAX_PROJECTED = 100
MAX_PROJECTED_IN_INDEX = 20
MAX_KEY_NAME = 255  # [characters]
MAX_ITEM = 400 * 1024  # [bytes]

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_JOINED = re.compile(r"[\s,;#+&|/]+")  # how people write several attributes in one text
_KEY_TYPES = get_args(KeyType)
_ATTRIBUTE_TYPES = get_args(AttributeType)


@dataclass(slots=True)
class Findings:
    """What the rules found, in the order of the tables. `lost`: settings of a table that a contract cannot hold."""

    faults: list[WrongJson] = field(default_factory=list)
    lost: list[WrongJson] = field(default_factory=list)
    notes: list[WrongJson] = field(default_factory=list)
    origins: dict[Location, str] = field(default_factory=dict)

    def path(self, where: Location) -> str:
        return json_path(where, self.origins)


@dataclass(slots=True)
class _Declarations:
    """Which attributes a table declares: name -> [(type, where)]. `complete`: every entry could be read."""

    by_name: dict[str, list[tuple[str, Location]]] = field(default_factory=dict)
    complete: bool = True


def name_fault(name: str) -> str | None:
    """What is wrong with a table's or an index's name, or None."""
    if _NAME.fullmatch(name):
        return None
    return f"expected a name of 3 to 255 characters of a-z A-Z 0-9 _ . -, seen {shown(name)}"


def check_rules(document: object, origins: dict[Location, str]) -> Findings:
    """Everything that the rules have to say about a document in the current form."""
    found = Findings(origins=origins)
    names: dict[str, Location] = {}
    if isinstance(document, dict):
        _unknown_fields(document, (), set(ContractShape.model_fields), found)
        for where, table in _objects(document, "tables", ()):
            _name(table.get("table"), (*where, "table"), names, "table", found)
            _table(table, where, found)
    return found


def _table(table: dict[str, object], where: Location, found: Findings) -> None:
    _unknown_fields(table, where, set(TableShape.model_fields), found)
    _entities_or_attributes(table, where, found)
    declared = _declarations(table, where, found)
    indexes = list(_objects(table, "gsis", where))
    judged: set[str] = set()
    for place, holder in [(where, table), *indexes]:
        _keys(holder, place, declared, judged, found)
    _indexes(table, indexes, where, declared, found)
    _several_types(declared, judged, found)
    size = table.get("estimated_item_size_bytes")
    if isinstance(size, int | float) and size > MAX_ITEM:
        found.notes.append(
            ((*where, "estimated_item_size_bytes"), f"{shown(size)} bytes: an item holds at most {MAX_ITEM}")
        )
    if table.get("satisfies") == []:
        found.notes.append(((*where, "satisfies"), "the table satisfies no access pattern"))


def _entities_or_attributes(table: dict[str, object], where: Location, found: Findings) -> None:
    kind, entities, attributes = table.get("type"), table.get("entities"), table.get("attributes")
    if kind == "multi-entity" and (entities is None or entities == []):
        found.faults.append(((*where, "entities"), "missing; a multi-entity table describes its entities"))
    elif kind == "multi-entity" and attributes is None:
        found.notes.append((where, "multi-entity with `entities` and without `attributes`: read from its entities"))
    if kind == "single-entity" and attributes is None:
        found.faults.append(((*where, "attributes"), "missing; a single-entity table declares its attributes"))
    if kind == "single-entity" and entities:
        found.notes.append(((*where, "entities"), "a single-entity table with entities; their attributes count"))


def _declarations(table: dict[str, object], where: Location, found: Findings) -> _Declarations:
    declared = _Declarations()
    holders = [(where, table)]
    for place, entity in _objects(table, "entities", where):
        _unknown_fields(entity, place, set(EntityShape.model_fields), found)
        holders.append((place, entity))
    if len(holders) - 1 != len(_list(table, "entities")) or not {"attributes", "entities"} & set(table):
        declared.complete = False
    for place, holder in holders:
        _declare(holder, place, declared, found)
    return declared


def _declare(holder: dict[str, object], where: Location, declared: _Declarations, found: Findings) -> None:
    """Add the attributes of the table or of one of its entities."""
    seen: dict[str, Location] = {}
    attributes = list(_objects(holder, "attributes", where))
    if len(attributes) != len(_list(holder, "attributes")) or not isinstance(holder.get("attributes", []), list):
        declared.complete = False
    for spot, attribute in attributes:
        _unknown_fields(attribute, spot, set(AttributeShape.model_fields), found, of_attribute=True)
        _needed(attribute, spot, found)
        name = attribute.get("name")
        if not _is_name(name):
            declared.complete = False
            continue
        if name in seen:
            found.faults.append(((*spot, "name"), f"{shown(name)} is declared at {found.path(seen[name])} too"))
        seen[name] = spot
        declared.by_name.setdefault(name, []).append((str(attribute.get("type")), spot))


def _several_types(declared: _Declarations, keys: set[str], found: Findings) -> None:
    """Remark on each attribute with more than one type; for a key that is a fault already."""
    for name, places in declared.by_name.items():
        if name not in keys and len({kind for kind, _ in places}) > 1:
            said = ", ".join(f"{kind} at {found.path(place)}" for kind, place in places)
            found.notes.append((places[0][1], f"attribute {shown(name)} has more than one type: {said}"))


def _keys(
    holder: dict[str, object], where: Location, declared: _Declarations, judged: set[str], found: Findings
) -> None:
    """The keys of the table or of one of its indexes."""
    seen: dict[str, Location] = {}
    for place, name in _key_names(holder, where):
        if name not in seen:
            _key(name, place, declared, judged, found)
        elif _is_name(holder.get("sk")) and place == (*where, "sk") and seen[name] == (*where, "pk"):
            found.faults.append((place, f"the sort key is the partition key, {shown(name)}"))
        else:
            found.faults.append((place, f"{shown(name)} is a key at {found.path(seen[name])} already"))
        seen.setdefault(name, place)


def _key_names(holder: dict[str, object], where: Location) -> Iterator[tuple[Location, str]]:
    """The attributes of the keys of a table or an index, each with its place: one, or those of a list."""
    for role in ("pk", "sk"):
        value = holder.get(role)
        if _is_name(value):
            yield (*where, role), value
        for number, name in enumerate(_list(holder, role)):
            if _is_name(name):
                yield (*where, role, number), name


def _key(name: str, where: Location, declared: _Declarations, judged: set[str], found: Findings) -> None:
    if len(name) > MAX_KEY_NAME:
        found.faults.append((where, f"a key attribute's name has at most {MAX_KEY_NAME} characters, seen {len(name)}"))
    places = declared.by_name.get(name)
    if places is None:
        if declared.complete:
            found.faults.append(
                (
                    where,
                    f"key attribute {shown(name)} is declared nowhere in the table's attributes or entities"
                    f"{_meant(name, declared)}",
                )
            )
    elif name not in judged:
        judged.add(name)
        _key_types(name, places, where, found)


def _meant(name: str, declared: _Declarations) -> str:
    """What a key that is declared nowhere may have been meant to say; "" where nothing is near."""
    parts = [part for part in _JOINED.split(name) if part]
    if len(parts) > 1 and all(part in declared.by_name for part in parts):
        return f"; the key of an index that has several is a list: [{', '.join(map(shown, parts))}]"
    near = get_close_matches(name, declared.by_name, n=1)
    return f"; did you mean {shown(near[0])}?" if near else ""


def _key_types(name: str, places: list[tuple[str, Location]], where: Location, found: Findings) -> None:
    """A key attribute is of one type, and of one that keys may have; `where` it is a key."""
    known = [(kind, place) for kind, place in places if kind in _ATTRIBUTE_TYPES]
    for kind, place in known:
        if kind not in _KEY_TYPES:
            used = found.path(where)
            found.faults.append(
                ((*place, "type"), f"key attribute {shown(name)} (used at {used}) is {kind}; a key is S, N or B")
            )
    for kind, place in known:
        if kind != known[0][0]:
            found.faults.append(
                (
                    (*place, "type"),
                    f"key attribute {shown(name)} is {kind} here and {known[0][0]} at {found.path(known[0][1])}",
                )
            )


def _indexes(
    table: dict[str, object],
    indexes: list[tuple[Location, dict[str, object]]],
    where: Location,
    declared: _Declarations,
    found: Findings,
) -> None:
    count = len(_list(table, "gsis"))
    if count > MAX_INDEXES:
        found.faults.append(((*where, "gsis"), f"at most {MAX_INDEXES} indexes a table, seen {count}"))
    names: dict[str, Location] = {}
    projected = 0
    for place, index in indexes:
        _unknown_fields(index, place, set(IndexShape.model_fields), found)
        _name(index.get("index_name"), (*place, "index_name"), names, "index", found)
        projected += _projection(index, place, table, declared, found)
    if projected > MAX_PROJECTED:
        found.faults.append(
            (
                (*where, "gsis"),
                f"at most {MAX_PROJECTED} projected attributes, summed over a table's indexes, seen {projected}",
            )
        )


def _projection(
    index: dict[str, object], where: Location, table: dict[str, object], declared: _Declarations, found: Findings
) -> int:
    """Check one index's projection; returns how many attributes it projects by name."""
    projection = index.get("projection", "ALL")
    place = (*where, "projected_attributes")
    names = _list(index, "projected_attributes")
    if projection != "INCLUDE":
        if names and projection in ("ALL", "KEYS_ONLY"):
            found.faults.append((place, f"expected none with projection {projection}, seen {shown(names)}"))
        return 0
    if not names:
        found.faults.append((place, "missing; projection INCLUDE names the attributes to project"))
    if len(names) > MAX_PROJECTED_IN_INDEX:
        found.faults.append((place, f"at most {MAX_PROJECTED_IN_INDEX} in one index, seen {len(names)}"))
    keys = [name for each in (table, index) for _, name in _key_names(each, ())]
    _projected(names, place, keys, declared, found)
    return len(names)


def _projected(names: list[object], place: Location, keys: list[str], declared: _Declarations, found: Findings) -> None:
    """The attributes that an index projects by name, beside its own keys and the table's."""
    seen: set[str] = set()
    for number, name in enumerate(names):
        spot = (*place, number)
        if not _is_name(name):
            continue
        if len(name) > MAX_KEY_NAME:
            found.faults.append((spot, f"a projected name has at most {MAX_KEY_NAME} characters, seen {len(name)}"))
        if name in seen:
            found.faults.append((spot, f"{shown(name)} is projected twice"))
        elif name in keys:
            found.faults.append((spot, f"{shown(name)} is a key, which every index projects anyway"))
        elif name not in declared.by_name:
            found.notes.append((spot, f"{shown(name)} is declared nowhere; items without it are projected without it"))
        seen.add(name)


def _needed(attribute: dict[str, object], where: Location, found: Findings) -> None:
    """What a join or a calculation of this kind must have."""
    for part in ("join", "calculation"):
        described = attribute.get(part)
        if not isinstance(described, dict) or not isinstance(described.get("type"), str):
            continue
        for name in NEEDED.get((part, described["type"]), ()):
            if described.get(name) is None:
                found.faults.append(((*where, part, name), f"missing; a {part} of type {described['type']} needs it"))


def _unknown_fields(
    holder: dict[str, object], where: Location, known: set[str], found: Findings, *, of_attribute: bool = False
) -> None:
    """A field that nobody reads is a note; a misspelt one, or a setting of a table, would lose what it says."""
    absent, spelt = sorted(known - set(holder)), {_squashed(each): each for each in known}
    for name, value in holder.items():
        if name in known:
            continue
        same = (
            [spelt[_squashed(name)]] if _squashed(name) in spelt else []
        )  # `SK` loses a sort key beside `"sk": null`, too
        near = same or get_close_matches(name.lower(), absent, n=1, cutoff=0.8)
        if near:
            found.faults.append(((*where, name), f"unknown field; did you mean {shown(near[0])}?"))
        elif lost := _lost(name, value, known, of_attribute=of_attribute):
            found.lost.append(((*where, name), lost))
        else:
            found.notes.append(((*where, name), "unknown field; deployment does not use it"))


def _lost(name: str, value: object, known: set[str], *, of_attribute: bool) -> str | None:
    """Why what an unknown field asks for would be lost; None where it asks nothing of a table."""
    another = another_key(name, value, of_index="index_name" in known) if "pk" in known else None
    return another or local_index(name, value) or lost_setting(name, value, of_attribute=of_attribute)


def _squashed(name: str) -> str:
    """A name without what differs between camelCase, snake_case and the like."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _name(name: object, where: Location, names: dict[str, Location], what: str, found: Findings) -> None:
    if not isinstance(name, str):
        return
    fault = name_fault(name)
    if fault:
        found.faults.append((where, fault))
    elif name in names:
        found.faults.append((where, f"the {what} {shown(name)} stands at {found.path(names[name])} too"))
    names.setdefault(name, where)


def _objects(holder: dict[str, object], key: str, where: Location) -> Iterator[tuple[Location, dict[str, object]]]:
    for number, entry in enumerate(_list(holder, key)):
        if isinstance(entry, dict):
            yield (*where, key, number), entry


def _list(holder: dict[str, object], key: str) -> list[object]:
    value = holder.get(key)
    return value if isinstance(value, list) else []


def _is_name(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != ""
