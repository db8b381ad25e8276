"""Is it safe? Roles with no more than they need, encryption at rest, open ports, exposed endpoints.

Rules:
- Pure judgement over what AWS says; `security_checks` is the one that asks.
- What a policy's condition might narrow is not guessed at: a wildcard action is told as a wildcard.
- AWS's managed policies are read like any other: most of those that end in FullAccess allow everything of a service.
- A verdict says how much was looked at: a role without a policy, a policy without a statement and a group that was not
  answered for show nothing, and are not checked.
- A kind of resource that is not looked at here is not mentioned: the declarative checks are for those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import TypedDict
from urllib.parse import unquote

from phases.aws import AwsError, AwsPort, Incomplete, NotFound
from phases.aws_deploy.live.answers import PAUSES, entries, looked_at, not_checked
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.resources import Arn, describe, listed
from phases.checks.answered import Item
from phases.step import Check
from state.counted import counted
from state.evidence import Verdict

Seen = tuple[str, Verdict]

SOURCES = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")  # where a rule says who may come in
# A block that is shorter than these lets in whole parts of the Internet: two of /1 are everybody, as is 2000::/3.
SHORTEST = {4: 8, 6: 16}  # bits of the prefix, by version of IP
WEB = (80, 443)  # open to everybody on purpose, in most cases: shown, not failed


class PolicyStatement(TypedDict, total=False):
    """One statement of an identity policy, as far as it is read here."""

    Effect: str
    Action: str | list[str]
    NotAction: str | list[str]


class IdentityPolicy(TypedDict, total=False):
    """An identity policy."""

    Statement: PolicyStatement | list[PolicyStatement]


class PortRule(TypedDict, total=False):
    """One of a security group's `IpPermissions`."""

    IpProtocol: str
    FromPort: int
    ToPort: int
    IpRanges: list[dict[str, str]]
    Ipv6Ranges: list[dict[str, str]]


class SecurityGroup(TypedDict, total=False):
    """A security group, as far as it is read here."""

    IpPermissions: list[PortRule]


def wildcards(policy: IdentityPolicy) -> list[str]:
    """What an identity policy allows without naming it: `*`, `s3:*`, `s3:Get*`, `NotAction`, as written."""
    statements = policy.get("Statement", [])
    found: list[str] = []
    for statement in [statements] if isinstance(statements, dict) else statements:
        if statement.get("Effect") != "Allow":
            continue
        if "NotAction" in statement:
            found.append("NotAction")
        actions = statement.get("Action", [])
        found += [action for action in ([actions] if isinstance(actions, str) else actions) if set("*?") & set(action)]
    return sorted(set(found))


def is_whole(action: str) -> bool:
    """Whether it allows all of a service, or more: `s3:Get*` is a part of one."""
    service, _, name = action.partition(":")
    return action == "NotAction" or bool(set("*?") & set(service)) or not name.strip("*?")


def is_everybody(block: str) -> bool:
    """Whether this block of addresses is everybody, or a large part of it; a block that cannot be read may be."""
    try:
        network = ip_network(block, strict=False)
    except ValueError:
        return True
    return network.prefixlen < SHORTEST[network.version]


def open_ports(group: SecurityGroup) -> list[tuple[str, bool]]:
    """(`tcp 22 from 0.0.0.0/0`, whether it is a port of the web) for each rule that lets everybody in."""
    found = []
    for rule in group.get("IpPermissions", []):
        sources = [each["CidrIp"] for each in rule.get("IpRanges", [])]
        sources += [each["CidrIpv6"] for each in rule.get("Ipv6Ranges", [])]
        first, last = rule.get("FromPort", 0), rule.get("ToPort", 65535)
        protocol = "all" if rule.get("IpProtocol") == "-1" else rule.get("IpProtocol")
        ports = f"{first}" if first == last else f"{first}-{last}"
        found += [
            (f"{protocol} {ports} from {source}", first == last and first in WEB)
            for source in sources
            if is_everybody(source)
        ]
    return found


def security_checks(on: DeploymentTarget, resources: Sequence[Arn], item: Item) -> Iterator[Check]:
    """Roles, encryption of what holds data, tagged security groups, endpoints of functions.

    The roles are those that are tagged, those of the functions, and those that `inventory.names` matches (not all).
    """
    roles = _roles(on, resources)
    for arn in _of_kind("lambda", "function", resources):
        try:
            roles.add(_role_of(on.aws, arn))
        except PAUSES:
            raise
        except AwsError as error:
            yield not_checked(item, f"role of function {arn.name}", "a role with bounds", error.message, arn.text)
    for role in sorted(roles):
        yield _role(on.aws, role, item)
    for arn in resources:
        yield from _encryption(on.aws, arn, item)
    for arn in _of_kind("ec2", "security-group", resources):
        yield _group(on.aws, arn, item)
    for arn in _of_kind("lambda", "function", resources):
        yield _function_url(on.aws, arn, item)
    if not roles:
        yield not_checked(item, "least privilege", "no wildcard", "no role is tagged or named, and no function has one")


