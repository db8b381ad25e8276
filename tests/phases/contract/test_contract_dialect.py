"""Is the older dialect read as it was meant, and do messages point into the file as it is?"""

from __future__ import annotations

import json
from typing import Any

from phases.contract.model import Contract, Index, Key
from phases.contract.reader import read_contract
from tests.worlds.contract_builder import PATH, problems

SOURCE = {"source_table": "users", "source_column": "x"}


def old_table(**changes: Any) -> dict[str, Any]:
    good: dict[str, Any] = {
        "table": "Users",
        "type": "Table",
        "source_table": "users",
        "pk": "UserId",
        "gsis": None,
        "attributes": {"UserId": {"type": "N", **SOURCE}, "Email": {"type": "S", **SOURCE}},
        "satisfies": ["Get user by ID"],
        "estimated_item_size_bytes": 200,
    }
    return {**good, **changes}


def index_entry(**changes: Any) -> dict[str, Any]:
    good = {
        "table": "Users",
        "type": "GSI",
        "name": "ByCity",
        "source_table": "users",
        "pk": "City",
        "attributes": {"City": {"type": "S", **SOURCE}, "Email": {"type": "S", **SOURCE}},
        "satisfies": ["Get user by ID", "Users of a city"],
    }
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def read(*entries: Any) -> Contract:
    return read_contract(json.dumps(entries).encode(), path=PATH)


def refused(*entries: Any) -> dict[str, str]:
    return problems(json.dumps(entries).encode())


def test_a_bare_list_with_mapped_attributes_is_read_with_a_note() -> None:
    contract = read(old_table(gsis=[{"name": "ByEmail", "pk": "Email"}]))
    users = contract.tables[0]
    assert (users.name, users.pk, users.sk, users.path) == ("Users", Key("UserId", "N"), None, "$[0]")
    assert users.indexes == (Index("ByEmail", (Key("Email", "S"),), (), "ALL"),)
    assert contract.notes == ("$: written in the older dialect (a bare list); read as it is",)


def test_joins_of_the_older_form_are_not_judged_by_the_new_schema() -> None:
    declared = {"UserId": {"type": "N", **SOURCE, "join": {"local_column": "a", "source_column": "b"}}}
    assert read(old_table(attributes=declared)).tables[0].attributes[0].name == "UserId"


def test_an_index_entry_joins_its_table_with_declarations_and_access_patterns() -> None:
    contract = read(index_entry(), old_table())
    users = contract.tables[0]
    assert users.path == "$[1]"
    assert users.indexes == (Index("ByCity", (Key("City", "S"),), (), "ALL"),)
    assert [each.name for each in users.attributes] == ["UserId", "Email", "City"]
    assert users.satisfies == ("Get user by ID", "Users of a city")
    assert '$[0]: read as index "ByCity" of table "Users"' in contract.notes


def test_an_index_entry_without_a_name_is_the_index_itself() -> None:
    contract = read(old_table(), index_entry(table="UsersByCity", name=None))
    assert contract.tables[0].indexes[0].name == "UsersByCity"


def test_an_index_entry_that_repeats_an_index_of_the_table_adds_nothing() -> None:
    table = old_table(gsis=[{"index_name": "ByEmail", "pk": "Email"}])
    contract = read(table, index_entry(name="ByEmail", pk="Email"))
    assert [index.name for index in contract.tables[0].indexes] == ["ByEmail"]


def test_an_index_entry_that_contradicts_an_index_of_the_table_is_refused() -> None:
    table = old_table(gsis=[{"index_name": "ByCity", "pk": "Email"}])
    assert "stands at $[0].gsis[0].index_name too" in refused(table, index_entry())["$[1].index_name"]


def test_an_index_entry_whose_table_is_not_there_is_refused_rather_than_guessed() -> None:
    assert refused(old_table(), index_entry(table="Gone"))["$[1].table"] == (
        'expected exactly one table with table "Gone", seen 0'
    )


def test_an_index_entry_that_could_belong_to_two_tables_is_refused_rather_than_guessed() -> None:
    found = refused(old_table(), old_table(table="Accounts"), index_entry(table="ByCity", name=None))
    assert found == {"$[2].source_table": 'expected exactly one table with source_table "users", seen 2'}


def test_messages_point_into_the_file_as_it_is() -> None:
    declared = {"UserId": {"type": "M", **SOURCE}, "e mail": {"type": "Z", **SOURCE}}
    found = refused(5, old_table(attributes=declared, gsis=[{"name": "x y", "pk": "Gone"}]))
    assert set(found) == {
        "$[0]",
        "$[1].attributes.UserId.type",
        '$[1].attributes["e mail"].type',
        "$[1].gsis[0].name",
        "$[1].gsis[0].pk",
    }


def test_a_type_that_an_index_entry_contradicts_names_both_places() -> None:
    found = refused(old_table(), index_entry(pk="Email", attributes={"Email": {"type": "N", **SOURCE}}))
    assert "$[0].attributes.Email" in " ".join(found.values())


def test_an_empty_list_is_no_contract() -> None:
    assert refused() == {"$": "expected at least one entry, seen a list of 0"}
