"""Which resource is behind an ARN, how is it configured, and is it in service?

A table of what can be described: reading operations only. A kind that is not in the table is listed, and said to be
not described.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypedDict

from phases.aws import AwsError, AwsPort, answer_of
from phases.aws_deploy.live.answers import PAUSES, entries
from phases.aws_deploy.live.released import released
from state.evidence import Verdict
from state.files import sha256

Body = Mapping[str, Any]  # a description: each kind of resource has its own


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:aws:lambda:eu-west-1:123456789012:function:orders`: service lambda, kind function, name orders."""

    text: str
    service: str
    kind: str
    name: str


class TaggedResource(TypedDict):
    """A resource that was found by its tags; `described`: its kind can be described here."""

    arn: str
    state: str
    described: bool


class Inventory(TypedDict):
    """What was there before the deployment; `services`: names of resources by service. Kept by phase 1."""

    region: str
    tagged: list[TaggedResource]
    services: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """How one kind of resource is described.

    Attributes:
        operation, parameter: the call, and where its name goes.
        body: picks the description out of the answer.
        state: picks the state; "" where the kind has none.
        good: states in which it is in service.
        by_arn: whether the call takes the ARN instead of the name.
    """

    operation: str
    parameter: str
    body: Callable[[Body], Body]
    state: Callable[[Body], str] = lambda _body: ""
    good: tuple[str, ...] = ("",)
    by_arn: bool = False
    several: bool = False  # the parameter takes a list


def _log_group(answer: Body) -> Body:
    # asked for by prefix, answered by name: the group itself comes before those that it is a prefix of
    return next(iter(answer["logGroups"]), {})


def _alarm(answer: Body) -> Body:
    return next(iter([*answer["MetricAlarms"], *answer.get("CompositeAlarms", ())]), {})


KINDS: Mapping[tuple[str, str], ResourceKind] = {
    ("dynamodb", "table"): ResourceKind(
        "describe_table", "TableName", lambda a: a["Table"], lambda b: str(b["TableStatus"]), ("ACTIVE",)
    ),
    ("lambda", "function"): ResourceKind(
        "get_function_configuration", "FunctionName", lambda a: a, lambda b: str(b["State"]), ("Active",)
    ),
    ("sns", ""): ResourceKind("get_topic_attributes", "TopicArn", lambda a: a["Attributes"], by_arn=True),
    ("logs", "log-group"): ResourceKind("describe_log_groups", "logGroupNamePrefix", _log_group),
    ("cloudwatch", "alarm"): ResourceKind("describe_alarms", "AlarmNames", _alarm, several=True),
    ("cloudwatch", "dashboard"): ResourceKind("get_dashboard", "DashboardName", lambda a: a),
    ("iam", "role"): ResourceKind("get_role", "RoleName", lambda a: a["Role"]),
    ("s3", ""): ResourceKind("get_bucket_encryption", "Bucket", lambda a: a["ServerSideEncryptionConfiguration"]),
    ("secretsmanager", "secret"): ResourceKind("describe_secret", "SecretId", lambda a: a, by_arn=True),
    ("kinesis", "stream"): ResourceKind(
        "describe_stream_summary",
        "StreamName",
        lambda a: a["StreamDescriptionSummary"],
        lambda b: str(b["StreamStatus"]),
        ("ACTIVE",),
    ),
    ("states", "stateMachine"): ResourceKind(
        "describe_state_machine", "stateMachineArn", lambda a: a, lambda b: str(b["status"]), ("ACTIVE",), by_arn=True
    ),
}
CLIENTS = {"states": "stepfunctions"}  # where an ARN's service is not the client's name

NOT_READ = "not read"  # among a resource's settings: why AWS did not say how it is configured

