"""Rules for AWS: networks, containers, databases, buckets, roles, and what guards an account."""

from __future__ import annotations

from dataclasses import replace

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, MADE, THERE, aws, some_and_none

_SET = r"(?: (?:is|are))? (?:configured|created|set ?up|enabled|active|in place|exists?|on)"
_CLUSTER = Name("What is the ECS cluster called?", option="--cluster")
_SERVICE = Name("What is the ECS service called?", option="--services", code=True)
_BUCKET = {"bucket": Name("Which bucket?", option="--bucket", code=True)}
_DATABASE = {"database": Name("What is the identifier of the RDS instance?", option="--db-instance-identifier")}
_INSTANCE = "DBInstances[0]."
_S3 = r"(?:(?:Amazon |AWS )?S3 )(?:\w+ )?buckets?"

RULES = (
    Rule(
        "ECS service",
        r"(?:All )?(?:ECS |Fargate )(?:services?|tasks?)(?: (?:is|are))?"
        r" (?:running|stable|healthy|active|running and healthy|steady|at desired count)|(?:ECS )?(?:service|tasks?)"
        r" (?:running|desired) count (?:matches|equals) (?:the )?(?:desired|running)(?: count)?",
        aws(
            "ecs",
            "describe_services",
            some_and_none("services", "services[?runningCount!=desiredCount || desiredCount==`0`]"),
            HOLDS,
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "as many tasks run as are desired, not: that they are healthy behind the load balancer",
        ("ECS service running", "ECS tasks are running and healthy"),
        ("ECS service reviewed", "Fewer tasks running than desired"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
    ),
    Rule(
        "ECS service is there",
        rf"(?:ECS |Fargate )(?:\w+ )?services?{MADE}",
        aws(
            "ecs",
            "describe_services",
            "services[0].status",
            {"equals": "ACTIVE"},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "active, not: that its tasks run",
        ("ECS service created", "ECS service deployed"),
        ("ECS service limits agreed", "Service created"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
    ),
    Rule(
        "ECS cluster",
        rf"(?:Amazon |AWS )?(?:ECS|Fargate) cluster{MADE}",
        aws("ecs", "describe_clusters", "clusters[0].status", {"equals": "ACTIVE"}, clusters=["{ecs-cluster}"]),
        "active, not: that something runs on it",
        ("ECS cluster created",),
        ("Cluster of bugs created", "ECS cluster sized"),
        names={"ecs-cluster": replace(_CLUSTER, code=True)},
    ),
    Rule(
        "task definition",
        r"(?:ECS )?task definitions?(?: (?:is|are))? (?:registered|created|exists|active)",
        aws(
            "ecs",
            "describe_task_definition",
            "taskDefinition.status",
            {"equals": "ACTIVE"},
            taskDefinition="{task-definition}",
        ),
        "registered, not: what it runs",
        ("Task definition registered",),
        ("Task definition of done agreed", "Task definition reviewed"),
        names={"task-definition": Name("What is the task definition called?", option="--task-definition", code=True)},
    ),
    Rule(
        "EKS cluster",
        rf"(?:Amazon |AWS )?EKS cluster{MADE}",
        aws("eks", "describe_cluster", "cluster.status", {"equals": "ACTIVE"}, name="{eks-cluster}"),
        "active, not: that its nodes are ready",
        ("EKS cluster created", "EKS cluster is active"),
        ("EKS cluster upgraded", "Cluster created"),
        names={"eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True)},
    ),
    Rule(
        "registry",
        rf"(?:Amazon |AWS )?ECR (?:repository|repositories|repo){MADE}",
        aws("ecr", "describe_repositories", "repositories[].repositoryName", {"contains": "{repository}"}),
        "there, not: that it has an image",
        ("ECR repository created",),
        ("Repository created", "ECR repository cleaned"),
        names={"repository": Name("What is the repository called?", option="--repository-name", code=True)},
    ),
    Rule(
        "image in the registry",
        r"(?:all )?(?:Docker |container )?images?(?: (?:is|are|has been|have been))? (?:pushed to|available in"
        r"|uploaded to"
        r"|present in|exists? in)"
        r" (?:the )?(?:Amazon |AWS )?ECR(?: repository)?(?: successfully)?",
        aws(
            "ecr",
            "describe_images",
            "imageDetails[].imageDigest",
            "present",
            repositoryName="{repository}",
            imageIds=[{"imageTag": "{image-tag}"}],
        ),
        "there under this tag, not: built from which commit",
        ("Docker image pushed to ECR",),
        ("Docker image built", "Image of the logo uploaded"),
        names={
            "repository": Name("What is the repository called?", option="--repository-name"),
            "image-tag": Name("Which tag has the image?", option="--image-tag"),
        },
    ),
    Rule(
        "targets of a load balancer",
        r"(?:All )?(?:(?:ALB|NLB|ELB|load balancer) )?target(?: group)?s?(?: targets?)?(?: health checks?)?(?: "
        r"(?:is|are|show(?:ing|s)?))?"
        r" (?:all )?(?:healthy|passing|in service)",
        aws(
            "elbv2",
            "describe_target_health",
            some_and_none("TargetHealthDescriptions", "TargetHealthDescriptions[?TargetHealth.State!='healthy']"),
            HOLDS,
            TargetGroupArn="{target-group-arn}",
        ),
        "healthy by its own check, not: that the application answers right",
        ("ALB target group healthy", "Target group targets are healthy"),
        ("Target audience healthy", "Targets met"),
        names={"target-group-arn": Name("What is the ARN of the target group?", option="--target-group-arn")},
    ),
    Rule(
        "load balancer",
        rf"(?:Application |Network )?(?:ALB|NLB|load balancer)(?: \(ALB\))?{MADE}",
        aws(
            "elbv2",
            "describe_load_balancers",
            "LoadBalancers[0].State.Code",
            {"equals": "active"},
            Names=["{load-balancer}"],
        ),
        "active, not: that its targets are healthy",
        ("ALB created", "Application Load Balancer is active"),
        ("Load balanced work plan created", "Load balancer chosen"),
        names={"load-balancer": Name("What is the load balancer called?", option="--names", code=True)},
    ),
    Rule(
        "security group",
        rf"(?:AWS )?security groups?(?:{MADE}|{_SET})",
        aws(
            "ec2",
            "describe_security_groups",
            "SecurityGroups[0].IpPermissions",
            "present",
            GroupIds=["{security-group}"],
        ),
        "there and with some rule, not: that only the right ones are let in",
        ("Security groups configured", "Security group created"),
        ("Security group meeting held", "Security configured"),
        names={"security-group": Name("What is the id of the security group?", option="--group-ids")},
    ),
    Rule(
        "VPC",
        rf"(?:AWS )?VPC(?: and (?:networking?|subnets|network)(?: \w+)?| with (?:public|private|public/private"
        rf"|public and private) subnets)?(?: is)?(?:{MADE}|{_SET})",
        aws("ec2", "describe_vpcs", "Vpcs[0].State", {"equals": "available"}, VpcIds=["{vpc}"]),
        "available, not: its subnets and routes",
        ("VPC created", "VPC configured"),
        ("VPN created", "VPC peering discussed"),
        names={"vpc": Name("What is the id of the VPC?", option="--vpc-id")},
    ),
    Rule(
        "subnets",
        rf"(?:(?:Public|Private|Public and private|Private and public) )?subnets(?:{MADE}|{_SET})(?: (?:in"
        rf"|across) .+)?",
        aws(
            "ec2",
            "describe_subnets",
            some_and_none("Subnets", "Subnets[?State!='available']"),
            HOLDS,
            Filters=[{"Name": "vpc-id", "Values": ["{vpc}"]}],
        ),
        "there are some, not: how many, and where their routes lead",
        ("Public and private subnets created", "Private subnets configured"),
        ("Subnet sizes agreed", "Public subnets removed"),
        names={"vpc": Name("What is the id of the VPC?", option="--vpc-id")},
    ),
    Rule(
        "RDS instance",
        rf"(?:Amazon |AWS )?RDS (?:\w+ )?(?:instance|database|db){MADE}",
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
        rf"(?:Amazon |AWS )?(?:RDS|Aurora) (?:\w+ )?cluster{MADE}",
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
        r"(?:(?:Amazon |AWS )?RDS (?:instance )?|database )?(?:has )?Multi-?AZ(?: deployment)?(?: is)? (?:enabled"
        r"|configured|on)(?: for (?:RDS|the database|production))?",
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
        ("S3 bucket created", "S3 buckets exist"),
        ("Bucket list created", "S3 bucket contents reviewed"),
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
        rf"(?:{_S3} |S3 )(?:is |are |has )?(?:bucket )?(?:default )?(?:encrypted|encryption)(?: (?:is )?(?:enabled"
        rf"|configured|on))?(?: at rest)?",
        aws(
            "s3",
            "get_bucket_encryption",
            "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm",
            "present",
            Bucket="{bucket}",
        ),
        "encrypted by default, not: with which key",
        ("S3 bucket encryption enabled", "S3 buckets encrypted at rest"),
        ("Encryption enabled", "S3 costs encrypted"),
        names=_BUCKET,
    ),
    Rule(
        "public access",
        rf"(?:{_S3} |S3 )?(?:has )?(?:block public access(?: is)? enabled|public access(?: is)? (?:blocked|disabled))"
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
        "role",
        rf"(?:AWS )?IAM (?:\w+ )?roles?(?: and policies)?(?:{MADE}|{_SET})(?: (?:for|with) [\w +-]+)?",
        aws("iam", "get_role", "Role.Arn", "present", RoleName="{role}"),
        "there, not: what it may do",
        ("IAM role created", "IAM execution role exists"),
        ("IAM roles follow least privilege", "Role of the lead created"),
        names={"role": Name("What is the role called?", option="--role-name", code=True)},
    ),
    Rule(
        "secret",
        r"(?:\w+ )?(?:secrets?|credentials?|passwords?)(?: (?:is|are))? (?:stored|created|exists?|saved|kept"
        r"|configured) (?:in )(?:AWS )?Secrets Manager",
        aws("secretsmanager", "describe_secret", "Name", "present", SecretId="{secret}"),
        "there by its name, not: its value, which is never read",
        ("Secrets stored in AWS Secrets Manager", "Database credentials stored in Secrets Manager"),
        ("Secrets stored in Vault", "Secrets rotated"),
        names={"secret": Name("What is the secret called?", option="--secret-id", code=True)},
    ),
    Rule(
        "certificate",
        r"(?:(?:SSL|TLS|SSL/TLS) )?(?:ACM )?(?:certificates?|certs?)(?: (?:is|are|has been))?"
        r" (?:status(?: is| =)? issued|issued|validated"
        r"|requested and validated|provisioned|created|valid)"
        r"(?: (?:in|by|via|with) (?:AWS )?(?:ACM|Certificate Manager))?",
        aws(
            "acm",
            "describe_certificate",
            "Certificate.Status",
            {"equals": "ISSUED"},
            CertificateArn="{certificate-arn}",
        ),
        "issued, not: that it is the one in use",
        ("ACM certificate issued", "SSL certificate validated in ACM"),
        ("Certificate of the training issued", "SSL certificate bought"),
        names={"certificate-arn": Name("What is the ARN of the certificate?", option="--certificate-arn")},
        around=r"\bACM\b|Certificate Manager",
    ),
    Rule(
        "CloudTrail",
        r"(?:AWS )?CloudTrail(?: logging)?(?: is)? (?:enabled|on|active|configured)(?: in all regions)?",
        aws("cloudtrail", "describe_trails", "trailList[].Name", "present"),
        "a trail is there, not: that it logs, and in which regions",
        ("CloudTrail enabled", "CloudTrail logging enabled"),
        ("CloudTrail reviewed", "Trail of the audit enabled"),
    ),
    Rule(
        "GuardDuty",
        r"(?:AWS |Amazon )?GuardDuty(?: is)? (?:enabled|on|active)",
        aws("guardduty", "list_detectors", "DetectorIds", "present"),
        "a detector is there, not: that it is enabled or that somebody reads it",
        ("GuardDuty enabled",),
        ("GuardDuty findings reviewed", "Guard duty assigned"),
    ),
    Rule(
        "budget",
        r"(?:AWS )?(?:budgets?|billing alarms?|budget alarms?|budget alerts?|billing alerts?|cost alerts?)(?: (?:is"
        r"|are))? (?:configured|created|set ?up|set)",
        aws("budgets", "describe_budgets", "Budgets[].BudgetName", "present", AccountId="{account}"),
        "there is one, not: its limit and whom it tells",
        ("AWS budget configured", "Budget alerts configured"),
        ("Budget approved", "Marketing budget planned"),
        names={"account": Name("What is the AWS account's number?")},
        around=r"\bAWS\b|CloudWatch",
    ),
    Rule(
        "distribution",
        rf"(?:Amazon |AWS )?CloudFront (?:distribution|CDN){MADE}",
        aws("cloudfront", "get_distribution", "Distribution.Status", {"equals": "Deployed"}, Id="{distribution}"),
        "deployed, not: that it serves the newest files",
        ("CloudFront distribution created", "CloudFront distribution deployed"),
        ("CloudFront cache invalidated", "Distribution list created"),
        names={"distribution": Name("What is the id of the distribution?", option="--distribution-id")},
    ),
    Rule(
        "queue",
        rf"(?:Amazon |AWS )?SQS (?:\w+ )?queues?(?:{MADE}|{_SET})",
        aws(
            "sqs",
            "get_queue_attributes",
            "Attributes.QueueArn",
            "present",
            QueueUrl="{queue-url}",
            AttributeNames=["QueueArn"],
        ),
        THERE,
        ("SQS queue created",),
        ("Queue drained", "SQS chosen"),
        names={"queue-url": Name("What is the URL of the queue?", option="--queue-url")},
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
        names={"replication-group": Name("What is the id of the replication group?", option="--replication-group-id")},
    ),
    Rule(
        "firewall",
        r"(?:AWS )?WAF(?: web ACLs?)?(?: (?:is|are))?(?: rules?)? (?:enabled|configured|attached|associated"
        r"|active)(?: (?:to|with|on|for) (?:the )?(?:ALB|CloudFront|API Gateway|load balancer))?",
        aws("wafv2", "list_web_acls", "WebACLs[].Name", {"contains": "{web-acl}"}, Scope="{waf-scope}"),
        "there, not: what it stands before, and what it blocks",
        ("AWS WAF enabled", "WAF configured"),
        ("WAF rules reviewed", "Firewall enabled"),
        names={"web-acl": Name("What is the web ACL called?"), "waf-scope": Name("REGIONAL or CLOUDFRONT?")},
    ),
    Rule(
        "auto scaling group",
        rf"(?:EC2 )?Auto ?Scaling groups?(?: \(ASG\))?{MADE}",
        aws(
            "autoscaling",
            "describe_auto_scaling_groups",
            some_and_none("AutoScalingGroups", "AutoScalingGroups[?length(Instances) < DesiredCapacity]"),
            HOLDS,
            AutoScalingGroupNames=["{auto-scaling-group}"],
        ),
        "as many instances as desired, not: that they are healthy",
        ("Auto Scaling Group configured", "Auto Scaling group created"),
        ("Auto-scaling behaviour discussed", "Scaling group therapy created"),
        names={
            "auto-scaling-group": Name("What is the Auto Scaling group called?", option="--auto-scaling-group-name")
        },
    ),
    Rule(
        "flow logs",
        rf"VPC flow logs{_SET}",
        aws(
            "ec2",
            "describe_flow_logs",
            some_and_none("FlowLogs", "FlowLogs[?FlowLogStatus!='ACTIVE']"),
            HOLDS,
            Filter=[{"Name": "resource-id", "Values": ["{vpc}"]}],
        ),
        "active, not: that somebody looks at them",
        ("VPC Flow Logs enabled",),
        ("VPC flow logs analysed", "Logs flowing"),
        names={"vpc": Name("What is the id of the VPC?", option="--vpc-id")},
    ),
    Rule(
        "parameter",
        r"SSM parameters(?: are)? created(?: in AWS)?|(?:[\w ]+ )?(?:secrets?|parameters?|configuration|config)"
        r"(?: (?:is|are))? (?:generated and )?(?:stored"
        r"|created|set|saved) in"
        r" (?:the )?(?:AWS )?(?:Systems Manager |SSM )?Parameter Store",
        aws("ssm", "describe_parameters", "Parameters[].Name", {"contains": "{parameter}"}),
        "there by its name, not: its value, which is never read",
        ("JWT secrets generated and stored in SSM Parameter Store", "Parameters set in Parameter Store"),
        ("Parameters agreed", "Secrets stored in Vault"),
        names={"parameter": Name("What is the parameter called?", option="--name", code=True)},
    ),
)