def _roles(on: DeploymentTarget, resources: Sequence[Arn]) -> set[str]:
    """The names of those that are tagged, or named as the deployment's."""
    roles = {arn.name.rpartition("/")[2] for arn in _of_kind("iam", "role", resources)}  # without its path
    inventory = on.deployment.inventory
    if "iam" in inventory.services and inventory.names != "*":
        roles |= set(listed(on.aws, "iam", inventory.names))
    return roles


def _role_of(aws: AwsPort, function: Arn) -> str:
    """The name of the role that a function runs as. Raises as `describe`, and Incomplete where AWS names none."""
    body = describe(aws, function) or {}
    role = str(body.get("Role", "")).rpartition("/")[2]
    if not role:
        raise Incomplete("AWS names no role of it", service="lambda", operation="get_function_configuration")
    return role


def _of_kind(service: str, kind: str, resources: Sequence[Arn]) -> list[Arn]:
    return [arn for arn in resources if (arn.service, arn.kind) == (service, kind)]


def _role(aws: AwsPort, role: str, item: Item) -> Check:
    name, expected = f"role {role}", "no wildcard action"

    def look() -> Check:
        try:
            policies = list(_policies(aws, role))
        except NotFound:
            return item.check(name, expected, "there is no such role", "fail", role)
        if not policies:
            return not_checked(item, name, expected, "no policy is attached to it", role)
        found = [f"{policy}: {what}" for policy, wide in policies for what in wide]
        seen = "; ".join(found) or f"none in {counted(len(policies), 'policy', 'policies')}"
        whole = any(is_whole(what) for _policy, wide in policies for what in wide)
        return item.check(name, expected, seen, "fail" if whole else "note" if found else "pass", role)

    return looked_at(look, item, name, expected, role)


