"""Each answer of AWS that a check rests on is emptied, cut, refused or taken away in turn: nothing passes then.

`RESTS` says of every check that passes on which datum it does. A spoilt datum is one that the check may not pass on;
and a check that stops to pass on something that `RESTS` does not name for it is told, so that the table stays whole.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from state.errors import PhasegateError
from tests.worlds import step_world
from tests.worlds.real_account import RealAccount
from tests.worlds.resting import Datum, of, rests_on
from tests.worlds.shop_world import REGION, TOPIC, ShopWorld
from tests.worlds.spoilt_answers import Spoilt, spoils
from workflow.doors.commands import CommandDoor
from workflow.doors.git.step_git import StepGitDoor

pytestmark = pytest.mark.slow


AMAZON = "137112412989"  # whose images of machines are taken
SHALLOW = 3  # steps of a path: what lies deeper is spoilt where a check rests on something near it


ALARM = of("cloudwatch describe_alarms", "MetricAlarms[0].StateValue")
TAGGED = of("resourcegroupstaggingapi get_resources", "ResourceTagMappingList[].ResourceARN")
IDENTITY = of("sts get_caller_identity", "Account", "Arn")
ORDERS = of("cloudwatch get_metric_statistics", "Datapoints[].Sum", where='"Orders"')
HISTORY = "cloudwatch describe_alarm_history"
AMOUNT = "ResultsByTime[].Total.UnblendedCost.Amount"
HUB = "cost-optimization-hub list_recommendations"
OPTIMIZER = "compute-optimizer"
ENROLLED = of("cost-optimization-hub list_enrollment_statuses", "items[].status")
WATCHED: dict[str, tuple[Datum, ...]] = {
    r"log shop-log": (
        *of("logs filter_log_events", "events[].eventId", where="filterPattern", absent=True),
        *of("logs filter_log_events", "events[0]", where="!filterPattern"),
    ),
    r"traffic Shop Orders": ORDERS,
    r"metric Shop Errors": (
        *of("cloudwatch get_metric_statistics", "Datapoints[]", where='"Errors"', absent=True),
        *ORDERS,
    ),
    r"alarm shop-errors": (*ALARM, *of(HISTORY, "AlarmHistoryItems[]", absent=True)),
}
SECURITY: dict[str, tuple[Datum, ...]] = {  # but for the role, of what carries the tags
    r"role shop-role": (
        *of("iam list_roles", ""),  # it is known by the function that has it as well
        *of("iam list_role_policies", "PolicyNames[]", absent=True),
        *of("iam get_role_policy", "PolicyDocument.Statement[0].Action", "PolicyDocument.Statement[0].Effect"),
        *of("iam list_attached_role_policies", "AttachedPolicies[]", absent=True),
        *of("iam get_policy", "Policy.DefaultVersionId"),
        *of("iam get_policy_version", "PolicyVersion.Document.Statement[0].Action"),
    ),
    r"encryption of shop-orders": of("dynamodb describe_table", "Table.TableName"),
    r"encryption of shop-log": of("logs describe_log_groups", "logGroups[].logGroupName"),
    r"encryption of shop-notices": of("sns get_topic_attributes", "Attributes"),
    r"encryption of shop-bucket": of(
        "s3 get_bucket_encryption",
        "ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm",
    ),
    r"encryption of shop-db": of("rds describe_db_instances", "DBInstances[].StorageEncrypted"),
    r"security group sg-.*": (
        *of("ec2 describe_security_groups", "SecurityGroups[].GroupId"),
        *of("ec2 describe_security_groups", "SecurityGroups[].IpPermissions[]", absent=True),
    ),
    r"endpoint of shop-function": (
        *of("lambda get_function_url_config", ""),
        *of("lambda list_aliases", "Aliases[]", absent=True),
    ),
}
DESCRIBED: dict[str, tuple[Datum, ...]] = {
    r"dynamodb shop-orders": of("dynamodb describe_table", "Table.TableStatus"),
    r"lambda shop-function": of("lambda get_function_configuration", "State"),
    r"sns shop-notices": of("sns get_topic_attributes", "Attributes"),
    r"logs shop-log": of("logs describe_log_groups", "logGroups[0]"),
    r"s3 shop-bucket": of("s3 get_bucket_encryption", "ServerSideEncryptionConfiguration"),
}
KEPT = (  # whatever is tagged, with what is released of it
    *TAGGED,
    *of("dynamodb describe_table", "Table.TableStatus"),
    *of("lambda get_function_configuration", "State"),
    *of("lambda list_aliases", "Aliases[]", absent=True),
    *of("lambda list_versions_by_function", "Versions[]", absent=True),
    *of("logs describe_log_groups", "logGroups[0]"),
    *of("s3 get_bucket_encryption", "ServerSideEncryptionConfiguration"),
    *of("s3 get_bucket_versioning", ""),  # nothing is its answer for a bucket that never had versions
    *of("sns get_topic_attributes", "Attributes"),
)


def under(item: str, checks: Mapping[str, tuple[Datum, ...]]) -> dict[str, tuple[Datum, ...]]:
    return {f"{re.escape(item)} {name}": data for name, data in checks.items()}


def tagged(checks: Mapping[str, tuple[Datum, ...]]) -> dict[str, tuple[Datum, ...]]:
    """The same, of resources that are known by their tags."""
    return {name: data if name.startswith("role") else (*TAGGED, *data) for name, data in checks.items()}


FILE, COMMAND, GIT = (), (), ()  # a datum that no answer of AWS is: deployment.yaml, an exit code, the repository
RESTS: dict[str, tuple[Datum, ...]] = {
    # phase 1
    r"1\.1 (components|dependencies)|1\.3 (order|rollback commands)": FILE,
    r"1\.2 resources by tag": TAGGED,
    r"1\.2 service dynamodb": of("dynamodb list_tables", "TableNames[]"),
    r"1\.2 service iam": of("iam list_roles", "Roles[].RoleName"),
    r"1\.2 service events": of("events list_rules", "Rules[].Name"),
    r"1\.2 service sagemaker": of("sagemaker list_endpoints", "Endpoints[].EndpointName"),
    r"1\.4 (credentials|account)": IDENTITY,
    r"1\.4 permissions": of(
        "iam simulate_principal_policy", "EvaluationResults[].EvalActionName", "EvaluationResults[].EvalDecision"
    ),
    # phase 2
    r"2\.1 branch|2\.3 (uncommitted changes|secrets in the source)": GIT,
    r"2\.2 (quality|test|build)": COMMAND,
    r"2\.3 configuration .*": FILE,
    r"(2\.3|3\.3) names": TAGGED,
    r"2\.4 backup of shop-orders": of("dynamodb describe_backup", "BackupDescription.BackupDetails.BackupStatus"),
    r"2\.4 configuration kept": KEPT,
    # phase 3
    **under("3.2", tagged(DESCRIBED)),
    **under("3.3", tagged(SECURITY)),
    r"3\.2 rounds": FILE,  # how many checks of the same look passed
    r"3\.2 the orders table is keyed by id": of("dynamodb describe_table", "Table.KeySchema[0].AttributeName"),
    r"3\.2 no table has another key": (
        *of("dynamodb describe_table", "Table.KeySchema[0].AttributeName", absent=True),
        *of("dynamodb describe_table", "Table"),
    ),
    # phase 4
    r"4\.1 data pipeline: stock|4\.3 API and service: orders|4\.2 AI/ML: model|4\.4 smoke test: .*": COMMAND,
    r"4\.3 (uncommitted changes|source)": GIT,
    r"4\.1 rule shop-nightly": (
        *of("events list_rules", "Rules[].Name"),
        *of("events describe_rule", "State"),
        *of("events list_targets_by_rule", "Targets[]"),
    ),
    r"4\.3 target group shop-targets": (
        *TAGGED,
        *of("elbv2 describe_target_health", "TargetHealthDescriptions[].TargetHealth.State"),
    ),
    r"4\.2 model endpoint shop-model": (
        *of("sagemaker list_endpoints", "Endpoints[].EndpointName"),
        *of("sagemaker describe_endpoint", "EndpointStatus", "EndpointConfigName"),
        *of("sagemaker describe_endpoint", "ProductionVariants[0].VariantName"),
    ),
    **under("4.5", WATCHED),
    # phase 5
    r"5\.1 integration tests|5\.3 security scan": COMMAND,
    r"5\.2 (data transfer|response times): .*|8\.3 trend of (data transfer|response times): .*": COMMAND,
    r"5\.2 database queries: query|8\.3 trend of database queries: query": of(
        "cloudwatch get_metric_statistics", "Datapoints[].Average", where='"Latency"'
    ),
    **under("5.3", tagged(SECURITY)),
    r"database scaling of table shop-orders": (
        *TAGGED,
        *of("dynamodb describe_table", "Table.BillingModeSummary.BillingMode"),
    ),
    r"storage lifecycle of bucket shop-bucket": (
        *TAGGED,
        *of("s3 get_bucket_lifecycle_configuration", "Rules[0].Status"),
    ),
    # phase 6
    r"6\.1 dashboard shop": of("cloudwatch get_dashboard", "DashboardBody"),
    r"6\.1 dashboard shop: metrics": (
        *of("cloudwatch get_dashboard", "DashboardBody"),
        *of("cloudwatch list_metrics", "Metrics[0].Dimensions"),
    ),
    r"6\.1 log shop-log": of("logs describe_log_groups", "logGroups[].logGroupName", "logGroups[].retentionInDays"),
    r"6\.2 alarm shop-errors": of("cloudwatch describe_alarms", "MetricAlarms[0].AlarmArn"),
    r"6\.2 error rates": of("cloudwatch describe_alarms", "MetricAlarms[0].AlarmArn"),
    r"6\.2 cost anomalies": (
        *of("ce get_anomaly_monitors", "AnomalyMonitors[].MonitorName", "AnomalyMonitors[].MonitorArn"),
        *of("ce get_anomaly_subscriptions", "AnomalySubscriptions[].Subscribers[].Status"),
        *of("ce get_anomaly_subscriptions", "AnomalySubscriptions[].MonitorArnList[]"),
    ),
    r"6\.3 operations guide": FILE,
    r"6\.4 log shop-log": of("logs filter_log_events", "events[0]"),
    r"6\.4 shop-errors tells": (
        *of("cloudwatch describe_alarms", "MetricAlarms[0].AlarmActions[0]", "MetricAlarms[0].ActionsEnabled"),
        *of("sns list_subscriptions_by_topic", "Subscriptions[].SubscriptionArn"),
        *of("cloudwatch list_alarm_mute_rules", "AlarmMuteRuleSummaries[]", absent=True),
    ),
    r"6\.4 shop-errors changes": (
        *of("cloudwatch describe_alarms", "MetricAlarms[0].AlarmArn"),
        *of(HISTORY, "AlarmHistoryItems[0].HistoryItemType", "AlarmHistoryItems[0].HistoryData"),
        *of(HISTORY, "AlarmHistoryItems[0].Timestamp"),
    ),
    r"6\.4 shop-errors acts": (
        *of("cloudwatch describe_alarms", "MetricAlarms[0].AlarmActions[0]"),
        *of(HISTORY, "AlarmHistoryItems[0].HistoryItemType", "AlarmHistoryItems[0].HistorySummary"),
        *of(HISTORY, "AlarmHistoryItems[0].HistoryData", "AlarmHistoryItems[0].Timestamp"),
    ),
    # phase 7
    r"7\.1 .*|7\.3 automation": FILE,
    r"7\.2 .* (back|forward|tested)|7\.2 duration": COMMAND,
    r"7\.2 data of shop-orders: items": of("dynamodb scan", "Count"),
    r"7\.2 data of shop-orders: keys": of("dynamodb describe_table", "Table.KeySchema[0]", where="rehearsal"),
    # phase 8
    r"8\.1 configuration changes": KEPT,
    r"8\.2 topic": (
        *of("sns publish", "MessageId"),
        *of("sns list_subscriptions_by_topic", "Subscriptions[].SubscriptionArn"),
    ),
    **under("8.3", WATCHED),
    r"8\.4 report|8\.5 archive|8\.5 tag .*|8\.5 source since": GIT,
    r"8\.4 unused resources": (
        *ENROLLED,
        *of(HUB, "items[]", where='"Stop"', absent=True),
        *of(HUB, "items[]", where="!actionTypes"),
    ),
    r"8\.4 right-sizing": (
        *ENROLLED,
        *of(HUB, "items[]", where='"Rightsize"', absent=True),
        *of(HUB, "items[]", where="!actionTypes"),
    ),
    r"8\.4 right-sizing of compute": (
        *of("compute-optimizer get_enrollment_status", "status"),
        *of(f"{OPTIMIZER} get_lambda_function_recommendations", "lambdaFunctionRecommendations[].finding"),
        *of(f"{OPTIMIZER} get_ec2_instance_recommendations", "instanceRecommendations[]", absent=True),
        *of(f"{OPTIMIZER} get_ecs_service_recommendations", "ecsServiceRecommendations[]", absent=True),
        *of(f"{OPTIMIZER} get_rds_database_recommendations", "rdsDBRecommendations[]", absent=True),
    ),
    r"cost .*, by the hour": of("ce get_cost_and_usage", AMOUNT, where="HOURLY"),
    r"cost [^,]*": of("ce get_cost_and_usage", AMOUNT, where="DAILY"),
    r"exit: .*": FILE,  # what the checks above come to
}
# Checks whose datum is that something is not there, and what stands beside it.
ABSENCE = {
    "log shop-log": "an event of the same log at the same time",
    "metric Shop Errors": "traffic that was seen",
    "alarm shop-errors": "its state, OK",
    "shop-errors tells": "a confirmed subscriber of its topic",
    "role shop-role": "its policies, one at least",
    "security group": "the group itself, by its id",
    "endpoint of shop-function": "AWS's word that neither it nor an alias has a URL",
    "configuration (kept|changes)": "every tagged resource, of which these are parts",
    "no table has another key": "the table",
    "unused resources": "recommendations of another kind",
    "right-sizing": "recommendations of another kind; of compute, a function that was looked at",
}


def test_what_rests_on_absence_has_a_companion() -> None:
    for pattern, data in RESTS.items():
        absent = any(datum.absent for datum in data)
        assert absent <= any(re.search(known, pattern) for known in ABSENCE), pattern
        assert not absent or any(not datum.absent for datum in data), pattern


# --- the account ------------------------------------------------------------------------------------------------------

TAGS = [{"Key": "project", "Value": "shop"}]
BODY = {"widgets": [{"type": "metric", "properties": {"metrics": [["Shop", "Shown", "Stage", "live"]]}}]}
CHECKS = """
checks:
  - id: keys
    name: the orders table is keyed by id
    tasks: [Phase 3]
    service: dynamodb
    operation: describe_table
    parameters: {TableName: shop-orders}
    expression: Table.KeySchema[0].AttributeName
    expect: {equals: id}
  - id: other-keys
    name: no table has another key
    tasks: [Phase 3]
    service: dynamodb
    operation: describe_table
    parameters: {TableName: shop-orders}
    expression: Table.KeySchema[?AttributeName!='id']
    expect: absent
