"""Rules for AWS: what one thing is set to that the item names, in words that would say too little without its name."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, LAMBDA, MEMORY_AND_TIMEOUT, THERE, aws

_FUNCTION = ("function", "Which Lambda function is {}?", r"[\w:/-]+")
_IN_STATE = r"(?: (?:is|has|status|status is|in|in state))*"


def _rule(
    name: str,
    head: str,
    check: Entry,
    unproved: str,
    examples: tuple[str, ...],
    counters: tuple[str, ...],
    asked: tuple[str, str, str],
    *,
    remark: str = "",
    around: str = "",
) -> Rule:
    """A rule for a thing that is asked for as (placeholder, question, form), and spelt by the item."""
    placeholder, question, form = asked
    group = "function" if placeholder == "function" else ""
    names = {placeholder: Name(question, code=True, pattern=form, group=group, option=_OPTIONS.get(placeholder, ""))}
    return Rule(name, head, check, unproved, examples, counters, remark=remark, around=around, names=names, named=True)


_OPTIONS = {
    "function": "--function-name",
    "stack": "--stack-name",
    "eks-cluster": "--name",
    "dashboard": "--dashboard-name",
}
_STACK = ("stack", "What is the stack called?", r"[A-Za-z][\w-]*")
_EKS = ("eks-cluster", "What is the EKS cluster called?", r"[A-Za-z][\w-]*")


RULES = (
    _rule(
        "named function of a size",
        rf"{LAMBDA}(?: (?:is|has been))?(?: (?:deployed|created|active|configured))?",
        MEMORY_AND_TIMEOUT,
        "set so, not: that it is enough",
        ("Function `writer` deployed (1024 MB, 60s timeout)", "Lambda `writer` (256MB, 30s)"),
        ("Function `writer` (1024 MB)", "Function `writer` deployed"),
        _FUNCTION,
        remark=r"^(?P<memory>\d{3,5}) ?(?:MB|MiB),? (?P<timeout>\d{1,3}) ?s(?:ec|econds)?(?: timeout)?$",
    ),
    _rule(
        "architecture of a function",
        rf"{LAMBDA}(?: (?:runs|is|uses|on))*(?: (?:the )?architecture:?)? (?P<arch>arm64|x86_64)(?: architecture)?",
        aws("lambda", "get_function_configuration", "Architectures", {"contains": "$arch"}, FunctionName="{function}"),
        "this architecture, not: that the code runs on it",
        ("Lambda `writer` runs on arm64", "Function `writer` uses x86_64 architecture"),
        ("Lambda `writer` moved to arm64", "Lambda runs on arms"),
        _FUNCTION,
    ),
    _rule(
        "named function on a runtime",
        rf"{LAMBDA}(?: (?:is|runs|uses|on|with))* (?:the )?(?P<runtime>(?:python|nodejs|java|dotnet|ruby)\d[\w.]*)"
        r"(?: runtime)?",
        aws("lambda", "get_function_configuration", "Runtime", {"equals": "$runtime"}, FunctionName="{function}"),
        "this runtime, not: that the code runs in it",
        ("Lambda `writer` on python3.12 runtime", "Function `writer` runs on nodejs20.x"),
        ("Lambda `writer` upgraded to python3.12", "Function `writer` written in python"),
        _FUNCTION,
    ),
    _rule(
        "termination protection",
        rf"(?:(?:CloudFormation )?stack )?termination protection{IS_SET}(?: (?:for|on) (?:the )?stack)?"
        r"|(?:CloudFormation )?stack(?: has)? termination protection(?: (?:is )?(?:enabled|on))?",
        aws(
            "cloudformation",
            "describe_stacks",
            "Stacks[0].EnableTerminationProtection",
            {"equals": True},
            StackName="{stack}",
        ),
        "on, not: for the resources in it",
        ("Stack `shop` has termination protection enabled", "Termination protection enabled for stack `shop`"),
        ("Termination protection discussed for `shop`", "Stack `shop` protection reviewed"),
        _STACK,
    ),
    _rule(
        "version of an EKS cluster",
        rf"(?:EKS )?cluster{_IN_STATE}(?: ACTIVE)? (?:on|with|at|running|runs)"
        r"(?: (?:kubernetes|k8s|version))* v?(?P<version>1\.\d\d)",
        aws(
            "eks",
            "describe_cluster",
            "cluster.{s: status, v: version}",
            {"equals": {"s": "ACTIVE", "v": "$version"}},
            name="{eks-cluster}",
        ),
        "active on this version, not: its nodes",
        ("EKS cluster `shop` is ACTIVE on 1.29", "EKS cluster `shop` running version 1.30"),
        ("EKS cluster `shop` upgraded", "EKS cluster `shop` planned on 1.29"),
        _EKS,
        around=r"\bEKS\b",
    ),
    _rule(
        "named dashboard",
        rf"(?:CloudWatch )?dashboard{IS_SET}",
        aws("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", {"contains": "{dashboard}"}),
        THERE,
        ("CloudWatch dashboard `shop` exists", "CloudWatch dashboard `shop` in place"),
        ("Dashboard `shop` created in Grafana", "Dashboard `shop` reviewed"),
        ("dashboard", "What is the dashboard called?", r"[\w-]+"),
        around=r"CloudWatch",
    ),
    _rule(
        "visibility of a queue",
        r"(?:SQS )?queue(?: has)?(?: a)? visibility time-?out(?: (?:of|is|set to))*:?"
        r" (?P<seconds>\d+) ?s(?:ec|econds)?",
        aws(
            "sqs",
            "get_queue_attributes",
            "Attributes.VisibilityTimeout",
            {"equals": "$seconds"},
            QueueUrl="{queue-url}",
            AttributeNames=["VisibilityTimeout"],
        ),
        "set so, not: that it is long enough",
        ("Queue `jobs` visibility timeout 360 s", "SQS queue `jobs` has a visibility timeout of 30 seconds"),
        ("Queue `jobs` visibility discussed", "Queue `jobs` timeout 30 minutes"),
        ("queue-url", "What is the URL of the queue?", r"https://.+"),
    ),
    _rule(
        "named parameter",
        rf"(?:SSM )?parameter{IS_SET}",
        aws("ssm", "describe_parameters", "Parameters[].Name", {"contains": "{parameter}"}),
        "there by its name, not: its value, which is never read",
        ("Parameter `/shop/quality` exists", "SSM parameter `/shop/url` is set"),
        ("Parameters of the model set", "Parameter `/shop/url` agreed"),
        ("parameter", "What is the parameter called?", r"/[\w./-]+"),
    ),
    _rule(
        "VPC by its name",
        rf"VPC{IS_SET}(?: with (?:the )?CIDR(?: block)? (?P<cidr>\d+\.\d+\.\d+\.\d+/\d+))",
        aws(
            "ec2",
            "describe_vpcs",
            "Vpcs[].CidrBlock",
            {"contains": "$cidr"},
            Filters=[{"Name": "tag:Name", "Values": ["{vpc-name}"]}],
        ),
        "there with these addresses, not: what is in it",
        ("VPC `shop` exists with CIDR 10.20.0.0/16", "VPC `shop` created with CIDR block 10.0.0.0/16"),
        ("VPC `shop` exists", "VPC `shop` planned with CIDR 10.0.0.0/16"),
        ("vpc-name", "What is the VPC called?", r"[A-Za-z][\w-]*"),
    ),
)
