"""What would make it cheaper? AWS's own recommendations, and what moving data costs.

Rules:
- Compute Optimizer right-sizes, the Cost Optimization Hub finds what is unused and what is too large, Cost Explorer has
  what data transfer costs. Each has to be turned on in the account: where it is not, the check says so.
- A recommendation is noted, never failed: whether it is followed is for people. An answer without one passes only where
  AWS says that it has looked: the account is enrolled, and something was counted.

Source: https://docs.aws.amazon.com/compute-optimizer/latest/APIReference/API_GetLambdaFunctionRecommendations.html,
https://docs.aws.amazon.com/cost-management/latest/APIReference/API_CostOptimizationHub_ListRecommendations.html,
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html (USAGE_TYPE_GROUP)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from phases.aws import AwsPort
from phases.aws_deploy.live.answers import entries, looked_at, not_checked
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.checks.answered import Item
from phases.step import Check
from state.counted import counted

HOME = "us-east-1"  # where Cost Explorer and the Cost Optimization Hub are
SHOWN = 5
UNUSED = ("Stop", "Delete")
RIGHT_SIZE = ("Rightsize", "Upgrade", "MigrateToGraviton", "ScaleIn")
# Compute Optimizer's recommendations, one call a kind of resource: operation, member, what names the resource
OPTIMIZER = {
    "functions": ("get_lambda_function_recommendations", "lambdaFunctionRecommendations", "functionArn"),
    "instances": ("get_ec2_instance_recommendations", "instanceRecommendations", "instanceArn"),
    "ECS services": ("get_ecs_service_recommendations", "ecsServiceRecommendations", "serviceArn"),
    "databases": ("get_rds_database_recommendations", "rdsDBRecommendations", "resourceArn"),
}
OPTIMAL = ("Optimized", "OPTIMIZED")


def optimization_checks(on: DeploymentTarget, item: Item, now: datetime | None = None) -> list[Check]:
    """What is unused, what is too large, and what data transfer costs."""
    looks: Mapping[str, Callable[[str], Check]] = {
        "unused resources": lambda name: _hub(on.aws, item, name, UNUSED),
        "right-sizing": lambda name: _hub(on.aws, item, name, RIGHT_SIZE),
        "right-sizing of compute": lambda name: _optimizer(on.aws, item, name),
        "data transfer": lambda name: _transfer(on.aws, item, name, now or datetime.now().astimezone()),
    }
    expected = "AWS's recommendations"
    if on.aws.sandbox:
        return [not_checked(item, name, expected, "the sandbox has no bill and no recommendations") for name in looks]
    return [looked_at(partial(look, name), item, name, expected, far=True) for name, look in looks.items()]


def _hub(aws: AwsPort, item: Item, name: str, actions: tuple[str, ...]) -> Check:
    """The Cost Optimization Hub's, of these actions."""
    home, hub, expected = aws.at(HOME), "cost-optimization-hub", "AWS's recommendations"
    enrolled = entries(home, hub, "list_enrollment_statuses", "items")
    if not any(each["status"] == "Active" for each in enrolled):
        return not_checked(item, name, expected, "the account is not enrolled in the Cost Optimization Hub")
    found = entries(home, hub, "list_recommendations", "items", filter={"actionTypes": list(actions)})
    said = [
        f"{each['actionType']} {each['resourceId']}, {each['estimatedMonthlySavings']:.2f} USD a month"
        for each in found
    ]
    if not said:
        looked = entries(home, hub, "list_recommendations", "items")  # of any action: whether it has looked at all
        if not looked:
            return not_checked(item, name, expected, "the Cost Optimization Hub has no recommendation of any kind yet")
        return item.check(name, expected, f"none, among {counted(len(looked), 'recommendation')}", "pass")
    return item.check(name, expected, _first(said), "note")


def _optimizer(aws: AwsPort, item: Item, name: str) -> Check:
    """Compute Optimizer's findings, of every kind that it looks at."""
    expected, service = "AWS's recommendations", "compute-optimizer"
    status = str(aws.call(service, "get_enrollment_status")["status"])
    if status != "Active":
        return not_checked(item, name, expected, f"Compute Optimizer is {status} in this account")
    looked, said = 0, []
    for operation, member, named in OPTIMIZER.values():
        answers: list[Mapping[str, Any]] = entries(aws, service, operation, member)
        findings = [(str(each[named]), _finding(each)) for each in answers]
        known = [(resource, finding) for resource, finding in findings if finding != "Unavailable"]
        looked += len(known)
        said += [f"{resource}: {finding}" for resource, finding in known if finding not in OPTIMAL]
    if not looked:
        return not_checked(item, name, expected, "Compute Optimizer has looked at nothing yet")
    if said:
        return item.check(name, expected, _first(said), "note")
    return item.check(name, expected, f"{counted(looked, 'resource')} optimized", "pass")


def _finding(recommendation: Mapping[str, Any]) -> str:
    """`Optimized`, `NotOptimized` and the like; a database has its instance's and its storage's."""
    return str(recommendation["instanceFinding" if "instanceFinding" in recommendation else "finding"])


def _transfer(aws: AwsPort, item: Item, name: str, now: datetime) -> Check:
    """What moving data cost in the last 30 days, of the account, the dearest ways first."""
    expected = "what it costs"
    found = entries(
        aws.at(HOME),
        "ce",
        "get_cost_and_usage",
        "ResultsByTime",
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        TimePeriod={"Start": f"{now - timedelta(days=30):%Y-%m-%d}", "End": f"{now:%Y-%m-%d}"},
        GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
    )
    costs: dict[str, Decimal] = {}
    for month in found:
        for group in month["Groups"]:
            kind = " ".join(map(str, group["Keys"]))  # of one dimension there is one
            if "DataTransfer" in kind or "-Bytes" in kind:
                amount = Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
                costs[kind] = costs.get(kind, Decimal()) + amount
    if not costs:
        return not_checked(item, name, expected, "Cost Explorer has no usage of data transfer")
    dearest = sorted(costs.items(), key=lambda entry: -entry[1])
    total = sum(costs.values(), Decimal())
    return item.check(name, expected, f"{total:.2f} USD: {_first([f'{k} {v:.2f}' for k, v in dearest])}", "note")


def _first(said: list[str]) -> str:
    more = f", and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    return f"{'; '.join(said[:SHOWN])}{more}"
