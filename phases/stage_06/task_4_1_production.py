"""Task 4.1: are backups, encryption, protection, alarms and dashboard on, as the template configures them?

Everything is read back from AWS and compared with the template's own values, resolved in this stack. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from phases.aws import AwsPort, NotFound
from phases.documents.markdown import checks_table, code, document, table, verdict
from phases.stage_06.live.live_features import (
    alarm_checks,
    dashboard_check,
    live_encryption,
    subscription_check,
    table_checks,
)
from phases.stage_06.live.live_schema import MISSING, billing_mode
from phases.stage_06.live.live_tables import describe_table, table_tags
from phases.stage_06.paths import FEATURES, TEMPLATE
from phases.stage_06.recorded import Configured, Deployed
from phases.stage_06.stack.change_set import TABLE
from phases.stage_06.stack.stacks import require_stack, stack_resources
from phases.stage_06.template.alarms import EMAIL_PARAMETER, TOPIC
from phases.stage_06.template.template_values import TemplateValues
from phases.step import AfterCrash, Check, ReviewSection, StepContext, Work, step

ALARM = "AWS::CloudWatch::Alarm"
ALARMS_A_CALL = 100  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

Resources = Mapping[str, Mapping[str, Any]]
Features = dict[str, dict[str, Any]]


@step(
    "4.1",
    "Verify production features are enabled",
    reads=[TEMPLATE],
    writes=[FEATURES],
    after_crash=AfterCrash.REDO,  # it reads only
)
def verify_production_features(ctx: StepContext) -> Work:
    """Read backups, encryption, protection, alarms and dashboard back and compare them with the template."""
    from phases.stage_06.template.template import load_template

    stack = ctx.data("3.2", Deployed)
    aws = ctx.aws.at(stack["region"])
    require_stack(ctx, aws)
    resources: Resources = load_template(ctx.read(TEMPLATE))["Resources"]
    physical = {str(each["LogicalResourceId"]): each for each in stack_resources(aws, stack["stack_id"])}
    existing = [_existence(name, physical) for name, resource in resources.items() if "Condition" not in resource]
    values = _values(ctx, physical)
    tables, features = _tables(aws, resources, values)
    alarms = _alarms(aws, resources, values)
    watching = [*_topic(aws, ctx, physical), *_dashboards(aws, resources, values)]
    checks = [*existing, *tables, *alarms, *watching]
    overview = _overview(features)
    ctx.write(
        FEATURES,
        document(
            "Production features",
            f"Stack {code(stack['stack_name'])} in {code(stack['region'])}: {len(features)} tables, "
            f"{len(_of_type(resources, ALARM))} alarms. {verdict(checks)}",
            "## Tables",
            overview,
            "Point-in-time recovery restores to any second of the last 35 days, always into a new table. Encryption "
            "uses the KMS key `aws/dynamodb` of the account, so that its use shows in CloudTrail. A protected table "
            "cannot be deleted before somebody switches the protection off.",
            checks_table(tables),
            "## Alarms",
            checks_table(alarms),
            "## Alarm topic and dashboard",
            checks_table(watching),
            "## Resources of the stack",
            checks_table(existing),
        ),
    )
    return Work(checks, {"features": features}, [ReviewSection("Tables", overview)])


def _existence(logical_id: str, physical: Mapping[str, Mapping[str, Any]]) -> Check:
    found = physical.get(logical_id)
    seen = str(found["ResourceStatus"]) if found else "not in the stack"
    well = seen.endswith("_COMPLETE") and not seen.startswith("DELETE_")
    return Check(f"resource {logical_id}", "in the stack", seen, "pass" if well else "fail")


def _values(ctx: StepContext, physical: Mapping[str, Mapping[str, Any]]) -> TemplateValues:
    stack, configured = ctx.data("3.2", Deployed), ctx.data("3.1", Configured)
    partition = stack["stack_id"].split(":")[1]
    names = {
        "AWS::StackName": stack["stack_name"],
        "AWS::Region": stack["region"],
        **configured["parameters"],
        **{name: str(each.get("PhysicalResourceId") or "") for name, each in physical.items()},
    }
    alarms = f"arn:{partition}:cloudwatch:{stack['region']}:{stack['account']}:alarm"
    attributes = {
        f"{name}.Arn": f"{alarms}:{each.get('PhysicalResourceId')}"
        for name, each in physical.items()
        if each["ResourceType"] == ALARM
    }
    return TemplateValues(names, attributes)


def _tables(aws: AwsPort, resources: Resources, values: TemplateValues) -> tuple[list[Check], Features]:
    checks: list[Check] = []
    features: Features = {}
    for resource in _of_type(resources, TABLE):
        wanted = values.resolve(resource["Properties"])
        name = wanted["TableName"]
        live = describe_table(aws, name)
        if live is None:
            checks.append(Check(f"{name}: table", "exists", MISSING, "fail", name))
            continue
        described = aws.call("dynamodb", "describe_continuous_backups", TableName=name)
        backups = described["ContinuousBackupsDescription"]
        tags = table_tags(aws, live["TableArn"])
        checks += table_checks(name, wanted, live, backups, tags)
        features[name] = {
            "pitr": backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", "DISABLED"),
            "sse": live_encryption(live),
            "deletion_protection": live.get("DeletionProtectionEnabled", False),
            "stream": live.get("StreamSpecification", {}).get("StreamViewType", "off"),
            "billing_mode": billing_mode(live),
            "tags": dict(sorted((key, value) for key, value in tags.items() if not key.startswith("aws:"))),
        }
    return checks, features


def _alarms(aws: AwsPort, resources: Resources, values: TemplateValues) -> list[Check]:
    wanted = [values.resolve(resource["Properties"]) for resource in _of_type(resources, ALARM)]
    names = [alarm["AlarmName"] for alarm in wanted]
    live: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(names), ALARMS_A_CALL):
        for page in aws.pages("cloudwatch", "describe_alarms", AlarmNames=names[start : start + ALARMS_A_CALL]):
            live |= {alarm["AlarmName"]: alarm for alarm in page["MetricAlarms"]}
    return [
        check for alarm in wanted for check in alarm_checks(alarm["AlarmName"], alarm, live.get(alarm["AlarmName"]))
    ]


def _topic(aws: AwsPort, ctx: StepContext, physical: Mapping[str, Mapping[str, Any]]) -> list[Check]:
    """The topic that the alarms' actions name, and who hears of it."""
    arn = str(physical.get(TOPIC, {}).get("PhysicalResourceId") or "")
    try:
        aws.call("sns", "get_topic_attributes", TopicArn=arn)
    except NotFound:
        return [Check("alarm topic", "exists", "no such topic", "fail", arn)]
    pages = aws.pages("sns", "list_subscriptions_by_topic", TopicArn=arn)
    subscriptions = [each for page in pages for each in page["Subscriptions"]]
    address = ctx.data("3.1", Configured)["parameters"][EMAIL_PARAMETER]
    return [Check("alarm topic", "exists", "exists", "pass", arn), subscription_check(address, subscriptions)]


def _dashboards(aws: AwsPort, resources: Resources, values: TemplateValues) -> Iterator[Check]:
    for resource in _of_type(resources, "AWS::CloudWatch::Dashboard"):
        wanted = values.resolve(resource["Properties"])
        name = wanted["DashboardName"]
        try:
            live = aws.call("cloudwatch", "get_dashboard", DashboardName=name)["DashboardBody"]
        except NotFound:
            live = None
        yield dashboard_check(name, wanted["DashboardBody"], live)


def _overview(features: Features) -> str:
    rows = [
        (
            code(name),
            each["pitr"],
            each["sse"],
            "on" if each["deletion_protection"] else "**off**",
            each["stream"],
            each["billing_mode"],
            ", ".join(code(f"{key}={value}") for key, value in each["tags"].items()),
        )
        for name, each in features.items()
    ]
    return table(("Table", "Recovery", "Encryption", "Protection", "Stream", "Billing", "Tags"), rows)


def _of_type(resources: Resources, wanted: str) -> list[Mapping[str, Any]]:
    return [resource for resource in resources.values() if resource["Type"] == wanted]


STEPS = (verify_production_features,)
