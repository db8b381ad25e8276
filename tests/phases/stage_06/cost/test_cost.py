"""Is the estimate what one gets by hand?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from phases.aws import AwsError, Denied, Unreachable
from phases.contract.reader import read_contract
from phases.stage_06.cost.cost import cost_table, estimate
from phases.stage_06.cost.price_list import listed_prices, read_prices
from phases.stage_06.cost.prices import AS_OF, PRICES, Prices
from phases.stage_06.template.template import build_template
from tests.worlds.deploying import CONTRACT

READ = read_contract(json.dumps(CONTRACT).encode(), path="contract")
TEMPLATE = build_template(READ)
DAY = date.fromisoformat(AS_OF)


def test_a_table_is_charged_by_item_size_and_indexes() -> None:
    users = estimate(READ, TEMPLATE, "us-east-1").lines[0]
    # 1,500 bytes: 2 write units in the table, 2 in the index ALL, 1 in the index INCLUDE; half a read unit.
    assert users.basis == "5,000,000 write units, 500,000 read units, 3 GB stored, 1 GB recoverable"
    assert users.monthly == 5 * Decimal("0.625") + Decimal("0.5") * Decimal("0.125") + 3 * Decimal("0.25") + Decimal(
        "0.20"
    )


def test_alarms_are_charged_by_metric_not_by_alarm() -> None:
    lines = {line.what: line for line in estimate(READ, TEMPLATE, "us-east-1").lines}
    # Users: 3 series for each throttle alarm; audit-log: 1; the operations of SystemErrors for both.
    queries = [
        query
        for each in TEMPLATE["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
        for query in each["Properties"]["Metrics"]
    ]
    assert lines["Alarms"].basis == f"{len(queries) - 6} metrics in 6 alarms"
    assert lines["Alarms"].monthly == (len(queries) - 6) * Decimal("0.10")
    assert lines["Dashboards"].monthly == Decimal("3.00")


def test_the_sum_is_that_of_the_lines_and_dated() -> None:
    estimated = estimate(READ, TEMPLATE, "eu-central-1")
    assert estimated.monthly == sum(line.monthly for line in estimated.lines).quantize(Decimal("0.01"))
    assert f"as of {AS_OF}" in cost_table(estimated, DAY)


def test_every_region_in_the_table_costs_something_and_others_are_not_guessed() -> None:
    assert all((estimate(READ, TEMPLATE, region).monthly or 0) > 0 for region in PRICES)
    unknown = estimate(READ, TEMPLATE, "ap-south-2")
    assert unknown.monthly is None
    assert "is not known: the region is not in the table" in cost_table(unknown, DAY)


@pytest.mark.parametrize(("years", "old"), [(0, False), (1, True)])
def test_a_table_of_more_than_a_year_says_so(years: int, old: bool) -> None:
    a_year_on = DAY.replace(year=DAY.year + 1) + timedelta(days=years)
    assert ("older than 12 months" in cost_table(estimate(READ, TEMPLATE, "us-east-1"), a_year_on)) == old


def product(usage: str, *tiers: str) -> str:
    dimensions = {str(number): {"pricePerUnit": {"USD": price}} for number, price in enumerate(tiers)}
    terms = {"OnDemand": {"one": {"priceDimensions": dimensions}}}
    return json.dumps({"product": {"attributes": {"usagetype": usage}}, "terms": terms})


LIST = [
    product("AFS1-WriteRequestUnits", "0.0000008"),
    product("AFS1-IA-WriteRequestUnits", "0.000009"),
    product("IA-ReadRequestUnits", "0.000009"),
    product("AFS1-ReplWriteRequestUnits", "0.000009"),
    product("AFS1-ReadRequestUnits", "0.00000016"),
    product("AFS1-TimedStorage-ByteHrs", "0.0000000000", "0.3"),
    product("AFS1-TimedPITRStorage-ByteHrs", "0.24"),
]


def test_the_price_list_gives_the_four_prices_of_the_standard_class() -> None:
    prices = read_prices(LIST)
    assert prices == Prices(Decimal("0.8"), Decimal("0.16"), Decimal("0.3"), Decimal("0.24"))
    text = cost_table(estimate(READ, TEMPLATE, "af-south-1", prices), DAY.replace(year=2030))
    assert "from AWS's price list" in text
    assert "older than" not in text


@pytest.mark.parametrize("number", [0, 4, 5, 6])
def test_a_price_list_that_lacks_one_of_them_gives_none(number: int) -> None:
    assert read_prices(LIST[:number] + LIST[number + 1 :]) is None


@pytest.mark.parametrize("why", [Denied, Unreachable])
def test_who_may_not_ask_gets_none_and_the_sandbox_is_not_asked(why: type[AwsError]) -> None:
    assert listed_prices(Refusing(why, sandbox=False), "af-south-1") is None  # type: ignore[arg-type]
    assert listed_prices(Refusing(AssertionError, sandbox=True), "af-south-1") is None  # type: ignore[arg-type]


class Refusing:
    """AWS that refuses every call."""

    def __init__(self, why: type[Exception], *, sandbox: bool) -> None:
        self.why, self.sandbox = why, sandbox

    def at(self, region: str) -> Refusing:
        assert region == "us-east-1"
        return self

    def pages(self, service: str, operation: str, **_params: object) -> Iterator[dict[str, object]]:
        if issubclass(self.why, AwsError):
            raise self.why("no", service=service, operation=operation)
        raise self.why
