"""What would this deployment cost a month? An estimate that shows every assumption it rests on.

Nothing is known yet about the load, so a round one is assumed for each table (READS, WRITES, STORED_GB): people scale
the lines to their own. What is charged without any traffic (alarms, dashboard) is counted exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from phases.contract.model import Contract, Table
from phases.documents.markdown import bullets, code, table
from phases.stage_06.cost.capacity import put_units, read_units
from phases.stage_06.cost.prices import AS_OF, MONTHS, PRICES, Prices, is_old
from state.counted import counted

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Properties, Template

READS = WRITES = 1_000_000  # a month and table
STORED_GB = 1  # a table, as much again in each of its indexes

_CENT = Decimal("0.01")
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the estimate; `monthly` [USD]."""

    what: str
    basis: str
    monthly: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """The whole estimate; `lines` is empty when nothing is known of the region's prices.

    `listed`: DynamoDB's prices are AWS's price list of that day, not the table's.
    """

    region: str
    lines: tuple[CostLine, ...]
    listed: bool = False

    @property
    def monthly(self) -> Decimal | None:
        """The sum [USD], or None when nothing is known about the region's prices."""
        return sum((line.monthly for line in self.lines), Decimal(0)).quantize(_CENT) if self.lines else None


def estimate(contract: Contract, template: Template, region: str, listed: Prices | None = None) -> Estimate:
    """The monthly estimate for the contract's tables and for the alarms and dashboards of the template.

    `listed` is what AWS's price list says, None where it was not asked.
    """
    prices = listed or PRICES.get(region)
    if prices is None:
        return Estimate(region, ())
    lines = [_table_line(each, prices) for each in contract.tables]
    return Estimate(region, (*lines, *_watching(template, prices)), listed is not None)


def cost_table(estimated: Estimate, today: date) -> str:
    """The estimate as Markdown, with its sum and its assumptions; what the table's age says of it stands there, too."""
    if estimated.monthly is None:
        return (
            f"What DynamoDB costs in {code(estimated.region)} is not known: the region is not in the table of prices "
            f"({', '.join(PRICES)}; as of {AS_OF}), and AWS's price list was not to be asked "
            "(`pricing:GetProducts`). Nothing is estimated. Ask the AWS Pricing Calculator."
        )
    table_as_of = f"as of {AS_OF}"
    dated = f"as of {today.isoformat()}, from AWS's price list; CloudWatch's {table_as_of}"
    old = f"**The table of prices is older than {MONTHS} months**: compare with the AWS Pricing Calculator."
    rows = [(line.what, line.basis, f"{line.monthly.quantize(_CENT)} USD") for line in estimated.lines]
    return "\n\n".join(
        (
            table(("What", "Basis", "A month"), [*rows, ("**Sum**", "", f"**{estimated.monthly} USD**")]),
            bullets(
                (
                    f"List prices of {code(estimated.region)} {dated if estimated.listed else table_as_of}, before "
                    "tax, discounts and free tiers.",
                    *([old] if is_old(today) and not estimated.listed else []),
                    f"Assumed for each table: {READS:,} eventually consistent reads and {WRITES:,} writes of one item "
                    "of the contract's size, each entering every index, and "
                    f"{STORED_GB} GB in the table and in each index.",
                    "An idle table costs nothing but its alarms: on-demand capacity is paid by the request.",
                    "Not counted: requests to KMS (DynamoDB caches the key), data transfer, reading the streams.",
                )
            ),
        )
    )


def _table_line(each: Table, prices: Prices) -> CostLine:
    written = WRITES * put_units(each)
    read = READS * Decimal(str(read_units(each.item_bytes)))
    stored = STORED_GB * (1 + len(each.indexes))
    monthly = (
        Decimal(written) / _MILLION * prices.write_million
        + read / _MILLION * prices.read_million
        + stored * prices.storage_gb
        + STORED_GB * prices.recovery_gb  # recovery is charged by the table's size, indexes not counted again
    )
    basis = f"{written:,} write units, {read:,.0f} read units, {stored} GB stored, {STORED_GB} GB recoverable"
    return CostLine(f"Table {code(each.name)}", basis, monthly)


def _watching(template: Template, prices: Prices) -> list[CostLine]:
    resources = list(template.get("Resources", {}).values())
    alarms = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    metrics = sum(_alarm_metrics(alarm) for alarm in alarms)
    dashboards = sum(each["Type"] == "AWS::CloudWatch::Dashboard" for each in resources)
    return [
        CostLine(
            "Alarms", f"{counted(metrics, 'metric')} in {counted(len(alarms), 'alarm')}", metrics * prices.alarm_metric
        ),
        CostLine("Dashboards", str(dashboards), dashboards * prices.dashboard),
        CostLine(
            "Alarm messages",
            f"fewer than 1,000 e-mails, which are free (then {prices.email_hundred_thousand} USD per 100,000)",
            Decimal(0),
        ),
    ]


def _alarm_metrics(alarm: Properties) -> int:
    """The metrics that the alarm is charged for: an expression is not one of them."""
    return sum("MetricStat" in query for query in alarm.get("Metrics", [])) or 1
