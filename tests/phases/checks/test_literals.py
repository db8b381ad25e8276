"""A literal that can never match what it is compared with is refused when the file is read, all of them at once."""

from __future__ import annotations

import pytest

from phases.checks.expression import Expression
from phases.checks.reader import read_checks
from state.errors import BadInput
from tests.worlds.checking import MODELS

GROUPS = ("ec2", "describe_security_groups")
TABLE = ("dynamodb", "describe_table")
ALARMS = ("cloudwatch", "describe_alarms")
FUNCTION = ("lambda", "get_function_configuration")
PUBLIC = ("s3", "get_public_access_block")
STACKS = ("cloudformation", "describe_stacks")

NEVER = [
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort=='22'][]", "never equal to the text '22'; a number stands in"),
    (GROUPS, "SecurityGroups[].IpPermissions[?'22'==FromPort][]", "never equal to the text '22'"),
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort!='22'][]", "never equal to the text '22'"),
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort==`22.5`][]", "never equal to the number 22.5"),
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort==`true`][]", "never equal to true"),
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort<'22'][]", "< compares numbers, seen the text '22': write `22`"),
    (GROUPS, 'SecurityGroups[].IpPermissions[?FromPort>=`"22"`][]', ">= compares numbers, seen the text '22'"),
    (GROUPS, "SecurityGroups[?GroupName>`3`]", "> compares numbers; SecurityGroups.GroupName is a text"),
    (GROUPS, "SecurityGroups[?GroupName==`3`]", "is a text, which is never equal to the number 3; write '3' in quotes"),
    (GROUPS, "SecurityGroups[].GroupId == 'sg-1'", "is a list, which is never equal to the text 'sg-1'; contains()"),
    (GROUPS, "SecurityGroups[].IpPermissions[?contains(IpRanges[].CidrIp, `0`)][]", "never equal to the number 0"),
    (TABLE, "Table.DeletionProtectionEnabled=='true'", "never equal to the text 'true'; write `true` in backticks"),
    (TABLE, "Table.DeletionProtectionEnabled==`1`", "is true or false, which is never equal to the number 1"),
    (TABLE, "Table.DeletionProtectionEnabled==true", "has no field 'true'; a literal stands in backticks: `true`"),
    (TABLE, "Table.TableStatus=='ACTVE'", "is never 'ACTVE'; it is one of CREATING"),
    (TABLE, "Table.TableStatus=='active'", "did you mean ACTIVE?"),
    (TABLE, "Table.GlobalSecondaryIndexes[?Projection.ProjectionType=='ANY']", "is never 'ANY'; it is one of ALL"),
    (TABLE, "Table.SSEDescription.Status=='on'", "is never 'on'"),
    (TABLE, "Table.SSEDescription=='ENABLED'", "is an object, which is never equal to the text 'ENABLED'"),
    (TABLE, "Table.CreationDateTime==`0`", "is a time, as text, which is never equal to the number 0"),
    (TABLE, "length(Table.GlobalSecondaryIndexes)=='2'", "never equal to the text '2'"),
    (TABLE, "starts_with(Table.ItemCount, '1')", "starts_with() is about a text; Table.ItemCount is an integer"),
    (
        TABLE,
        "!Table.DeletionProtectionEnabled",
        "a boolean has no field 'DeletionProtectionEnabled'; `!` binds tighter",
    ),
    (FUNCTION, "Timeout < '30'", "< compares numbers, seen the text '30'"),
    (FUNCTION, "MemorySize > `null`", "> compares numbers, seen null"),
    (FUNCTION, "!(Timeout=='30')", "never equal to the text '30'"),
    (FUNCTION, "{slow: Timeout=='30'}", "never equal to the text '30'"),
    (PUBLIC, "PublicAccessBlockConfiguration.BlockPublicAcls=='true'", "write `true` in backticks"),
    (STACKS, "Stacks[?StackStatus=='COMPLETE'].StackName", "is never 'COMPLETE'"),
    (ALARMS, "MetricAlarms[?StateValue=='ALARMING']", "is never 'ALARMING'; it is one of OK, ALARM"),
    (ALARMS, "MetricAlarms[?ActionsEnabled==false]", "has no field 'false'"),
    (("iam", "get_role_policy"), "PolicyDocument.Statement[?Deny==true]", "has no field 'true'"),
]
MAY = [
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort==`22`][]"),
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort==`null`][]"),
    (GROUPS, "SecurityGroups[].IpPermissions[?FromPort<=`22.5`][]"),
    (GROUPS, "SecurityGroups[?GroupName=='{name}']"),
    (GROUPS, "contains(SecurityGroups[].GroupId, 'sg-1')"),
    (GROUPS, "SecurityGroups[] == `[]`"),
    (TABLE, "Table.TableStatus=='{status}'"),
    (TABLE, "Table.TableStatus!='ACTIVE'"),
    (TABLE, "Table.CreationDateTime > '2026-01-01'"),
    (TABLE, "length(Table.GlobalSecondaryIndexes) >= `2`"),
    (TABLE, "Table.SSEDescription.Status == 'ENABLED' && Table.DeletionProtectionEnabled == `true`"),
    (TABLE, "max_by(Table.GlobalSecondaryIndexes, &ItemCount).IndexName == 'by-date'"),
    (("iam", "get_role_policy"), "PolicyDocument.Statement[?Effect=='Anything']"),
    (("s3", "get_bucket_policy"), "parse_json(Policy).Version == '2012-10-17'"),
]


