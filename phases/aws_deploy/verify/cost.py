"""What does it cost so far? Cost Explorer at the three checkpoints, against the configured limit.

Rules:
- A request to Cost Explorer costs 0.01 USD; each checkpoint makes one.
- Cost Explorer is up to 24 hours behind, and tags count only once they are activated as cost allocation tags: said.
- In the sandbox, which has no bill, and where it is denied: not checked, with the reason; never passed.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html,
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from phases.aws import AwsError, ExpiredToken, NoCredentials, Throttled
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.items import COST
from phases.step import Check

CHECKPOINTS = ("after the infrastructure", "after the application", "24 hours after")
HOME = "us-east-1"  # where Cost Explorer's endpoint is


def checkpoint(on: DeploymentTarget, number: int, since: datetime, now: datetime) -> Check:
    """Checkpoint `number` (from 1): the cost since that day, each day against the limit."""
    name = CHECKPOINTS[number - 1]
    limit = on.deployment.cost.daily_usd
    expected = "looked at" if limit is None else f"at most {limit:g} USD a day"
    if on.aws.sandbox:
        return COST.check(name, expected, "not checked: the sandbox has no bill", "not-checked")
    try:
        days = _days(on, since, now)
    except (ExpiredToken, NoCredentials, Throttled):
        raise
    except AwsError as error:
        return COST.check(name, expected, f"not checked: {error.message}", "not-checked")
    if not days:
        return COST.check(name, expected, "not checked: Cost Explorer has no figures yet", "not-checked")
    day, most = max(days.items(), key=lambda entry: entry[1])
    seen = f"{sum(days.values(), Decimal()):.2f} USD in {len(days)} days, at most {most:.2f} on {day}"
    if limit is None:
        return COST.check(name, expected, seen, "note")
    return COST.check(name, expected, seen, "fail" if most > Decimal(str(limit)) else "pass")


def as_row(number: int, check: Check) -> list[str]:
    """When, limit and figure of checkpoint `number`, for the report."""
    return [CHECKPOINTS[number - 1], check.expected, check.seen]


def _days(on: DeploymentTarget, since: datetime, now: datetime) -> dict[str, Decimal]:
    """Day -> USD; of the deployment's tags where it has any, else of the account."""
    filters: list[dict[str, object]] = [
        {"Tags": {"Key": key, "Values": [value]}} for key, value in on.deployment.inventory.tags.items()
    ]
    chosen: dict[str, Any] = {}
    if filters:
        chosen = {"Filter": filters[0] if len(filters) == 1 else {"And": filters}}
    answer = on.aws.at(HOME).call(
        "ce",
        "get_cost_and_usage",
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
        TimePeriod={"Start": f"{since:%Y-%m-%d}", "End": f"{now + timedelta(days=1):%Y-%m-%d}"},
        **chosen,
    )
    return {
        day["TimePeriod"]["Start"]: Decimal(day["Total"]["UnblendedCost"]["Amount"])
        for day in answer["ResultsByTime"]
        if day["Total"]
    }
