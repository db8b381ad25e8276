"""Do indexes of one to four HASH and up to four RANGE attributes come from the contract to a live probe?"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from phases.contract.access_patterns import PatternFault, Words, name_pattern
from phases.contract.model import Table
from phases.stage_06.chapters.contract_tables import access_table, keys_table
from phases.stage_06.chapters.example_items import example
from phases.stage_06.chapters.python_example import python_program
from phases.stage_06.chapters.typescript_example import typescript_program
from phases.stage_06.live.live_schema import compare_table
from phases.stage_06.template.lint import lint_checks
from phases.stage_06.update.refusals import refusals
from tests.worlds import several_keys
from tests.worlds.deploying import REGION, Deploying, failed_names
from tests.worlds.example_programs import key_schema, run_program
from tests.worlds.several_keys import HASHES, RANGES, SIZES
from workflow.sandbox.inprocess import Sandbox


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with Sandbox() as opened:
        found = Deploying(tmp_path_factory.mktemp("shop"), opened, several_keys.contract())
        found.up_to("4.1")
        yield found


@pytest.fixture(scope="module")
def matches(deployed: Deploying) -> Table:
    return deployed.contract.tables[0]


def described(deployed: Deploying) -> Any:
    return deployed.client("dynamodb").describe_table(TableName="Matches")["Table"]


@pytest.mark.slow
def test_every_index_is_deployed_with_its_keys_in_their_order(deployed: Deploying, matches: Table) -> None:
    live = {each["IndexName"]: each["KeySchema"] for each in described(deployed)["GlobalSecondaryIndexes"]}
    assert live == {each.name: key_schema(each) for each in matches.indexes}
    assert live["H4R4"] == [
        *({"AttributeName": name, "KeyType": "HASH"} for name in HASHES),
        *({"AttributeName": name, "KeyType": "RANGE"} for name in RANGES),
    ]


@pytest.mark.slow
def test_the_probe_and_every_access_pattern_go_through_every_index(deployed: Deploying) -> None:
    asked: list[dict[str, Any]] = []
    call = deployed.aws.call
    deployed.world.aws = _Listening(call, asked)
    work = deployed.run("5.2")
    deployed.world.aws = deployed.aws
    assert not failed_names(work)
    passed = {check.name for check in work.checks if check.verdict == "pass"}
    assert passed >= {f"Matches: query H{hashes}R{ranges}" for hashes, ranges in SIZES}
    assert passed >= {f"Matches: {several_keys.pattern(*size)}" for size in SIZES}
    of_largest = [set(each["ExpressionAttributeNames"].values()) for each in asked if each.get("IndexName") == "H4R4"]
    assert [{*HASHES, *RANGES[:length]} for length in (1, 2, 3, 4)] == of_largest[:4]


class _Listening:
    """The door, with the queries that go through it."""

    def __init__(self, call: Any, asked: list[dict[str, Any]]) -> None:
        self.call_it, self.asked = call, asked
        self.region, self.sandbox = REGION, True

    def at(self, _region: str) -> _Listening:
        return self

    def call(self, service: str, operation: str, **params: Any) -> Any:
        if operation == "query":
            self.asked.append(params)
        return self.call_it(service, operation, **params)


def key_changes() -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """One change of an index's keys at a time."""
    whole = [{"AttributeName": n, "KeyType": "HASH"} for n in HASHES]
    whole += [{"AttributeName": n, "KeyType": "RANGE"} for n in RANGES]
    yield "H4R4", "a partition key attribute less", whole[1:]
    yield "H4R4", "a sort key attribute less", whole[:-1]
    yield "H4R4", "partition key in another order", [whole[1], whole[0], *whole[2:]]
    yield "H4R4", "sort key in another order", [*whole[:6], whole[7], whole[6]]
    yield "H2R2", "a HASH is a RANGE", [whole[0], {**whole[1], "KeyType": "RANGE"}, *whole[4:6]]
    yield "H2R2", "a RANGE is a HASH", [*whole[:2], {**whole[4], "KeyType": "HASH"}, whole[5]]
    yield "H2R2", "an attribute more", [*whole[:3], *whole[4:6]]