@pytest.mark.parametrize(("of", "text", "why"), NEVER, ids=[text for _, text, _ in NEVER])
def test_a_literal_that_never_matches_is_said(of: tuple[str, str], text: str, why: str) -> None:
    never = Expression(text).leads_to(MODELS.operation(*of)).never
    assert len(never) == 1
    assert why in never[0]


@pytest.mark.parametrize(("of", "text"), MAY, ids=[text for _, text in MAY])
def test_a_literal_that_may_match_is_taken(of: tuple[str, str], text: str) -> None:
    assert Expression(text).leads_to(MODELS.operation(*of)).never == ()


FILE = """\
checks:
  - id: ports
    name: No port 22
    service: ec2
    operation: describe_security_groups
    expression: "SecurityGroups[].IpPermissions[?FromPort=='22' || ToPort=='22' || IpProtocol==true][]"
    expect: absent
  - id: table
    name: The table is there
    service: dynamodb
    operation: describe_table
    parameters: {TableName: orders}
    expression: Table.TableStatus
    expect: {equals: ACTVE}
"""


def refused(text: str) -> list[str]:
    with pytest.raises(BadInput) as error:
        read_checks(text.encode(), "orders.checks.yaml", MODELS)
    return [str(problem).removeprefix("orders.checks.yaml:") for problem in error.value.problems]


def test_every_literal_is_refused_at_once_with_its_place() -> None:
    found = refused(FILE)
    assert [each.split(" ")[0] for each in found] == ["6:5:", "6:5:", "6:5:", "14:14:"]
    assert "FromPort" in found[0]
    assert "ToPort" in found[1]


def test_a_run_of_0_1_goes_on_with_them_and_says_so() -> None:
    checks = read_checks(FILE.encode(), "orders.checks.yaml", MODELS, under_way=True)
    assert len(checks.checks) == 2
    assert [doubt.where.rpartition("yaml:")[2] for doubt in checks.doubts] == ["6:5", "6:5", "6:5", "14:14"]


@pytest.mark.parametrize(
    ("expression", "expect", "why"),
    [
        ("Table.TableStatus", "{equals: 3}", "never equal to the number 3"),
        ("Table.TableStatus", "{one-of: [ACTVE, UPDATED]}", "is never 'ACTVE'"),
        ("Table.DeletionProtectionEnabled", '{equals: "true"}', "'true'; write it without quotes: true"),
        ("Table.ItemCount", "{equals: '30'}", "'30'; write it without quotes: 30"),
        ("Table.ItemCount", "{one-of: ['30', '31']}", "'30'; write it without quotes: 30"),
        ("Table.TableStatus == 'ACTIVE'", '{equals: "true"}', "is true or false"),
        ("Table.TableStatus == 'ACTIVE'", "present", "a comparison is true or false, and both are present"),
        ("!(Table.GlobalSecondaryIndexes)", "present", "a comparison is true or false, and both are present"),
        ("Table.ItemCount", "{matches: '[0-9]+'}", "matches is about a text; Table.ItemCount is a whole number"),
        ("Table.GlobalSecondaryIndexes", "{at-least: 1}", "at-least is about a number"),
        ("Table.GlobalSecondaryIndexes[].IndexName", "{contains: 3}", "never equal to the number 3"),
        ("Table.GlobalSecondaryIndexes[].IndexName", "{contains-each: [by-date, 3]}", "never equal to the number 3"),
        ("Table.GlobalSecondaryIndexes[].ItemCount", "{contains-each: 3 4}", "never equal to the text '3'"),
        ("Table.ItemCount", "{contains-each: [3]}", "a whole number, which contains nothing"),
        ("Table.GlobalSecondaryIndexes[].IndexName", "{equals: by-date}", "is a list, which is never equal"),
        ("length(Table.GlobalSecondaryIndexes)", "{equals: '2'}", "never equal to the text '2'"),
    ],
)
def test_what_is_expected_is_held_against_the_shape(expression: str, expect: str, why: str) -> None:
    (found,) = refused(f"{FILE.partition('  - id: table')[0][:8]}{table(expression, expect)}")
    assert why in found


def table(expression: str, expect: str) -> str:
    return f"""\
  - id: table
    name: The table is there
    service: dynamodb
    operation: describe_table
    parameters: {{TableName: orders}}
    expression: "{expression}"
    expect: {expect}
"""
