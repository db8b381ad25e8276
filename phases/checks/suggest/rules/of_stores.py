"""Rules for AWS: what caches, databases, instances, images, buckets, distributions and zones are set to."""

from __future__ import annotations

from dataclasses import replace

from phases.checks.suggest.proposal import DOMAIN, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IMAGE, IN_ECR, IS_SET, MADE, aws, each_available
from state.json_values import Json

_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up|set|in place)"
_CACHE = {
    "replication-group": Name("What is the id of the replication group?", option="--replication-group-id", code=True)
}
_DATABASE = {
    "database": Name("What is the identifier of the RDS instance?", option="--db-instance-identifier", code=True)
}
_BUCKET = {"bucket": Name("Which bucket?", option="--bucket", code=True)}
_REPOSITORY = {
    "repository": Name(
        "What is the repository called?", option="--repository-name", code=True, pattern=r"[a-z0-9][\w./-]*"
    )
}
_INSTANCE = {
    "instance-id": Name("What is the id of the instance?", option="--instance-ids", code=True, pattern=r"i-[0-9a-f]+")
}
_REDIS = r"(?:(?:AWS )?ElastiCache(?: Redis)?|Redis|Valkey):?"
_S3 = r"(?:(?:Amazon |AWS )?S3 (?:buckets? )?)"


def _of_cache(name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...]) -> Rule:
    """A rule for one replication group of ElastiCache; `words`: two examples, then counter-examples."""
    check = aws(
        "elasticache",
        "describe_replication_groups",
        f"ReplicationGroups[0].{expression}",
        expect,
        ReplicationGroupId="{replication-group}",
    )
    return Rule(name, head, check, unproved, words[:2], words[2:], names=_CACHE, document=r"ElastiCache")


