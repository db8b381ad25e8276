"""What has to be thought of for databases, models and storage? Facts of AWS where it has them, else a person's word.

Rules:
- Asked and looked at is what the deployment has: tagged tables, databases, endpoints and buckets, and components of
  kind ai-ml. What it has not is not asked about.
- Use is a figure, and noted; a figure without a datapoint is not checked.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html,
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from phases.aws import AwsPort, NotFound
from phases.aws_deploy.live.answers import entries, looked_at, not_checked
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.attestations import attestation, attested
from phases.aws_deploy.verify.figure import figure, metric_of
from phases.aws_deploy.verify.items import AI_ML_CARE, DATABASE_CARE, STORAGE_CARE
from phases.aws_deploy.verify.resources import Arn
from phases.checks.answered import Item
from phases.step import Check, StepContext

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Metric

DAY, MONTH = timedelta(days=1), timedelta(days=30)  # a bucket's size is counted once a day
# What S3 answers of a bucket that has none. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
NO_LIFECYCLE, NO_REPLICATION = "NoSuchLifecycleConfiguration", "ReplicationConfigurationNotFoundError"
MOVES = ("Expiration", "Transitions", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions")
TABLE_USE = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")


def considered(ctx: StepContext, on: DeploymentTarget, resources: Sequence[Arn]) -> Iterator[Check]:
    """What people say of databases, models and storage; asked before anything that takes long."""
    if _of(resources, "dynamodb", "table") or _of(resources, "rds", "db"):
        yield DATABASE_CARE.claim(
            attested(
                ctx,
                "off-hours",
                "a person's word",
                attestation("database-off-hours", "Which database is scaled down in off-hours, or why not?", "none"),
            )
        )
        yield DATABASE_CARE.claim(
            attested(
                ctx,
                "query patterns",
                "a person's word",
                attestation("database-queries", "Which queries were looked at for their cost, and how?", "none"),
            )
        )
    if any(each.kind == "ai-ml" for each in on.components):
        yield AI_ML_CARE.claim(
            attested(
                ctx,
                "model responses",
                "a person's word",
                attestation("model-responses", "How were the model's responses tested, and by whom?", None),
            )
        )
        yield AI_ML_CARE.claim(
            attested(
                ctx,
                "model updates",
                "a person's word",
                attestation("model-updates", "How was the update of the model validated against the one before?", None),
            )
        )


def consideration_checks(on: DeploymentTarget, resources: Sequence[Arn], now: datetime) -> Iterator[Check]:
    """What AWS says of their use, scaling, lifecycle and replication."""
    aws = on.aws
    for name in _of(resources, "dynamodb", "table"):
        for metric in TABLE_USE:
            use = metric_of("AWS/DynamoDB", metric, TableName=name)
            yield _use(aws, DATABASE_CARE, f"use of table {name}: {metric}", use, now, DAY)
        yield _scheduled(aws, name)
    for name in _of(resources, "rds", "db"):
        use = metric_of("AWS/RDS", "CPUUtilization", "Average", DBInstanceIdentifier=name)
        yield _use(aws, DATABASE_CARE, f"use of database {name}", use, now, DAY)
    for name in _of(resources, "sagemaker", "endpoint"):
        use = metric_of("AWS/SageMaker", "Invocations", EndpointName=name, VariantName="AllTraffic")
        yield _use(aws, AI_ML_CARE, f"use of endpoint {name}", use, now, DAY)
    for name in _of(resources, "s3", ""):
        yield _lifecycle(aws, name)
        yield _replication(aws, name)
        size = metric_of("AWS/S3", "BucketSizeBytes", "Average", BucketName=name, StorageType="StandardStorage")
        yield _use(aws, STORAGE_CARE, f"size of bucket {name}", size, now, MONTH)


def _of(resources: Sequence[Arn], service: str, kind: str) -> list[str]:
    return [arn.name for arn in resources if (arn.service, arn.kind) == (service, kind)]


def _use(aws: AwsPort, item: Item, name: str, metric: Metric, now: datetime, span: timedelta) -> Check:
    """How much it is used, or how large it is: a figure for people, never a verdict."""
    expected = "a figure that somebody looks at"

    def look() -> Check:
        seen = figure(aws, metric, now - span, now)
        if seen is None:
            return not_checked(item, name, expected, f"no datapoint of {metric.name} in {span.days} d")
        return item.check(name, expected, f"{metric.statistic} {seen:g} in {span.days} d", "note")

    return looked_at(look, item, name, expected)


def _scheduled(aws: AwsPort, table: str) -> Check:
    """Whether its capacity follows a schedule, which an on-demand table has no need of."""
    name, expected = f"scaling of table {table}", "a schedule, or on demand"

    def look() -> Check:
        described = aws.call("dynamodb", "describe_table", TableName=table)["Table"]
        if (described.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST":
            return DATABASE_CARE.check(name, expected, "on demand: PAY_PER_REQUEST", "pass", table)
        about = {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{table}"}
        found = entries(aws, "application-autoscaling", "describe_scheduled_actions", "ScheduledActions", **about)
        said = "; ".join(f"{each['ScheduledActionName']} {each['Schedule']}" for each in found)
        if not said:
            return not_checked(DATABASE_CARE, name, expected, "its capacity is provisioned, without a schedule", table)
        return DATABASE_CARE.check(name, expected, said, "pass", table)

    return looked_at(look, DATABASE_CARE, name, expected, table)


def _says(error: NotFound, code: str) -> None:
    """That AWS says this of the bucket; another answer, as that there is no such bucket, is raised as it is."""
    if error.code != code:
        raise error


def _lifecycle(aws: AwsPort, bucket: str) -> Check:
    """Whether objects move or expire by a rule that is on; one that ends unfinished uploads does neither.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html
    """
    name, expected = f"lifecycle of bucket {bucket}", "a rule that is on"

    def look() -> Check:
        try:
            rules = aws.call("s3", "get_bucket_lifecycle_configuration", Bucket=bucket)["Rules"]
        except NotFound as error:
            _says(error, NO_LIFECYCLE)
            rules = []
        on = [each for each in rules if each["Status"] == "Enabled" and any(each.get(what) for what in MOVES)]
        if not on:
            why = "no rule is on that moves or expires an object: everything is kept for ever"
            return not_checked(STORAGE_CARE, name, expected, why, bucket)
        said = [f"{each.get('ID', 'a rule')} ({', '.join(w for w in MOVES if each.get(w))})" for each in on]
        return STORAGE_CARE.check(name, expected, ", ".join(said), "pass", bucket)

    return looked_at(look, STORAGE_CARE, name, expected, bucket)


def _replication(aws: AwsPort, bucket: str) -> Check:
    """Whether it is copied elsewhere; that there is no replication is AWS's own word, and for people to judge.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html
    """
    name, expected = f"replication of bucket {bucket}", "as somebody wants it"

    def look() -> Check:
        try:
            rules = aws.call("s3", "get_bucket_replication", Bucket=bucket)["ReplicationConfiguration"]["Rules"]
        except NotFound as error:
            _says(error, NO_REPLICATION)
            return STORAGE_CARE.check(name, expected, f"none, says AWS ({error.code})", "note", bucket)
        to = [f"{each['Status']} to {each['Destination']['Bucket']}" for each in rules]
        if not to:
            return not_checked(STORAGE_CARE, name, expected, "AWS names no rule", bucket)
        return STORAGE_CARE.check(name, expected, "; ".join(to), "note", bucket)

    return looked_at(look, STORAGE_CARE, name, expected, bucket)
