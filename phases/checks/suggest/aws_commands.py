"""Does a read command of the AWS CLI in an item, or in its block, say which check it is? The surest source there is.

Rules:
- Service, operation and parameters are held against AWS's models; what does not fit is no proposal.
- What is looked at is the command's own `--query`, or what KNOWN has for the operation: no list that may be empty.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from phases.checks.api_model import ApiModels, ApiOperation, ApiShape
from phases.checks.suggest.checklist import Block, ListedItem, Words
from phases.checks.suggest.clause import without_code
from phases.checks.suggest.proposal import Entry
from state.json_values import Json

# (service, operation) -> what is looked at, and what it must be
KNOWN: Mapping[tuple[str, str], tuple[str, Json]] = {
    ("sts", "get_caller_identity"): ("Account", "present"),
    ("dynamodb", "describe_table"): ("Table.TableStatus", {"equals": "ACTIVE"}),
    ("dynamodb", "describe_time_to_live"): ("TimeToLiveDescription.TimeToLiveStatus", {"equals": "ENABLED"}),
    ("cloudformation", "describe_stacks"): (
        "Stacks[0].StackStatus",
        {"one-of": ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"]},
    ),
    ("ecs", "describe_services"): (
        "length(services) > `0` && length(services[?runningCount!=desiredCount || desiredCount==`0`]) == `0`",
        {"equals": True},
    ),
    ("ecs", "describe_clusters"): ("clusters[0].status", {"equals": "ACTIVE"}),
    ("ecs", "describe_task_definition"): ("taskDefinition.status", {"equals": "ACTIVE"}),
    ("ecr", "describe_images"): ("imageDetails[].imageDigest", "present"),
    ("eks", "describe_cluster"): ("cluster.status", {"equals": "ACTIVE"}),
    ("rds", "describe_db_instances"): ("DBInstances[0].DBInstanceStatus", {"equals": "available"}),
    ("elbv2", "describe_target_health"): (
        "length(TargetHealthDescriptions) > `0` && "
        "length(TargetHealthDescriptions[?TargetHealth.State!='healthy']) == `0`",
        {"equals": True},
    ),
    ("lambda", "get_function_configuration"): ("State", {"equals": "Active"}),
    ("iam", "get_role"): ("Role.Arn", "present"),
    ("s3api", "get_bucket_versioning"): ("Status", {"equals": "Enabled"}),
    ("acm", "describe_certificate"): ("Certificate.Status", {"equals": "ISSUED"}),
    ("secretsmanager", "describe_secret"): ("Name", "present"),
    ("cognito-idp", "describe_user_pool"): ("UserPool.Id", "present"),
}
# what a field is where all is well; of other states and counts nobody knows it
_AS_IT_SHOULD: Mapping[str, str] = {
    "PointInTimeRecoveryStatus": "ENABLED",
    "TimeToLiveStatus": "ENABLED",
    "TableStatus": "ACTIVE",
}
_TELLS = re.compile(r"length\(|(?i:status|state|count|enabled|health)\w*[\]}]*$|Status:|State:")
_CALL = re.compile(
    r"^aws (?P<service>[a-z0-9-]+) (?P<operation>(?:describe|get|list|head)-[a-z0-9-]+)(?P<rest>(?: .*)?)$"
)
_SAYS_WHAT = re.compile(
    r"(?i)\d|\b(?:status|state|count|only|remain\w*|match\w*|correct|right|account (?:id|number)|equals?)\b"
)
_NOT_PARAMETERS = ("--output", "--profile", "--no-cli-pager", "--region", "--query", "--no-paginate")
_BLANK = re.compile(r"<([A-Za-z][\w .:/-]*)>|\$\{?([A-Za-z_]\w*)\}?|\{([A-Za-z_][\w-]*)\}|\[([A-Za-z][\w -]*)\]")

_VARIABLE = re.compile(r"<([A-Za-z][\w .:/-]*)>|\$\{?([A-Za-z_]\w*)\}?")  # brackets and braces are the query's


def aws_command_in(item: ListedItem) -> tuple[str, Words] | None:
    """The one read command of the AWS CLI in an item or in the block below it, and where."""
    inline = [each for each in item.code if _CALL.match(each)]
    if inline:
        return (inline[0], item.words) if len(inline) == 1 else None
    below = [line for block in item.own for line in _commands_of(block)]
    if len(below) != 1 or not _CALL.match(below[0].text):
        return None
    return below[0].text, below[0]


def _commands_of(block: Block) -> Iterator[Words]:
    """The lines of a block, a continued one as one, without comments and prompts."""
    for number, line in enumerate(block.text.replace("\\\n", " ").split("\n")):
        command = line.strip().removeprefix("$ ")
        if command and not command.startswith("#"):
            yield Words(command, "block", block.line + number)


def aws_check_of(command: str, models: ApiModels) -> tuple[Entry, Mapping[str, str]] | None:
    """The check that a read command of the AWS CLI is, and its open questions."""
    call = _CALL.match(command)
    if call is None or _goes_on(call):
        return None
    asks: dict[str, str] = {}
    operation, options = _operation(call, models), _options(call, asks)
    if operation is None or options is None:
        return None
    parameters = _parameters(operation, options)
    if parameters is None:
        return None
    entry: dict[str, Json] = {"service": operation.service, "operation": operation.name}
    if parameters:
        entry["parameters"] = parameters
    looked_at = _looked_at((call["service"], operation.name), _one(options, "--query"), entry)
    if looked_at is None:
        return None
    entry["expression"], entry["expect"] = looked_at
    if region := _one(options, "--region"):
        entry["region"] = region
    return entry, asks


def tells_more(item: ListedItem, entry: Entry) -> bool:
    """Whether the item says what the answer is to be, and the check only asks that there is one."""
    said = without_code(item.text)
    return entry["expect"] == "present" and _SAYS_WHAT.search(said) is not None


def _goes_on(call: re.Match[str]) -> bool:
    """Whether the answer goes into a pipe or a file."""
    return "|" in call["rest"] or ">" in _BLANK.sub("", call["rest"])


def _operation(call: re.Match[str], models: ApiModels) -> ApiOperation | None:
    """The operation in AWS's models; None where they have none of that name."""
    service, operation = call["service"].replace("s3api", "s3"), call["operation"].replace("-", "_")
    if service not in models.services() or operation not in models.operations(service):
        return None
    return models.operation(service, operation)


