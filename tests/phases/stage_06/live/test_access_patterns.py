"""Does a pattern fail when a template, an index or a projection no longer serves it, and only then?

The sample's contract is changed in one place at a time, its tables are made as the contract then says, and the patterns
of the sample's data model, which stays as it is, are executed on them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from phases.contract.access_patterns import PatternFault, Words, fits_template, name_pattern
from phases.contract.model import Table
from phases.contract.reader import read_contract
from phases.stage_06.inputs.sample import sample_contract, sample_patterns
from phases.stage_06.live.pattern_checks import NAMELESS, pattern_checks
from phases.stage_06.live.pattern_files import DATA_MODEL, pattern_key, pattern_words
from phases.stage_06.live.probe import Probe
from phases.stage_06.live.probe_items import NotPut, probe_items
from phases.step import Check
from tests.worlds.deploying import REGION
from tests.worlds.live_changes import Spec
from tests.worlds.step_world import StepWorld
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.inprocess import Sandbox

SAMPLE: dict[str, Any] = json.loads(sample_contract())
SAID = pattern_words({DATA_MODEL: sample_patterns()}.get)
CUSTOMERS, PRODUCTS = 0, 1
PROFILE, ORDER = 0, 1
BY_EMAIL, BY_STATUS, BY_CATEGORY = 0, 1, 0

Document = dict[str, Any]


class World:
    """An account in which tables are made from a contract and its patterns are tried."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.client = sandbox.client("dynamodb", REGION)
        self.aws = AwsDoor(region=REGION, sandbox=True, session=sandbox.session(REGION))
        self.world = StepWorld(root, aws=self.aws)

    def try_patterns(self, document: Document) -> dict[str, Check]:
        """Each pattern's check, by its name, with the tables as the contract says."""
        checks: list[Check] = []
        for table in read_contract(json.dumps(document).encode(), path="contract.json").tables:
            self.make(table)
            probe = Probe(self.world.ctx(), self.aws, table)
            probe.run(lambda there: checks.extend(pattern_checks(there.table, SAID, there)))
            assert self.client.scan(TableName=table.name)["Count"] == 0
        return {check.name.partition(": ")[2]: check for check in checks}

    def make(self, table: Table) -> None:
        if table.name in self.client.list_tables()["TableNames"]:
            self.client.update_table(TableName=table.name, DeletionProtectionEnabled=False)
            self.client.delete_table(TableName=table.name)
        self.client.create_table(**Spec.of(table).request())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Sandbox() as opened:
        yield World(tmp_path_factory.mktemp("patterns"), opened)


def entity(number: int, **fields: Any) -> Callable[[Document], object]:
    return lambda document: document["tables"][CUSTOMERS]["entities"][number].update(fields)


def index(table: int, number: int, **fields: Any) -> Callable[[Document], object]:
    return lambda document: document["tables"][table]["gsis"][number].update(fields)


def removed(table: int, number: int) -> Callable[[Document], object]:
    return lambda document: document["tables"][table]["gsis"].pop(number)


def without(holder: Callable[[Document], Document], name: str, to: Callable[[Document], Document] | None = None) -> Any:
    """One attribute less, given to another holder where it must stay declared."""

    def change(document: Document) -> None:
        attributes = holder(document)["attributes"]
        found = next(each for each in attributes if each["name"] == name)
        attributes.remove(found)
        if to:
            to(document)["attributes"].append(found)

    return change


def of_entity(number: int) -> Callable[[Document], Document]:
    return lambda document: document["tables"][CUSTOMERS]["entities"][number]  # type: ignore[no-any-return]


def of_products(document: Document) -> Document:
    return document["tables"][PRODUCTS]  # type: ignore[no-any-return]


