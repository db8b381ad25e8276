"""Rules for AWS: several things of a kind that nobody names one by one; they begin with one name, which is asked for.

There are some of them is what these prove: none of them says that each that is needed is there.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import aws
from state.json_values import Json

_ARE = (
    r"(?: (?:is|are|have been))?(?: successfully)? (?:created|deployed|exist|provisioned|in place|present|there|set ?up"
    r"|configured|defined)"
)
_OF = r"(?:(?:all|required|necessary|AWS|Amazon) )*"


def _some(
    kind: str, head: str, call: tuple[str, str, str], words: tuple[str, ...], *, around: str = "", **parameters: Json
) -> Rule:
    """Some whose names begin alike; `call`: service, operation, and the expression, `{}` for the beginning."""
    service, operation, expression = call
    name = f"{kind.replace(' ', '-')}-prefix"
    return Rule(
        f"some {kind}s",
        rf"{_OF}{head}",
        aws(service, operation, expression.replace("{}", f"{{{name}}}"), "present", **parameters),
        "some are there whose names begin so, not: each that is needed",
        words[:2],
        words[2:],
        names={name: Name(f"With what do the names of the {kind}s begin?")},
        around=around,
    )


RULES = (
    _some(
        "bucket",
        rf"S3 buckets{_ARE}",
        ("s3", "list_buckets", "Buckets[?starts_with(Name, '{}')].Name"),
        ("S3 buckets created", "Required S3 buckets exist", "S3 buckets reviewed", "Bucket lists created"),
    ),
    _some(
        "function",
        rf"(?:Lambda functions|Lambdas){_ARE}",
        ("lambda", "list_functions", "Functions[?starts_with(FunctionName, '{}')].FunctionName"),
        ("All Lambda functions deployed", "Lambda functions created", "Lambda functions sized", "Functions defined"),
    ),
    _some(
        "table",
        rf"DynamoDB tables{_ARE}",
        ("dynamodb", "list_tables", "TableNames[?starts_with(@, '{}')]"),
        ("DynamoDB tables created", "All DynamoDB tables exist", "DynamoDB tables designed", "Tables created"),
    ),
    _some(
        "registry",
        rf"ECR repositories{_ARE}",
        ("ecr", "describe_repositories", "repositories[?starts_with(repositoryName, '{}')].repositoryName"),
        ("ECR repositories created", "ECR repositories exist", "ECR repositories sized", "Repositories created"),
    ),
    _some(
        "dashboard",
        rf"CloudWatch dashboards{_ARE}",
        ("cloudwatch", "list_dashboards", "DashboardEntries[?starts_with(DashboardName, '{}')].DashboardName"),
        ("CloudWatch dashboards created", "CloudWatch dashboards set up", "Dashboards reviewed", "Dashboards created"),
    ),
    _some(
        "target group",
        rf"target groups{_ARE}",
        ("elbv2", "describe_target_groups", "TargetGroups[?starts_with(TargetGroupName, '{}')].TargetGroupArn"),
        ("Target groups created", "All target groups created", "Target groups interviewed", "Groups created"),
    ),
    _some(
        "queue",
        rf"SQS queues{_ARE}",
        ("sqs", "list_queues", "QueueUrls"),
        ("SQS queues created", "SQS queues configured", "SQS queues drained", "Queues created"),
        QueueNamePrefix="{queue-prefix}",
    ),
    _some(
        "event rule",
        rf"EventBridge rules{_ARE}",
        ("events", "list_rules", "Rules[?State=='ENABLED'].Name"),
        ("EventBridge rules configured", "All EventBridge rules created", "EventBridge rules read", "Rules enabled"),
        NamePrefix="{event-rule-prefix}",
    ),
    _some(
        "secret",
        r"(?:(?:application|database|production|API) )*secrets(?: (?:is|are|have been))?(?: (?:stored|created|exist"
        r"|saved"
        r"|added))? in (?:the )?(?:AWS )?Secrets Manager",
        ("secretsmanager", "list_secrets", "SecretList[?starts_with(Name, '{}')].Name"),
        (
            "Secrets stored in AWS Secrets Manager",
            "All secrets created in Secrets Manager",
            "Secrets rotated in Secrets Manager",
            "Secrets stored in Vault",
        ),
    ),
    _some(
        "parameter",
        r"(?:SSM )?parameters(?: (?:is|are|have been))? (?:stored|created|exist|saved|added|configured|set)"
        r"(?: in (?:the )?(?:AWS )?(?:SSM|Systems Manager)?(?: ?Parameter Store)?)?",
        ("ssm", "describe_parameters", "Parameters[?starts_with(Name, '{}')].Name"),
        (
            "SSM parameters created",
            "Parameters set in SSM Parameter Store",
            "Parameters of the model set",
            "SSM parameters rotated",
        ),
        around=r"SSM|Parameter Store",
    ),
    _some(
        "role",
        rf"IAM roles{_ARE}",
        ("iam", "list_roles", "Roles[?starts_with(RoleName, '{}')].RoleName"),
        ("IAM roles created", "All IAM roles exist", "IAM roles follow least privilege", "Roles created"),
    ),
    Rule(
        "some security groups",
        rf"{_OF}security groups{_ARE}",
        aws(
            "ec2",
            "describe_security_groups",
            "SecurityGroups[?GroupName!='default' && IpPermissions].GroupId",
            "present",
            Filters=[{"Name": "vpc-id", "Values": ["{vpc}"]}],
        ),
        "some beside the default one are there and let something in, not: that only the right ones are let in",
        ("Security groups configured", "All security groups created"),
        ("Security groups reviewed", "Groups created"),
        names={"vpc": Name("What is the id of the VPC?", option="--vpc-id", pattern=r"vpc-[0-9a-f]+")},
    ),
)
