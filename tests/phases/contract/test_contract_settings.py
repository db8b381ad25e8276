"""What a contract cannot say of a table is refused by name, however it is spelt; what only describes it is noted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore.session
import pytest

from phases.contract.reader import read_contract
from phases.contract.settings import PROPERTIES as LISTED
from phases.contract.settings import lost_setting, words
from state.errors import BadInput
from tests.worlds.contract_builder import attribute, encode, index, problems, read, table

# Names of parts that say nothing of a table without the property that they are in, and what AWS itself answers.
GENERIC = {"Arn", "Csv", "Delimiter", "Dimensions", "Enabled", "HeaderList", "IndexName", "Key", "Mode", "Region"}
GENERIC |= {"TargetValue", "Value"}


def split(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"S3|KMS|SSE|[A-Z][a-z]+|[A-Z]+(?![a-z])", name)]


SPELLINGS: dict[str, Callable[[list[str]], str]] = {
    "Pascal": lambda parts: "".join(part.capitalize() for part in parts),
    "camel": lambda parts: parts[0] + "".join(part.capitalize() for part in parts[1:]),
    "snake": "_".join,
    "kebab": "-".join,
    "UPPER_SNAKE": lambda parts: "_".join(parts).upper(),
    "together": "".join,
}


def cloudformation(kind: str) -> Iterator[str]:
    """The names of all properties of a resource, nested ones too, but for what AWS sets itself."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # here, because importing it takes as long as a dozen tests

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    holders: list[Mapping[str, Any]] = [schema, *schema["definitions"].values()]
    seen: list[Any] = list(holders)
    while seen:
        here = seen.pop()
        if isinstance(here, Mapping):
            yield from here.get("properties", {}) if isinstance(here.get("properties"), Mapping) else ()
            seen += [value for value in here.values() if isinstance(value, Mapping | list)]
        elif isinstance(here, list):
            seen += here


def create_table() -> Iterator[str]:
    """The names of all members of CreateTable's input, nested ones too."""
    shapes = [botocore.session.get_session().get_service_model("dynamodb").operation_model("CreateTable").input_shape]
    while shapes:
        shape = shapes.pop()
        if shape.type_name == "structure":
            yield from shape.members
            shapes += list(shape.members.values())
        elif shape.type_name == "list":
            shapes.append(shape.member)


PROPERTIES = sorted(LISTED.split())


@pytest.mark.slow
def test_the_list_of_properties_is_the_whole_one() -> None:
    names = {*cloudformation("AWS::DynamoDB::Table"), *cloudformation("AWS::DynamoDB::GlobalTable"), *create_table()}
    assert sorted(names - GENERIC) == PROPERTIES
    assert {"LocalSecondaryIndexes", "StreamViewType", "MaxReadRequestUnits", "WarmThroughput", "Replicas"} <= {
        *PROPERTIES
    }
    assert len(PROPERTIES) > 60


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_property_of_a_table_is_refused_in_every_spelling(spelling: str) -> None:
    names = [SPELLINGS[spelling](split(name)) for name in PROPERTIES]
    assert [name for name in names if lost_setting(name, "x") is None] == []


@pytest.mark.parametrize(
    "name",
    [
        *("lsi", "lsis", "LSIs", "localIndexes", "ttl", "TTL", "ttl_attribute", "timeToLive", "stream", "streams"),
        *("stream_enabled", "billing", "capacity", "rcu", "WCUs", "throughput", "pitr", "sse", "kms", "kms-key-arn"),
        *("deletionProtection", "tags", "replicas", "globalTable", "on_demand_maximum", "warm_throughput", "indexes"),
        *("GSI_list", "localSecondaryIndexs", "deletionProtecton", "autoscaling", "tableclass", "backups", "regions"),
    ],
)
def test_what_people_call_it_is_refused_too(name: str) -> None:
    found = problems(encode(table(**{name: {"x": 1}})))
    assert [where for where, said in found.items() if name in where and "unknown field; it reads as" in said]


