"""An expression that could never say anything of the answer is refused before anything is called."""

from __future__ import annotations

import json

import pytest

from phases.checks.expectation import Expectation
from phases.checks.expression import Expression
from phases.checks.leads import BadExpression
from tests.worlds.checking import MODELS

GROUPS = ("ec2", "describe_security_groups")
ALARMS = ("cloudwatch", "describe_alarms")
TABLE = ("dynamodb", "describe_table")
FUNCTION = ("lambda", "get_function_configuration")
FITTING = [
    (TABLE, "Table.GlobalSecondaryIndexes[?IndexName=='by-date'].Projection.ProjectionType | [0]"),
    (TABLE, "Table.[TableStatus, ItemCount]"),
    (FUNCTION, "Environment.Variables.ANY_NAME_AT_ALL"),
    (FUNCTION, "values(Environment.Variables)"),
    (GROUPS, "SecurityGroups[*].IpPermissions[] | [?FromPort==`22`].IpRanges[].CidrIp"),
    (GROUPS, "SecurityGroups[].IpPermissions[?IpRanges[?CidrIp=='0.0.0.0/0']][]"),
    (ALARMS, "sort_by(MetricAlarms, &AlarmName)[-1].AlarmName"),
    (ALARMS, "MetricAlarms[?!ActionsEnabled || length(AlarmActions)==`0`].AlarmName"),
    (ALARMS, "reverse(MetricAlarms)[0:2].AlarmName"),
    (("iam", "get_role_policy"), "PolicyDocument.Statement[].Whatever"),
    (("iam", "get_group"), "Group.GroupName"),
    (("s3", "get_bucket_policy"), "parse_json(Policy).Statement[].Action"),
    (("cloudfront", "list_distributions"), "DistributionList.Items[].Enabled"),
    (("iam", "get_role"), "to_array(Role)[].RoleName"),
]
UNFIT = [
    (TABLE, "Tables.TableStatus", "the answer has no field 'Tables'; it has Table"),
    (TABLE, "Table.TableName.Length", "Table.TableName is a string, it has no field 'Length'"),
    (TABLE, "Table[0]", "Table is a structure, not a list"),
    (TABLE, "Table.GlobalSecondaryIndexes.IndexName", "is a list, it has no field 'IndexName': write [] behind it"),
    (TABLE, "Table.GlobalSecondaryIndexes[?IndexNam=='x']", "no field 'IndexNam'"),
    (TABLE, "Table.{name: TableNam}", "no field 'TableNam'"),
    (TABLE, "Table.ItemCount == true", "no field 'true'; a literal stands in backticks: `true`"),
    (FUNCTION, "Timeout.Seconds", "Timeout is an integer"),
    (GROUPS, "SecurityGroups[*].IpPermissions[*].IpRanges[].CidrIp", "is a list, it has no field 'CidrIp'"),
    (ALARMS, "sort_by(MetricAlarms, &AlarmNam)", "MetricAlarms has no field 'AlarmNam'"),
    (ALARMS, "MetricAlarms[].AlarmName | [?x=='y']", "is a string, it has no field 'x'"),
    (ALARMS, "NextToken", "is about one page of the answer; of all pages there is: MetricAlarms"),
    (("cloudfront", "list_distributions"), "DistributionList.Quantity", "is about one page"),
    (TABLE, "size(Table)", "there is no function size()"),
    (TABLE, "length(Table, Table)", "length() takes 1 arguments, seen 2"),
    (TABLE, "Table.(", "not JMESPath"),
    (TABLE, "Table.TableName == {table}", "not JMESPath"),
]


@pytest.mark.parametrize(("of", "text"), FITTING, ids=[text for _, text in FITTING])
def test_an_expression_that_fits_its_answer_is_taken(of: tuple[str, str], text: str) -> None:
    Expression(text).require_fits(MODELS.operation(*of))


@pytest.mark.parametrize(("of", "text", "why"), UNFIT, ids=[text for _, text, _ in UNFIT])
def test_an_expression_that_could_never_say_anything_is_refused(of: tuple[str, str], text: str, why: str) -> None:
    with pytest.raises(BadExpression) as refused:
        Expression(text).require_fits(MODELS.operation(*of))
    assert why in str(refused.value)


def test_a_document_in_a_text_can_be_opened_and_one_that_is_none_says_so() -> None:
    opened = Expression("parse_json(Policy).Version")
    assert opened.search({"Policy": '{"Version": "2012-10-17"}'}) == "2012-10-17"
    assert opened.search({}) is None
    with pytest.raises(BadExpression, match="a text that is not JSON"):
        opened.search({"Policy": "{"})


