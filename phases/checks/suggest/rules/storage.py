"""Rules for AWS: databases, caches, buckets."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import MADE, THERE, aws

_BUCKET = {"bucket": Name("Which bucket?", option="--bucket", code=True)}
_DATABASE = {
    "database": Name("What is the identifier of the RDS instance?", option="--db-instance-identifier", code=True)
}
_INSTANCE = "DBInstances[0]."
_S3 = r"(?:(?:Amazon |AWS )?S3 |\w+ S3 (?=bucket))?(?!token |leaky |bit )(?:\w+ )?buckets?"

RULES = (
    Rule(
        "RDS instance",
        rf"(?:Amazon |AWS )?(?:(?:PostgreSQL|MySQL) )?RDS (?:\w+ )?(?:instance|database|db){MADE}",
        aws(
            "rds",
            "describe_db_instances",
            f"{_INSTANCE}DBInstanceStatus",
            {"equals": "available"},
            DBInstanceIdentifier="{database}",
        ),
        "available, not: that the application reaches it",
        ("RDS instance created", "RDS PostgreSQL instance is available"),
        ("RDS costs reviewed", "Database created"),
        names=_DATABASE,
    ),
    Rule(
        "RDS cluster",
        rf"(?:Amazon |AWS )?(?:RDS|Aurora)(?: [\w.]+){{0,4}} cluster{MADE}",
        aws(
            "rds",
            "describe_db_clusters",
            "DBClusters[0].Status",
            {"equals": "available"},
            DBClusterIdentifier="{database-cluster}",
        ),
        "available, not: that the application reaches it",
        ("RDS MySQL cluster created", "Aurora cluster is available"),
        ("Aurora seen", "RDS cluster sized"),
        names={"database-cluster": Name("Which database cluster?", option="--db-cluster-identifier", code=True)},
    ),
    Rule(
        "Multi-AZ",
        r"(?:(?:Amazon |AWS )?RDS (?:instance )?|database )?(?:has |is |runs )?Multi-?AZ(?: deployment)?(?:(?: is)? "
        r"(?:enabled"
        r"|configured|on))?(?: for (?:RDS|the database|production))?(?<!^Multi-AZ)",
        aws("rds", "describe_db_instances", f"{_INSTANCE}MultiAZ", {"equals": True}, DBInstanceIdentifier="{database}"),
        "on, not: that a failover works",
        ("RDS Multi-AZ enabled", "Multi-AZ enabled for RDS"),
        ("Multi-AZ failover tested", "Multi-region enabled"),
        names=_DATABASE,
        around=r"(?i)rds|database|\bdb\b",
    ),
    Rule(
        "automated backups",
        r"(?:Amazon |AWS )?RDS (?:automated |automatic )?backups?(?: schedule)?(?: (?:is|are))? (?:enabled"
        r"|configured|on)|"
        r"(?:automated |automatic )backups (?:enabled|configured) (?:for|on) RDS",
        aws(
            "rds",
            "describe_db_instances",
            f"{_INSTANCE}BackupRetentionPeriod",
            {"at-least": 1},
            DBInstanceIdentifier="{database}",
        ),
        "kept for a day or more, not: that a restore works",
        ("RDS automated backups enabled", "RDS backups configured"),
        ("Backups enabled", "RDS backup restored"),
        names=_DATABASE,
    ),
    Rule(
        "RDS deletion protection",
        r"(?:(?:RDS|database) )?deletion protection(?: is)? (?:enabled|on)(?: (?:for|on) (?:RDS|the database"
        r"|production database))?",
        aws(
            "rds",
            "describe_db_instances",
            f"{_INSTANCE}DeletionProtection",
            {"equals": True},
            DBInstanceIdentifier="{database}",
        ),
        "on for one instance, not: for others",
        ("RDS deletion protection enabled",),
        ("DynamoDB deletion protection enabled", "Deletion protection discussed"),
        names=_DATABASE,
        around=r"(?i)\brds\b",
    ),
    Rule(
        "RDS encryption",
        r"encrypted RDS (?:storage|database|instance)|(?:Amazon |AWS )?RDS (?:instance |storage |database )?"
        r"(?:encrypted|encryption)(?: at rest)?(?: "
        r"(?:is )?enabled)?",
        aws(
            "rds",
            "describe_db_instances",
            f"{_INSTANCE}StorageEncrypted",
            {"equals": True},
            DBInstanceIdentifier="{database}",
        ),
        "encrypted at rest, not: with which key",
        ("RDS encryption at rest enabled",),
        ("Encryption enabled", "RDS encryption keys rotated"),
        names=_DATABASE,
    ),
    Rule(
        "bucket",
        rf"{_S3}(?: for [\w -]+)?{MADE}",
        aws("s3", "list_buckets", "Buckets[].Name", {"contains": "{bucket}"}),
        THERE,
        ("S3 bucket created", "S3 bucket exists"),
        ("Bucket list created", "S3 bucket contents reviewed", "Token bucket configured", "Leaky bucket in place"),
        names=_BUCKET,
    ),
    Rule(
        "versioning",
        rf"(?:{_S3} (?:has )?|S3 )(?:bucket )?versioning(?: is)? (?:enabled|on|configured)|versioning enabled (?:on"
        rf"|for) (?:the )?{_S3}",
        aws("s3", "get_bucket_versioning", "Status", {"equals": "Enabled"}, Bucket="{bucket}"),
        "on for one bucket, not: since when",
        ("S3 bucket versioning enabled", "S3 versioning enabled"),
        ("API versioning enabled", "Versioning agreed"),
        names=_BUCKET,
    ),
    Rule(
        "bucket encryption",
        rf"(?:{_S3} |S3 )(?:is |are |has )?(?:bucket )?(?:default |server[- ]side )?(?:encrypted|encryption)(?: "
        rf"(?:is )?(?:enabled"
        rf"|configured|on))?(?: at rest)?",
        aws(
            "s3",
            "get_bucket_encryption",
            "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm",
            "present",
            Bucket="{bucket}",
        ),
        "encrypted by default, not: with which key",
        ("S3 bucket encryption enabled", "S3 bucket encrypted at rest"),
        ("Encryption enabled", "S3 costs encrypted"),
        names=_BUCKET,
    ),
    Rule(
        "public access",
        rf"(?:{_S3} |S3 )?(?:has )?(?:block public access(?: is)? enabled|public access(?: is)? (?:blocked|disabled)"
        rf"|blocks? (?:all )?public access)"
        rf"(?: (?:on|for) {_S3})?|{_S3} (?:is|are) (?:not public|private)",
        aws(
            "s3",
            "get_public_access_block",
            "PublicAccessBlockConfiguration.[BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy,"
            " RestrictPublicBuckets]",
            {"equals": [True, True, True, True]},
            Bucket="{bucket}",
        ),
        "blocked for one bucket, not: that nobody inside reads too much",
        ("S3 public access blocked", "S3 bucket public access is blocked"),
        ("Public access to the park blocked", "Public access enabled"),
        names=_BUCKET,
        around=r"(?i)\bs3\b|bucket",
    ),
    Rule(
        "cache",
        rf"(?:Amazon |AWS )?ElastiCache (?:\w+ )?(?:cluster|instance|replication group)?{MADE}",
        aws(
            "elasticache",
            "describe_replication_groups",
            "ReplicationGroups[0].Status",
            {"equals": "available"},
            ReplicationGroupId="{replication-group}",
        ),
        "available, not: that the application uses it",
        ("ElastiCache Redis cluster created",),
        ("Cache cleared", "ElastiCache considered"),
        names={
            "replication-group": Name(
                "What is the id of the replication group?", option="--replication-group-id", code=True
            )
        },
    ),
    Rule(
        "days that backups are kept",
        r"(?:Amazon |AWS )?RDS (?:instance |database )?(?:has )?(?:(?:an? )?(?:automated |automatic )?backups?"
        r" retention(?: period)?"
        r"|(?:automated |automatic )?backups?)(?: (?:is|are|of|set to|kept for|kept|at least|for|>=))* "
        r"(?P<days>\d+)\+? days?"
        r"(?: or more)?",
        aws(
            "rds",
            "describe_db_instances",
            f"{_INSTANCE}BackupRetentionPeriod",
            {"at-least": "#days"},
            DBInstanceIdentifier="{database}",
        ),
        "kept so long, not: that a restore works",
        ("RDS backup retention at least 7 days", "RDS backups kept for 14 days"),
        ("RDS backup restored in 2 days", "Backup retention agreed for 7 days"),
        names=_DATABASE,
    ),
    Rule(
        "snapshot of a database",
        r"(?:(?:RDS|manual|final|database|DB|pre-deployment|Aurora) )+snapshots?(?: (?:is|was|has been|are))? "
        r"(?:taken|created|available"
        r"|completed?|exists?)(?: (?:in|within) the last \d+ (?:hours?|days?)| before (?:the )?(?:deployment"
        r"|migration|release))?",
        aws(
            "rds",
            "describe_db_snapshots",
            "DBSnapshots[?Status=='available' && SnapshotCreateTime>='{since}'].DBSnapshotIdentifier",
            "present",
            DBInstanceIdentifier="{database}",
        ),
        "one is available, not: that it can be restored",
        ("Database snapshot taken in the last 24 hours", "RDS snapshot created before the deployment"),
        ("Database snapshot restored", "Snapshot of the holiday taken"),
        names={**_DATABASE, "since": Name("Since when? (2026-01-31T10:00:00Z)")},
    ),
    Rule(
        "bucket encrypted with KMS",
        rf"{_S3} (?:is |are )?(?:encrypted|encryption)(?: at rest)? (?:with|by|using) (?:AWS )?(?:SSE-)?KMS",
        aws(
            "s3",
            "get_bucket_encryption",
            "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm",
            {"contains": "aws:kms"},
            Bucket="{bucket}",
        ),
        "with some key of KMS by default, not: with which",
        ("S3 bucket `raw` encrypted with KMS", "Bucket encryption with SSE-KMS"),
        ("Bucket encrypted with care", "S3 bucket keys of KMS rotated"),
        names=_BUCKET,
    ),
    Rule(
        "transition of objects",
        rf"(?:(?:{_S3} |S3 )?(?:has )?(?:a )?lifecycle (?:rules?|polic(?:y|ies)) (?:moves?|transitions?|archives?)(?:"
        rf" objects| logs| data)?)"
        r" to (?P<class>Glacier|Deep Archive) after (?P<days>\d+) days",
        aws(
            "s3",
            "get_bucket_lifecycle_configuration",
            "Rules[?Status=='Enabled'].Transitions[].{d: Days, c: StorageClass}",
            {"contains": {"d": "#days", "c": "$class_name"}},
            Bucket="{bucket}",
        ),
        "an enabled rule has it, not: for which objects",
        ("Lifecycle rule moves objects to Glacier after 90 days",),
        ("Lifecycle of the project moves on after 90 days", "Lifecycle rule reviewed after 90 days"),
        names=_BUCKET,
    ),
    Rule(
        "lifecycle of objects",
        rf"(?:{_S3} |S3 )(?:has )?(?:a )?lifecycle (?:rules?|polic(?:y|ies)|configuration)(?: (?:is|are))?"
        r"(?: (?:configured|set|enabled|in place|created|applied))?",
        aws("s3", "get_bucket_lifecycle_configuration", "Rules[?Status=='Enabled'].ID", "present", Bucket="{bucket}"),
        "a rule is enabled, not: what it does",
        ("S3 lifecycle policies configured", "S3 bucket has a lifecycle policy"),
        ("Lifecycle policy agreed", "S3 lifecycle policies reviewed"),
        names=_BUCKET,
    ),
)
