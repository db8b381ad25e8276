"""Which IAM policy gives an application the deployed tables and nothing else, and is it really that narrow?

Three roles, each a policy of its own: Read, Write, Admin. `sample-iam-policy.json` holds all of their statements,
told apart by Sid; a principal gets the statements of the roles it needs, never the whole file.

Rules:
- Pure: ARNs in, a policy document or checks out. `policy_checks` judges the document as read back, not our intent.
- Actions are written out; resources are ARNs of deployed tables and indexes, never a pattern.
- Left out on purpose: Scan (reads a whole table: grant it to the job that exports), PartiQL (a second way to the
  same items), streams (nobody reads them yet), DeleteTable and restores (for the people who operate the stack).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from phases.step import Check, compare

# The quota of a customer managed policy; IAM does not count white space.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_POLICY_CHARACTERS = 6_144

VERSION = "2012-10-17"  # of the policy language
ROLES = ("Read", "Write", "Admin")

# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_dynamodb.html (access levels);
# transactions are authorised by the single actions and ConditionCheckItem:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
ACCESS_LEVEL: Mapping[str, str] = {
    "dynamodb:BatchGetItem": "Read",
    "dynamodb:BatchWriteItem": "Write",
    "dynamodb:ConditionCheckItem": "Read",
    "dynamodb:CreateBackup": "Write",
    "dynamodb:DeleteItem": "Write",
    "dynamodb:DescribeContinuousBackups": "Read",
    "dynamodb:DescribeTable": "Read",
    "dynamodb:DescribeTimeToLive": "Read",
    "dynamodb:GetItem": "Read",
    "dynamodb:ListTagsOfResource": "Read",
    "dynamodb:PutItem": "Write",
    "dynamodb:Query": "Read",
    "dynamodb:TagResource": "Tagging",
    "dynamodb:UntagResource": "Tagging",
    "dynamodb:UpdateContinuousBackups": "Write",
    "dynamodb:UpdateItem": "Write",
    "dynamodb:UpdateTable": "Write",
    "dynamodb:UpdateTimeToLive": "Write",
}

TABLE_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "Read": ("dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query"),
    "Write": (
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ),
    "Admin": (
        "dynamodb:CreateBackup",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:ListTagsOfResource",
        "dynamodb:TagResource",
        "dynamodb:UntagResource",
        "dynamodb:UpdateContinuousBackups",
        "dynamodb:UpdateTable",
        "dynamodb:UpdateTimeToLive",
    ),
}
INDEX_ACTIONS = ("dynamodb:Query",)

# DynamoDB also answers plain HTTP. Source: https://docs.aws.amazon.com/general/latest/gr/ddb.html
ONLY_TLS = {"Bool": {"aws:SecureTransport": "true"}}


@dataclass(frozen=True, slots=True)
class TableArns:
    """A deployed table as IAM knows it: its ARN and the ARNs of its indexes."""

    name: str
    arn: str
    indexes: tuple[str, ...]


class Statement(TypedDict, total=False):
    """A statement of a policy: as built all of it, as read back what is there."""

    Sid: str
    Effect: str
    Action: list[str]
    Resource: list[str]
    Condition: Mapping[str, Mapping[str, str]]


class Policy(TypedDict):
    """A policy document."""

    Version: str
    Statement: list[Statement]


def build_policy(tables: Sequence[TableArns]) -> Policy:
    """The policy document: `{"Version": ..., "Statement": [{"Sid": "ReadTables", ...}, ...]}`.

    A statement that alone would pass the quota is cut into numbered ones (`ReadTables1`, `ReadTables2`), so that
    `policies_of` can always split a role into policies that fit.
    """
    statements: list[Statement] = []
    for role in ROLES:
        statements += _statements(f"{role}Tables", TABLE_ACTIONS[role], [table.arn for table in tables])
        if role == "Read":
            arns = [arn for table in tables for arn in table.indexes]
            statements += _statements("ReadIndexes", INDEX_ACTIONS, arns)
    return {"Version": VERSION, "Statement": statements}


def policies_of(policy: Policy, role: str) -> list[Policy]:
    """The role's statements as policies of at most 6,144 characters each: one, or as many as are needed."""
    policies: list[Policy] = []
    for statement in policy["Statement"]:
        if not str(statement.get("Sid")).startswith(role):
            continue
        if policies:
            grown: Policy = {**policies[-1], "Statement": [*policies[-1]["Statement"], statement]}
            if size(grown) <= MAX_POLICY_CHARACTERS:
                policies[-1] = grown
                continue
        policies.append({"Version": policy["Version"], "Statement": [statement]})
    return policies


def size(policy: Policy) -> int:
    """Characters as IAM counts them: without white space."""
    return len(minified(policy))


def minified(policy: Policy) -> str:
    """The policy on one line without spaces, as it is sent."""
    return json.dumps(policy, separators=(",", ":"))


