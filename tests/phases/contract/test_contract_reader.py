"""What does the reader accept, refuse and remark? One thing changed in a good contract at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from phases.contract.model import Index, Key
from phases.contract.reader import read_contract
from state.errors import BadInput
from tests.worlds.contract_builder import (
    PATH,
    attribute,
    encode,
    entity,
    index,
    problems,
    read,
    table,
)

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT.parent / "shared/contracts/published-migrationContract.json"


def test_a_good_contract_is_read_field_by_field() -> None:
    contract = read(
        table(gsis=[index(projection="INCLUDE", projected_attributes=["Note"]), index("ByToken", "Token", None)])
    )
    orders = contract.tables[0]
    assert (orders.name, orders.multi_entity, orders.source_table, orders.path) == (
        "Orders",
        False,
        "orders",
        "$.tables[0]",
    )
    assert (orders.pk, orders.sk) == (Key("OrderId", "S"), Key("Line", "N"))
    assert orders.indexes == (
        Index("ByStatus", (Key("Status", "S"),), (Key("Placed", "N"),), "INCLUDE", ("Note",)),
        Index("ByToken", (Key("Token", "B"),), (), "ALL"),
    )
    assert [key.name for key in orders.key_attributes()] == ["OrderId", "Line", "Status", "Placed", "Token"]
    assert (orders.satisfies, orders.item_bytes) == (("AP1",), 512)
    assert contract.notes == ()


def test_the_sample_contract_is_good_and_shows_every_form() -> None:
    path = "artifacts/stage-02/migrationContract.json"
    contract = read_contract((ROOT / path).read_bytes(), path=path)
    assert {table.multi_entity for table in contract.tables} == {True, False}
    assert {key.type for table in contract.tables for key in table.key_attributes()} == {"S", "N", "B"}
    assert {index.projection for table in contract.tables for index in table.indexes} == {"ALL", "KEYS_ONLY", "INCLUDE"}
    assert any(table.sk is None for table in contract.tables)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published contract is not beside the repository")
def test_the_published_contract_is_accepted_with_a_note_about_its_multi_entity_table() -> None:
    contract = read_contract(PUBLISHED.read_bytes(), path="published")
    assert [(table.name, len(table.indexes), len(table.attributes)) for table in contract.tables] == [
        ("Users", 3, 24),
        ("Products", 2, 16),
        ("Categories", 1, 13),
    ]
    assert contract.notes == (
        "$.tables[0]: multi-entity with `entities` and without `attributes`: read from its entities",
    )


def test_a_key_attribute_declared_in_one_entity_only_is_found_in_the_union() -> None:
    contract = read(
        table(
            type="multi-entity",
            attributes=...,
            gsis=[index("ByStatus", "Status", None)],
            entities=[
                entity("USER", attribute("OrderId"), attribute("Line", "N")),
                entity("ORDER", attribute("OrderId"), attribute("Status", "N")),
            ],
        )
    )
    assert contract.tables[0].indexes[0].pks == (Key("Status", "N"),)
    assert [each.name for each in contract.tables[0].attributes] == ["OrderId", "Line", "Status"]
    assert [each.name for each in contract.tables[0].entities] == ["USER", "ORDER"]


def test_types_of_a_key_attribute_that_disagree_name_both_places() -> None:
    found = problems(
        encode(
            table(
                type="multi-entity",
                attributes=...,
                gsis=[],
                entities=[
                    entity("USER", attribute("OrderId"), attribute("Line", "N")),
                    entity("ORDER", attribute("OrderId", "N"), attribute("Line", "N")),
                ],
            )
        )
    )
    assert found == {
        "$.tables[0].entities[1].attributes[0].type": (
            'key attribute "OrderId" is N here and S at $.tables[0].entities[0].attributes[0]'
        )
    }


def _many(count: int, **more: Any) -> list[dict[str, Any]]:
    return [index(f"Index{number}", "Status", "Placed", **more) for number in range(count)]


def _names(count: int) -> list[str]:
    return [f"projected_{number}" for number in range(count)]


CUT_LINK = {"join_condition": "c", "select_column": "s"}

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a partition key declared nowhere": ({"pk": "Nope"}, "$.tables[0].pk", 'key attribute "Nope" is declared nowhere'),
    "a sort key declared nowhere, with a hint": ({"sk": "Lines"}, "$.tables[0].sk", 'did you mean "Line"?'),
    "an index key declared nowhere": ({"gsis": [index(pk="X")]}, "$.tables[0].gsis[0].pk", "declared nowhere"),
    "an index sort key declared nowhere": ({"gsis": [index(sk="X")]}, "$.tables[0].gsis[0].sk", "declared nowhere"),
    "a key of type M": (
        {"attributes": [attribute("OrderId", "M"), attribute("Line"), attribute("Status"), attribute("Placed")]},
        "$.tables[0].attributes[0].type",
        'key attribute "OrderId" (used at $.tables[0].pk) is M; a key is S, N or B',
    ),
    "partition key as sort key": ({"sk": "OrderId"}, "$.tables[0].sk", "the sort key is the partition key"),
    "an index's partition key as its sort key": (
        {"gsis": [index(sk="Status")]},
        "$.tables[0].gsis[0].sk",
        "the sort key is the partition key",
    ),
    "21 indexes": ({"gsis": _many(21)}, "$.tables[0].gsis", "at most 20 indexes a table, seen 21"),
    "101 projected attributes in sum": (
        {
            "gsis": [
                *_many(5, projection="INCLUDE", projected_attributes=_names(20)),
                index("More", projection="INCLUDE", projected_attributes=["Note"]),
            ]
        },
        "$.tables[0].gsis",
        "seen 101",
    ),
    "21 projected attributes in one index": (
        {"gsis": [index(projection="INCLUDE", projected_attributes=_names(21))]},
        "$.tables[0].gsis[0].projected_attributes",
        "at most 20 in one index, seen 21",
    ),
    "INCLUDE without attributes": (
        {"gsis": [index(projection="INCLUDE")]},
        "$.tables[0].gsis[0].projected_attributes",
        "missing; projection INCLUDE",
    ),
    "attributes with KEYS_ONLY": (
        {"gsis": [index(projection="KEYS_ONLY", projected_attributes=["Note"])]},
        "$.tables[0].gsis[0].projected_attributes",
        "expected none with projection KEYS_ONLY",
    ),
    "attributes with the default projection": (
        {"gsis": [index(projected_attributes=["Note"])]},
        "$.tables[0].gsis[0].projected_attributes",
        "expected none with projection ALL",
    ),
    "an attribute projected twice": (
        {"gsis": [index(projection="INCLUDE", projected_attributes=["Note", "Note"])]},
        "$.tables[0].gsis[0].projected_attributes[1]",
        "projected twice",
    ),
    "a key projected by name": (
        {"gsis": [index(projection="INCLUDE", projected_attributes=["OrderId"])]},
        "$.tables[0].gsis[0].projected_attributes[0]",
        "is a key",
    ),
    "a projected name of 256 characters": (
        {"gsis": [index(projection="INCLUDE", projected_attributes=["n" * 256])]},
        "$.tables[0].gsis[0].projected_attributes[0]",
        "at most 255 characters",
    ),
    "an unknown projection": ({"gsis": [index(projection="all")]}, "$.tables[0].gsis[0].projection", "'ALL'"),
    "a duplicate index name": (
        {"gsis": [index(), index()]},
        "$.tables[0].gsis[1].index_name",
        "stands at $.tables[0].gsis[0].index_name too",
    ),
    "a bad index name": ({"gsis": [index("By Status")]}, "$.tables[0].gsis[0].index_name", "3 to 255 characters"),
    "a table name of two characters": ({"table": "ab"}, "$.tables[0].table", "3 to 255 characters"),
    "a table name of 256 characters": ({"table": "a" * 256}, "$.tables[0].table", "3 to 255 characters"),
    "a table name with a line break": ({"table": "Orders\n"}, "$.tables[0].table", "3 to 255 characters"),
    "a key name of 256 characters": (
        {
            "pk": "k" * 256,
            "attributes": [attribute("k" * 256), attribute("Line"), attribute("Status"), attribute("Placed")],
        },
        "$.tables[0].pk",
        "at most 255 characters, seen 256",
    ),
    "an attribute declared twice": (
        {"attributes": [*table()["attributes"], attribute("Note")]},
        "$.tables[0].attributes[6].name",
        "is declared at $.tables[0].attributes[5] too",
    ),
    "a misspelt field": ({"gsis": ..., "gsi": []}, "$.tables[0].gsi", 'did you mean "gsis"?'),
    "a misspelt field of an index": (
        {"gsis": [index(projected_attribute=["Note"])]},
        "$.tables[0].gsis[0].projected_attribute",
        'did you mean "projected_attributes"?',
    ),
    "a multi-entity table without entities": (
        {"type": "multi-entity"},
        "$.tables[0].entities",
        "describes its entities",
    ),
    "a multi-entity table with no entity": (
        {"type": "multi-entity", "entities": []},
        "$.tables[0].entities",
        "describes its entities",
    ),
    "a single-entity table without attributes": (
        {"attributes": ...},
        "$.tables[0].attributes",
        "declares its attributes",
    ),
    "an unknown table type": (
        {"type": "Table"},
        "$.tables[0].type",
        "'single-entity' or 'multi-entity'",
    ),
    "a table's key as a list": ({"pk": ["OrderId", "Note"]}, "$.tables[0].pk", "expected one attribute's name"),
    "a table's sort key as a list": ({"sk": ["Line"]}, "$.tables[0].sk", "only an index's may be a list"),
    "an index key of no attribute": ({"gsis": [index(pk=[])]}, "$.tables[0].gsis[0].pk", "or a list of 1 to 4"),
    "an index sort key of no attribute": ({"gsis": [index(sk=[])]}, "$.tables[0].gsis[0].sk", "or a list of 1 to 4"),
    "an index key of five": (
        {"gsis": [index(pk=["OrderId", "Line", "Status", "Token", "Note"])]},
        "$.tables[0].gsis[0].pk",
        "expected at most 4 attributes",
    ),
    "an index key that is an object": (
        {"gsis": [index(pk={"1": "Status"})]},
        "$.tables[0].gsis[0].pk",
        "expected an attribute's name, or a list of 1 to 4",
    ),
    "an index key of lists": ({"gsis": [index(sk=[["Placed"]])]}, "$.tables[0].gsis[0].sk", "or a list of 1 to 4"),
    "an index key with an empty name": ({"gsis": [index(pk=["Status", ""])]}, "$.tables[0].gsis[0].pk", "1 to 4"),
    "an attribute twice in an index key": (
        {"gsis": [index(pk=["Status", "Token", "Status"])]},
        "$.tables[0].gsis[0].pk[2]",
        '"Status" is a key at $.tables[0].gsis[0].pk[0] already',
    ),
    "an attribute in both keys of an index": (
        {"gsis": [index(pk=["Status", "Placed"])]},
        "$.tables[0].gsis[0].sk",
        '"Placed" is a key at $.tables[0].gsis[0].pk[1] already',
    ),
    "one of an index key's attributes declared nowhere": (
        {"gsis": [index(sk=["Placed", "Tokens"])]},
        "$.tables[0].gsis[0].sk[1]",
        'did you mean "Token"?',
    ),
    "several attributes in one text": (
        {"gsis": [index(pk="Status,Token")]},
        "$.tables[0].gsis[0].pk",
        'the key of an index that has several is a list: ["Status", "Token"]',
    ),
    "several attributes as one composed name": (
        {"gsis": [index(sk="Placed#Token")]},
        "$.tables[0].gsis[0].sk",
        "the key of an index that has several is a list",
    ),
    "a projected attribute that is one of several keys": (
        {"gsis": [index(sk=["Placed", "Token"], projection="INCLUDE", projected_attributes=["Token"])]},
        "$.tables[0].gsis[0].projected_attributes[0]",
        "is a key, which every index projects anyway",
    ),
    "an empty key name": ({"pk": ""}, "$.tables[0].pk", "at least one character"),
    "a key that is a number": ({"pk": 5}, "$.tables[0].pk", "expected a string, seen 5"),
    "a size of zero": ({"estimated_item_size_bytes": 0}, "$.tables[0].estimated_item_size_bytes", "above 0, seen 0"),
    "a size in words": (
        {"estimated_item_size_bytes": "512"},
        "$.tables[0].estimated_item_size_bytes",
        'expected a number, seen "512"',
    ),
    "a size that is true": (
        {"estimated_item_size_bytes": True},
        "$.tables[0].estimated_item_size_bytes",
        "expected a number, seen true",
    ),
    "access patterns that are a string": ({"satisfies": "AP1"}, "$.tables[0].satisfies", "expected a list"),
    "indexes that are null": ({"gsis": None}, "$.tables[0].gsis", "expected a list, seen null"),
    "an attribute of an unknown type": (
        {"attributes": [*table()["attributes"], attribute("X", "String")]},
        "$.tables[0].attributes[6].type",
        'seen "String"',
    ),
    "an attribute without a source column": (
        {"attributes": [*table()["attributes"], attribute("X", source_column=[])]},
        "$.tables[0].attributes[6].source_column",
        "a column name or a list of column names",
    ),
    "a join of an unknown kind": (
        {"attributes": [*table()["attributes"], attribute("X", join={"type": "outer"})]},
        "$.tables[0].attributes[6].join.type",
        'seen "outer"',
    ),
    "a join without what its kind needs": (
        {
            "attributes": [
                *table()["attributes"],
                attribute("X", join={"type": "foreign-key", "target_table": "t", "join_condition": "c"}),
            ]
        },
        "$.tables[0].attributes[6].join.select_column",
        "missing; a join of type foreign-key needs it",
    ),
    "a chain whose link has no target": (
        {"attributes": [*table()["attributes"], attribute("X", join={"type": "chain", "joins": [CUT_LINK]})]},
        "$.tables[0].attributes[6].join.joins[0].target_table",
        "missing; the field is required",
    ),
    "an aggregate without its operation": (
        {
            "attributes": [
                *table()["attributes"],
                attribute(
                    "X",
                    calculation={"type": "aggregate", "target_table": "t", "join_condition": "c", "select_column": "s"},
                ),
            ]
        },
        "$.tables[0].attributes[6].calculation.operation",
        "missing; a calculation of type aggregate needs it",
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        *("pk2", "pk_2", "sk1", "pks", "SKs", "gsi_pk", "second_pk", "pkAttributes", "additional_sk", "partition_keys"),
        *("keys", "hash", "hash_keys", "range", "key_attributes", "composite_key", "sort_key_2", "KeySchema"),
    ],
)
def test_every_other_spelling_of_an_index_key_is_refused_and_not_cut_down(name: str) -> None:
    found = problems(encode(table(gsis=[index(**{name: ["Token"]})])))
    assert list(found) == [f"$.tables[0].gsis[0].{name}"]
    assert "write the keys as `pk` and `sk`, each one name, or in an index a list of up to four" in str(found)


@pytest.mark.parametrize("name", ["pk_template", "sk_format", "pk_note", "key_rationale", "reason_for_sk"])
def test_what_only_describes_a_key_stays_a_note(name: str) -> None:
    assert any(f"gsis[0].{name}: unknown field" in note for note in read(table(gsis=[index(**{name: "x"})])).notes)


def test_a_key_more_of_a_table_is_refused_and_its_foreign_keys_are_not() -> None:
    assert list(problems(encode(table(pk2="Token")))) == ["$.tables[0].pk2"]
    assert read(table(foreign_keys=["x"])).tables


def test_an_index_key_may_be_a_list_of_up_to_four() -> None:
    (several, one) = (
        read(table(gsis=[index(pk=["Status", "Token"], sk=["Placed", "Line"]), index("One", ["Token"])]))
        .tables[0]
        .indexes
    )
    assert [key.name for key in several.pks] == ["Status", "Token"]
    assert [key.name for key in several.sks] == ["Placed", "Line"]
    assert one.pks == (Key("Token", "B"),)


@pytest.mark.parametrize("case", REFUSED)
def test_refused_at_its_place_and_nothing_else_with_it(case: str) -> None:
    changes, where, message = REFUSED[case]
    found = problems(encode(table(**changes)))
    assert message in found.get(where, "")
    assert len(found) == 1, found


@pytest.mark.parametrize("name", ["table", "type", "source_table", "pk", "satisfies", "estimated_item_size_bytes"])
def test_a_required_field_that_is_missing_is_named(name: str) -> None:
    without: dict[str, Any] = {name: ...}
    assert problems(encode(table(**without)))[f"$.tables[0].{name}"] == "missing; the field is required"


def test_all_problems_are_said_at_once_in_the_order_of_the_tables() -> None:
    data = encode(
        table(pk="Nope", satisfies=..., gsis=[index(projection="INCLUDE")]),
        5,
        table("Orders", estimated_item_size_bytes="big", sk="Status", gsis=[index(pk="Gone")]),
    )
    assert list(problems(data)) == [
        "$.tables[0].satisfies",
        "$.tables[0].pk",
        "$.tables[0].gsis[0].projected_attributes",
        "$.tables[1]",
        "$.tables[2].estimated_item_size_bytes",
        "$.tables[2].table",
        "$.tables[2].gsis[0].pk",
    ]


def test_a_declaration_that_cannot_be_read_is_not_also_called_missing() -> None:
    found = problems(encode(table(attributes=[*table()["attributes"][1:], {"type": "S"}])))
    assert "$.tables[0].attributes[5].name" in found
    assert "$.tables[0].pk" not in found


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", f"{PATH}:1:1 is not JSON: Expecting value"),
        (b'{"tables":\n [}', f"{PATH}:2:3 is not JSON: Expecting value"),
        (b'{"tables": []} x', f"{PATH}:1:16 is not JSON: Extra data"),
        (b'{"tables": "\xff"}', f"{PATH} is not UTF-8: byte 0xff at offset 12"),
        ("{}".encode("utf-16"), f"{PATH} is not UTF-8: byte 0xff at offset 0"),
        (b"[" * 100_000, f"{PATH} is nested too deeply to be read"),
    ],
    ids=["empty", "cut", "two documents", "a stray byte", "UTF-16", "a hundred thousand brackets"],
)
def test_what_is_not_json_is_refused_with_its_place(data: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_contract(data, path=PATH)
    assert refused.value.message == said
    assert PATH in refused.value.next_command


@pytest.mark.parametrize(
    ("data", "where", "message"),
    [
        (b"null", "$", "expected an object, seen null"),
        (b"{}", "$.tables", "missing; the field is required"),
        (b'{"tables": {}}', "$.tables", "expected a list, seen an object with 0 fields"),
        (b'{"tables": []}', "$.tables", "expected at least one entry, seen a list of 0"),
        (b'{"tables": [NaN]}', "$.tables[0]", "expected a JSON value, seen NaN"),
        (b'{"tables": [], "a": {"b c": 1, "b c": 2}}', '$.a["b c"]', "the key stands more than once in its object"),
        (b'{"tables": [], "a": "\\ud83d"}', "$.a", "half a surrogate pair"),
        (b'{"tables": [], "\\ud83d": 1}', '$["\\ud83d"]', "the key holds half a surrogate pair"),
        (b'{"tables": [' + b"9" * 5000 + b"]}", "$.tables[0]", "expected an object, seen Infinity"),
    ],
)
def test_json_that_is_no_contract_is_refused_with_its_path(data: bytes, where: str, message: str) -> None:
    assert message in problems(data)[where]


def test_a_key_that_stands_twice_is_found_deep_inside() -> None:
    data = encode(table()).replace(b'"pk": "OrderId"', b'"pk": "OrderId", "pk": "Line"')
    assert "more than once" in problems(data)["$.tables[0].pk"]


NOTED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"comment": "x"}, "$.tables[0].comment: unknown field"),
    "no access pattern": ({"satisfies": []}, "$.tables[0].satisfies: the table satisfies no access pattern"),
    "items above 400 KB": ({"estimated_item_size_bytes": 500_000}, "an item holds at most 409600"),
    "a projected attribute that is declared nowhere": (
        {"gsis": [index(projection="INCLUDE", projected_attributes=["Gone"])]},
        '"Gone" is declared nowhere',
    ),
    "a single-entity table with entities": (
        {"entities": [entity("E", attribute("Extra"))]},
        "a single-entity table with entities",
    ),
    "an attribute with two types that is no key": (
        {"entities": [entity("E", attribute("Note", "N"))]},
        "has more than one type: S at $.tables[0].attributes[5], N at $.tables[0].entities[0].attributes[0]",
    ),
}


@pytest.mark.parametrize("case", NOTED)
def test_noted_and_not_refused(case: str) -> None:
    changes, note = NOTED[case]
    assert any(note in said for said in read(table(**changes)).notes)


def test_a_byte_order_mark_is_read_over_and_counts_in_the_digest() -> None:
    plain = read_contract(encode(table()), path=PATH)
    marked = read_contract(b"\xef\xbb\xbf" + encode(table()), path=PATH)
    assert marked.tables == plain.tables
    assert marked.sha256 != plain.sha256
    assert marked.notes == ("$: begins with a byte-order mark, which is read over",)


def test_every_kind_of_join_and_calculation_of_the_schema_is_accepted() -> None:
    where = {"join_condition": "a.id = b.id", "select_column": "b.name"}
    kinds: list[dict[str, Any]] = [
        {"join": {"type": "self-join", "join_alias": "a", **where, "null_value": ""}},
        {"join": {"type": "foreign-key", "target_table": "b", **where}},
        {"join": {"type": "multi-column", "target_table": "b", "join_conditions": ["c"], "select_column": "s"}},
        {"join": {"type": "conditional", "condition": "x", "target_table": "b", **where, "else_value": "y"}},
        {"join": {"type": "chain", "chain_separator": "#", "joins": [{"target_table": "b", **where}]}},
        {"join": {"type": "lookup-table", "target_table": "b", **where}},
        {
            "join": {
                "type": "json-construction",
                "target_table": "b",
                "join_condition": "c",
                "construction": {"type": "object", "limit": 5, "order_by": "x", "select_columns": {"a": "b"}},
            }
        },
        {"calculation": {"type": "aggregate", "target_table": "b", "operation": "SUM", **where}},
        {"calculation": {"type": "case", "cases": [{"when": "a", "then": "b"}], "else": "c"}},
        {"calculation": {"type": "concat"}},
        {"calculation": {"type": "date-math"}},
        {"transformation": {"type": "date-format", "format": "iso", "source_format": "epoch"}},
        {"source_column": ["first", "last"], "denormalized": True, "justification": "read together"},
    ]
    more = [attribute(f"Extra{number}", **kind) for number, kind in enumerate(kinds)]
    contract = read(table(attributes=[*table()["attributes"], *more]))
    assert contract.notes == ()
    assert contract.tables[0].attributes[-1].source_column == ("first", "last")


def test_reading_does_not_depend_on_white_space() -> None:
    document = {"tables": [table()]}
    assert read_contract(json.dumps(document, indent=4).encode(), path=PATH).tables == read(table()).tables
