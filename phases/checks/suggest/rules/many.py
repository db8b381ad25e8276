"""Rules for AWS: several things of a kind that an item names by their kind alone; which these are is asked, and each
is looked at by its name.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import ACTING, ALARMS, LOG_GROUPS, aws
from state.json_values import Json

_ARE = (
    r"(?: (?:is|are|have been))?(?: successfully)? (?:created|deployed|exists?|provisioned|in place|present|there"
    r"|set ?up|configured|defined|available)"
)
_OF = r"(?:(?:all|required|necessary|AWS|Amazon|application|the|needed) )*"


def _each(
    kind: str,
    head: str,
    call: tuple[str, str, str],
    words: tuple[str, ...],
    *,
    around: str = "",
    ask: str = "",
    unproved: str = "each of these is there, not: as somebody wants it",
    also: dict[str, Name] | None = None,
    **parameters: Json,
) -> Rule:
    """Each of several, by name; `call`: service, operation, and the expression that gives their names."""
    service, operation, expression = call
    name = kind.lower().replace(" ", "-")
    return Rule(
        f"each of the {kind}",
        rf"{_OF}{head}",
        aws(service, operation, expression, {"contains-each": f"{{{name}}}"}, **parameters),
        unproved,
        words[:2],
        words[2:],
        names={name: Name(ask or f"Which {kind}, with spaces between them?", many=True), **(also or {})},
        around=around,
    )


_VPC = {"vpc": Name("What is the id of the VPC?", option="--vpc-id", pattern=r"vpc-[0-9a-f]+")}
_OF_VPC: Json = [{"Name": "vpc-id", "Values": ["{vpc}"]}]

RULES = (
    _each(
        "buckets",
        rf"S3 buckets{_ARE}",
        ("s3", "list_buckets", "Buckets[].Name"),
        (
            "S3 buckets created",
            "Required S3 buckets exist",
            "S3 buckets reviewed",
            "Bucket lists created",
            "S3 buckets created and encrypted",
        ),
    ),
    _each(
        "functions",
        rf"(?:Lambda functions|Lambdas){_ARE}",
        ("lambda", "list_functions", "Functions[].FunctionName"),
        (
            "All Lambda functions deployed",
            "Lambda functions created",
            "Lambda functions sized",
            "Functions defined",
            "Lambda functions deployed and tested",
        ),
    ),
    _each(
        "tables",
        rf"DynamoDB tables{_ARE}",
        ("dynamodb", "list_tables", "TableNames"),
        (
            "DynamoDB tables created",
            "DynamoDB tables `orders` and `users` exist",
            "DynamoDB tables designed",
            "Tables created",
        ),
    ),
    _each(
        "repositories",
        rf"ECR (?:repositories|repos){_ARE}",
        ("ecr", "describe_repositories", "repositories[].repositoryName"),
        (
            "ECR repositories created (api, workers)",
            "ECR repositories exist",
            "ECR repositories sized",
            "Repositories created",
        ),
    ),
    _each(
        "dashboards",
        rf"CloudWatch dashboards{_ARE}",
        ("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
        ("CloudWatch dashboards created", "CloudWatch dashboards set up", "Dashboards reviewed", "Dashboards created"),
    ),
    _each(
        "target groups",
        rf"(?:ALB |NLB )?target groups{_ARE}",
        ("elbv2", "describe_target_groups", "TargetGroups[].TargetGroupName"),
        ("Target groups created", "All target groups created", "Target groups interviewed", "Groups created"),
        unproved="each of these is there, not: that its targets are healthy",
    ),
    _each(
        "queue URLs",
        rf"SQS queues{_ARE}",
        ("sqs", "list_queues", "QueueUrls"),
        ("SQS queues created", "SQS queues configured", "SQS queues drained", "Queues created"),
        ask="What are the URLs of the queues, with spaces between them?",
    ),
    _each(
        "topic ARNs",
        rf"SNS topics{_ARE}",
        ("sns", "list_topics", "Topics[].TopicArn"),
        ("SNS topics created", "SNS topics configured", "SNS topics discussed", "Topics of the talk set"),
        ask="What are the ARNs of the topics, with spaces between them?",
    ),
    _each(
        "event rules",
        rf"EventBridge rules(?:{_ARE}| (?:are )?enabled)",
        ("events", "list_rules", "Rules[?State=='ENABLED'].Name"),
        ("EventBridge rules configured", "All EventBridge rules created", "EventBridge rules read", "Rules enabled"),
        unproved="each of these is enabled, not: that its target does what it should",
    ),
    _each(
        "secrets",
        r"(?:(?:application|database|production|API) )*secrets(?: (?:is|are|have been))?(?: (?:stored|created|exist"
        r"|saved|added))? in (?:the )?(?:AWS )?Secrets Manager",
        ("secretsmanager", "list_secrets", "SecretList[].Name"),
        (
            "Secrets stored in AWS Secrets Manager",
            "All secrets created in Secrets Manager",
            "Secrets rotated in Secrets Manager",
            "Secrets stored in Vault",
        ),
        unproved="each of these is there by its name, not: its value, which is never read",
    ),
    _each(
        "parameters",
        r"(?:SSM )?parameters(?: (?:is|are|have been))? (?:stored|created|exist|saved|added|configured|set)"
        r"(?: in (?:the )?(?:AWS )?(?:SSM|Systems Manager)?(?: ?Parameter Store)?)?",
        ("ssm", "describe_parameters", "Parameters[].Name"),
        (
            "SSM parameters created",
            "Parameters set in SSM Parameter Store",
            "Parameters of the model set",
            "SSM parameters rotated",
        ),
        around=r"SSM|Parameter Store",
        unproved="each of these is there by its name, not: its value, which is never read",
    ),
    _each(
        "roles",
        rf"IAM roles{_ARE}",
        ("iam", "list_roles", "Roles[].RoleName"),
        ("IAM roles created", "All IAM roles exist", "IAM roles follow least privilege", "Roles created"),
        unproved="each of these is there, not: what it may do",
    ),
    _each(
        "security groups",
        rf"(?:VPC )?security groups{_ARE}",
        ("ec2", "describe_security_groups", "SecurityGroups[].GroupName"),
        ("Security groups created", "All security groups exist", "Security groups reviewed", "Groups created"),
        ask="What are the security groups called, with spaces between them?",
        unproved="each of these is there, not: whom it lets in",
        also=_VPC,
        Filters=_OF_VPC,
    ),
    _each(
        "services with an endpoint",
        rf"VPC endpoints{_ARE}",
        ("ec2", "describe_vpc_endpoints", "VpcEndpoints[].ServiceName"),
        ("VPC endpoints configured", "VPC endpoints created", "VPC endpoints discussed", "Endpoints created"),
        ask="Which services have an endpoint (com.amazonaws.eu-west-1.s3), with spaces between them?",
        unproved="each of these has one, not: that routes and policies let traffic through it",
        also=_VPC,
        Filters=_OF_VPC,
    ),
    _each(
        "stacks",
        r"(?:CloudFormation|CDK) stacks(?: (?:are|have been))?(?: successfully)? (?:created|deployed|updated|complete)",
        (
            "cloudformation",
            "describe_stacks",
            "Stacks[?contains(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'], StackStatus)].StackName",
        ),
        (
            "CloudFormation stacks deployed",
            "All CDK stacks deployed successfully",
            "CloudFormation stacks reviewed",
            "Stacks of paper created",
        ),
        unproved="each of these is settled, not: with the newest template",
    ),
    _each(
        "RDS instances",
        r"RDS (?:database )?instances(?: (?:is|are))? (?:created|available|running|provisioned|up|ready)",
        ("rds", "describe_db_instances", "DBInstances[?DBInstanceStatus=='available'].DBInstanceIdentifier"),
        ("RDS instances available", "All RDS instances created", "RDS instances sized", "Instances available"),
        unproved="each of these is available, not: who can reach it",
    ),
    _each(
        "task definitions",
        r"(?:ECS )?task definitions(?: (?:are|have been))? (?:registered|created|exist)",
        ("ecs", "list_task_definition_families", "families"),
        (
            "Task definitions registered",
            "ECS task definitions created",
            "Task definitions reviewed",
            "Definitions of done created",
        ),
        unproved="each of these has an active revision, not: what it runs",
        status="ACTIVE",
    ),
    _each(
        "certificate domains",
        r"(?:ACM|AWS) (?:SSL |TLS |SSL/TLS )?certificates(?: (?:are|have been))? (?:issued|validated|valid)",
        ("acm", "list_certificates", "CertificateSummaryList[?Status=='ISSUED'].DomainName"),
        ("ACM certificates issued", "ACM certificates validated", "ACM certificates requested", "Certificates issued"),
        ask="For which domains are the certificates, with spaces between them?",
        unproved="each of these is issued, not: where it is used",
    ),
    _each(
        "add-ons of EKS",
        r"EKS (?:managed )?add-?ons(?: (?:are|have been))? (?:installed|created|configured|present|deployed)",
        ("eks", "list_addons", "addons"),
        ("EKS add-ons installed", "EKS managed addons configured", "EKS add-ons chosen", "Add-ons installed"),
        also={"eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True)},
        unproved="each of these is installed, not: that it works",
        clusterName="{eks-cluster}",
    ),
    _each(
        "state machines",
        rf"(?:Step Functions )state machines{_ARE}",
        ("stepfunctions", "list_state_machines", "stateMachines[].name"),
        (
            "Step Functions state machines deployed",
            "Step Functions state machines created",
            "State machines drawn",
            "Step Functions state machines reviewed",
        ),
    ),
    Rule(
        "log groups",
        r"(?:CloudWatch )?Log Groups(?: (?:are|have been))? (?:created|configured|exists?|set ?up|available)"
        r"(?: for all (?:Lambda )?functions)?",
        aws("logs", "describe_log_groups", "logGroups[].logGroupName", {"contains-each": "{log-groups}"}),
        "each of these is there, not: what stands in it",
        ("CloudWatch Log Groups created for all functions", "Log groups configured"),
        ("CloudWatch Log Groups verified", "Logs written"),
        names=LOG_GROUPS,
    ),
    Rule(
        "log retention in days",
        r"(?:CloudWatch )?logs? (?:group )?(?:has )?retention(?: period)?(?: (?:is|of|set|configured|to|for|at|:))* "
        r"(?P<days>\d+) days?(?: (?:for|on))?"
        r"|(?:CloudWatch )?log groups?(?: (?:exists?|created))? (?:with|has|have)(?: an?)? (?P<days2>\d+)[- ]days?(?:"
        r" of)? retention",
        aws(
            "logs",
            "describe_log_groups",
            "logGroups[?retentionInDays >= `$days_all`].logGroupName",
            {"contains-each": "{log-groups}"},
        ),
        "each of these keeps its lines so long, not: others",
        ("Log retention set to 30 days", "Log group `/ecs/shop` has 14-day retention"),
        ("Backup retention set to 30 days", "Log retention agreed"),
        names=LOG_GROUPS,
    ),
    Rule(
        "log retention of so many days",
        r"(?:CloudWatch )?logs? (?:group )?retention(?: (?:period|policy|policies))?(?: (?:is|are))?"
        r"(?: (?:set|configured|enabled))?",
        aws(
            "logs",
            "describe_log_groups",
            "logGroups[?retentionInDays >= `$days`].logGroupName",
            {"contains-each": "{log-groups}"},
        ),
        "each of these keeps its lines so long, not: others",
        ("Log retention configured (30 days)", "CloudWatch log retention set (14 days)"),
        ("Log retention configured", "Log retention agreed (30 days)", "Log retention configured (30 days minimum)"),
        names=LOG_GROUPS,
        remark=r"^(?P<days>\d+) days?$",
    ),
    Rule(
        "log retention",
        r"(?:CloudWatch )?logs? (?:group )?retention(?: (?:period|policy|policies))?(?: (?:is|are))? (?:set"
        r"|configured|adjusted|enabled)"
        r"(?: (?:to|for) (?:configured value|production|all (?:log )?groups))?",
        aws(
            "logs", "describe_log_groups", "logGroups[?retentionInDays].logGroupName", {"contains-each": "{log-groups}"}
        ),
        "a time is set for each of these, in whole days; not: which one somebody wants",
        (
            "Log retention set to configured value (default: 12 hours)",
            "Log retention adjusted for production (24+ hours)",
        ),
        ("Log retention agreed", "Data retention configured"),
        names=LOG_GROUPS,
    ),
    Rule(
        "alarms",
        r"(?:All )?(?:CloudWatch )(?:\w+ )?alarms (?:(?:are|have been) )?(?:configured|created|set ?up|enabled|active"
        r"|in place|exists?|defined|deployed|set|present)(?: for .+)?|(?:CloudWatch )?(?:monitoring and )?alarms"
        r" (?:are )?(?:configured|created|set ?up|in place|defined)"
        r"|monitoring confirmed|CloudWatch alarms (?:for|on) (?:[\w/-]+(?:, | and |/)?)+"
        r"(?: (?:usage|errors?|utilization|metrics))?",
        aws("cloudwatch", "describe_alarms", ACTING, {"contains-each": "{alarms}"}),
        "each of these is there and has an action, not: at the right threshold",
        ("CloudWatch alarms created", "CloudWatch alarms configured for errors", "CloudWatch alarms for CPU, memory"),
        ("CloudWatch Alarms verified", "Fire alarm tested", "Alarm clock set", "Alarms for the office"),
        names=ALARMS,
    ),
    Rule(
        "no alarm",
        r"(?:All )?(?:CloudWatch )?alarms(?: (?:is|are))? (?:in (?:the )?)?(?-i:OK)(?: state)?",
        aws(
            "cloudwatch", "describe_alarms", "MetricAlarms[?StateValue=='OK'].AlarmName", {"contains-each": "{alarms}"}
        ),
        "each of these is OK now, not: that it looks at the right thing",
        ("CloudWatch alarms in `OK` state (not `ALARM`)", "All alarms are OK"),
        ("CloudWatch alarms discussed", "Alarms are loud"),
        names=ALARMS,
    ),
    Rule(
        "no alarm that fires",
        r"no (?:active )?(?:CloudWatch )?alarms(?: are)?(?: (?:firing|in alarm|triggered|active|in ALARM state))?"
        r"|(?:CloudWatch )?alarms (?:are )?not (?:triggered|firing|in ALARM(?: state)?)",
        aws(
            "cloudwatch",
            "describe_alarms",
            "MetricAlarms[?StateValue!='ALARM'].AlarmName",
            {"contains-each": "{alarms}"},
        ),
        "none of these is in alarm now, though one may have no data yet; not: that it looks at the right thing",
        ("No CloudWatch alarms firing", "No CloudWatch alarms triggered"),
        ("No alarm clocks", "CloudWatch alarms discussed"),
        names=ALARMS,
    ),
)
