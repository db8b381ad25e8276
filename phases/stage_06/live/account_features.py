"""Which settings of a stack's tables, alarms, topic and dashboard are in the account, against what a template says?

Read by task 4.1 after a deployment, and by task 3.1 before a change, for the template that was deployed last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from phases.aws import AwsPort, NotFound
from phases.stage_06.live.live_features import (
    alarm_checks,
    dashboard_check,
    live_encryption,
    subscription_check,
    table_checks,
)
from phases.stage_06.live.live_schema import MISSING, billing_mode
from phases.stage_06.live.live_tables import describe_table, table_tags
from phases.stage_06.live.other_settings import other_settings
from phases.stage_06.stack.change_set import TABLE
from phases.stage_06.stack.stacks import StackResource
from phases.stage_06.template.alarms import EMAIL_PARAMETER, TOPIC
from phases.stage_06.template.template_values import TemplateValues
from phases.step import Check

if TYPE_CHECKING:
    from phases.stage_06.template.template_shape import Resource, TableProperties

ALARM = "AWS::CloudWatch::Alarm"
ALARMS_A_CALL = 100  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html


class TableFeatures(TypedDict):
    """The production features of one table."""

    pitr: str
    sse: str
    deletion_protection: bool
    stream: str
    billing_mode: str
    tags: dict[str, str]


Features = dict[str, TableFeatures]


@dataclass(frozen=True, slots=True)
class InStack:
    """One stack, and the parameters that its template is resolved with."""

    name: str
    stack_id: str
    region: str
    account: str
    parameters: Mapping[str, str]


@dataclass
class AccountFeatures:
    """What was seen: checks against the template, and on what it does not ask for (`others`).

    Attributes:
        features: of each table, as seen.
        watching: of alarm topic and dashboard.
    """

    tables: list[Check] = field(default_factory=list)
    others: list[Check] = field(default_factory=list)
    features: Features = field(default_factory=dict)
    alarms: list[Check] = field(default_factory=list)
    watching: list[Check] = field(default_factory=list)

    @property
    def checks(self) -> Sequence[Check]:
        return [*self.tables, *self.others, *self.alarms, *self.watching]


def account_features(
    aws: AwsPort,
    stack: InStack,
    resources: Mapping[str, Resource],
    physical: Mapping[str, StackResource],
    *,
    path: str,
) -> AccountFeatures:
    """Everything that is set in the account on what the template has.

    Args:
        resources: of the template, by logical id.
        physical: of the stack, by logical id.
        path: the template's, for refusals.
    """
    values = _values(stack, physical, path)
    found = AccountFeatures()
    _look_at_tables(aws, resources, values, found)
    found.alarms = _alarms(aws, resources, values)
    topic = _topic(aws, stack, physical) if TOPIC in resources else []  # a stack of adopted tables alone has none
    found.watching = [*topic, *_dashboards(aws, resources, values)]
    return found


def existence(logical_id: str, physical: Mapping[str, StackResource]) -> Check:
    """Whether a resource of the template is in the stack, and well."""
    found = physical.get(logical_id)
    seen = str(found["ResourceStatus"]) if found else "not in the stack"
    well = seen.endswith("_COMPLETE") and not seen.startswith("DELETE_")
    return Check(f"resource {logical_id}", "in the stack", seen, "pass" if well else "fail")


def of_type(resources: Mapping[str, Resource], wanted: str) -> list[Resource]:
    """The resources of one type."""
    return [resource for resource in resources.values() if resource["Type"] == wanted]


def _values(stack: InStack, physical: Mapping[str, StackResource], path: str) -> TemplateValues:
    partition = stack.stack_id.split(":")[1]
    names = {
        "AWS::StackName": stack.name,
        "AWS::Region": stack.region,
        **stack.parameters,
        **{name: str(each.get("PhysicalResourceId") or "") for name, each in physical.items()},
    }
    alarms = f"arn:{partition}:cloudwatch:{stack.region}:{stack.account}:alarm"
    attributes = {
        f"{name}.Arn": f"{alarms}:{each.get('PhysicalResourceId')}"
        for name, each in physical.items()
        if each["ResourceType"] == ALARM
    }
    return TemplateValues(names, attributes, path=path)


def _look_at_tables(
    aws: AwsPort, resources: Mapping[str, Resource], values: TemplateValues, found: AccountFeatures
) -> None:
    for resource in of_type(resources, TABLE):
        wanted: TableProperties = values.resolve(resource["Properties"])
        name = wanted["TableName"]
        live = describe_table(aws, name)
        if live is None:
            found.tables.append(Check(f"{name}: table", "exists", MISSING, "fail", name))
            continue
        described = aws.call("dynamodb", "describe_continuous_backups", TableName=name)
        backups = described["ContinuousBackupsDescription"]
        tags = table_tags(aws, live["TableArn"])
        found.tables += table_checks(name, wanted, live, backups, tags)
        found.others += other_settings(aws, name, live, backups)
        found.features[name] = {
            "pitr": backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", "DISABLED"),
            "sse": live_encryption(live),
            "deletion_protection": live.get("DeletionProtectionEnabled", False),
            "stream": live.get("StreamSpecification", {}).get("StreamViewType", "off"),
            "billing_mode": billing_mode(live),
            "tags": dict(sorted((key, value) for key, value in tags.items() if not key.startswith("aws:"))),
        }


def _alarms(aws: AwsPort, resources: Mapping[str, Resource], values: TemplateValues) -> list[Check]:
    wanted = [values.resolve(resource["Properties"]) for resource in of_type(resources, ALARM)]
    names = [alarm["AlarmName"] for alarm in wanted]
    live: dict[str, Mapping[str, object]] = {}
    for start in range(0, len(names), ALARMS_A_CALL):
        for page in aws.pages("cloudwatch", "describe_alarms", AlarmNames=names[start : start + ALARMS_A_CALL]):
            live |= {alarm["AlarmName"]: alarm for alarm in page["MetricAlarms"]}
    return [
        check for alarm in wanted for check in alarm_checks(alarm["AlarmName"], alarm, live.get(alarm["AlarmName"]))
    ]


def _topic(aws: AwsPort, stack: InStack, physical: Mapping[str, StackResource]) -> list[Check]:
    """The topic that the alarms' actions name, and who hears of it."""
    arn = str(physical.get(TOPIC, {}).get("PhysicalResourceId") or "")
    try:
        aws.call("sns", "get_topic_attributes", TopicArn=arn)
    except NotFound:
        return [Check("alarm topic", "exists", "no such topic", "fail", arn)]
    pages = aws.pages("sns", "list_subscriptions_by_topic", TopicArn=arn)
    subscriptions = [each for page in pages for each in page["Subscriptions"]]
    address = stack.parameters[EMAIL_PARAMETER]
    return [Check("alarm topic", "exists", "exists", "pass", arn), subscription_check(address, subscriptions)]


def _dashboards(aws: AwsPort, resources: Mapping[str, Resource], values: TemplateValues) -> Iterator[Check]:
    for resource in of_type(resources, "AWS::CloudWatch::Dashboard"):
        wanted = values.resolve(resource["Properties"])
        name = wanted["DashboardName"]
        try:
            live = aws.call("cloudwatch", "get_dashboard", DashboardName=name)["DashboardBody"]
        except NotFound:
            live = None
        yield dashboard_check(name, wanted["DashboardBody"], live)
