"""Which items does a table get to be probed with? One for each entity, as its key templates make it.

Rules:
- An item carries what its entity has: a sparse index is reached by the entities that fill its keys, and by no other. A
  single-entity table gets one item with every key.
- Keys come from run and task alone. What a template leaves open is filled with the run's own name, the same for every
  partition key, so that entities that share a partition share it here, too; a sort key's has the entity's name as well.
- A template that leaves nothing open in both keys makes an item that is somebody's: it is not put.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from phases.contract.access_patterns import PLACE
from phases.contract.model import Attribute, Entity, Index, Key, Table
from state.files import sha256

MARK = "phasegate_probe"  # the attribute that says whose item it is

Item = dict[str, dict[str, object]]

_VALUES: dict[str, object] = {
    "S": "phasegate-probe",
    "N": "1",
    "B": b"phasegate-probe",
    "BOOL": True,
    "NULL": True,
    "M": {},
    "L": [],
    "SS": ["phasegate-probe"],
    "NS": ["1"],
    "BS": [b"phasegate-probe"],
}


@dataclass(frozen=True, slots=True)
class ProbeItem:
    """One item to be put.

    Attributes:
        label: " ORDER" behind the names of checks; "" where the table has one item only.
        entity: None for a table without entities.
        key: its primary key, as DynamoDB wants it: `{"PK": {"S": "phasegate-probe ..."}}`.
        item: the key, the entity's other attributes, and the mark.
    """

    label: str
    entity: Entity | None
    key: Item
    item: Item

    def is_in(self, index: Index) -> bool:
        """Whether it has the keys of the index; without them the index does not have it."""
        return all(key.name in self.item for key in (*index.pks, *index.sks))


@dataclass(frozen=True, slots=True)
class NotPut:
    """An entity that is not probed, and why."""

    entity: Entity
    why: str


def probe_items(table: Table, owner: str) -> Iterator[ProbeItem | NotPut]:
    """The items of one table; `owner` is `RUN/TASK`."""
    entities = table.entities if table.multi_entity else ()
    if not entities:
        yield whole_item(table, owner)
        return
    seen: dict[str, str] = {}
    for entity in entities:
        label = f" {entity.name}" if len(entities) > 1 else ""
        if not PLACE.search(entity.pk_template + (entity.sk_template if table.sk else "")):
            yield NotPut(entity, f"its key is a constant: {entity.pk_template} {entity.sk_template}".rstrip())
            continue
        key = _entity_key(table, entity, owner)
        if other := seen.get(str(key)):
            yield NotPut(entity, f"its key is made like the one of {other}")
            continue
        seen[str(key)] = entity.name
        yield ProbeItem(label, entity, key, _item(table, entity.attributes, key, owner))


def whole_item(table: Table, owner: str) -> ProbeItem:
    """The item of a table without entities: it has every attribute, under keys that no template makes."""
    key = {each.name: key_value(each, owner) for each in (*table.pks, *table.sks)}
    return ProbeItem("", None, key, _item(table, table.attributes, key, owner))


def filled(template: str, key: Key, entity: Entity | None, owner: str, *, is_sort: bool) -> dict[str, object]:
    """A value of the key's type, as the template makes it."""
    if key.type != "S" or not template:
        return key_value(key, f"{owner} {entity.name}" if is_sort and entity else owner)
    own = f"phasegate-probe {owner}{f' {entity.name}' if is_sort and entity else ''}"
    return {"S": PLACE.sub(own, template)}


def key_value(key: Key, owner: str) -> dict[str, object]:
    """A value of the key's type that nothing else has: `{"S": ...}`, `{"N": ...}` or `{"B": ...}`.

    Numbers are negative and of 15 digits: no counter comes there.
    """
    text = f"phasegate-probe {owner} {key.name}"
    match key.type:
        case "S":
            return {"S": text}
        case "B":
            return {"B": text.encode()}
        case "N":
            return {"N": str(-(10**14 + int(sha256(text.encode())[:11], 16)))}


def _entity_key(table: Table, entity: Entity, owner: str) -> Item:
    # without a sort key nothing but the partition key tells entities apart
    key = {table.pk.name: filled(entity.pk_template, table.pk, entity, owner, is_sort=table.sk is None)}
    if table.sk:
        key[table.sk.name] = filled(entity.sk_template, table.sk, entity, owner, is_sort=True)
    return key


def _item(table: Table, attributes: tuple[Attribute, ...], key: Item, owner: str) -> Item:
    keys = {each.name: each for each in table.key_attributes()}
    item = dict(key)
    for attribute in attributes:
        if attribute.name not in item:
            index_key = keys.get(attribute.name)
            item[attribute.name] = (
                key_value(index_key, owner) if index_key else {attribute.type: _VALUES[attribute.type]}
            )
    item[MARK] = {"S": owner}
    return item