@pytest.mark.parametrize(
    "name",
    [
        *("comment", "owner", "notes", "accessPatterns", "access_patterns", "description", "version", "created_at"),
        *(
            "ttl_comment",
            "billing_mode_reason",
            "estimated_rcu",
            "settlement",
            "upstream",
            "hot_partition_key_analysis",
        ),
        *("item_count", "design_decisions", "policy_number", "region_code", "import_order", "primary_key_columns"),
    ],
)
def test_what_only_describes_a_table_stays_a_note(name: str) -> None:
    assert any(f"$.tables[0].{name}: unknown field" in note for note in read(table(**{name: "x"})).notes)


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_setting_that_asks_for_nothing_stays_a_note(nothing: Any) -> None:
    assert any("$.tables[0].lsis: unknown field" in note for note in read(table(lsis=nothing)).notes)


def test_false_asks_for_something() -> None:
    assert (
        "DeletionProtectionEnabled"
        in problems(encode(table(deletion_protection=False)))["$.tables[0].deletion_protection"]
    )


def test_it_is_refused_beside_the_tables_in_an_index_and_at_an_attribute() -> None:
    whole = json.loads(encode(table(gsis=[index(provisioned_throughput={"read": 5})])))
    whole["tables"][0]["attributes"].append(attribute("Expires", "N", ttl=True))
    whole["billingMode"] = "PROVISIONED"
    assert problems(json.dumps(whole).encode()).keys() == {
        "$.billingMode",
        "$.tables[0].gsis[0].provisioned_throughput",
        "$.tables[0].attributes[6].ttl",
    }


def test_a_column_that_is_called_like_a_setting_is_no_setting() -> None:
    mapped = [*table()["attributes"], attribute("Home", region="eu", encrypted=True)]
    assert sum("attributes[6]" in note for note in read(table(attributes=mapped)).notes) == 2


@pytest.mark.parametrize("says", [{"type": "LSI"}, {"index_type": "LOCAL"}, {"indexType": "local"}, {"local": True}])
def test_an_index_that_says_it_is_a_local_one_is_refused(says: dict[str, Any]) -> None:
    found = problems(encode(table(gsis=[index(**says)])))
    assert "can never be added to a table that exists" in found[f"$.tables[0].gsis[0].{next(iter(says))}"]


def test_an_index_that_says_it_is_a_global_one_is_read() -> None:
    assert read(table(gsis=[index(type="GSI")])).tables[0].indexes[0].name == "ByStatus"


@pytest.mark.parametrize("known", [[], [{"index_name": "ByStatus", "pk": "Status"}]])
def test_an_index_entry_of_the_older_dialect_loses_nothing(known: list[dict[str, Any]]) -> None:
    names = {"OrderId": attribute("OrderId"), "Status": attribute("Status")}
    old = table(type="Table", sk=None, gsis=known, attributes=names)
    entry = {"table": "Orders", "type": "GSI", "name": "ByStatus", "pk": "Status", "warmThroughput": {"reads": 1}}
    assert problems(json.dumps([old, entry]).encode()).keys() == {"$[1].warmThroughput"}


def test_a_run_that_has_approved_such_a_contract_goes_on_with_a_warning() -> None:
    data = encode(table(lsis=[index()]))
    with pytest.raises(BadInput):
        read_contract(data, path="x")
    (lost,) = read_contract(data, path="x", under_way=True).lost
    assert lost.startswith("$.tables[0].lsis: unknown field; it reads as LocalSecondaryIndexes")


@pytest.mark.parametrize(("name", "meant"), [("SK", "sk"), ("GSIs", "gsis"), ("sourceTable", "source_table")])
def test_a_field_in_another_spelling_is_refused_beside_the_right_one_too(name: str, meant: str) -> None:
    found = problems(encode(table(sk=None, gsis=[], **{name: "Line"})))
    assert found[f"$.tables[0].{name}"] == f'unknown field; did you mean "{meant}"?'


def test_a_list_of_source_tables_is_a_remark() -> None:
    assert any("source_tables: unknown field" in note for note in read(table(source_tables=["orders", "lines"])).notes)


def test_words() -> None:
    assert words("KMSMasterKeyId") == words("kms_master-key.id")
    assert words("LSIs") == ("lsi",)