@pytest.mark.parametrize("text", ["a < '2'", "a >= b", "[?@ > 'x']"])
def test_a_number_compared_with_a_text_says_so(text: str) -> None:
    answer: object = [1] if text.startswith("[") else {"a": 1, "b": "2"}
    with pytest.raises(BadExpression, match="a number is compared with a text"):
        Expression(text).search(answer)


CONTAINS = [
    ([1, 443], 443, True),
    ([1, 443], True, False),
    ([True], 1, False),
    ([[1]], [True], False),
    ("port 443", "443", True),
    ("port 443", 443, False),
    ([None], None, True),
]


@pytest.mark.parametrize(("among", "sought", "holds"), CONTAINS)
def test_contains_is_one_thing_in_an_expression_and_in_expect(among: object, sought: object, holds: bool) -> None:
    assert Expression(f"contains(@, `{json.dumps(sought)}`)").search(among) is holds
    assert Expectation("contains", sought).holds(among) is holds  # type: ignore[arg-type]


HOLDS = [
    ("equals", 1, 1),
    ("equals", 1, 1.0),
    ("equals", True, True),
    ("equals", [1, {"a": False}], [1, {"a": False}]),
    ("one-of", ["a", 1], 1),
    ("contains", "b", ["a", "b"]),
    ("contains", "rd", "orders"),
    ("contains-each", ["b", 1], [1, "a", "b"]),
    ("contains-each", " uploads\n logs ", ["logs", "more", "uploads"]),
    ("contains-each", "PUT orders", "orders: GET PUT"),
    ("at-least", 3, 3),
    ("at-least", 0.5, 1),
    ("at-most", 3, 3),
    ("version-at-least", "1.29", "1.29"),
    ("version-at-least", "1.9", "v1.29.4-eks-036c24b"),
    ("version-at-most", "16", "15.4"),
    ("version-at-most", "16.0", "16"),
    ("matches", "v[0-9]+", "v12"),
    ("matches", "a.b", "a\nb"),
    ("present", True, False),
    ("present", True, 0),
    ("present", True, "x"),
    ("absent", True, None),
    ("absent", True, []),
    ("absent", True, ""),
    ("absent", True, {}),
]
DOES_NOT = [
    ("equals", 1, True),
    ("equals", True, 1),
    ("equals", "1", 1),
    ("equals", [1], [True]),
    ("equals", {"a": 1}, {}),
    ("equals", [1, 2], [1]),
    ("equals", "ENABLED", None),
    ("one-of", [1, 0], True),
    ("contains", 1, "1"),
    ("contains", 1, [True]),
    ("contains", "a", None),
    ("contains", "a", {"a": 1}),
    ("contains-each", ["b", "c"], ["a", "b"]),
    ("contains-each", [1], [True]),
    ("contains-each", "uploads logs", ["uploads logs"]),
    ("contains-each", "uploads", ["my-uploads"]),
    ("contains-each", "uploads logs", None),
    ("contains-each", "", ["a"]),
    ("contains-each", " ", "a b"),
    ("contains-each", [], ["a"]),
    ("contains-each", [""], "filled with nothing"),
    ("contains-each", {"a": 1}, ["a"]),
    ("at-least", 3, 2),
    ("at-least", 0, True),
    ("at-least", 3, "4"),
    ("at-least", 3, None),
    ("at-most", 3, 4),
    ("at-most", 3, None),
    ("at-most", 3, False),
    ("version-at-least", "1.30", "1.29.9"),
    ("version-at-least", "1.30", "1.30.0-rc.1"),
    ("version-at-least", "1.30", "newest"),
    ("version-at-least", "1.30", None),
    ("version-at-least", "1.30", 1.31),
    ("version-at-most", "16", "16.1"),
    ("matches", "v[0-9]+", "v12-beta"),
    ("matches", "1", 1),
    ("present", True, None),
    ("present", True, []),
    ("present", True, ""),
    ("present", True, {}),
    ("absent", True, False),
    ("absent", True, 0),
    ("absent", True, [None]),
]


@pytest.mark.parametrize(("kind", "value", "seen"), HOLDS)
def test_it_is_as_expected(kind: str, value: object, seen: object) -> None:
    assert Expectation(kind, value).holds(seen)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "value", "seen"), DOES_NOT)
def test_it_is_not_as_expected(kind: str, value: object, seen: object) -> None:
    assert not Expectation(kind, value).holds(seen)  # type: ignore[arg-type]
