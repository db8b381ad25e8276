"""Is it safe? Roles with no more than they need, encryption at rest, open ports, exposed endpoints.

Rules:
- Pure judgement over what AWS says; `security_checks` is the one that asks.
- What a policy's condition might narrow is not guessed at: a wildcard action is told as a wildcard.
- A kind of resource that is not looked at here is not mentioned: the declarative checks are for those.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from phases.aws import AwsError, AwsPort, Denied, NotFound
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.verify.resources import Arn, describe, listed
from phases.checks.answered import Item
from phases.step import Check
from state.evidence import Verdict

EVERYBODY = ("0.0.0.0/0", "::/0")
WEB = (80, 443)  # open to everybody on purpose, in most cases: shown, not failed
# AWS's managed policies that allow everything, or everything of IAM. Source: the AWS managed policy reference.
TOO_MUCH = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")


def wildcards(policy: Mapping[str, Any]) -> list[str]:
    """What an identity policy allows without naming it: `*`, `s3:*`, `NotAction`, as written."""
    statements = policy.get("Statement", [])
    found: list[str] = []
    for statement in [statements] if isinstance(statements, dict) else statements:
        if statement.get("Effect") != "Allow":
            continue
        if "NotAction" in statement:
            found.append("NotAction")
        actions = statement.get("Action", [])
        found += [
            action
            for action in ([actions] if isinstance(actions, str) else actions)
            if action == "*" or action.endswith(":*")
        ]
    return sorted(set(found))


def open_ports(group: Mapping[str, Any]) -> list[tuple[str, bool]]:
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
            if source in EVERYBODY
        ]
    return found


def security_checks(on: DeploymentTarget, resources: Sequence[Arn], item: Item) -> Iterator[Check]:
    """Roles, encryption of what holds data, tagged security groups, endpoints of functions.

    The roles are those that are tagged, those of the functions, and those that `inventory.names` matches (not all).
    """
    functions = [arn for arn in resources if (arn.service, arn.kind) == ("lambda", "function")]
    roles = {arn.name for arn in resources if (arn.service, arn.kind) == ("iam", "role")}
    inventory = on.deployment.inventory
    if "iam" in inventory.services and inventory.names != "*":
        roles |= set(listed(on.aws, "iam", inventory.names))
    for arn in functions:
        body = describe(on.aws, arn) or {}
        roles.add(str(body.get("Role", "")).rpartition("/")[2])
    for role in sorted(roles - {""}):
        yield _role(on.aws, role, item)
    for arn in resources:
        yield from _encryption(on.aws, arn, item)
    for arn in resources:
        if (arn.service, arn.kind) == ("ec2", "security-group"):
            yield _group(on.aws, arn, item)
    for arn in functions:
        yield _function_url(on.aws, arn, item)
    if not roles:
        seen = "not checked: no role is tagged or named, and no function has one"
        yield item.check("least privilege", "no wildcard", seen, "not-checked")


def _role(aws: AwsPort, role: str, item: Item) -> Check:
    name, expected = f"role {role}", "no wildcard action, no policy that allows everything"
    try:
        found = list(_too_much(aws, role))
    except Denied as error:
        return item.check(name, expected, f"not checked: {error.message}", "not-checked", role)
    except NotFound:
        return item.check(name, expected, "there is no such role", "fail", role)
    return item.check(name, expected, "; ".join(found) or "none", "fail" if found else "pass", role)


def _too_much(aws: AwsPort, role: str) -> Iterator[str]:
    for page in aws.pages("iam", "list_role_policies", RoleName=role):
        for name in page["PolicyNames"]:
            document = aws.call("iam", "get_role_policy", RoleName=role, PolicyName=name)["PolicyDocument"]
            yield from (f"{name}: {what}" for what in wildcards(_policy(document)))
    for page in aws.pages("iam", "list_attached_role_policies", RoleName=role):
        for policy in page["AttachedPolicies"]:
            if ":iam::aws:policy/" in policy["PolicyArn"]:
                if policy["PolicyName"] in TOO_MUCH:
                    yield policy["PolicyName"]
                continue
            version = aws.call("iam", "get_policy", PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            document = aws.call("iam", "get_policy_version", PolicyArn=policy["PolicyArn"], VersionId=version)
            found = wildcards(_policy(document["PolicyVersion"]["Document"]))
            yield from (f"{policy['PolicyName']}: {what}" for what in found)


def _policy(document: Any) -> Mapping[str, Any]:
    """boto3 hands a policy out parsed; where it does not, it is URL-encoded JSON."""
    parsed: Mapping[str, object] = json.loads(unquote(document)) if isinstance(document, str) else document
    return parsed


def _encryption(aws: AwsPort, arn: Arn, item: Item) -> Iterator[Check]:
    """At rest. Tables and log groups are always encrypted, with a key of AWS's own unless another one is named.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html,
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/data-protection.html,
    https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html (off unless a key is named)
    """
    seen: tuple[str, Verdict]
    try:
        match (arn.service, arn.kind):
            case ("dynamodb", "table"):
                key = ((describe(aws, arn) or {}).get("SSEDescription") or {}).get("KMSMasterKeyArn")
                seen = f"key {key}" if key else "a key owned by AWS", "pass"
            case ("logs", "log-group"):
                key = (describe(aws, arn) or {}).get("kmsKeyId")
                seen = f"key {key}" if key else "a key owned by AWS", "pass"
            case ("sns", ""):
                key = (describe(aws, arn) or {}).get("KmsMasterKeyId")
                seen = (f"key {key}", "pass") if key else ("no key: messages are not encrypted at rest", "note")
            case ("s3", ""):
                rules = (describe(aws, arn) or {})["Rules"]
                seen = f"{rules[0]['ApplyServerSideEncryptionByDefault']['SSEAlgorithm']} by default", "pass"
            case ("rds", "db"):
                instances = aws.call("rds", "describe_db_instances", DBInstanceIdentifier=arn.name)["DBInstances"]
                seen = ("encrypted", "pass") if instances[0]["StorageEncrypted"] else ("not encrypted", "fail")
            case _:
                return
    except (Denied, NotFound) as error:
        seen = f"not checked: {error.message}", "not-checked"
        if error.code == "ServerSideEncryptionConfigurationNotFoundError":  # the bucket is there and has none
            seen = "no default encryption", "fail"
    yield item.check(f"encryption of {arn.name}", "at rest", seen[0], seen[1], arn.text)


def _group(aws: AwsPort, arn: Arn, item: Item) -> Check:
    name, expected = f"security group {arn.name}", "open to everybody on ports 80 and 443 at most"
    groups = aws.call("ec2", "describe_security_groups", GroupIds=[arn.name])["SecurityGroups"]
    found = [rule for group in groups for rule in open_ports(group)]
    verdict: Verdict = "fail" if any(not web for _rule, web in found) else "note" if found else "pass"
    return item.check(name, expected, "; ".join(rule for rule, _web in found) or "nothing is open", verdict, arn.text)


def _function_url(aws: AwsPort, arn: Arn, item: Item) -> Check:
    """A function URL with AuthType NONE answers to everybody."""
    name, expected = f"endpoint of {arn.name}", "no public function URL"
    try:
        found = aws.call("lambda", "get_function_url_config", FunctionName=arn.name)
    except NotFound:
        return item.check(name, expected, "none", "pass", arn.text)
    except AwsError as error:
        return item.check(name, expected, f"not checked: {error.message}", "not-checked", arn.text)
    public = found["AuthType"] == "NONE"
    return item.check(name, expected, f"a URL, AuthType {found['AuthType']}", "fail" if public else "note", arn.text)