def policy_checks(policy: Policy, tables: Sequence[TableArns]) -> list[Check]:
    """Is this document valid, does it cover every deployed table, and does it grant nothing beside them?"""
    statements = list(policy.get("Statement", []))
    table_arns = {table.arn for table in tables}
    index_arns = {arn for table in tables for arn in table.indexes}
    return [
        compare("policy language version", VERSION, policy.get("Version")),
        _none("statements without Allow, Sid, actions or resources", _incomplete(statements)),
        _none("repeated Sids", _repeated_sids(statements)),
        _none("wildcards in actions or resources", _wildcards(statements)),
        _none("actions DynamoDB does not know", _unknown_actions(statements)),
        _none("resources that are no deployed table or index", _strangers(statements, table_arns | index_arns)),
        _none("actions on indexes beyond Query", _on_indexes(statements, index_arns)),
        _none("Read statements that can change something", _changing_reads(statements)),
        _none("statements that allow unencrypted transport", _plain_transport(statements)),
        *(_covered(f"tables covered by {role}", statements, f"{role}Tables", table_arns) for role in ROLES),
        _covered("indexes covered by Read", statements, "ReadIndexes", index_arns),
        *(_fits(policy, role) for role in ROLES),
    ]


def _statements(sid: str, actions: tuple[str, ...], arns: Sequence[str]) -> list[Statement]:
    groups: list[list[str]] = []
    for arn in arns:
        if groups and _alone_fits(_statement(f"{sid}999", actions, [*groups[-1], arn])):
            groups[-1].append(arn)
        else:
            groups.append([arn])
    if len(groups) == 1:
        return [_statement(sid, actions, groups[0])]
    return [_statement(f"{sid}{number}", actions, group) for number, group in enumerate(groups, 1)]


def _statement(sid: str, actions: tuple[str, ...], arns: Sequence[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(arns), "Condition": ONLY_TLS}


def _alone_fits(statement: Statement) -> bool:
    return size({"Version": VERSION, "Statement": [statement]}) <= MAX_POLICY_CHARACTERS


def _none(name: str, seen: Iterable[str]) -> Check:
    return compare(name, "none", ", ".join(seen) or "none")


def _listed(statement: Statement, field: Literal["Action", "Resource"]) -> list[str]:
    """The field's entries: IAM takes a single string for a list of one."""
    said: str | list[str] = statement.get(field, [])
    return [said] if isinstance(said, str) else list(said)


def _incomplete(statements: Sequence[Statement]) -> list[str]:
    return [
        str(statement.get("Sid", f"statement {number}"))
        for number, statement in enumerate(statements, 1)
        if statement.get("Effect") != "Allow"
        or not all(statement.get(field) for field in ("Sid", "Action", "Resource"))
        or {"NotAction", "NotResource", "Principal"} & set(statement)
    ]


def _repeated_sids(statements: Sequence[Statement]) -> list[str]:
    return [sid for sid, times in Counter(str(statement.get("Sid")) for statement in statements).items() if times > 1]


def _wildcards(statements: Sequence[Statement]) -> list[str]:
    said = [
        entry for statement in statements for entry in (*_listed(statement, "Action"), *_listed(statement, "Resource"))
    ]
    return [entry for entry in said if "*" in entry or "?" in entry]


def _unknown_actions(statements: Sequence[Statement]) -> list[str]:
    return [action for statement in statements for action in _listed(statement, "Action") if action not in ACCESS_LEVEL]


def _strangers(statements: Sequence[Statement], deployed: set[str]) -> list[str]:
    return [arn for statement in statements for arn in _listed(statement, "Resource") if arn not in deployed]


def _on_indexes(statements: Sequence[Statement], index_arns: set[str]) -> list[str]:
    return [
        f"{statement.get('Sid')}: {action}"
        for statement in statements
        if index_arns & set(_listed(statement, "Resource"))
        for action in _listed(statement, "Action")
        if action not in INDEX_ACTIONS
    ]


def _changing_reads(statements: Sequence[Statement]) -> list[str]:
    return [
        f"{statement.get('Sid')}: {action}"
        for statement in statements
        if str(statement.get("Sid")).startswith("Read")
        for action in _listed(statement, "Action")
        if ACCESS_LEVEL.get(action) != "Read"
    ]


def _plain_transport(statements: Sequence[Statement]) -> list[str]:
    return [str(statement.get("Sid")) for statement in statements if statement.get("Condition") != ONLY_TLS]


def _covered(name: str, statements: Sequence[Statement], sid: str, arns: set[str]) -> Check:
    granted = {
        arn
        for statement in statements
        if str(statement.get("Sid")).startswith(sid)
        for arn in _listed(statement, "Resource")
    }
    missing = sorted(arns - granted)
    seen = f"{len(arns) - len(missing)} of {len(arns)}" + (f", without {', '.join(missing)}" if missing else "")
    return compare(name, f"{len(arns)} of {len(arns)}", seen)


def _fits(policy: Policy, role: str) -> Check:
    sizes = [size(part) for part in policies_of(policy, role)]
    parts = f"{len(sizes)} {'policy' if len(sizes) == 1 else 'policies'} of {' and '.join(f'{n:,}' for n in sizes)}"
    fits = bool(sizes) and max(sizes) <= MAX_POLICY_CHARACTERS
    expected = f"at most {MAX_POLICY_CHARACTERS:,} characters a policy"
    return Check(f"size of {role}", expected, parts, "pass" if fits else "fail")
