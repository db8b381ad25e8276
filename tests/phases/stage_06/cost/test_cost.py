"""Is the estimate what one gets by hand?"""

from __future__ import annotations

import json
from decimal import Decimal

from phases.contract.reader import read_contract
from phases.stage_06.cost.cost import cost_table, estimate
from phases.stage_06.cost.prices import AS_OF, PRICES
from phases.stage_06.template.template import build_template
from tests.worlds.deploying import CONTRACT

READ = read_contract(json.dumps(CONTRACT).encode(), path="contract")
TEMPLATE = build_template(READ)


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
    assert f"as of {AS_OF}" in cost_table(estimated)


def test_every_region_in_the_table_costs_something_and_others_are_not_guessed() -> None:
    assert all((estimate(READ, TEMPLATE, region).monthly or 0) > 0 for region in PRICES)
    unknown = estimate(READ, TEMPLATE, "ap-south-2")
    assert unknown.monthly is None
    assert "not in the table" in cost_table(unknown)
