"""What runs, what is released, what databases, models and storage need, and what would be cheaper: both ways."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from phases.aws import Denied, NotFound
from phases.aws_deploy.live.optimization import optimization_checks
from phases.aws_deploy.live.released import released
from phases.aws_deploy.live.running import ENDPOINTS, JOBS, TARGETS, running_checks
from phases.aws_deploy.spec.load_target import load_target
from phases.aws_deploy.verify.considerations import consideration_checks
from phases.aws_deploy.verify.items import API, REPORT
from phases.aws_deploy.verify.resources import parse_arn, tagged
from phases.step import Check
from tests.worlds.real_account import RealAccount
from tests.worlds.shop_world import REGION, TAGS, TASKS, ShopWorld, check

pytestmark = pytest.mark.slow

NOW = datetime(2026, 1, 31, tzinfo=UTC)
ACCOUNT = f"{REGION}:123456789012"
RULE = parse_arn(f"arn:aws:events:{ACCOUNT}:rule/shop-nightly")
SCHEDULE = parse_arn(f"arn:aws:scheduler:{ACCOUNT}:schedule/default/shop-hourly")
GROUP = parse_arn(f"arn:aws:elasticloadbalancing:{ACCOUNT}:targetgroup/shop-targets/1a2b")
ENDPOINT = parse_arn(f"arn:aws:sagemaker:{ACCOUNT}:endpoint/shop-model")
SERVICE = {"State": "ENABLED", "ScheduleExpression": "rate(1 hour)", "Target": {"Arn": "arn:x"}}
IN_SERVICE = {"EndpointStatus": "InService", "EndpointConfigName": "m-1", "ProductionVariants": [{"VariantName": "a"}]}


def health(*states: str) -> dict[str, Any]:
    return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in states]}


@pytest.mark.parametrize(
    ("arn", "answers", "verdict", "seen"),
    [
        (RULE, [{"State": "ENABLED"}, {"Targets": [{"Id": "1"}]}], "pass", "ENABLED, on events, 1 target"),
        (
            RULE,
            [{"State": "ENABLED", "ScheduleExpression": "rate(1 day)"}, {"Targets": [{"Id": "1"}]}],
            "pass",
            "ENABLED, rate(1 day), 1 target",
        ),
        (RULE, [{"State": "ENABLED"}, {"Targets": []}], "not-checked", "ENABLED, on events, 0 targets"),
        (RULE, [{"State": "DISABLED"}, {"Targets": [{"Id": "1"}]}], "fail", "DISABLED, on events, 1 target"),
        (SCHEDULE, [SERVICE], "pass", "ENABLED, rate(1 hour), starts arn:x"),
        (
            SCHEDULE,
            [{**SERVICE, "Target": {"Arn": ""}}],
            "not-checked",
            "not checked: ENABLED, and AWS names no target",
        ),
        (SCHEDULE, [{**SERVICE, "State": "DISABLED"}], "fail", "DISABLED, rate(1 hour), starts arn:x"),
        (GROUP, [health("healthy", "healthy")], "pass", "2 of 2 targets healthy"),
        (GROUP, [health("healthy", "unused")], "fail", "1 of 2 targets healthy, unused"),
        (GROUP, [health()], "not-checked", "not checked: no target is registered"),
        (ENDPOINT, [IN_SERVICE], "pass", "InService by m-1: a"),
        (ENDPOINT, [{**IN_SERVICE, "EndpointStatus": "Failed"}], "fail", "Failed"),
        (ENDPOINT, [{**IN_SERVICE, "ProductionVariants": []}], "not-checked", "not checked: InService, and AWS names"),
    ],
)
def test_what_runs_is_looked_at(
    shop: ShopWorld, arn: Any, answers: list[dict[str, Any]], verdict: str, seen: str
) -> None:
    operations = {
        "events": ["describe_rule", "list_targets_by_rule"],
        "scheduler": ["get_schedule"],
        "elasticloadbalancing": ["describe_target_health"],
        "sagemaker": ["describe_endpoint"],
    }[arn.service]
    service = "elbv2" if arn.service == "elasticloadbalancing" else arn.service
    shop.ready_for("Phase 2")
    shop.world.aws = RealAccount(shop.aws, {(service, each): a for each, a in zip(operations, answers, strict=True)})
    on = load_target(shop.world.begin(TASKS["Phase 4"]))
    (found,) = running_checks(on, [arn], API, [*JOBS, *TARGETS, *ENDPOINTS])
    assert (found.verdict, found.seen[: len(seen)]) == (verdict, seen)
    assert found.name in (
        "4.3 rule shop-nightly",
        "4.3 schedule shop-hourly",
        "4.3 target group shop-targets",
        "4.3 model endpoint shop-model",
    )


def test_jobs_are_found_by_name_where_no_tag_leads_to_them(shop: ShopWorld) -> None:
    shop.said["inventory"]["services"] = ["events"]
    shop.change()
    shop.client("events").put_rule(Name="shop-nightly", ScheduleExpression="rate(1 day)", State="DISABLED")
    shop.client("events").put_rule(Name="another", ScheduleExpression="rate(1 day)", State="DISABLED")
    shop.resources()
    shop.ready_for("Phase 4")
    work = shop.run("Phase 4")
    assert check(work, "4.1 rule shop-nightly").verdict == "fail"
    assert check(work, "4.3 target groups").verdict == "note"
    assert not any("another" in each.name for each in work.checks)


def test_a_schedule_is_found_by_name_in_whatever_group_it_is(shop: ShopWorld) -> None:
    shop.said["inventory"]["services"] = ["scheduler"]
    shop.change()
    scheduler = shop.client("scheduler")
    scheduler.create_schedule_group(Name="night")
    target = {"Arn": f"arn:aws:lambda:{ACCOUNT}:function:shop", "RoleArn": "arn:aws:iam::123456789012:role/shop"}
    about = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    scheduler.create_schedule(Name="shop-hourly", GroupName="night", State="DISABLED", **about)
    shop.resources()
    shop.ready_for("Phase 4")
    assert check(shop.run("Phase 4"), "4.1 schedule shop-hourly").verdict == "fail"


def code() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.py", "def b(event, context): return event\n")
    return data.getvalue()


def test_an_alias_that_leads_elsewhere_is_a_change(shop: ShopWorld) -> None:
    shop.resources()
    functions = shop.client("lambda")
    role = shop.client("iam").get_role(RoleName="shop-role")["Role"]["Arn"]
    about = {"Runtime": "python3.12", "Handler": "a.b", "Role": role, "Tags": TAGS}
    functions.create_function(FunctionName="shop-orders", Code={"ZipFile": code()}, **about)
    functions.publish_version(FunctionName="shop-orders")
    functions.create_alias(FunctionName="shop-orders", Name="live", FunctionVersion="1")
    shop.ready_for("Phase 8")
    functions.update_alias(FunctionName="shop-orders", Name="live", FunctionVersion="$LATEST")
    shop.run("Phase 8")
    text = (shop.root / "artifacts/aws-deploy/08-configuration-changes.md").read_text()
    assert "| `aliases.live.version` | `1` | `$LATEST` |" in text


def test_objects_stages_and_revisions_are_released_as_well(shop: ShopWorld) -> None:
    s3 = shop.client("s3")
    s3.create_bucket(Bucket="shop-bucket")
    assert released(shop.aws, "s3", "", "shop-bucket") == {"versioning": "never turned on"}
    s3.put_bucket_versioning(Bucket="shop-bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="shop-bucket", Key="a", Body=b"1")
    second = s3.put_object(Bucket="shop-bucket", Key="a", Body=b"2")["VersionId"]
    assert released(shop.aws, "s3", "", "shop-bucket")["objects"] == {"a": second}

    service = {"services": [{"serviceName": "web", "taskDefinition": "arn:x:task-definition/web:7"}]}
    stages = {"Items": [{"StageName": "prod", "DeploymentId": "d1"}, {"StageName": "$default"}]}
    port = RealAccount(
        shop.aws,
        {
            ("ecs", "describe_services"): service,
            ("apigatewayv2", "get_stages"): stages,
            ("apigateway", "get_stages"): {"item": [{"stageName": "v1", "deploymentId": "d2"}]},
        },
    )
    assert released(port, "ecs", "service", "shop/web") == {"task definitions": {"web": "arn:x:task-definition/web:7"}}
    http = parse_arn(f"arn:aws:apigateway:{REGION}::/apis/abc")
    rest = parse_arn(f"arn:aws:apigateway:{REGION}::/restapis/xyz")
    assert released(port, http.service, http.kind, http.name) == {"stages": {"prod": "d1", "$default": "none yet"}}
    assert released(port, rest.service, rest.kind, rest.name) == {"stages": {"v1": "d2"}}
    assert [params for _s, _o, params in port.asked] == [
        {"cluster": "shop", "services": ["web"]},
        {"ApiId": "abc"},
        {"restApiId": "xyz"},
    ]


def considered(shop: ShopWorld) -> dict[str, Check]:
    on = load_target(shop.world.begin(TASKS["Phase 5"]))
    found = consideration_checks(on, tagged(shop.aws, TAGS), shop.world.clock.now())
    return {each.name: each for each in found}


def bucket(shop: ShopWorld) -> None:
    s3 = shop.client("s3")
    s3.create_bucket(Bucket="shop-bucket")
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    s3.put_bucket_tagging(Bucket="shop-bucket", Tagging={"TagSet": tags})


@pytest.mark.parametrize(("status", "verdict"), [("Enabled", "pass"), ("Disabled", "not-checked"), ("", "not-checked")])
def test_a_bucket_has_a_lifecycle_that_is_on(shop: ShopWorld, status: str, verdict: str) -> None:
    bucket(shop)
    if status:
        rule = {"ID": "old", "Status": status, "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
        shop.client("s3").put_bucket_lifecycle_configuration(
            Bucket="shop-bucket", LifecycleConfiguration={"Rules": [rule]}
        )
    shop.ready_for("Phase 2")
    found = considered(shop)
    assert found["storage lifecycle of bucket shop-bucket"].verdict == verdict
    assert found["storage replication of bucket shop-bucket"].verdict == "note"
    assert found["storage size of bucket shop-bucket"].verdict == "note"  # moto makes the figure up from the objects


def test_a_rule_that_only_ends_uploads_is_no_lifecycle(shop: ShopWorld) -> None:
    bucket(shop)
    ends = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    rule = {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": ""}, **ends}
    shop.client("s3").put_bucket_lifecycle_configuration(Bucket="shop-bucket", LifecycleConfiguration={"Rules": [rule]})
    shop.ready_for("Phase 2")
    assert considered(shop)["storage lifecycle of bucket shop-bucket"].verdict == "not-checked"


def test_a_bucket_that_is_gone_has_neither_lifecycle_nor_replication(shop: ShopWorld) -> None:
    bucket(shop)
    shop.ready_for("Phase 2")
    gone = NotFound("there is no such bucket", service="s3", operation="x", code="NoSuchBucket")
    operations = ("get_bucket_lifecycle_configuration", "get_bucket_replication")
    shop.world.aws = RealAccount(shop.aws, {("s3", each): gone for each in operations})
    found = considered(shop)
    for what in ("lifecycle", "replication"):
        assert found[f"storage {what} of bucket shop-bucket"].seen == "not checked: there is no such bucket"


def test_a_database_is_asked_about_and_its_use_is_a_figure(shop: ShopWorld) -> None:
    shop.resources()
    data = {
        "MetricName": "ConsumedReadCapacityUnits",
        "Dimensions": [{"Name": "TableName", "Value": "shop-orders"}],
        "Value": 12.0,
        "Timestamp": shop.world.clock.at.replace(second=0, microsecond=0),
    }
    shop.client("cloudwatch").put_metric_data(Namespace="AWS/DynamoDB", MetricData=[data])
    shop.ready_for("Phase 5")
    work = shop.run("Phase 5")
    assert check(work, "database scaling of table shop-orders").seen == "on demand: PAY_PER_REQUEST"
    read = check(work, "database use of table shop-orders: ConsumedReadCapacityUnits")
    assert (read.verdict, read.seen) == ("note", "Sum 12 in 1 d")
    assert check(work, "database use of table shop-orders: ConsumedWriteCapacityUnits").verdict == "not-checked"
    assert check(work, "database off-hours").verdict == "attested"
    assert not any("AI/ML" in each.name for each in work.checks)


HUB, OPTIMIZER = "cost-optimization-hub", "compute-optimizer"
STOP = {"actionType": "Stop", "resourceId": "i-1", "estimatedMonthlySavings": 12.5}
GOOD = {"functionArn": "f", "finding": "Optimized"}
UNKNOWN = {"functionArn": "f", "finding": "Unavailable"}


def cheaper(shop: ShopWorld, **changed: Any) -> dict[str, Check]:
    group = {"Keys": ["EUW1-DataTransfer-Out-Bytes"], "Metrics": {"UnblendedCost": {"Amount": "3.5"}}}
    answers: dict[tuple[str, str], Any] = {
        (HUB, "list_enrollment_statuses"): {"items": [{"status": "Active"}]},
        (HUB, "list_recommendations"): [{"items": []}, {"items": [STOP]}, {"items": []}, {"items": [STOP]}],
        (OPTIMIZER, "get_enrollment_status"): {"status": "Active"},
        (OPTIMIZER, "get_lambda_function_recommendations"): {"lambdaFunctionRecommendations": [GOOD]},
        (OPTIMIZER, "get_ec2_instance_recommendations"): {"instanceRecommendations": []},
        (OPTIMIZER, "get_ecs_service_recommendations"): {"ecsServiceRecommendations": []},
        (OPTIMIZER, "get_rds_database_recommendations"): {"rdsDBRecommendations": []},
        ("ce", "get_cost_and_usage"): {"ResultsByTime": [{"Groups": [group]}]},
    }
    for (service, operation), _answer in list(answers.items()):
        if operation in changed:
            answers[service, operation] = changed[operation]
    shop.ready_for("Phase 2")
    shop.world.aws = RealAccount(shop.aws, answers)
    on = load_target(shop.world.begin(TASKS["Phase 5"]))
    return {each.name.removeprefix("8.4 "): each for each in optimization_checks(on, REPORT, NOW)}


def test_what_aws_has_looked_at_and_left_alone_passes(shop: ShopWorld) -> None:
    found = cheaper(shop)
    assert {name: (each.verdict, each.seen) for name, each in found.items()} == {
        "unused resources": ("pass", "none, among 1 recommendation"),
        "right-sizing": ("pass", "none, among 1 recommendation"),
        "right-sizing of compute": ("pass", "1 resource optimized"),
        "data transfer": ("note", "3.50 USD: EUW1-DataTransfer-Out-Bytes 3.50"),
    }


@pytest.mark.parametrize(
    ("changed", "name", "verdict", "seen"),
    [
        ({"list_recommendations": {"items": [STOP]}}, "unused resources", "note", "Stop i-1, 12.50 USD a month"),
        ({"list_recommendations": {"items": []}}, "right-sizing", "not-checked", "has no recommendation of any kind"),
        (
            {"list_enrollment_statuses": {"items": [{"status": "Inactive"}]}},
            "right-sizing",
            "not-checked",
            "is not enrolled",
        ),
        ({"get_enrollment_status": {"status": "Inactive"}}, "right-sizing of compute", "not-checked", "is Inactive"),
        (
            {
                "get_lambda_function_recommendations": {
                    "lambdaFunctionRecommendations": [{**GOOD, "finding": "Unavailable"}]
                }
            },
            "right-sizing of compute",
            "not-checked",
            "has looked at nothing yet",
        ),
        (
            {
                "get_rds_database_recommendations": {
                    "rdsDBRecommendations": [{"resourceArn": "d", "instanceFinding": "Overprovisioned"}]
                }
            },
            "right-sizing of compute",
            "note",
            "d: Overprovisioned",
        ),
        (
            {"get_cost_and_usage": Denied("ce is denied", service="ce", operation="get_cost_and_usage")},
            "data transfer",
            "not-checked",
            "ce is denied",
        ),
    ],
)
def test_what_is_recommended_is_noted_and_what_is_not_known_is_said(
    shop: ShopWorld, changed: dict[str, Any], name: str, verdict: str, seen: str
) -> None:
    found = cheaper(shop, **changed)[name]
    assert (found.verdict, seen in found.seen) == (verdict, True), found.seen
