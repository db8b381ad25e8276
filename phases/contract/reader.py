"""Is this a contract that can be deployed, and what does it say? Bytes in, a frozen `Contract` or every problem out.

Order of reading: strict JSON (`json_document`), dialect (`contract_dialect`), shape (`contract_shape`),
DynamoDB's rules (`contract_rules`); shape and rules report together. docs/contract.md is the user's page.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from phases.contract.model import Attribute, Contract, Entity, Index, Key, KeyType, Table
from phases.documents.json_document import Location, WrongJson, json_path, parse_json
from state.counted import counted
from state.errors import BadInput, Problem
from state.files import sha256
from state.path_word import path_word

if TYPE_CHECKING:
    from phases.contract.shape import AttributeShape, TableShape


def read_contract(data: bytes, *, path: str, under_way: bool = False) -> Contract:
    """The contract in `data`; `path` is where it stands, for messages.

    With `under_way` it is one that a run has approved already: a setting of a table that it has no place for, which is
    refused where a run starts, is in `lost` there. Phasegate 0.1 started runs with such contracts.

    Raises BadInput with all problems at once, each with its JSON path (`$.tables[0].gsis[2].pk`), seen against
    expected; with line and column when it is not JSON at all. Nothing else is raised, whatever the bytes.
    """
    # Inside, not above: pydantic costs 40-70 ms, which `phasegate plan` must not pay for listing the steps.
    from phases.contract.dialect import current_form
    from phases.contract.rules import check_rules
    from phases.contract.shape import check_shape

    parsed = parse_json(data, path=path)
    form = current_form(parsed.value)
    shape, faults = check_shape(form.document)
    rules = check_rules(form.document, form.origins)
    # The parser's faults stand where they stand in the file; the others where the current form has them.
    problems = [Problem(json_path(where), message) for where, message in parsed.faults]
    problems += [
        Problem(json_path(where, form.origins), message)
        for where, message in _by_table([*faults, *form.faults, *rules.faults, *([] if under_way else rules.lost)])
    ]
    if problems or shape is None:
        raise _refused(path, problems)
    bom: list[WrongJson] = [((), "begins with a byte-order mark, which is read over")] if parsed.bom else []
    notes = [*bom, *form.notes, *rules.notes]
    return Contract(
        tables=tuple(
            _table(table, json_path(("tables", number), form.origins)) for number, table in enumerate(shape.tables)
        ),
        sha256=sha256(data),
        notes=tuple(f"{json_path(where, form.origins)}: {note}" for where, note in notes),
        lost=tuple(f"{json_path(where, form.origins)}: {message}" for where, message in rules.lost),
    )


def _refused(path: str, problems: list[Problem]) -> BadInput:
    count = counted(len(problems), "problem")
    return BadInput(
        f"{path} is not a contract that can be deployed: {count}",
        next_command=f"$EDITOR {path_word(path)}   # then the same command again",
        problems=problems,
    )


def _by_table(findings: list[WrongJson]) -> list[WrongJson]:
    """In the order of the tables, within a table as found."""
    return sorted(findings, key=lambda finding: _table_number(finding[0]))


def _table_number(where: Location) -> int:
    return where[1] if len(where) > 1 and isinstance(where[1], int) else -1


def _table(shape: TableShape, path: str) -> Table:
    attributes: dict[str, Attribute] = {}
    declared = [*shape.attributes, *(each for entity in shape.entities for each in entity.attributes)]
    for attribute in declared:
        attributes.setdefault(attribute.name, _attribute(attribute))

    def key(name: str) -> Key:
        kind: KeyType = attributes[name].type  # type: ignore[assignment]  # the rules admit S, N and B only
        return Key(name, kind)

    return Table(
        name=shape.table,
        multi_entity=shape.type == "multi-entity",
        source_table=shape.source_table,
        pk=key(shape.pk),
        sk=key(shape.sk) if shape.sk else None,
        indexes=tuple(
            Index(
                index.index_name,
                tuple(map(key, index.pk)),
                tuple(map(key, index.sk or ())),
                index.projection,
                tuple(index.projected_attributes),
            )
            for index in shape.gsis
        ),
        entities=tuple(
            Entity(
                entity.entity_type,
                entity.source_table,
                entity.pk_template,
                entity.sk_template,
                tuple(_attribute(attribute) for attribute in entity.attributes),
            )
            for entity in shape.entities
        ),
        attributes=tuple(attributes.values()),
        satisfies=tuple(shape.satisfies),
        item_bytes=math.ceil(shape.estimated_item_size_bytes),
        path=path,
    )


def _attribute(shape: AttributeShape) -> Attribute:
    return Attribute(shape.name, shape.type, shape.source_table, shape.source_column)
