"""What does AWS charge, in which region? A dated price table, for those who cannot ask the price list.

Rules:
- List prices in US dollars, before tax, discounts and free tiers. A region that is not here is "not known": nothing is
  guessed from a neighbour. `price_list.py` asks AWS, where the account may.
- A table that is older than MONTHS says so wherever it is shown.
- On-demand requests cost half of what they did before 2024-11-01; storage and recovery were left as they were.

Sources, as of AS_OF: https://aws.amazon.com/dynamodb/pricing/on-demand/, https://aws.amazon.com/cloudwatch/pricing/,
https://aws.amazon.com/sns/pricing/; the cut: https://aws.amazon.com/about-aws/whats-new/2024/11/ (DynamoDB).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

AS_OF = "2025-07-21"
MONTHS = 12  # prices are looked up once a year at least


def is_old(today: date) -> bool:
    """Whether the table is more than a year old."""
    then = date.fromisoformat(AS_OF)
    return (today.year - then.year, today.month, today.day) > (MONTHS // 12, then.month, then.day)


@dataclass(frozen=True, slots=True)
class Prices:
    """One region's prices [USD]: requests per million, storage and recovery per GB-month, the rest per month."""

    write_million: Decimal
    read_million: Decimal
    storage_gb: Decimal
    recovery_gb: Decimal
    alarm_metric: Decimal = Decimal("0.10")  # standard resolution; one that uses metric math counts each metric
    dashboard: Decimal = Decimal("3.00")
    email_hundred_thousand: Decimal = Decimal("2.00")


def _prices(write: str, read: str, storage: str, recovery: str) -> Prices:
    return Prices(Decimal(write), Decimal(read), Decimal(storage), Decimal(recovery))


_VIRGINIA = _prices("0.625", "0.125", "0.25", "0.20")

PRICES: dict[str, Prices] = {
    "us-east-1": _VIRGINIA,
    "us-east-2": _VIRGINIA,
    "us-west-2": _VIRGINIA,
    "eu-west-1": _prices("0.70675", "0.1415", "0.283", "0.2264"),
    "eu-central-1": _prices("0.7625", "0.1525", "0.306", "0.2448"),
}