MUTANTS: dict[str, tuple[Callable[[Document], object], set[str]]] = {
    # templates
    "a profile under another partition": (entity(PROFILE, pk_template="CUST#{id}"), {"AP1"}),
    "a profile under another sort key": (entity(PROFILE, sk_template="META"), {"AP1"}),
    "a profile's sort key open": (entity(PROFILE, sk_template="PROFILE#{id}"), {"AP1"}),
    "a profile's prefix behind": (entity(PROFILE, pk_template="{id}#CUSTOMER"), {"AP1"}),
    "orders under another partition": (entity(ORDER, pk_template="ORDER#{id}"), {"AP3"}),
    "orders without the partition's prefix": (entity(ORDER, pk_template="{customer_id}"), {"AP3"}),
    "orders with another prefix": (entity(ORDER, sk_template="ORD#{ordered_at}#{id}"), {"AP3"}),
    "orders without a prefix": (entity(ORDER, sk_template="{ordered_at}#{id}"), {"AP3"}),
    "orders in lower case": (entity(ORDER, sk_template="order#{ordered_at}#{id}"), {"AP3"}),
    # which items an index has
    "profiles leave ByEmail": (without(of_entity(PROFILE), "Email", of_entity(ORDER)), {"AP1", "AP2"}),
    "orders leave OrdersByStatus by its partition key": (
        without(of_entity(ORDER), "OrderStatus", of_entity(PROFILE)),
        {"AP4"},
    ),
    "orders leave OrdersByStatus by its sort key": (
        without(of_entity(ORDER), "OrderedAt", of_entity(PROFILE)),
        {"AP4"},
    ),
    # indexes
    "ByEmail renamed": (index(CUSTOMERS, BY_EMAIL, index_name="ByMail"), {"AP2"}),
    "ByEmail by another key": (index(CUSTOMERS, BY_EMAIL, pk="FullName"), {"AP2"}),
    "ByEmail by what orders have": (index(CUSTOMERS, BY_EMAIL, pk="OrderTotal"), {"AP2"}),
    "ByEmail gone": (removed(CUSTOMERS, BY_EMAIL), {"AP2"}),
    "OrdersByStatus renamed": (index(CUSTOMERS, BY_STATUS, index_name="ByStatus"), {"AP4"}),
    "OrdersByStatus by another partition key": (index(CUSTOMERS, BY_STATUS, pk="Record"), {"AP4"}),
    "OrdersByStatus by another sort key": (index(CUSTOMERS, BY_STATUS, sk="Record"), {"AP4"}),
    "OrdersByStatus turned round": (index(CUSTOMERS, BY_STATUS, pk="OrderedAt", sk="OrderStatus"), {"AP4"}),
    "OrdersByStatus without a sort key": (index(CUSTOMERS, BY_STATUS, sk=None), {"AP4"}),
    "OrdersByStatus gone": (removed(CUSTOMERS, BY_STATUS), {"AP4"}),
    "ByCategory renamed": (index(PRODUCTS, BY_CATEGORY, index_name="Category"), {"AP6"}),
    "ByCategory by another key": (index(PRODUCTS, BY_CATEGORY, pk="CategoryPath"), {"AP6"}),
    "ByCategory without a sort key": (index(PRODUCTS, BY_CATEGORY, sk=None), {"AP6"}),
    "ByCategory by another sort key": (index(PRODUCTS, BY_CATEGORY, sk="Title"), {"AP6"}),
    "ByCategory gone": (removed(PRODUCTS, BY_CATEGORY), {"AP6"}),
    # projections
    "OrdersByStatus has keys only": (
        index(CUSTOMERS, BY_STATUS, projection="KEYS_ONLY", projected_attributes=[]),
        {"AP4"},
    ),
    "OrdersByStatus lacks ItemCount": (index(CUSTOMERS, BY_STATUS, projected_attributes=["OrderTotal"]), {"AP4"}),
    "OrdersByStatus lacks OrderTotal": (index(CUSTOMERS, BY_STATUS, projected_attributes=["ItemCount"]), {"AP4"}),
    "OrdersByStatus has others": (index(CUSTOMERS, BY_STATUS, projected_attributes=["Items", "FullName"]), {"AP4"}),
    "ByCategory has keys only": (index(PRODUCTS, BY_CATEGORY, projection="KEYS_ONLY"), {"AP6"}),
    "ByCategory has others": (
        index(PRODUCTS, BY_CATEGORY, projection="INCLUDE", projected_attributes=["CategoryPath"]),
        {"AP6"},
    ),
    # attributes that a pattern needs
    "a profile without its name": (without(of_entity(PROFILE), "FullName"), {"AP1"}),
    "an order without its items": (without(of_entity(ORDER), "Items"), {"AP3"}),
    "the names at the orders": (without(of_entity(PROFILE), "FullName", of_entity(ORDER)), {"AP1"}),
    "a product without its title": (without(of_products, "Title"), {"AP5", "AP6"}),
    "an entity renamed": (entity(PROFILE, entity_type="CUSTOMER"), {"AP1", "AP2"}),
    # what breaks none
    "a place in a template called otherwise": (entity(PROFILE, pk_template="CUSTOMER#{customer}"), set()),
    "orders by number alone": (entity(ORDER, sk_template="ORDER#{id}"), set()),
    "OrdersByStatus has everything": (
        index(CUSTOMERS, BY_STATUS, projection="ALL", projected_attributes=[]),
        set(),
    ),
    "OrdersByStatus has more": (
        index(CUSTOMERS, BY_STATUS, projected_attributes=["OrderTotal", "ItemCount", "Items"]),
        set(),
    ),
    "an attribute that no pattern needs is gone": (without(of_products, "CategoryPath"), set()),
}


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ["nothing", *MUTANTS])
def test_exactly_the_patterns_that_a_change_breaks_fail(world: World, mutant: str) -> None:
    document = copy.deepcopy(SAMPLE)
    change, broken = MUTANTS.get(mutant, (lambda _document: None, set()))
    change(document)
    assert mutant == "nothing" or document != SAMPLE
    checks = world.try_patterns(document)
    assert set(checks) == {f"AP{number}" for number in range(1, 8)}
    assert {name for name, check in checks.items() if check.verdict != "pass"} == broken
    assert all(check.verdict == "fail" for name, check in checks.items() if name in broken)