# service -> (operation, where the list is, where an entry's name is; "" when the entry is the name)
LISTINGS: Mapping[str, tuple[str, str, str]] = {
    "apigateway": ("get_rest_apis", "items", "name"),
    "apigatewayv2": ("get_apis", "Items", "Name"),
    "cloudformation": ("list_stacks", "StackSummaries", "StackName"),
    "cloudwatch": ("describe_alarms", "MetricAlarms", "AlarmName"),
    "dynamodb": ("list_tables", "TableNames", ""),
    "ec2": ("describe_security_groups", "SecurityGroups", "GroupName"),
    "ecs": ("list_clusters", "clusterArns", ""),
    "elbv2": ("describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    "events": ("list_rules", "Rules", "Name"),
    "glue": ("get_jobs", "Jobs", "Name"),
    "iam": ("list_roles", "Roles", "RoleName"),
    "kinesis": ("list_streams", "StreamNames", ""),
    "lambda": ("list_functions", "Functions", "FunctionName"),
    "logs": ("describe_log_groups", "logGroups", "logGroupName"),
    "rds": ("describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    "s3": ("list_buckets", "Buckets", "Name"),
    "sagemaker": ("list_endpoints", "Endpoints", "EndpointName"),
    "scheduler": ("list_schedules", "Schedules", "Arn"),  # a schedule's name is one within its group
    "secretsmanager": ("list_secrets", "SecretList", "Name"),
    "sns": ("list_topics", "Topics", "TopicArn"),
    "sqs": ("list_queues", "QueueUrls", ""),
    "stepfunctions": ("list_state_machines", "stateMachines", "name"),
}


def parse_arn(text: str) -> Arn:
    """The parts of an ARN; what it does not have is ""."""
    service, _, _, rest = (*text.split(":", 5)[2:], "", "", "", "")[:4]
    separator = min((at for at in (rest.find("/"), rest.find(":")) if at >= 0), default=-1)
    kind, name = (rest[:separator], rest[separator + 1 :]) if separator >= 0 else ("", rest)
    return Arn(text, service, kind, name.removesuffix(":*"))


def tagged(aws: AwsPort, tags: Mapping[str, str]) -> list[Arn]:
    """The region's resources that carry all of these tags, by ARN. Empty without tags.

    Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    if not tags:
        return []
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    found = entries(aws, "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", TagFilters=filters)
    return [parse_arn(arn) for arn in sorted({entry["ResourceARN"] for entry in found})]


def listed(aws: AwsPort, service: str, names: str) -> list[str]:
    """Names of the service's resources that match the shell pattern. Raises KeyError for a service without listing."""
    operation, place, key = LISTINGS[service]
    found = (str(entry[key] if key else entry) for entry in entries(aws, service, operation, place))
    return sorted({name for name in found if fnmatchcase(name.rpartition(":")[2].rpartition("/")[2], names)})


def describe(aws: AwsPort, arn: Arn) -> Body | None:
    """How it is configured, as JSON values; None for a kind that cannot be described here.

    Values of environment variables are replaced by their digest: they may be secrets. Raises NotFound, or as `call`.
    """
    kind = KINDS.get((arn.service, arn.kind))
    if kind is None:
        return None
    name = arn.text if kind.by_arn else arn.name
    service = CLIENTS.get(arn.service, arn.service)
    answer = aws.call(service, kind.operation, **{kind.parameter: [name] if kind.several else name})
    body: Body = json.loads(json.dumps(dict(kind.body(answer)), default=str, sort_keys=True))
    variables = (body.get("Environment") or {}).get("Variables")
    if variables:
        digests = {name: f"sha256 {sha256(value.encode())[:16]}" for name, value in variables.items()}
        body = {**body, "Environment": {"Variables": digests}}
    return answer_of(service, kind.operation, body)


@dataclass(frozen=True, slots=True)
class Described:
    """A resource, as far as AWS says how it is.

    Attributes:
        body: its description, None where there is none.
        state: as AWS says it, that it is there, or why nothing is known of it.
        verdict: pass: in service; fail: it is not; note: of a kind that is not described here; not-checked: AWS did
            not say.
    """

    arn: Arn
    body: Body | None
    state: str
    verdict: Verdict


def descriptions(aws: AwsPort, arns: list[Arn]) -> Iterator[Described]:
    """Each resource as it is now. Raises what pauses a run."""
    for arn in arns:
        try:
            body = describe(aws, arn)
            if body is None:
                what = f"{arn.service} {arn.kind}".strip()
                yield Described(arn, None, f"no description of this kind: {what}", "note")
                continue
            kind = KINDS[arn.service, arn.kind]
            state = kind.state(body) if body else "not there"
            yield Described(arn, body, state or "there", "pass" if state in kind.good else "fail")
        except PAUSES:
            raise
        except AwsError as error:
            yield Described(arn, None, error.message, "not-checked")


def configuration_of(aws: AwsPort, arns: list[Arn], mask: Callable[[str], str]) -> dict[str, object]:
    """ARN -> description and what is released of it, every text masked; `NOT_READ`: why AWS did not say.

    Kinds of which nothing is read are left out.
    """
    found: dict[str, object] = {}
    for each in descriptions(aws, arns):
        body: dict[str, object] = dict(each.body) if each.body else {}
        if not body and each.verdict != "note":
            body[NOT_READ] = each.state
        try:
            body |= released(aws, each.arn.service, each.arn.kind, each.arn.name)
        except PAUSES:
            raise
        except AwsError as error:
            body[NOT_READ] = error.message
        if body:
            found[each.arn.text] = _masked(body, mask)
    return found


def not_read(configuration: Mapping[str, object]) -> list[str]:
    """The ARNs of which AWS did not say everything."""
    return [arn for arn, body in configuration.items() if isinstance(body, dict) and NOT_READ in body]


def _masked(value: object, mask: Callable[[str], str]) -> object:
    if isinstance(value, dict):
        return {name: _masked(inner, mask) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, mask) for inner in value]
    return mask(value) if isinstance(value, str) else value