def _looked_at(known_as: tuple[str, str], query: str, entry: Mapping[str, Json]) -> tuple[str, Json] | None:
    """What of the answer is looked at, and what it must be; None where the answer may be empty and prove nothing."""
    known = KNOWN.get(known_as, ("", None))
    same = query.rsplit(".", 1)[-1] == known[0].rsplit(".", 1)[-1]
    if query and not same:
        field = query.rsplit(".", 1)[-1]
        if field in _AS_IT_SHOULD:
            return query, {"equals": _AS_IT_SHOULD[field]}
        return None if _TELLS.search(query) else (query, "present")
    about_something = query or "parameters" in entry or entry["service"] == "sts"
    return known if known[0] and about_something else None


def _one(options: Mapping[str, list[str]], name: str) -> str:
    """The first value of an option; "" where it is not given."""
    return options.get(name, [""])[0]


def _options(call: re.Match[str], asks: dict[str, str]) -> dict[str, list[str]] | None:
    """Each option with its values, blanks as placeholders that `asks` takes; None where it cannot be read."""
    blanks = _VARIABLE if "--query" in call["rest"] else _BLANK
    try:
        return _by_option(shlex.split(blanks.sub(lambda blank: _asked(blank, asks), call["rest"])))
    except ValueError:
        return None


def _by_option(words: list[str]) -> dict[str, list[str]] | None:
    """Each option with its values; None for words that belong to none."""
    options: dict[str, list[str]] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            options[name] = [value] if equals else []
        elif not name:
            return None
        else:
            options[name].append(word)
    return options


def _parameters(operation: ApiOperation, options: Mapping[str, list[str]]) -> dict[str, Json] | None:
    members = {} if operation.parameters is None else operation.parameters.members
    named = {name.lower(): name for name in members}
    parameters: dict[str, Json] = {}
    for option, values in options.items():
        if option in _NOT_PARAMETERS:
            continue
        name = named.get(option.removeprefix("--").replace("-", ""))
        if name is None or not values:
            return None
        value = _value(members[name], values)
        if value is None:
            return None
        parameters[name] = value
    return parameters


def _value(shape: ApiShape, values: list[str]) -> Json:
    """What an option's values are to the parameter; None where it is neither a list of words nor one word."""
    if shape.kind == "list" and not any("=" in each or "{" in each[1:] for each in values):
        return list(values)
    return values[0] if shape.kind == "string" and len(values) == 1 else None


def _asked(blank: re.Match[str], asks: dict[str, str]) -> str:
    written = next(each for each in blank.groups() if each)
    name = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-") or "value"
    asks[name] = f"What is {blank[0]}?"
    return f"{{{name}}}"
