"""What does it cost so far? Cost Explorer at the three checkpoints: by day, and by hour where the account has it.

Rules:
- A request to Cost Explorer costs 0.01 USD; each checkpoint makes two.
- Cost Explorer is up to 24 hours behind, and tags count only once they are activated as cost allocation tags: a sum of
  nothing is no figure.
- Hours are there where the account has turned them on, for 14 days: one look sees every hour since the run began.
- In the sandbox, which has no bill, and where it is denied: not checked, with the reason; never passed.
- A checkpoint says how long after the deployment it is, not how long after it was meant to be.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html,
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html,
https://docs.aws.amazon.com/cost-management/latest/userguide/ce-granular-data.html
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from phases.aws_deploy.live.answers import entries, looked_at, not_checked
from phases.aws_deploy.spec.durations import words_for
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.items import COST
from phases.step import Check
from state.counted import counted

CHECKPOINTS = ("after the infrastructure", "after the application")
HOME = "us-east-1"  # where Cost Explorer's endpoint is
HOURS_KEPT = timedelta(days=14)


def checkpoint(
    on: DeploymentTarget, number: int, since: datetime, now: datetime, deployed: datetime | None = None
) -> list[Check]:
    """Checkpoint `number` (from 1): the cost since that moment, each day and each hour against its limit.

    `deployed`: when the application was there, for the checkpoints after it.
    """
    name = name_of(number, deployed, now)
    hourly = f"{name}, by the hour"
    limit, hour_limit = on.deployment.cost.daily_usd, on.deployment.cost.hourly_usd
    by_day = "looked at" if limit is None else f"at most {limit:g} USD a day"
    by_hour = "looked at" if hour_limit is None else f"at most {hour_limit:g} USD an hour"
    if on.aws.sandbox:
        return [
            not_checked(COST, each, expected, "the sandbox has no bill")
            for each, expected in ((name, by_day), (hourly, by_hour))
        ]
    return [
        looked_at(lambda: _by_day(on, name, by_day, since, now), COST, name, by_day, far=True),
        looked_at(lambda: _by_hour(on, hourly, by_hour, since, now), COST, hourly, by_hour, far=True),
    ]


def _by_day(on: DeploymentTarget, name: str, expected: str, since: datetime, now: datetime) -> Check:
    costs = _costs(on, "DAILY", since, now + timedelta(days=1))
    return _judged(name, expected, costs, "day", on.deployment.cost.daily_usd)


def _by_hour(on: DeploymentTarget, name: str, expected: str, since: datetime, now: datetime) -> Check:
    costs = _costs(on, "HOURLY", max(since, now - HOURS_KEPT), now + timedelta(hours=1))
    return _judged(name, expected, costs, "hour", on.deployment.cost.hourly_usd)


def name_of(number: int, deployed: datetime | None = None, now: datetime | None = None) -> str:
    """Which checkpoint it is, with its real distance from the deployment."""
    if number <= len(CHECKPOINTS) or deployed is None or now is None:
        return CHECKPOINTS[number - 1] if number <= len(CHECKPOINTS) else "after the watch"
    return f"{words_for(now - deployed)} after the application"


def as_row(number: int, checks: list[Check]) -> list[str]:
    """When, limit and figure of checkpoint `number`, for the report."""
    by_day = checks[0]
    return [by_day.name.removeprefix(f"{COST.number} ") or name_of(number), by_day.expected, by_day.seen]


def _judged(name: str, expected: str, costs: dict[str, Decimal], period: str, limit: float | None) -> Check:
    """The dearest day or hour against its limit."""
    if not costs:
        return not_checked(COST, name, expected, "Cost Explorer has no figures yet")
    when, most = max(costs.items(), key=lambda entry: entry[1])
    total = sum(costs.values(), Decimal())
    if not total:
        why = "0.00 USD, which is what Cost Explorer says of what it has not counted yet, or not by these tags"
        return not_checked(COST, name, expected, why)
    seen = f"{total:.2f} USD in {counted(len(costs), period)}, at most {most:.2f} on {when}"
    if limit is None:
        return COST.check(name, expected, seen, "note")
    return COST.check(name, expected, seen, "fail" if most > Decimal(str(limit)) else "pass")


def _costs(on: DeploymentTarget, granularity: str, since: datetime, until: datetime) -> dict[str, Decimal]:
    """Day or hour -> USD; of the deployment's tags where it has any, else of the account."""
    filters: list[dict[str, object]] = [
        {"Tags": {"Key": key, "Values": [value]}} for key, value in on.deployment.inventory.tags.items()
    ]
    chosen: dict[str, object] = {}
    if filters:
        chosen = {"Filter": filters[0] if len(filters) == 1 else {"And": filters}}
    form = "%Y-%m-%dT%H:00:00Z" if granularity == "HOURLY" else "%Y-%m-%d"
    found = entries(
        on.aws.at(HOME),
        "ce",
        "get_cost_and_usage",
        "ResultsByTime",
        Granularity=granularity,
        Metrics=["UnblendedCost"],
        TimePeriod={"Start": since.strftime(form), "End": until.strftime(form)},
        **chosen,
    )
    return {
        each["TimePeriod"]["Start"]: Decimal(each["Total"]["UnblendedCost"]["Amount"])
        for each in found
        if each["Total"]
    }
