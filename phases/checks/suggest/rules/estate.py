"""Rules for AWS: what a deployment's list has beside its main parts: state of Terraform, mail, images, a database."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Entry, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IMAGE, IN_ECR, IS_SET, MADE, THERE, aws, some_and_none

_DATABASE = {
    "database": Name("What is the identifier of the RDS instance?", option="--db-instance-identifier", code=True)
}
_TARGETS = {
    "target-group-arn": Name(
        "What is the ARN of the target group?", option="--target-group-arn", code=True, pattern=ARN
    )
}
_ENCRYPTED: Entry = aws(
    "rds",
    "describe_db_instances",
    "DBInstances[0].StorageEncrypted",
    {"equals": True},
    DBInstanceIdentifier="{database}",
)

RULES = (
    Rule(
        "bucket of a state",
        rf"(?:Terraform )?(?:remote )?(?:state|backend) (?:S3 )?bucket(?: for (?:Terraform )?state)?(?:{MADE}|{IS_SET})"
        rf"|S3 (?:backend )?bucket for (?:the )?Terraform state(?:{MADE}|{IS_SET})",
        aws("s3", "list_buckets", "Buckets[].Name", {"contains": "{bucket}"}),
        THERE,
        ("Terraform state bucket created", "Terraform backend S3 bucket exists"),
        ("State bucket discussed", "Bucket list created"),
        names={"bucket": Name("Which bucket?", option="--bucket", code=True)},
    ),
    Rule(
        "database that is encrypted",
        r"(?:database|DB)(?: storage| instance)? (?:encryption|encrypted)(?: at rest)?(?: (?:is )?(?:enabled|on"
        r"|configured))?(?<!encryption)",
        _ENCRYPTED,
        "encrypted at rest, not: with which key",
        ("Database encryption at rest enabled", "Database encrypted at rest"),
        ("Database encryption discussed", "Database encryption", "Data encrypted"),
        names=_DATABASE,
        document=r"\bRDS\b|\bAurora\b",
    ),
    Rule(
        "image pushed to ECR",
        r"(?:(?:the|Docker|container) )*(?:image )?(?:(?:is|has been) )?(?:built,? (?:and |& )?"
        r"|tagged,? (?:and |& )?)*pushed to (?:the )?(?:Amazon |AWS )?ECR"
        r"(?: repository)?|(?:re-?)?push (?:(?:the|new|Docker|container)"
        r" )*(?:image )?to (?:the )?(?:Amazon |AWS )?ECR",
        IN_ECR,
        "there under this tag, not: built from which commit",
        ("Push to ECR", "Docker image built and pushed to ECR", "Pushed to ECR"),
        ("Image of the brand pushed", "Pushed to Docker Hub"),
        names=IMAGE,
        around=r"\bECR\b",
    ),
    Rule(
        "health of a load balancer's targets",
        r"(?:ALB|NLB|(?:application )?load balancer|target group)(?:'s)? health[- ]?checks?(?: (?:is|are|status))*"
        r" (?:pass(?:es|ing|ed)?|healthy|green|successful|ok)",
        aws(
            "elbv2",
            "describe_target_health",
            some_and_none("TargetHealthDescriptions", "TargetHealthDescriptions[?TargetHealth.State!='healthy']"),
            HOLDS,
            TargetGroupArn="{target-group-arn}",
        ),
        "the targets answer the group's own check, not: that they answer right",
        ("ALB health checks passing", "Load balancer health check passing"),
        ("Load balancer health check tuned", "Health checks of the ALB designed"),
        names=_TARGETS,
    ),
    Rule(
        "mail beyond the sandbox",
        r"(?:Amazon |AWS )?SES(?: account| is| has| moved| taken)*(?: out of (?:the )?sandbox(?: mode)?| production"
        r" access(?: (?:is )?(?:enabled|granted|active))?)",
        aws("sesv2", "get_account", "ProductionAccessEnabled", {"equals": True}),
        "this account may, in one region, not: how much",
        ("SES out of sandbox mode", "SES production access granted"),
        ("SES sandbox explained", "SES production planned"),
    ),
    Rule(
        "volumes encrypted by default",
        r"(?=.*\bdefault\b)EBS(?: volumes?)?(?: default)? encryption(?: by default)?(?: is)? (?:enabled|on|configured)"
        r"(?: by default)?",
        aws("ec2", "get_ebs_encryption_by_default", "EbsEncryptionByDefault", {"equals": True}),
        "new volumes of this region are, not: older ones",
        ("EBS encryption enabled by default", "EBS default encryption is on"),
        ("EBS encryption discussed", "EBS volumes bought", "EBS volume encryption enabled"),
    ),
    Rule(
        "search domain",
        rf"(?:Amazon |AWS )?(?:OpenSearch|Elasticsearch)(?: Service)? (?:domain|cluster){MADE}",
        aws(
            "opensearch", "describe_domain", "DomainStatus.Processing", {"equals": False}, DomainName="{search-domain}"
        ),
        "there, and nothing of it is changing, not: that an index is there",
        ("OpenSearch domain active", "OpenSearch cluster created"),
        ("OpenSearch considered", "Domain created"),
        names={"search-domain": Name("What is the OpenSearch domain called?", option="--domain-name", code=True)},
    ),
    Rule(
        "pipeline of AWS",
        rf"(?:AWS )?CodePipeline(?: pipeline)?(?:{MADE}|{IS_SET})",
        aws("codepipeline", "list_pipelines", "pipelines[].name", {"contains": "{pipeline}"}),
        "there, not: that its last run succeeded",
        ("CodePipeline created", "CodePipeline pipeline exists"),
        ("CodePipeline explained", "Pipeline created"),
        names={"pipeline": Name("What is the pipeline called?", option="--name", code=True)},
    ),
    Rule(
        "shell into tasks",
        r"ECS Exec(?: is)? (?:enabled|on|configured)(?: (?:for|on) [\w -]+)?",
        aws(
            "ecs",
            "describe_services",
            "services[0].enableExecuteCommand",
            {"equals": True},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "new tasks allow it, not: that the role does",
        ("ECS Exec enabled", "ECS Exec is on for the service"),
        ("ECS execution reviewed", "Exec enabled"),
        names={
            "ecs-cluster": Name("What is the ECS cluster called?", option="--cluster"),
            "ecs-service": Name("What is the ECS service called?", option="--services", code=True),
        },
    ),
    Rule(
        "service with running tasks",
        r"ECS service(?: (?:has|shows?|with))(?: (?:a|at least one|some))? (?:running|healthy) tasks?",
        aws(
            "ecs",
            "describe_services",
            "services[0].runningCount",
            {"at-least": 1},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "one runs now, not: as many as asked",
        ("Check ECS service has running task", "ECS service shows running tasks"),
        ("ECS service has running costs", "Service has tasks"),
        names={
            "ecs-cluster": Name("What is the ECS cluster called?", option="--cluster"),
            "ecs-service": Name("What is the ECS service called?", option="--services", code=True),
        },
    ),
    Rule(
        "variable of a task definition",
        r"(?P<variable>(?-i:[A-Z][A-Z0-9_]*[A-Z0-9])) set in the task definition",
        aws(
            "ecs",
            "describe_task_definition",
            "taskDefinition.containerDefinitions[].[environment[].name, secrets[].name][][]",
            {"contains": "$variable"},
            taskDefinition="{task-definition}",
        ),
        "there by its name, not: its value",
        ("`DATABASE_URL` set in the task definition", "`LOG_LEVEL` set in the task definition"),
        ("Variables set in the task definition", "`DATABASE_URL` removed from the task definition"),
        names={"task-definition": Name("What is the task definition called?", option="--task-definition", code=True)},
    ),
    Rule(
        "logs of a control plane",
        r"(?:EKS )?(?:control plane|cluster) logging(?: is)? (?:enabled|on|configured)",
        aws(
            "eks",
            "describe_cluster",
            "cluster.logging.clusterLogging[?enabled].types[]",
            "present",
            name="{eks-cluster}",
        ),
        "some kind of them is on, not: each, and not that somebody reads them",
        ("EKS control plane logging enabled", "Enable EKS control plane logging"),
        ("EKS control plane logs read", "Logging discussed"),
        names={"eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True)},
        around=r"\bEKS\b",
    ),
)