"""


class Remembering(CommandDoor):
    """A command that was run already is not run again: none of them does anything that another one sees."""

    def __init__(self) -> None:
        super().__init__(grace=0.1)
        self.known: dict[str, Any] = {}

    def run(self, command: str, **about: Any) -> Any:
        if command not in self.known:
            self.known[command] = super().run(command, **about)
        return self.known[command]


class RememberedGit:
    """What git said once it says again: no spoilt answer of AWS changes the repository."""

    def __init__(self, root: Path, known: dict[tuple[str, tuple[Any, ...]], Any]) -> None:
        self._git, self._known = StepGitDoor(root), known

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._git, name)

        def asked(*args: Any) -> Any:
            if (name, args) not in self._known:
                self._known[name, args] = found(*args)
            return self._known[name, args]

        return asked if callable(found) else found


class Drilled(RealAccount):
    """An account that is no sandbox: it has a bill, and its alarms have a history."""

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "set_alarm_state":
            self.reason = params["StateReason"] if params["StateValue"] == "ALARM" else self.reason
        if operation == "describe_alarm_history":
            self._answers[service, operation] = {"AlarmHistoryItems": self._history(params)}
        return super().call(service, operation, **params)

    reason = ""

    def _history(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        if params.get("HistoryItemType") == "StateUpdate":
            return []
        at = {"Timestamp": datetime(2026, 1, 2, tzinfo=UTC)}
        changed = {**at, "HistoryItemType": "StateUpdate", "HistorySummary": "", "HistoryData": self.reason}
        acted = {**at, "HistoryItemType": "Action", "HistorySummary": f"Successfully executed action {TOPIC}"}
        return [changed, acted]


def bill() -> dict[str, Any]:
    day = {"TimePeriod": {"Start": "2026-01-02"}, "Total": {"UnblendedCost": {"Amount": "1.5"}}}
    group = {"Keys": ["DataTransfer-Out-Bytes"], "Metrics": {"UnblendedCost": {"Amount": "0.5"}}}
    return {"ResultsByTime": [{**day, "Groups": [group]}]}


def answers(shop: ShopWorld) -> dict[tuple[str, str], Any]:
    from phases.aws_deploy.spec.deployment_file import DeploymentSpec
    from phases.aws_deploy.verify.permissions import needed_actions

    hub = {"items": [{"actionType": "PurchaseSavingsPlans", "resourceId": "x", "estimatedMonthlySavings": 1.0}]}
    recommendation = {"functionArn": "a", "instanceArn": "a", "serviceArn": "a", "resourceArn": "a"}
    found = [{**recommendation, "finding": "Optimized"}]
    allowed = needed_actions(DeploymentSpec.model_validate(shop.said))
    decisions = [{"EvalActionName": each, "EvalDecision": "allowed"} for each in allowed]
    told = {"MonitorArnList": ["arn:m"], "Subscribers": [{"Address": "ada@example.com", "Status": "CONFIRMED"}]}
    optimizer = "compute-optimizer"
    return {
        ("sts", "get_caller_identity"): {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ada"},
        ("iam", "simulate_principal_policy"): {"EvaluationResults": decisions},
        ("ce", "get_cost_and_usage"): bill(),
        ("ce", "get_anomaly_monitors"): {"AnomalyMonitors": [{"MonitorName": "all", "MonitorArn": "arn:m"}]},
        ("ce", "get_anomaly_subscriptions"): {"AnomalySubscriptions": [told]},
        ("cost-optimization-hub", "list_enrollment_statuses"): {"items": [{"status": "Active"}]},
        ("cost-optimization-hub", "list_recommendations"): hub,
        (optimizer, "get_enrollment_status"): {"status": "Active"},
        (optimizer, "get_lambda_function_recommendations"): {"lambdaFunctionRecommendations": found},
        (optimizer, "get_ec2_instance_recommendations"): {"instanceRecommendations": []},
        (optimizer, "get_ecs_service_recommendations"): {"ecsServiceRecommendations": []},
        (optimizer, "get_rds_database_recommendations"): {"rdsDBRecommendations": []},
        ("cloudwatch", "describe_alarm_history"): {"AlarmHistoryItems": []},
        ("cloudwatch", "list_alarm_mute_rules"): {"AlarmMuteRuleSummaries": []},
    }


class Account(Drilled):
    """Recommendations of the asked kinds: none."""

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "list_recommendations" and params.get("filter"):
            return RealAccount(self._behind, {(service, operation): {"items": []}}).call(service, operation)
        return super().call(service, operation, **params)


def furnished(shop: ShopWorld) -> None:
    """One resource of each kind that is looked at, as it should be."""
    shop.resources()
    iam, ec2, s3, logs = (shop.client(each) for each in ("iam", "ec2", "s3", "logs"))
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}],
    }
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="shop-role", PolicyArn=own)
    logs.put_retention_policy(logGroupName="shop-log", retentionInDays=30)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "def b(event, context): return event\n")
    shop.client("lambda").create_function(
        FunctionName="shop-function",
        Runtime="python3.12",
        Handler="a.b",
        Code={"ZipFile": code.getvalue()},
        Role=iam.get_role(RoleName="shop-role")["Role"]["Arn"],
        Tags={"project": "shop"},
    )
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    tags = [{"ResourceType": "security-group", "Tags": TAGS}]
    group = ec2.create_security_group(GroupName="shop", Description="shop", VpcId=vpc, TagSpecifications=tags)
    inside = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[inside])
    s3.create_bucket(Bucket="shop-bucket")
    s3.put_bucket_tagging(Bucket="shop-bucket", Tagging={"TagSet": TAGS})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket="shop-bucket", ServerSideEncryptionConfiguration={"Rules": [rule]})
    old = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket="shop-bucket", LifecycleConfiguration={"Rules": [old]})
    shop.client("rds").create_db_instance(
        DBInstanceIdentifier="shop-db",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        StorageEncrypted=True,
        Tags=TAGS,
        MasterUsername="ada",
        MasterUserPassword="not-a-real-one-1",
    )
    events = shop.client("events")
    events.put_rule(Name="shop-nightly", ScheduleExpression="rate(1 day)", State="ENABLED")
    function = f"arn:aws:lambda:{REGION}:123456789012:function:shop-function"
    events.put_targets(Rule="shop-nightly", Targets=[{"Id": "1", "Arn": function}])
    _targets(shop, vpc)
    _endpoint(shop)
    shop.client("cloudwatch").put_dashboard(DashboardName="shop", DashboardBody=json.dumps(BODY))
    moment = shop.world.clock.at.replace(second=0, microsecond=0)
    latency = {"MetricName": "Latency", "Value": 5.0, "Timestamp": moment}
    shown = {"MetricName": "Shown", "Value": 1.0, "Dimensions": [{"Name": "Stage", "Value": "live"}]}
    shop.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[latency, shown])


def _targets(shop: ShopWorld, vpc: str) -> None:
    elb, ec2 = shop.client("elbv2"), shop.client("ec2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
    image = ec2.describe_images(Owners=[AMAZON])["Images"][0]["ImageId"]  # of a thousand, a few
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    made = elb.create_target_group(Name="shop-targets", Protocol="HTTP", Port=80, VpcId=vpc, Tags=TAGS)
    group = made["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])


def _endpoint(shop: ShopWorld) -> None:
    sagemaker = shop.client("sagemaker")
    role = "arn:aws:iam::123456789012:role/shop-role"
    image = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/model:1"
    sagemaker.create_model(ModelName="shop", ExecutionRoleArn=role, PrimaryContainer={"Image": image})
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "shop",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m4.xlarge",
    }
    sagemaker.create_endpoint_config(EndpointConfigName="shop-model-1", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="shop-model", EndpointConfigName="shop-model-1")


@pytest.fixture
def world(shop: ShopWorld) -> ShopWorld:
    shop.put("aws-deploy.checks.yaml", CHECKS)
    shop.commit("What must be so")
    latency = {"namespace": "Shop", "name": "Latency", "statistic": "Average"}
    shop.said["performance"][0] = {"name": "query", "about": "database", "limit": 20, "metric": latency}
    shop.change(
        components=[*shop.said["components"], shop.component("model", "ai-ml")],
        cost={"daily_usd": 5, "hourly_usd": 5},
        inventory={
            "tags": {"project": "shop"},
            "services": ["dynamodb", "iam", "events", "sagemaker"],
            "names": "shop-*",
        },
        configuration={"files": ["test.env"], "naming": ".*"},
        monitoring={"dashboards": [{"name": "shop"}], "alarms": [{"name": "shop-errors"}]},
    )
    words = {"model-responses": "by Ada", "model-updates": "by Ada", "rehearsal-environment": "staging"}
    shop.world.given = {**words, **{f"notify-again-{number}": "yes" for number in range(2, 3000)}}
    shop.world.commands = Remembering()
    furnished(shop)
    return shop


def passed(shop: ShopWorld, phase: str, port: Spoilt, attempt: int) -> set[str]:
    """The checks that pass; none where the phase stops with a sentence."""
    shop.world.aws = port
    try:
        work = shop.run(phase, attempt=attempt)
    except PhasegateError:
        return set()
    return {check.name for check in work.checks if check.verdict == "pass"}


@pytest.mark.parametrize("phase", [f"Phase {number}" for number in range(1, 9)])
def test_no_check_passes_on_an_answer_that_says_nothing(
    world: ShopWorld, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(world.aws, answers(world))
    if phase > "Phase 1":
        world.world.aws = account
        world.ready_for(phase)
    passed(world, phase, Spoilt(account), 1)  # makes what a later attempt finds
    port = Spoilt(account)
    good = passed(world, phase, port, 2)
    known = {name: rests_on(RESTS, name) for name in good}
    before, wrong, unnamed = world.world, [], []
    commands = before.commands
    said: dict[tuple[str, tuple[Any, ...]], Any] = {}
    monkeypatch.setattr(step_world, "StepGitDoor", lambda root: RememberedGit(root, said))
    data = {datum for named in known.values() for datum in named}
    tried = 0
    every = spoils(port.answered)
    ways = [way for way in every if len(way.path) <= SHALLOW or any(each.is_near(way) for each in data)]
    for spoil in [None, *ways]:
        world.world = before.fork()
        world.world.commands = commands
        still = passed(world, phase, Spoilt(account, spoil, port.heard), 3)
        if spoil is None:
            assert still == good  # or what follows would prove nothing
            continue
        rests = {name for name, data in known.items() if any(datum.is_spoilt_by(spoil) for datum in data)}
        tried += bool(rests)
        wrong += [f"{name} passed, with {spoil}" for name in sorted(still & rests)]
        if still:
            named = {name for name, data in known.items() if any(datum.is_of(spoil) for datum in data)}
            lost = {name for name in good - still - named if known[name]}
            unnamed += [f"{name} rests on {spoil}" for name in sorted(lost)]
    sys.stderr.write(f"{phase}: {tried} answers spoilt under a check, {len(wrong)} passes\n")
    assert not wrong, "\n".join(wrong)
    assert not unnamed, "\n".join(unnamed)
    assert len(ways) > 80
