"""What does AWS charge, in which region? A dated price table, because a price list cannot be asked for offline.

Rules:
- List prices in US dollars, before tax, discounts and free tiers. A region that is not here is "not in the table":
  nothing is guessed from a neighbour.
- On-demand requests cost half of what they did before 2024-11-01; storage and recovery were left as they were.

Sources, as of AS_OF: https://aws.amazon.com/dynamodb/pricing/on-demand/, https://aws.amazon.com/cloudwatch/pricing/,
https://aws.amazon.com/sns/pricing/; the cut: https://aws.amazon.com/about-aws/whats-new/2024/11/ (DynamoDB).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

AS_OF = "2025-07-21"


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
