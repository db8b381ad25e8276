"""Rules for AWS: settings that one call shows, of things that lists seldom name."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import MADE, aws, called

_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up)"
_GROUP = {
    "replication-group": Name("What is the id of the replication group?", option="--replication-group-id", code=True)
}
_OF_REDIS = r"(?:(?:ElastiCache|Redis|ElastiCache Redis|Valkey) )"


def _of_group(name: str, words: str, field: str, shown: str) -> Rule:
    return Rule(
        name,
        rf"{_OF_REDIS}(?:cluster )?{words}{_ON}|{words}{_ON} (?:for|on) (?:ElastiCache|Redis|ElastiCache Redis)",
        aws(
            "elasticache",
            "describe_replication_groups",
            f"ReplicationGroups[0].{field}",
            {"equals": True},
            ReplicationGroupId="{replication-group}",
        ),
        "on, not: that clients use it",
        (f"Redis {shown} enabled", f"ElastiCache {shown} is enabled"),
        (f"Redis {shown} discussed", f"{shown.capitalize()} of the car enabled"),
        names=_GROUP,
    )


RULES = (
    _of_group(
        "encryption of Redis in transit",
        r"(?:in-?transit encryption|encryption in[ -]transit)",
        "TransitEncryptionEnabled",
        "encryption in transit",
    ),
    _of_group(
        "encryption of Redis at rest",
        r"(?:at-?rest encryption|encryption at[ -]rest)",
        "AtRestEncryptionEnabled",
        "encryption at rest",
    ),
    Rule(
        "rotation of secrets",
        rf"(?:Secrets Manager )?secrets? (?:automatic )?rotation{_ON}(?: in Secrets Manager)?",
        aws(
            "secretsmanager",
            "list_secrets",
            "SecretList[?RotationEnabled].Name",
            {"contains-each": "{rotated-secrets}"},
        ),
        "on for each of these, not: that the last rotation went well",
        ("Secrets Manager secret rotation enabled", "Secret rotation configured in Secrets Manager"),
        ("Secrets rotated", "Rotation of the staff configured"),
        names={"rotated-secrets": called("secrets that are rotated")},
        document=r"Secrets Manager",
    ),
    Rule(
        "parameter group of a database",
        rf"(?:RDS|DB|database) parameter group{MADE}",
        aws(
            "rds",
            "describe_db_parameter_groups",
            "DBParameterGroups[].DBParameterGroupName",
            {"contains": "{parameter-group}"},
        ),
        "there, not: what it sets, and not who uses it",
        ("RDS parameter group created", "DB parameter group exists"),
        ("Parameter group created", "RDS parameter group tuned"),
        names={
            "parameter-group": Name(
                "What is the DB parameter group called?", option="--db-parameter-group-name", code=True
            )
        },
    ),
    Rule(
        "replication of a bucket",
        rf"S3 (?:bucket )?(?:cross-region )?replication{_ON}",
        aws(
            "s3",
            "get_bucket_replication",
            "ReplicationConfiguration.Rules[?Status=='Enabled'].Destination.Bucket",
            "present",
            Bucket="{bucket}",
        ),
        "a rule is on, not: that everything is copied, and not to which region",
        ("S3 replication enabled", "S3 bucket replication configured"),
        ("S3 replication discussed", "Replication enabled"),
        names={"bucket": Name("Which bucket?", option="--bucket", code=True)},
    ),
    Rule(
        "scanning of images",
        rf"(?:Amazon |AWS )?ECR image scanning{_ON}",
        aws(
            "ecr",
            "describe_repositories",
            "repositories[?imageScanningConfiguration.scanOnPush].repositoryName",
            {"contains-each": "{scanned-repositories}"},
        ),
        "on for each of these, not: that somebody reads what it finds",
        ("ECR image scanning enabled", "ECR image scanning configured"),
        ("ECR image scanning results read", "Image scanning of passports enabled"),
        names={"scanned-repositories": called("ECR repositories that scan images")},
    ),
    Rule(
        "point-in-time recovery of a named table",
        r"(?:DynamoDB )?(?:table )?(?P<table>[a-z0-9]+(?:[-_][a-z0-9]+)+)(?: table)? (?:PITR|point-in-time recovery"
        r"|continuous backups)(?: is)? (?:enabled|on)",
        aws(
            "dynamodb",
            "describe_continuous_backups",
            "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus",
            {"equals": "ENABLED"},
            TableName="$table",
        ),
        "on, not: that a restore works",
        ("shop-orders PITR enabled", "Table shop_orders point-in-time recovery is on"),
        ("shop-orders PITR tested", "Orders PITR enabled for all"),
        document=r"DynamoDB|dynamodb",
    ),
    Rule(
        "stream of a named table",
        r"(?:DynamoDB )?(?:table )?(?P<table>[a-z0-9]+(?:[-_][a-z0-9]+)+)(?: table)? (?:DynamoDB )?streams?"
        r"(?: (?:is|are))? (?:enabled|on)",
        aws(
            "dynamodb",
            "describe_table",
            "Table.StreamSpecification.StreamEnabled",
            {"equals": True},
            TableName="$table",
        ),
        "on, not: that something reads it",
        ("shop-orders stream enabled", "shop_orders table streams are enabled"),
        ("shop-orders stream read", "Video stream enabled"),
        document=r"DynamoDB|dynamodb",
    ),
)