def table_of(document: Document = SAMPLE, number: int = CUSTOMERS) -> Table:
    return read_contract(json.dumps(document).encode(), path="contract.json").tables[number]


def test_a_pattern_that_names_nothing_is_not_checked() -> None:
    (check, *_) = pattern_checks(table_of(), {}, None)
    assert (check.verdict, check.seen) == ("not-checked", NAMELESS)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("AP9: customers by email", "through ByEmail by Email = :Email"),
        ("AP9: Query OrdersByStatus", "through OrdersByStatus by OrderStatus = :OrderStatus"),
        ("AP9: Email = :mail", "through ByEmail by Email = :Email"),
        ("AP9: the ORDER entity", "ORDER through the table by CustomerId = :CustomerId"),
        ("AP9: `CustomerId` = CUSTOMER#{id}, then Email = x", "through the table by CustomerId = CUSTOMER#{}"),
        ("AP9: CustomerId = CUSTOMER#<customer id>", "through the table by CustomerId = CUSTOMER#{}"),
        ("AP9: everything else", None),
        ("AP9", None),
    ],
)
def test_a_pattern_of_the_contract_may_say_its_key_itself(text: str, seen: str | None) -> None:
    named = name_pattern(table_of(), Words(text, text, "$"))
    assert (str(named) if named else None) == seen


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("Record = PROFILE", "no CustomerId|no condition on a partition key"),
        ("CustomerId = :id and Email = :mail", "condition on Email, which is no key of the table"),
        ("OrdersByStatus where OrderTotal > 3", "condition on OrderTotal, which is no key of OrdersByStatus"),
        ("begins_with(CustomerId, CUST)", "partition key of the table"),
    ],
)
def test_what_is_no_key_condition_is_said(text: str, match: str) -> None:
    with pytest.raises(PatternFault, match=match):
        name_pattern(table_of(), Words(text, text, "$"))


@pytest.mark.parametrize("name", ["AP7", "7", "#7", "Pattern 7", "**AP7**", "access pattern 7", "ap-7"])
def test_a_pattern_is_known_however_it_is_written(name: str) -> None:
    assert pattern_key(name) == "7"


def test_json_is_read_before_markdown() -> None:
    entry = {"pattern": "AP1", "index": "ByEmail", "keyCondition": "Email = :e", "returns": ["CustomerId"]}
    files = {
        "artifacts/stage-02/accessPatterns.json": json.dumps({"accessPatterns": [entry]}).encode(),
        DATA_MODEL: sample_patterns(),
    }
    said = pattern_words(files.get)
    assert (said["1"].index, said["1"].returns, said["2"].where) == ("ByEmail", "CustomerId", f"{DATA_MODEL}:10")


@pytest.mark.parametrize(
    ("template", "operator", "value", "fits"),
    [
        ("CUSTOMER#{id}", "=", "CUSTOMER#{}", True),
        ("CUSTOMER#{id}", "=", "CUSTOMER#17", True),
        ("CUSTOMER#{id}", "=", "CUST#17", False),
        ("CUSTOMER#{id}", "=", "CUSTOMER#", False),
        ("{email}", "=", "ada@example.com", True),
        ("{email}", "=", "USER#{}", False),
        ("#META", "=", "#META", True),
        ("#META", "=", "{}#META", False),
        ("ORDER#{at}#{id}", "begins_with", "ORDER#", True),
        ("ORDER#{at}#{id}", "begins_with", "OR", True),
        ("ORDER#{at}#{id}", "begins_with", "ORDER#2026", True),
        ("ORDER#{at}#{id}", "begins_with", "ORDERS#", False),
        ("{at}#{id}", "begins_with", "ORDER#", False),
        ("PROFILE", "begins_with", "PROFILE#", False),
        ("{price}", "<", "3", True),
    ],
)
def test_a_value_must_be_what_the_template_makes(template: str, operator: str, value: str, fits: bool) -> None:
    assert fits_template(template, operator, value) is fits


def test_a_key_that_is_a_constant_is_not_put() -> None:
    document = copy.deepcopy(SAMPLE)
    document["tables"][CUSTOMERS]["entities"][PROFILE] |= {"pk_template": "CONFIG", "sk_template": "MAIN"}
    (first, second) = probe_items(table_of(document), "run/5.2")
    assert isinstance(first, NotPut)
    assert not isinstance(second, NotPut)
