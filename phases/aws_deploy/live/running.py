"""Does what was deployed run? Scheduled jobs, targets behind load balancers, endpoints of models.

Rules:
- Looked at are those that carry the deployment's tags, and those of a service in `inventory.services` whose names match
  `inventory.names` (not all of an account).
- A kind of which nothing is found is noted: whether there should have been one is for people.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html,
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from phases.aws import AwsPort
from phases.aws_deploy.live.answers import entries, looked_at, not_checked
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.resources import Arn, listed, parse_arn
from phases.checks.answered import Item
from phases.step import Check
from state.counted import counted

ANY = "*"


class RunningKind(NamedTuple):
    """One kind of what runs.

    Attributes:
        what: as people call it.
        service, kind: of its ARN.
        listing: the service of `inventory.services` that lists it.
        look: the check of one, by name.
    """

    what: str
    service: str
    kind: str
    listing: str
    look: Callable[[AwsPort, Item, str, str], Check]


def running_checks(
    on: DeploymentTarget, resources: Sequence[Arn], item: Item, kinds: Sequence[RunningKind]
) -> Iterator[Check]:
    """Each that is found of these kinds."""
    found = 0
    for kind in kinds:
        for name in _names(on, resources, kind):
            found += 1
            check = f"{kind.what} {name.split('/')[1] if is_target_group(name) else name.rpartition('/')[2]}"
            yield looked_at(partial(kind.look, on.aws, item, check, name), item, check, "it runs", name)
    if not found:
        what = ", ".join(f"{kind.what}s" for kind in kinds)
        yield item.check(what, "those that are tagged or named", "none is tagged or named", "note", "inventory")


def is_target_group(name: str) -> bool:
    """Target groups are asked about by ARN, everything else by name."""
    return ":targetgroup/" in name


def _names(on: DeploymentTarget, resources: Sequence[Arn], kind: RunningKind) -> list[str]:
    names = {
        arn.text if is_target_group(arn.text) else arn.name
        for arn in resources
        if (arn.service, arn.kind) == (kind.service, kind.kind)
    }
    inventory = on.deployment.inventory
    if kind.listing in inventory.services and inventory.names != ANY:
        found = listed(on.aws, kind.listing, inventory.names)
        names |= {parse_arn(each).name if each.startswith("arn:") else each for each in found}
    return sorted(names)


def _rule(aws: AwsPort, item: Item, check: str, name: str) -> Check:
    """A rule of EventBridge that is on and starts something; `bus/rule` on another bus than the default one."""
    expected = "ENABLED, with a target"
    bus, _, rule = name.rpartition("/")
    about = {"EventBusName": bus} if bus else {}
    described = aws.call("events", "describe_rule", Name=rule, **about)
    state, schedule = str(described["State"]), described.get("ScheduleExpression") or "on events"
    targets = entries(aws, "events", "list_targets_by_rule", "Targets", Rule=rule, **about)
    seen = f"{state}, {schedule}, {counted(len(targets), 'target')}"
    if not state.startswith("ENABLED"):
        return item.check(check, expected, seen, "fail", name)
    return item.check(check, expected, seen, "pass" if targets else "not-checked", name)


def _schedule(aws: AwsPort, item: Item, check: str, name: str) -> Check:
    """A schedule of EventBridge Scheduler that is on and starts something; `group/schedule` in another group."""
    group, _, schedule = name.rpartition("/")
    answer = aws.call("scheduler", "get_schedule", Name=schedule, **({"GroupName": group} if group else {}))
    state, target = str(answer["State"]), str(answer["Target"]["Arn"])
    seen = f"{state}, {answer['ScheduleExpression']}, starts {target}"
    expected = "ENABLED, with a target"
    if state == "ENABLED" and not target:
        return not_checked(item, check, expected, f"{state}, and AWS names no target", name)
    return item.check(check, expected, seen, "pass" if state == "ENABLED" else "fail", name)


def _targets(aws: AwsPort, item: Item, check: str, arn: str) -> Check:
    """A target group all of whose targets are healthy."""
    expected = "every target healthy, at least one"
    found = entries(aws, "elbv2", "describe_target_health", "TargetHealthDescriptions", TargetGroupArn=arn)
    states = [str(each["TargetHealth"]["State"]) for each in found]
    if not states:
        return not_checked(item, check, expected, "no target is registered", arn)
    bad = [state for state in states if state != "healthy"]
    seen = f"{len(states) - len(bad)} of {counted(len(states), 'target')} healthy"
    more = f", {', '.join(sorted(set(bad)))}" if bad else ""
    return item.check(check, expected, seen + more, "fail" if bad else "pass", arn)


def _endpoint(aws: AwsPort, item: Item, check: str, name: str) -> Check:
    """An endpoint of SageMaker in service, with the variants that it serves."""
    expected = "InService, with a model variant"
    answer = aws.call("sagemaker", "describe_endpoint", EndpointName=name)
    status = str(answer["EndpointStatus"])
    if status != "InService":
        return item.check(check, expected, status, "fail", name)
    variants = [str(each["VariantName"]) for each in answer["ProductionVariants"]]
    if not variants:
        return not_checked(item, check, expected, f"{status}, and AWS names no variant", name)
    seen = f"{status} by {answer['EndpointConfigName']}: {', '.join(variants)}"
    return item.check(check, expected, seen, "pass", name)


JOBS = (
    RunningKind("rule", "events", "rule", "events", _rule),
    RunningKind("schedule", "scheduler", "schedule", "scheduler", _schedule),
)
TARGETS = (RunningKind("target group", "elasticloadbalancing", "targetgroup", "", _targets),)
ENDPOINTS = (RunningKind("model endpoint", "sagemaker", "endpoint", "sagemaker", _endpoint),)
