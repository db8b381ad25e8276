"""Is the sample policy as narrow as it says, and would its own assertions see when it is not?"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest

from phases.stage_06.chapters.iam_policy import (
    ACCESS_LEVEL,
    MAX_POLICY_CHARACTERS,
    ROLES,
    TABLE_ACTIONS,
    TableArns,
    build_policy,
    policies_of,
    policy_checks,
    size,
)

HERE = "arn:aws:dynamodb:eu-west-1:123456789012:table"
TABLES = [
    TableArns("Users", f"{HERE}/Users", (f"{HERE}/Users/index/ByEmail", f"{HERE}/Users/index/ByName")),
    TableArns("Orders", f"{HERE}/Orders", ()),
]

Policy = dict[str, Any]


def failed(policy: Policy, tables: list[TableArns] = TABLES) -> list[str]:
    return [check.name for check in policy_checks(policy, tables) if check.verdict == "fail"]


def statement(policy: Policy, sid: str) -> dict[str, Any]:
    return next(each for each in policy["Statement"] if each["Sid"] == sid)


def test_the_policy_passes_its_own_assertions() -> None:
    assert failed(build_policy(TABLES)) == []


def test_every_action_is_one_that_dynamodb_has() -> None:
    """ConditionCheckItem is the one permission without an API call of its own name."""
    operations = botocore.session.Session().get_service_model("dynamodb").operation_names
    known = {f"dynamodb:{name}" for name in operations} | {"dynamodb:ConditionCheckItem"}

    assert set(ACCESS_LEVEL) <= known
    assert {action for actions in TABLE_ACTIONS.values() for action in actions} == set(ACCESS_LEVEL)


def test_no_role_can_delete_a_table_or_scan_it() -> None:
    actions = {action for each in build_policy(TABLES)["Statement"] for action in each["Action"]}

    assert not actions & {"dynamodb:DeleteTable", "dynamodb:Scan"}


def _set(sid: str, field: str, value: object) -> Callable[[Policy], None]:
    return lambda policy: statement(policy, sid).__setitem__(field, value)


def _add(sid: str, field: str, value: str) -> Callable[[Policy], None]:
    return lambda policy: statement(policy, sid)[field].append(value)


@pytest.mark.parametrize(
    ("widen", "seen_by"),
    [
        pytest.param(
            _add("WriteTables", "Action", "dynamodb:*"), "wildcards in actions or resources", id="all actions"
        ),
        pytest.param(_set("WriteTables", "Action", "*"), "wildcards in actions or resources", id="a single star"),
        pytest.param(
            _add("ReadIndexes", "Resource", f"{HERE}/Users/index/*"), "wildcards in actions or resources", id="index/*"
        ),
        pytest.param(
            _add("ReadTables", "Action", "dynamodb:PutItem"),
            "Read statements that can change something",
            id="read puts",
        ),
        pytest.param(
            _add("ReadTables", "Action", "dynamodb:TagResource"),
            "Read statements that can change something",
            id="read tags",
        ),
        pytest.param(
            _add("ReadIndexes", "Action", "dynamodb:GetItem"), "actions on indexes beyond Query", id="get from an index"
        ),
        pytest.param(
            _add("AdminTables", "Resource", f"{HERE}/Salaries"),
            "resources that are no deployed table or index",
            id="a table of somebody else",
        ),
        pytest.param(
            _add("AdminTables", "Action", "dynamodb:DeleteTable"), "actions DynamoDB does not know", id="delete table"
        ),
        pytest.param(
            _set("ReadTables", "Resource", [f"{HERE}/Users"]), "tables covered by Read", id="a table left out"
        ),
        pytest.param(
            _set("WriteTables", "Resource", [f"{HERE}/Users"]), "tables covered by Write", id="a table not writable"
        ),
        pytest.param(
            _set("AdminTables", "Resource", [f"{HERE}/Orders"]),
            "tables covered by Admin",
            id="a table not run by anyone",
        ),
        pytest.param(
            _set("ReadIndexes", "Resource", [f"{HERE}/Users/index/ByEmail"]),
            "indexes covered by Read",
            id="an index left out",
        ),
        pytest.param(
            _set("WriteTables", "Condition", {}), "statements that allow unencrypted transport", id="plain HTTP"
        ),
        pytest.param(
            _set("WriteTables", "Effect", "Deny"), "statements without Allow, Sid, actions or resources", id="a deny"
        ),
        pytest.param(
            _set("WriteTables", "NotAction", ["x"]),
            "statements without Allow, Sid, actions or resources",
            id="everything but",
        ),
        pytest.param(
            lambda policy: policy["Statement"].append(policy["Statement"][0]), "repeated Sids", id="a Sid twice"
        ),
        pytest.param(lambda policy: policy.update(Version="2008-10-17"), "policy language version", id="old version"),
        pytest.param(
            _add("ReadTables", "Resource", f"{HERE}/{'x' * MAX_POLICY_CHARACTERS}"),
            "size of Read",
            id="beyond the quota",
        ),
    ],
)
def test_a_wider_or_narrower_policy_is_seen(widen: Callable[[Policy], None], seen_by: str) -> None:
    policy = copy.deepcopy(build_policy(TABLES))

    widen(policy)

    assert seen_by in failed(policy)


def test_a_table_deployed_later_is_missed_by_name() -> None:
    later = [*TABLES, TableArns("Later", f"{HERE}/Later", (f"{HERE}/Later/index/ByDay",))]

    checks = policy_checks(build_policy(TABLES), later)

    assert [check.seen for check in checks if check.name == "tables covered by Write"] == [
        f"2 of 3, without {HERE}/Later"
    ]


def test_sixty_six_tables_with_twenty_indexes_are_split_into_policies_that_fit() -> None:
    many = [
        TableArns(f"T{n}", f"{HERE}/{'t' * 40}{n}", tuple(f"{HERE}/{'t' * 40}{n}/index/by{i}" for i in range(20)))
        for n in range(66)
    ]

    policy = build_policy(many)

    assert failed(policy, many) == []
    assert len(policies_of(policy, "Read")) > 10
    assert all(size(part) <= MAX_POLICY_CHARACTERS for role in ROLES for part in policies_of(policy, role))
    granted = {arn for part in policies_of(policy, "Read") for each in part["Statement"] for arn in each["Resource"]}
    assert granted == {arn for table in many for arn in (table.arn, *table.indexes)}