@pytest.mark.slow
@pytest.mark.parametrize(("index", "what", "schema"), list(key_changes()), ids=[what for _, what, _ in key_changes()])
def test_one_key_of_a_live_index_changed_is_named(
    deployed: Deploying, matches: Table, index: str, what: str, schema: list[dict[str, str]]
) -> None:
    live = copy.deepcopy(described(deployed))
    next(each for each in live["GlobalSecondaryIndexes"] if each["IndexName"] == index)["KeySchema"] = schema
    failed = {check.name for check in compare_table(matches, live) if check.verdict == "fail"}
    assert failed == {f"Matches.{index}: key schema"}


@pytest.mark.slow
def test_the_template_has_no_finding_of_cfn_lint(deployed: Deploying) -> None:
    from phases.stage_06.template.template import render

    (found,) = lint_checks(render(deployed.contract), region=REGION)
    assert found.verdict == "pass", found.seen


@pytest.mark.slow
def test_a_key_attribute_more_under_the_same_name_is_refused(deployed: Deploying, matches: Table) -> None:
    document = several_keys.contract()
    document["tables"][0]["gsis"][5]["pk"] = ["A1", "A2", "A3"]  # H2R0
    before = deployed.contract
    deployed.take_contract(document)
    wanted = deployed.contract
    deployed.take_contract(several_keys.contract())
    found = [str(each) for each in refusals([matches], {"Matches": described(deployed)}, wanted)]
    assert before == deployed.contract
    assert len(found) == 1
    assert "its keys are HASH A1 (S), HASH A2 (N), the contract says HASH A1 (S), HASH A2 (N), HASH A3 (B)" in found[0]


@pytest.mark.slow
def test_the_python_program_reads_through_every_index(
    deployed: Deploying, matches: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = python_program(example(matches), region=REGION, variable="A_TABLE")
    lines = run_program(program, deployed.sandbox.session(REGION), monkeypatch)
    assert lines[6:-1] == [f"index H{hashes}R{ranges}: 2 items" for hashes, ranges in SIZES]
    assert deployed.client("dynamodb").scan(TableName="Matches")["Count"] == 0
    assert boto3.DEFAULT_SESSION is not None


def test_the_typescript_program_asks_as_the_python_program_does() -> None:
    matches = _read()
    python = python_program(example(matches), region=REGION, variable="A_TABLE")
    typescript = typescript_program(example(matches), region=REGION, variable="A_TABLE")
    asked = '"#pk1 = :pk1 AND #pk2 = :pk2 AND #sk1 = :sk1 AND #sk2 = :sk2"'
    assert f"KeyConditionExpression={asked}" in python
    assert f"KeyConditionExpression: {asked}" in typescript


def _read() -> Table:
    import json

    from phases.contract.reader import read_contract

    return read_contract(json.dumps(several_keys.contract()).encode(), path="contract.json").tables[0]


def test_the_documents_name_every_key_attribute_and_the_order_of_a_sort_key() -> None:
    keys, ways = keys_table(_read()), access_table(_read())
    assert "`A1` (S), `A2` (N), `A3` (B), `A4` (S)" in keys
    assert "`A1 = :pk1 AND A2 = :pk2 AND B1 = :sk AND B2 BETWEEN :low AND :high`" in ways


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param("H2R0 by A1 = :a", "has no A2 = ..., a part of the partition key of H2R0", id="half a key"),
        pytest.param("H2R0 by A1 = :a and A2 > :b", "has no A2 = ..., a part of", id="a range on a partition key"),
        pytest.param(
            "H1R3 by A1 = :a and B1 = :b and B3 = :c", "has B3 without B2 = ... before it: H1R3 is sorted by", id="gap"
        ),
        pytest.param("H1R2 by A1 = :a and B1 > :b and B2 = :c", "has B2 without B1 = ... before it", id="range first"),
        pytest.param("H2R1 by A1 = :a and A2 = :b and B2 = :c", "is no key of H2R1 (A1, A2, B1)", id="no key of it"),
    ],
)
def test_a_pattern_that_dynamodb_would_refuse_is_a_fault(words: str, fault: str) -> None:
    with pytest.raises(PatternFault) as refused:
        name_pattern(_read(), Words("AP1", f"AP1: {words}", "contract"))
    assert fault in str(refused.value)


def test_a_pattern_without_an_index_is_read_through_the_one_that_has_all_of_its_conditions() -> None:
    named = name_pattern(_read(), Words("AP1", "A1 = :a and A2 = :b and B1 = :c and B2 = :d and B3 < :e", "contract"))
    assert named is not None
    assert named.index is not None
    assert named.index.name == "H2R3"