def _policies(aws: AwsPort, role: str) -> Iterator[tuple[str, list[str]]]:
    """Each policy of the role, and what it allows without naming it."""
    for name in entries(aws, "iam", "list_role_policies", "PolicyNames", RoleName=role):
        document = aws.call("iam", "get_role_policy", RoleName=role, PolicyName=name)["PolicyDocument"]
        yield name, wildcards(_policy(document, "get_role_policy"))
    for policy in entries(aws, "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role):
        name, arn = policy["PolicyName"], policy["PolicyArn"]
        version = aws.call("iam", "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        answer = aws.call("iam", "get_policy_version", PolicyArn=arn, VersionId=version)
        yield name, wildcards(_policy(answer["PolicyVersion"]["Document"], "get_policy_version"))


def _policy(document: str | IdentityPolicy, operation: str) -> IdentityPolicy:
    """boto3 hands a policy out parsed; where it does not, it is URL-encoded JSON.

    Raises Incomplete for one that allows or denies nothing that could be judged.
    """
    parsed: IdentityPolicy = json.loads(unquote(document)) if isinstance(document, str) else document
    statements = parsed.get("Statement", [])
    listed_ = [statements] if isinstance(statements, dict) else statements
    if not listed_ or not all(each.get("Effect") and (each.get("Action") or each.get("NotAction")) for each in listed_):
        raise Incomplete(
            "the policy has no statement, or one without effect or action", service="iam", operation=operation
        )
    return parsed


def _encryption(aws: AwsPort, arn: Arn, item: Item) -> Iterator[Check]:
    """Whether it is encrypted at rest, where it is of a kind that is looked at."""
    look = _AT_REST.get((arn.service, arn.kind))
    if look is None:
        return
    try:
        seen, verdict = look(aws, arn)
    except PAUSES:
        raise
    except AwsError as error:
        seen, verdict = f"not checked: {error.message}", "not-checked"
        if error.code == "ServerSideEncryptionConfigurationNotFoundError":  # the bucket is there and has none
            seen, verdict = "no default encryption", "fail"
    yield item.check(f"encryption of {arn.name}", "at rest", seen, verdict, arn.text)


def _of_table(aws: AwsPort, arn: Arn) -> Seen:
    """Always encrypted, with a key of AWS's own unless another one is named; the table itself must be there.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
    """
    table = aws.call("dynamodb", "describe_table", TableName=arn.name)["Table"]
    if "SSEDescription" not in table:
        return f"table {table['TableName']} names no key: one owned by AWS", "pass"
    return f"key {table['SSEDescription']['KMSMasterKeyArn']}", "pass"


def _of_log_group(aws: AwsPort, arn: Arn) -> Seen:
    """As a table. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/data-protection.html"""
    groups = entries(aws, "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=arn.name)
    group = next((each for each in groups if each["logGroupName"] == arn.name), None)
    if group is None:
        return "not checked: there is no such log group", "not-checked"
    key = group.get("kmsKeyId")
    return f"key {key}" if key else f"group {arn.name} names no key: one owned by AWS", "pass"


def _of_topic(aws: AwsPort, arn: Arn) -> Seen:
    """Off unless a key is named. Source: https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html"""
    key = aws.call("sns", "get_topic_attributes", TopicArn=arn.text)["Attributes"].get("KmsMasterKeyId")
    return (f"key {key}", "pass") if key else ("no key: messages are not encrypted at rest", "note")


def _of_bucket(aws: AwsPort, arn: Arn) -> Seen:
    answer = aws.call("s3", "get_bucket_encryption", Bucket=arn.name)
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    if not rules:
        return "not checked: the default encryption has no rule", "not-checked"
    return f"{rules[0]['ApplyServerSideEncryptionByDefault']['SSEAlgorithm']} by default", "pass"


def _of_database(aws: AwsPort, arn: Arn) -> Seen:
    instances = entries(aws, "rds", "describe_db_instances", "DBInstances", DBInstanceIdentifier=arn.name)
    if not instances:
        return "not checked: there is no such instance", "not-checked"
    return ("encrypted", "pass") if instances[0]["StorageEncrypted"] else ("not encrypted", "fail")


_AT_REST: Mapping[tuple[str, str], Callable[[AwsPort, Arn], Seen]] = {  # by service and kind
    ("dynamodb", "table"): _of_table,
    ("logs", "log-group"): _of_log_group,
    ("sns", ""): _of_topic,
    ("s3", ""): _of_bucket,
    ("rds", "db"): _of_database,
}


def _group(aws: AwsPort, arn: Arn, item: Item) -> Check:
    name, expected = f"security group {arn.name}", "open to everybody on ports 80 and 443 at most"

    def look() -> Check:
        groups = entries(aws, "ec2", "describe_security_groups", "SecurityGroups", GroupIds=[arn.name])
        if [group["GroupId"] for group in groups] != [arn.name]:
            return not_checked(item, name, expected, "AWS does not answer for this group", arn.text)
        rules = groups[0]["IpPermissions"]
        if not all(any(rule.get(source) for source in SOURCES) for rule in rules):
            return not_checked(item, name, expected, "a rule says nothing of who may come in", arn.text)
        seen, verdict = _judged(open_ports(groups[0]), f"{counted(len(rules), 'rule')} of {arn.name}")
        return item.check(name, expected, seen, verdict, arn.text)

    return looked_at(look, item, name, expected, arn.text)


def _judged(found: Sequence[tuple[str, bool]], rules: str) -> tuple[str, Verdict]:
    """What is open to everybody, and what that comes to; `found`: rules, and whether only ports of the web are."""
    if not found:
        return f"nothing is open to everybody in {rules}", "pass"
    return "; ".join(rule for rule, _web in found), "note" if all(web for _rule, web in found) else "fail"


def _function_url(aws: AwsPort, arn: Arn, item: Item) -> Check:
    """A URL of the function or of an alias with AuthType NONE answers to everybody; that there is none is AWS's word.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html (Qualifier: an alias)
    """
    name, expected = f"endpoint of {arn.name}", "no public function URL"

    def look() -> Check:
        aliases = [
            str(each["Name"]) for each in entries(aws, "lambda", "list_aliases", "Aliases", FunctionName=arn.name)
        ]
        found, none = [], ""
        for alias in ["", *aliases]:
            about = {"Qualifier": alias} if alias else {}
            try:
                kind = str(aws.call("lambda", "get_function_url_config", FunctionName=arn.name, **about)["AuthType"])
                found.append((f"of {alias}, " if alias else "") + f"AuthType {kind}")
            except NotFound as error:
                none = error.code
        if not found:
            of = f" of it and {counted(len(aliases), 'alias', 'aliases')}" if aliases else ""
            return item.check(name, expected, f"none{of}, says AWS ({none})", "pass", arn.text)
        public = any(each.endswith(" NONE") for each in found)
        return item.check(name, expected, f"a URL, {'; '.join(found)}", "fail" if public else "note", arn.text)

    return looked_at(look, item, name, expected, arn.text)