RULES = (
    _of_cache(
        "failover of Redis",
        rf"{_REDIS} automatic failover{_ON}",
        "AutomaticFailover",
        {"equals": "enabled"},
        "on, not: that it was tried",
        (
            "ElastiCache: Automatic failover enabled",
            "ElastiCache Redis automatic failover enabled",
            "Automatic failover enabled",
            "Redis failover drawn",
        ),
    ),
    _of_cache(
        "snapshots of Redis",
        rf"{_REDIS} (?:automatic |automated )?(?:snapshots?|backups?){_ON}|(?:snapshots?|backups?){_ON} for (?:Redis"
        r"|ElastiCache)",
        "SnapshotRetentionLimit",
        {"at-least": 1},
        "kept for a day at least, not: that a restore works",
        (
            "ElastiCache snapshots enabled",
            "Configure backup for ElastiCache",
            "Snapshots configured",
            "ElastiCache backup restored",
        ),
    ),
    Rule(
        "status of Redis",
        rf"(?:{_REDIS}|ElastiCache Redis) (?:cluster |instance |replication group )?(?:status(?: (?:is|shows?))?:?"
        r" available|(?:is )?(?:created and )?(?:running|available))",
        aws("elasticache", "describe_cache_clusters", each_available("{cache}"), {"equals": True}),
        "available, not: that the application uses it",
        ("ElastiCache status shows Available", "ElastiCache Redis cluster created and running"),
        ("Status shows Available", "Redis cluster designed"),
        names={"cache": Name("What is the id of the cache (a cluster's, or a replication group's)?", code=True)},
        document=r"ElastiCache",
    ),
    Rule(
        "subnet group of a cache",
        rf"(?:ElastiCache |Redis |cache )(?:cache )?subnet group{MADE}",
        aws(
            "elasticache",
            "describe_cache_subnet_groups",
            "CacheSubnetGroups[].CacheSubnetGroupName",
            {"contains": "{cache-subnet-group}"},
        ),
        "there, not: with which subnets",
        ("ElastiCache subnet group created", "Cache subnet group created"),
        ("Subnet group created", "Cache subnet group reviewed"),
        names={
            "cache-subnet-group": Name(
                "What is the cache subnet group called?", option="--cache-subnet-group-name", code=True
            )
        },
    ),
    Rule(
        "status of a database",
        r"(?:RDS|RDS (?:instance|database)) (?:instance )?status(?: (?:is|shows?))?:? available",
        aws(
            "rds",
            "describe_db_instances",
            "DBInstances[0].DBInstanceStatus",
            {"equals": "available"},
            DBInstanceIdentifier="{database}",
        ),
        "available, not: who can reach it",
        ("RDS status shows Available", "RDS instance status is available"),
        ("RDS status page read", "Status shows Available"),
        names=_DATABASE,
    ),
    Rule(
        "database that is being made",
        r"RDS (?:instance |database )?creation (?:is )?(?:initiated|started)",
        aws(
            "rds",
            "describe_db_instances",
            "DBInstances[0].DBInstanceStatus",
            "present",
            DBInstanceIdentifier="{database}",
        ),
        "there, in whatever state; not: that it is available",
        ("RDS instance creation initiated", "RDS creation started"),
        ("RDS creation planned", "Creation initiated"),
        names=_DATABASE,
    ),
    Rule(
        "state of an instance",
        r"EC2 (?:instance )?(?:state|status)(?: (?:is|shows?))?:? running",
        aws(
            "ec2",
            "describe_instances",
            "Reservations[].Instances[].State.Name",
            {"equals": ["running"]},
            InstanceIds=["{instance-id}"],
        ),
        "running, not: what runs on it",
        ("EC2 instance state is Running", "EC2 state: running"),
        ("EC2 state of the art", "State is Running"),
        names=_INSTANCE,
    ),
    Rule(
        "status checks of an instance",
        r"EC2 (?:instance )?status checks?:? (?:(?:2|3)/(?:2|3) )?(?:checks )?(?:passed|pass|passing|ok)",
        aws(
            "ec2",
            "describe_instance_status",
            "InstanceStatuses[].[InstanceStatus.Status, SystemStatus.Status]",
            {"equals": [["ok", "ok"]]},
            InstanceIds=["{instance-id}"],
        ),
        "its own and its host's pass now, not: what runs on it",
        ("EC2 status checks passed", "EC2 status checks: 2/2 passed"),
        ("EC2 status checks alarm configured", "Status checks passed"),
        names=_INSTANCE,
    ),
    Rule(
        "lifecycle of images",
        rf"(?:Amazon |AWS )?ECR (?:repository )?lifecycle policy{IS_SET}",
        aws("ecr", "get_lifecycle_policy", "lifecyclePolicyText", "present", repositoryName="{repository}"),
        "one repository has one, not: what it removes",
        ("ECR lifecycle policy configured", "ECR repository lifecycle policy set"),
        ("ECR lifecycle explained", "Lifecycle policy configured"),
        names=_REPOSITORY,
    ),
    Rule(
        "serious findings of an image",
        r"(?:(?:the|Docker|container) )*(?:ECR )?image (?:security |vulnerability )?scan(?: (?:is|has))?"
        r" pass(?:ed|es)?",
        aws(
            "ecr",
            "describe_image_scan_findings",
            "contains(['COMPLETE', 'ACTIVE'], imageScanStatus.status)"
            " && !(imageScanFindings.findingSeverityCounts.CRITICAL > `0`)",
            HOLDS,
            repositoryName="{repository}",
            imageId={"imageTag": "{image-tag}"},
        ),
        "the scan is complete and found nothing critical, not: what else it found",
        ("ECR image security scan passed (no CRITICAL vulnerabilities)", "ECR image scan passed (0 critical)"),
        ("Image scan passed", "Image of the brand passed (no critical voices)"),
        names={**_REPOSITORY, "image-tag": Name("Which tag has the image?", option="--image-tag")},
        remark=r"(?i)^(?:no|0|zero) critical(?: (?:vulnerabilities|findings|issues|CVEs))?$",
        document=r"\bECR\b",
    ),
    Rule(
        "bucket that may be read by everybody",
        rf"{_S3}(?:bucket )?policy{IS_SET} (?:for|to allow) public read(?: access)?"
        rf"|{_S3}public read (?:access |policy )(?:is )?(?:allowed|configured|enabled|set)",
        aws("s3", "get_bucket_policy_status", "PolicyStatus.IsPublic", {"equals": True}, Bucket="{bucket}"),
        "its policy makes it public, not: which objects, and not that nothing blocks it",
        ("S3 bucket policy configured for public read access", "S3 public read access enabled"),
        ("Public read access discussed", "S3 public access blocked"),
        names=_BUCKET,
    ),
    Rule(
        "objects that move to Glacier",
        rf"{_S3}?Glacier (?:transition|lifecycle) (?:rule|policy){IS_SET}",
        aws(
            "s3",
            "get_bucket_lifecycle_configuration",
            "join(' ', Rules[?Status=='Enabled'].Transitions[].StorageClass)",
            {"contains": "GLACIER"},
            Bucket="{bucket}",
        ),
        "a rule that is on moves them, not: which, and not when",
        ("Glacier lifecycle policy configured", "S3 Glacier transition rule enabled"),
        ("Glacier policy of the government set", "Lifecycle policy configured"),
        names=_BUCKET,
    ),
    Rule(
        "origin in a bucket",
        r"(?:CloudFront )?(?:distribution )?origin(?: (?:is|points to|set to))?:? (?:the |an? )?S3(?: bucket)?",
        aws(
            "cloudfront",
            "get_distribution",
            "Distribution.DistributionConfig.Origins.Items[?S3OriginConfig || contains(DomainName, '.s3')].DomainName",
            "present",
            Id="{distribution}",
        ),
        "it has an origin in S3, not: in which bucket",
        ("CloudFront origin: S3 bucket", "CloudFront origin is the S3 bucket"),
        ("Origin: S3 bucket", "CloudFront origin story"),
        around=r"CloudFront",
        names={
            "distribution": Name(
                "What is the id of the distribution?", option="--distribution-id", code=True, pattern=r"E[A-Z0-9]{8,}"
            )
        },
    ),
    Rule(
        "distribution for something",
        r"(?:Amazon |AWS )?CloudFront(?: CDN| distribution)? (?:is )?(?:enabled|configured|set up|created) for [\w -]+",
        aws(
            "cloudfront",
            "get_distribution",
            "Distribution.{on: DistributionConfig.Enabled, status: Status}",
            {"equals": {"on": True, "status": "Deployed"}},
            Id="{distribution}",
        ),
        "this one is on and deployed, not: what it serves",
        ("CloudFront enabled for frontend", "Set up CloudFront for video delivery"),
        ("CloudFront discussed for frontend", "CloudFront explained"),
        names={
            "distribution": Name(
                "What is the id of the distribution?", option="--distribution-id", code=True, pattern=r"E[A-Z0-9]{8,}"
            )
        },
    ),
    Rule(
        "record in Route 53",
        r"(?:custom )?domain(?: names?)? (?:is )?(?:configured|set up|created|added)"
        r" (?:in|with|via|using) (?:AWS )?Route ?53"
        r"|(?:AWS )?Route ?53 (?:is )?(?:configured|set up)(?: for)? (?:the |a )?(?:custom )?domain"
        r"|(?:AWS )?Route ?53 custom domain (?:is )?(?:configured|set up)",
        aws(
            "route53",
            "list_resource_record_sets",
            "ResourceRecordSets[?Type=='A' || Type=='AAAA' || Type=='CNAME'].Name",
            {"contains": "{domain}."},
            HostedZoneId="{hosted-zone}",
        ),
        "there, not: where it leads, and not that resolvers know",
        ("Setup Route 53 custom domain", "Configure Route 53 for custom domain"),
        ("Route 53 explained", "Custom domain bought", "Route 53 health check configured"),
        names={
            "domain": Name("Which domain?", code=True, pattern=DOMAIN),
            "hosted-zone": Name("What is the id of the hosted zone?", option="--hosted-zone-id"),
        },
    ),
    Rule(
        "volume",
        rf"(?:Amazon |AWS )?(?:(?!all\b|both\b)[\w-]+ )?EBS volume{MADE}",
        aws("ec2", "describe_volumes", "Volumes[0].State", {"one-of": ["available", "in-use"]}, VolumeIds=["{volume}"]),
        "there, not: of which size, and not what is on it",
        ("EBS volume created", "Postgres EBS volume created"),
        ("EBS volume sized", "Volume created", "EBS volumes created"),
        names={
            "volume": Name("What is the id of the volume?", option="--volume-ids", code=True, pattern=r"vol-[0-9a-f]+")
        },
    ),
    Rule(
        "image of a part pushed to ECR",
        r"(?:built? (?:and|&) )?push(?:ed)? (?:the |an? )?"
        r"(?P<part>(?!(?:all|both|images?|docker|container)\b)[\w-]+)"
        r" (?:Docker |container )?image to"
        r" (?:the )?(?:Amazon |AWS )?ECR",
        IN_ECR,
        "there under this tag, not: built from which commit",
        ("Built and pushed Orders image to ECR", "Pushed worker Docker image to ECR"),
        ("Built and pushed all images to ECR", "Pushed image of the brand"),
        names={name: replace(about, group="part") for name, about in IMAGE.items()},
    ),
    Rule(
        "secrets of Secrets Manager",
        r"(?:AWS )?Secrets Manager secrets(?: (?:are|have been))? (?:created|configured|exist|set ?up|stored|added)",
        aws("secretsmanager", "list_secrets", "SecretList[].Name", {"contains-each": "{secrets}"}),
        "each of these is there by its name, not: its value, which is never read",
        ("Secrets Manager secrets configured", "AWS Secrets Manager secrets created"),
        ("Secrets Manager secrets rotated", "Secrets configured"),
        names={"secrets": Name("Which secrets, with spaces between them?", many=True)},
    ),
    Rule(
        "secrets below a path",
        r"(?:AWS )?Secrets Manager secrets(?: (?:are|have been))? (?:created|stored|set ?up)"
        r" (?:under|below|in|with) (?:the )?(?:path |prefix )?(?P<path>[\w-]+(?:/[\w-]+)*/)\*?(?: (?:path|prefix))?",
        aws("secretsmanager", "list_secrets", "SecretList[?starts_with(Name, '$path')].Name", "present"),
        "some are there by their names, not: which, and not their values, which are never read",
        ("Secrets Manager secrets created under `shop/*` path", "Secrets Manager secrets stored under `shop/prod/`"),
        ("Secrets Manager secrets created under pressure", "Secrets below a path"),
    ),
    Rule(
        "everything out of a security group",
        r"security group (?:outbound|egress)(?: rules?)?:? (?:allow )?all(?: traffic)?(?: (?:to|allowed)(?: (?:anywhere"
        r"|0\.0\.0\.0/0))?)?",
        aws(
            "ec2",
            "describe_security_groups",
            "SecurityGroups[0].IpPermissionsEgress[?IpProtocol=='-1'].IpRanges[].CidrIp",
            {"contains": "0.0.0.0/0"},
            GroupIds=["{security-group}"],
        ),
        "everything may go out, not: that it should",
        ("Security group outbound: all traffic", "Security group egress: allow all traffic to 0.0.0.0/0"),
        ("Outbound: all traffic", "Security group outbound traffic reviewed"),
        names={
            "security-group": Name(
                "What is the id of the security group?", option="--group-ids", code=True, pattern=r"sg-[0-9a-f]+"
            )
        },
    ),
    Rule(
        "dashboards of CloudWatch, by whatever name",
        r"(?:CloudWatch )?(?:monitoring|metrics|operations) dashboards?(?: (?:is|are))?"
        r" (?:created|configured|set ?up)",
        aws("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", {"contains-each": "{dashboards}"}),
        "each of these is there, not: what it shows",
        ("CloudWatch monitoring dashboards created", "CloudWatch operations dashboard configured"),
        ("Monitoring dashboards reviewed", "Car dashboards created"),
        names={"dashboards": Name("Which dashboards, with spaces between them?", many=True)},
        document=r"(?is)\A(?!.*(?:grafana|datadog|kibana|new relic)).*CloudWatch",
    ),
)
