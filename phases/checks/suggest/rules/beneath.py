"""Rules for AWS: single settings of a bucket, a database, an instance, a distribution, as lists beneath them have them.

What such an item is about stands above it ("Versioning: yes" below "S3 bucket"): `places.py` says it with its thing.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, MADE, aws
from state.json_values import Json

_BUCKET = {"bucket": Name("Which bucket?", option="--bucket", code=True)}
_DATABASE = {
    "database": Name("What is the identifier of the RDS instance?", option="--db-instance-identifier", code=True)
}
_DISTRIBUTION = {
    "distribution": Name(
        "What is the id of the distribution?", option="--distribution-id", code=True, pattern=r"E[A-Z0-9]{8,}"
    )
}
_S3 = r"(?:(?:Amazon |AWS )?S3 )(?:buckets? )?(?:has )?"
_RDS = r"(?:Amazon |AWS )?RDS (?:instance |database |db |storage )?(?:has )?"
_CDN = r"CloudFront (?:distribution )?(?:has )?"
_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up)"
_FOR = r"(?: (?:for|on|in|to) [\w -]+)?"
_ENGINES = (
    ("PostgreSQL", r"postgres(?:ql)?", "postgres"),
    ("MySQL", "mysql", "mysql"),
    ("MariaDB", "mariadb", "mariadb"),
)


def _of_bucket(name: str, head: str, operation: str, expression: str, unproved: str, words: tuple[str, ...]) -> Rule:
    """A rule for what one bucket has; `words`: two examples, then counter-examples."""
    check = aws("s3", operation, expression, "present", Bucket="{bucket}")
    return Rule(name, rf"{_S3}{head}", check, unproved, words[:2], words[2:], names=_BUCKET)


def _of_database(
    name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...], remark: str = ""
) -> Rule:
    """A rule for what one RDS instance is set to."""
    check = aws(
        "rds", "describe_db_instances", f"DBInstances[0].{expression}", expect, DBInstanceIdentifier="{database}"
    )
    return Rule(name, rf"{_RDS}{head}", check, unproved, words[:2], words[2:], names=_DATABASE, remark=remark)


def _of_distribution(
    name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...]
) -> Rule:
    """A rule for what one CloudFront distribution is set to."""
    check = aws(
        "cloudfront",
        "get_distribution",
        f"Distribution.DistributionConfig.{expression}",
        expect,
        Id="{distribution}",
    )
    names = {**_DISTRIBUTION}
    if "{domain}" in str(expect):
        names["domain"] = Name("Which domain?", code=True, pattern=DOMAIN)
    return Rule(name, rf"{_CDN}{head}", check, unproved, words[:2], words[2:], names=names)


def _engine(shown: str, words: str, engine: str) -> Rule:
    return _of_database(
        f"engine {shown}",
        rf"(?:DB )?engine(?: type)?(?: is|:)? {words}(?: (?:version )?v?(?P<version>\d+(?:\.\d+)*)(?:\.x)?)?",
        "[Engine, EngineVersion] | join(' ', @)",
        {"matches": rf"(?:aurora-)?{engine}\w* $version.*"},
        "this engine, not: with which parameters",
        (
            f"RDS engine: {shown} 15.4",
            f"RDS engine {shown}",
            f"RDS engine {shown} upgraded",
            f"Engine of the car: {shown}",
        ),
    )


RULES = (
    _of_bucket(
        "cross-origin rules of a bucket",
        rf"CORS(?: (?:configuration|policy|rules?|settings))?{IS_SET}{_FOR}",
        "get_bucket_cors",
        "CORSRules[].AllowedOrigins[]",
        "some origin is allowed, not: the right ones",
        ("S3 bucket CORS configured", "S3 CORS configured for frontend", "CORS configured", "S3 CORS errors fixed"),
    ),
    _of_bucket(
        "policy of a bucket",
        rf"(?:bucket )?policy{IS_SET}{_FOR}",
        "get_bucket_policy",
        "Policy",
        "there is one, not: what it allows",
        ("S3 bucket policy configured", "S3 bucket policy set", "S3 policy reviewed", "Bucket policy of the well set"),
    ),
    _of_bucket(
        "website of a bucket",
        rf"(?:static )?(?:web ?site )?hosting(?: configuration)?{_ON}{_FOR}",
        "get_bucket_website",
        "IndexDocument.Suffix",
        "on, not: that the site is in it",
        (
            "S3 bucket static website hosting enabled",
            "S3 website hosting configured",
            "Web hosting enabled",
            "S3 hosting costs reviewed",
        ),
    ),
    _of_bucket(
        "access log of a bucket",
        rf"(?:server )?access log(?:s|ging)?{_ON}",
        "get_bucket_logging",
        "LoggingEnabled.TargetBucket",
        "on, not: that somebody reads it",
        (
            "S3 bucket access logging enabled",
            "S3 access logs enabled",
            "Access logging enabled",
            "S3 access logs read",
        ),
    ),
    Rule(
        "bucket by its name",
        r"S3 bucket (?:name: )(?P<bucket>[a-z0-9][a-z0-9.-]{2,62})",
        aws("s3", "list_buckets", "Buckets[].Name", {"contains": "$bucket"}),
        "there, not: what is in it",
        ("S3 bucket name: acme-uploads", "S3 bucket name: acme-logs"),
        ("S3 bucket name is correct", "Bucket name: acme"),
    ),
    *(_engine(*each) for each in _ENGINES),
    _of_database(
        "class of a database",
        r"(?:instance |db )?(?:class|type|size)(?: is)?:? (?P<size>db\.\w+\.\w+)",
        "DBInstanceClass",
        {"equals": "$size"},
        "this class, not: that it is enough",
        (
            "RDS instance class: db.t3.medium",
            "RDS instance type db.r6g.large",
            "RDS class agreed",
            "First class: db.t3.x",
        ),
    ),
    _of_database(
        "storage of a database",
        r"(?:allocated |storage )?(?:storage|size)?(?: is)?:? ?(?P<gb>\d+) ?(?:GB|GiB)(?: of)?(?: storage)?"
        r"(?: allocated)?",
        "AllocatedStorage",
        {"at-least": "#gb"},
        "so much or more, not: of which type, and not how full it is",
        ("RDS storage: 100GB", "RDS allocated storage 20 GB", "RDS storage agreed", "Storage: 100 GB"),
    ),
    _of_database(
        "days of automated backups",
        r"(?:automated |automatic )?backups?(?: (?:is|are))?(?: enabled| configured| on)?",
        "BackupRetentionPeriod",
        {"at-least": "#days"},
        "kept so long, not: that a restore works",
        (
            "RDS automated backups enabled (7 days)",
            "RDS automatic backups on (14-day retention)",
            "RDS backups enabled",
            "RDS backups tested (7 days)",
        ),
        remark=r"^(?:at least |>= ?)?(?P<days>\d+)[- ]days?(?: or more)?(?: (?:retention|kept))?$",
    ),
    _of_database(
        "backups kept for days",
        r"(?:automated |automatic )?(?:backup retention(?: period)?|backups?) (?P<days>\d+)[- ]days?(?: retention)?",
        "BackupRetentionPeriod",
        {"at-least": "#days"},
        "kept so long, not: that a restore works",
        (
            "RDS backups 30-day retention",
            "RDS automated backups 7 day retention",
            "RDS backup took 2 days",
            "Backup retention 30 days",
        ),
    ),
    _of_database(
        "public access of a database",
        r"(?:is )?(?:not (?:be )?(?:publicly accessible|public)|public(?:ly)? access(?:ible|ibility)?(?: is)? disabled"
        r"|in (?:a )?private subnets?)",
        "PubliclyAccessible",
        {"equals": False},
        "it has no public address, not: who may reach it inside",
        (
            "RDS public access disabled",
            "RDS instance is not publicly accessible",
            "RDS public access discussed",
            "Public access disabled",
        ),
    ),
    _of_database(
        "enhanced monitoring",
        rf"enhanced monitoring{_ON}",
        "MonitoringInterval",
        {"at-least": 1},
        "on, not: that somebody looks",
        (
            "RDS enhanced monitoring enabled",
            "RDS enhanced monitoring is on",
            "RDS monitoring read",
            "Monitoring enabled",
        ),
    ),
    _of_database(
        "performance insights",
        rf"performance insights{_ON}",
        "PerformanceInsightsEnabled",
        {"equals": True},
        "on, not: that somebody looks",
        ("RDS Performance Insights enabled", "RDS performance insights on", "RDS performance read", "Insights enabled"),
    ),
    Rule(
        "subnet group of a database",
        rf"(?:RDS |(?:RDS )?DB |(?:RDS )?database )subnet group{MADE}",
        aws("rds", "describe_db_subnet_groups", "DBSubnetGroups[].DBSubnetGroupName", {"contains": "{subnet-group}"}),
        "there, not: with which subnets",
        ("RDS subnet group created", "DB subnet group configured"),
        ("Subnet group created", "RDS subnet group reviewed"),
        names={"subnet-group": Name("What is the DB subnet group called?", option="--db-subnet-group-name", code=True)},
    ),
    _of_distribution(
        "domain of a distribution",
        rf"(?:custom domain(?: names?)?|aliases|alternate domain names?|CNAMEs?){IS_SET}{_FOR}",
        "Aliases.Items",
        {"contains": "{domain}"},
        "known to CloudFront, not: that DNS leads there",
        (
            "CloudFront custom domain configured",
            "CloudFront alternate domain names set",
            "CloudFront domain bought",
            "Aliases set",
        ),
    ),
    _of_distribution(
        "certificate of a distribution",
        rf"(?:custom )?(?:SSL|TLS|SSL/TLS|ACM) certificate{IS_SET}{_FOR}",
        "ViewerCertificate.ACMCertificateArn",
        "present",
        "one of ACM's is set, not: that it is valid",
        (
            "CloudFront SSL certificate configured",
            "CloudFront ACM certificate set",
            "CloudFront certificate ordered",
            "CloudFront certificate renewed",
        ),
    ),
    _of_distribution(
        "HTTPS of a distribution",
        r"(?:(?:HTTPS(?: only)?|HTTPS redirect|redirect(?:s)? (?:HTTP )?to HTTPS|HTTP to HTTPS redirect)(?: (?:is )?"
        r"(?:enabled|enforced"
        r"|configured|on))?|viewer protocol policy:? (?:redirect HTTP to HTTPS|redirect-to-https|https-only))",
        "DefaultCacheBehavior.ViewerProtocolPolicy",
        {"one-of": ["redirect-to-https", "https-only"]},
        "by default, not: for each path",
        (
            "CloudFront HTTPS enabled",
            "CloudFront viewer protocol policy: redirect HTTP to HTTPS",
            "CloudFront HTTPS costs read",
            "HTTPS only for CloudFront users",
        ),
    ),
    _of_distribution(
        "root of a distribution",
        r"default root object(?: is| set to)?:? (?P<root>[\w.-]+\.html?)",
        "DefaultRootObject",
        {"equals": "$root"},
        "set so, not: that it is there",
        (
            "CloudFront default root object: index.html",
            "CloudFront default root object set to index.html",
            "CloudFront root object agreed",
            "Default root object: index.html",
        ),
    ),
    _of_distribution(
        "error pages of a distribution",
        rf"(?:custom )?error (?:pages?|responses?){IS_SET}{_FOR}",
        "CustomErrorResponses.Quantity",
        {"at-least": 1},
        "there is one, not: for which error",
        (
            "CloudFront error pages configured",
            "CloudFront custom error responses set",
            "CloudFront errors read",
            "Error pages configured",
        ),
    ),
    Rule(
        "invalidation",
        r"(?:CloudFront )?(?:CDN )?(?:cache )?invalidat(?:ion|ed)(?: (?:is|was|has been))?(?: (?:complete[d]?|done"
        r"|created|finished))?"
        r"|CloudFront (?:cache )?(?:is |was )?(?:invalidated|cleared)",
        aws(
            "cloudfront",
            "list_invalidations",
            "InvalidationList.Items[?Id=='{invalidation}'].Status",
            {"equals": ["Completed"]},
            DistributionId="{distribution}",
        ),
        "this one is complete, not: for which paths",
        ("CloudFront cache invalidated", "CloudFront invalidation completed"),
        ("Cache of the team invalidated by hand", "CloudFront invalidation discussed"),
        names={**_DISTRIBUTION, "invalidation": Name("What is the id of the invalidation?")},
        around=r"CloudFront",
    ),
)
