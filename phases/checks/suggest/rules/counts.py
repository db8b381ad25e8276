"""Rules for AWS: so many of a kind are there. How their names begin, or which VPC they are of, is asked, and they are
counted.

A remark in brackets that says more than nothing is not taken: it may name them.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import aws
from state.json_values import Json

_ARE = (
    r"(?: (?:is|are|have been))?(?: successfully)? (?:created|deployed|exists?|exist|provisioned|in place|present|there"
    r"|set ?up|configured|defined|available|active)"
)
_REGION = r"(?: in (?:[a-z]{2}-[a-z]+-\d|the (?:\w+ )?region))?"
_VPC = {"vpc": Name("What is the id of the VPC?", option="--vpc-id", pattern=r"vpc-[0-9a-f]+")}
_OF_VPC: Json = [{"Name": "vpc-id", "Values": ["{vpc}"]}]


def _begins(several: str) -> dict[str, Name]:
    name = f"{several.rpartition(' ')[2].lower()}-begin-with"
    return {name: Name(f"How do the names of these {several} begin?")}


def _rules(kind: str, words: str, of: Entry, names: dict[str, Name], unproved: str) -> tuple[Rule, ...]:
    """Exactly so many ("All 4 tables created", "Subnets show 6 subnets total"), and at least so many."""
    shown = kind.replace("the ", "")
    return (
        Rule(
            f"so many {kind}",
            rf"(?:all |the )?(?P<count>\d+) (?:total )?(?:{words}){_ARE}{_REGION}"
            rf"|(?:{words}) shows? (?P<count2>\d+) (?:{words}|\w+s)(?: total)?",
            {**of, "expect": {"equals": "#count_all"}},
            unproved,
            (f"All 4 {shown} created", f"4 {shown} deployed"),
            (f"4 {shown} reviewed", f"{shown} created", f"4 {shown} created (one for each team)"),
            names=names,
            remark=r"^$",
        ),
        Rule(
            f"at least so many {kind}",
            rf"(?:at least|minimum(?: of)?) (?P<count>\d+) (?:{words})(?:{_ARE})?{_REGION}",
            {**of, "expect": {"at-least": "#count"}},
            unproved,
            (f"At least 2 {shown}", f"At least 2 {shown} created"),
            (f"At least 2 {shown} drawn", "At least 2 people"),
            names=names,
            remark=r"^$",
        ),
    )


RULES = (
    *_rules(
        "DynamoDB tables",
        r"DynamoDB tables",
        aws("dynamodb", "list_tables", "length(TableNames[?starts_with(@, '{tables-begin-with}')])", 0),
        _begins("DynamoDB tables"),
        "so many have such names, not: that each is in service",
    ),
    *_rules(
        "Lambda functions",
        r"Lambda functions|Lambdas",
        aws("lambda", "list_functions", "length(Functions[?starts_with(FunctionName, '{functions-begin-with}')])", 0),
        _begins("Lambda functions"),
        "so many have such names, not: which, and not with the newest code",
    ),
    *_rules(
        "S3 buckets",
        r"S3 buckets",
        aws("s3", "list_buckets", "length(Buckets[?starts_with(Name, '{buckets-begin-with}')])", 0),
        _begins("S3 buckets"),
        "so many have such names, not: what is in them",
    ),
    *_rules(
        "SQS queues",
        r"SQS queues",
        aws("sqs", "list_queues", "length(QueueUrls)", 0, QueueNamePrefix="{queues-begin-with}"),
        _begins("SQS queues"),
        "so many have such names, not: what they are set to",
    ),
    *_rules(
        "SNS topics",
        r"SNS topics",
        aws("sns", "list_topics", "length(Topics[?contains(TopicArn, ':{topics-begin-with}')])", 0),
        _begins("SNS topics"),
        "so many have such names, not: that somebody reads them",
    ),
    *_rules(
        "ECR repositories",
        r"ECR (?:repositories|repos)",
        aws(
            "ecr",
            "describe_repositories",
            "length(repositories[?starts_with(repositoryName, '{repositories-begin-with}')])",
            0,
        ),
        _begins("ECR repositories"),
        "so many have such names, not: that they have images",
    ),
    *_rules(
        "CloudWatch alarms",
        r"CloudWatch alarms",
        aws(
            "cloudwatch",
            "describe_alarms",
            "length(MetricAlarms[?ActionsEnabled && length(AlarmActions) > `0`])",
            0,
            AlarmNamePrefix="{alarms-begin-with}",
        ),
        _begins("CloudWatch alarms"),
        "so many with such names have an action, not: what they look at",
    ),
    *_rules(
        "CloudFormation stacks",
        r"(?:CloudFormation|CDK) stacks",
        aws(
            "cloudformation",
            "describe_stacks",
            "length(Stacks[?starts_with(StackName, '{stacks-begin-with}')"
            " && contains(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'], StackStatus)])",
            0,
        ),
        _begins("CloudFormation stacks"),
        "so many with such names are settled, not: with the newest template",
    ),
    *_rules(
        "subnets",
        r"(?:VPC )?subnets",
        aws("ec2", "describe_subnets", "length(Subnets)", 0, Filters=_OF_VPC),
        _VPC,
        "so many are in this VPC, not: where their routes lead",
    ),
    *_rules(
        "public subnets",
        r"public subnets",
        aws("ec2", "describe_subnets", "length(Subnets[?MapPublicIpOnLaunch])", 0, Filters=_OF_VPC),
        _VPC,
        "so many of this VPC give public addresses, not: where their routes lead",
    ),
    *_rules(
        "private subnets",
        r"private subnets",
        aws("ec2", "describe_subnets", "length(Subnets[?!MapPublicIpOnLaunch])", 0, Filters=_OF_VPC),
        _VPC,
        "so many of this VPC give no public addresses, not: where their routes lead",
    ),
    *_rules(
        "security groups",
        r"(?:VPC )?security groups",
        aws("ec2", "describe_security_groups", "length(SecurityGroups[?GroupName!='default'])", 0, Filters=_OF_VPC),
        _VPC,
        "so many beside the default one are in this VPC, not: whom they let in",
    ),
    *_rules(
        "NAT gateways",
        r"NAT gateways",
        aws("ec2", "describe_nat_gateways", "length(NatGateways[?State=='available'])", 0, Filter=_OF_VPC),
        _VPC,
        "so many of this VPC are available, not: that routes lead to them",
    ),
)
