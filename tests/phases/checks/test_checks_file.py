"""What a checks file says, and what is wrong with it: every problem at once, each with file:line:column."""

from __future__ import annotations

from typing import Any

import pytest

from phases.checks.reader import read_checks
from state.errors import BadInput
from tests.worlds.checking import MODELS, check, table_check, written

SOUND = """\
checks:
  - id: encrypted
    name: The orders table is encrypted
    service: dynamodb
    operation: describe_table
    parameters:
      TableName: "{table}"
    expression: Table.SSEDescription.Status
    expect: {equals: ENABLED}
"""


def refused(text: str) -> list[str]:
    with pytest.raises(BadInput) as error:
        read_checks(text.encode(), "orders.checks.yaml", MODELS)
    assert error.value.exit_code == 2
    assert error.value.next_command.startswith("$EDITOR orders.checks.yaml")
    return [str(problem).removeprefix("orders.checks.yaml:") for problem in error.value.problems]


def test_a_sound_file_is_read_with_its_defaults() -> None:
    (check,) = read_checks(SOUND.encode(), "orders.checks.yaml", MODELS).checks
    assert (check.id, check.call, check.severity, check.within) == ("encrypted", "dynamodb describe_table", "fail", 0)
    assert check.expected == 'Table.SSEDescription.Status: "ENABLED"'
    assert check.place == "orders.checks.yaml:2:5"


BAD = {
    "no checks": (("checks:", "check:"), "1:1: 'check' is not a setting here; there are: checks"),
    "not a list": ((SOUND, "checks: {a: 1}\n"), "1:1: checks: expected a list"),
    "not YAML": (("expect: {", "expect: ["), "9:29: not YAML"),
    "an unknown service": (
        ("dynamodb", "dynamdb"),
        "4:5: there is no service 'dynamdb' in boto3; did you mean dynamodb",
    ),
    "an unknown operation": (
        ("describe_table", "describe_tabel"),
        "5:5: dynamodb has no operation 'describe_tabel' in boto3; did you mean describe_table",
    ),
    "a writing operation": (
        ("describe_table", "delete_table"),
        "5:5: a check may not call dynamodb delete_table: it is none of the operations that only read",
    ),
    "an operation for data": (("describe_table", "scan"), "5:5: a check may not call dynamodb scan: items are data"),
    "an unknown parameter": (
        ("TableName:", "TabelName:"),
        "7:7: describe_table has no parameter 'TabelName'; did you mean TableName?",
    ),
    "a missing parameter": (
        ('      TableName: "{table}"\n', ""),
        "6:5: parameters: expected a mapping",
    ),
    "no parameters": (
        ('    parameters:\n      TableName: "{table}"\n', ""),
        "2:5: describe_table needs the parameter TableName",
    ),
    "a number for a text": (('"{table}"', "3"), "7:7: TableName: expected a text, seen 3"),
    "a placeholder without quotes": (
        ('"{table}"', "{table}"),
        "7:7: TableName: expected a text, seen {'table': None}; a",
    ),
    "a bad expression": (("Table.SSE", "Table.[SSE"), "8:5: not JMESPath"),
    "a field that the answer never has": (
        ("SSEDescription", "SSEDescripton"),
        "8:5: Table has no field 'SSEDescripton'; it has ArchivalSummary",
    ),
    "no expectation": (("{equals: ENABLED}", "{}"), "9:5: expected exactly one of equals, one-of"),
    "two expectations": (("{equals: ", "{contains: x, equals: "), "9:5: expected exactly one of"),
    "an unknown expectation": (
        ("{equals: ", "{like: "),
        "9:14: 'like' is not a setting here; there are: equals, one-of",
    ),
    "a bare word": (("{equals: ENABLED}", "ENABLED"), "9:5: expect: expected present, absent or one of equals"),
    "null": (("equals: ENABLED", "equals: null"), "9:14: equals: expected a value; for what is missing"),
    "a pattern that is null": (("equals: ENABLED", "matches: null"), "9:14: matches: expected a value"),
    "a date": (("equals: ENABLED", "equals: 2026-01-02"), "9:14: 2026-01-02 is not a value of JSON"),
    "each of no list": (
        ("equals: ENABLED", "contains-each: []"),
        "9:14: contains-each: expected a list with something",
    ),
    "each of no word": (
        ("equals: ENABLED", "contains-each: ' '"),
        "9:14: contains-each: expected a list with something",
    ),
    "each of a blank": (("equals: ENABLED", "contains-each: [a, '']"), "9:14: contains-each: expected a list with"),
    "each of a number": (("equals: ENABLED", "contains-each: 3"), "9:14: contains-each: expected a list with"),
    "each that is null": (("equals: ENABLED", "contains-each: null"), "9:14: contains-each: expected a value"),
    "a bad pattern": (("equals: ENABLED", "matches: '['"), "9:14: not a regular expression"),
    "a text for a number": (("equals: ENABLED", "at-least: x"), "9:14: at-least: expected a number"),
    "a setting twice": (("    expect", "    id: other\n    expect"), "9:5: 'id' is given twice; the first is at"),
    "an id with spaces": (("id: encrypted", "id: En crypted"), "2:5: id: expected small letters"),
    "no name": (("    name: The orders table is encrypted\n", ""), "2:5: 'name' is missing"),
    "an unknown setting": (("    expect", "    expects: 1\n    expect"), "9:5: 'expects' is not a setting here"),
    "an endless wait": (("    expect", "    within: 86400\n    expect"), "9:5: within: expected at most"),
    "no pause": (("    expect", "    every: 0\n    expect"), "9:5: every: expected at least"),
    "an unknown severity": (("    expect", "    severity: warn\n    expect"), "9:5: severity: expected"),
    "no region": (("    expect", "    region: Ireland\n    expect"), "9:5: region: expected a region such as"),
    "an id twice": (
        (SOUND, SOUND + SOUND.split("\n", 1)[1].replace("name: The", "name: A")),
        "10:5: id 'encrypted' is",
    ),
    "a name twice": ((SOUND, SOUND + SOUND.split("\n", 1)[1].replace("id: e", "id: f")), "11:5: name 'The orders"),
}


@pytest.mark.parametrize(("change", "said"), BAD.values(), ids=BAD)
def test_it_is_refused_with_the_place(change: tuple[str, str], said: str) -> None:
    assert change[0] in SOUND
    problems = refused(SOUND.replace(*change))
    assert any(problem.startswith(said) for problem in problems), problems


def test_all_problems_of_all_checks_are_told_at_once_in_their_order() -> None:
    second = SOUND.split("\n", 1)[1].replace("id: e", "id: f").replace("name: The", "name: A")
    text = SOUND.replace("dynamodb", "dynamdb") + second.replace("describe_table", "put_item").replace(
        "Table.", "Table "
    )
    text += "    within: -1\n"
    assert [problem.split(":")[0] for problem in refused(text)] == ["4", "13", "16", "18"]


def test_one_unsound_setting_does_not_hide_the_others_of_its_check() -> None:
    text = SOUND.replace("describe_table", "delete_table").replace("{equals: ENABLED}", "nothing")
    assert [problem.split(":")[0] for problem in refused(text)] == ["5", "9"]


def test_a_missing_placeholder_is_refused_with_its_place_and_the_command_that_gives_it() -> None:
    checks = read_checks(SOUND.replace("ENABLED", "'{state}'").encode(), "orders.checks.yaml", MODELS)
    with pytest.raises(BadInput) as error:
        checks.filled({})
    assert [str(problem) for problem in error.value.problems] == [
        "orders.checks.yaml:7:7: {table} has no value",
        "orders.checks.yaml:9:14: {state} has no value",
    ]
    assert error.value.next_command == "phasegate checks orders.checks.yaml --var table=... --var state=..."


def test_placeholders_are_filled_wherever_a_value_stands() -> None:
    entry = table_check(
        parameters={"TableName": "{environment}-orders"},
        expression="Table.Replicas[?RegionName=='{other-region}'].ReplicaStatus | [0]",
        expect={"one-of": ["{state}", "GET /orders/{{id}}"]},
        region="{region}",
    )
    (check,) = (
        written(entry)
        .filled({"environment": "test", "other-region": "eu'west", "state": "ACTIVE", "region": "eu-west-1"})
        .checks
    )
    assert check.parameters == {"TableName": "test-orders"}
    assert check.expect.value == ["ACTIVE", "GET /orders/{id}"]
    assert check.region == "eu-west-1"
    answer = {"Table": {"Replicas": [{"RegionName": "eu'west", "ReplicaStatus": "ACTIVE"}]}}
    assert check.expression.search(answer) == "ACTIVE"  # the quote in the answer has not become syntax


def test_which_page_is_read_is_no_parameter() -> None:
    with pytest.raises(BadInput, match="ExclusiveStartTableName picks a page of the answer"):
        written(
            table_check(operation="list_tables", parameters={"ExclusiveStartTableName": "m"}, expression="TableNames")
        )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"TableName": True}, "TableName: expected a text, seen True"),
        ({"TableName": ""}, "TableName: shorter than 1"),
        ({"TableName": ["orders"]}, "TableName: expected a text"),
    ],
)
def test_a_value_of_another_kind_is_refused(parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        written(table_check(parameters=parameters))


def test_a_boolean_is_no_number_and_a_number_no_boolean() -> None:
    entry = table_check(
        service="ec2", operation="describe_security_groups", expression="SecurityGroups", expect="present"
    )
    with pytest.raises(BadInput) as refused:
        written({**entry, "parameters": {"MaxResults": True, "DryRun": 1}})
    assert [problem.message for problem in refused.value.problems] == [
        "MaxResults: expected a whole number, seen True",
        "DryRun: expected true or false, seen 1",
    ]


def test_ids_and_tasks_are_taken_as_written() -> None:
    text = SOUND.replace("    expect", "    tasks: [3.10, 1]\n    criterion: 2\n    expect")
    (check,) = read_checks(text.encode(), "orders.checks.yaml", MODELS).checks
    assert (check.tasks, check.criterion) == (("3.10", "1"), "2")


def test_a_number_stays_as_it_is_written() -> None:
    (whole,) = written(table_check(expression="Table.ItemCount", expect={"at-least": 3})).checks
    assert str(whole.expect) == "at least 3"


def test_a_region_is_judged_when_it_is_filled() -> None:
    entry = table_check(region="{region}")
    assert written(entry).filled({"region": "us-gov-west-1"}).checks[0].region == "us-gov-west-1"
    with pytest.raises(
        BadInput, match=r"orders.checks.yaml:11:3: region: expected a region such as eu-west-1, seen 'Ireland'"
    ):
        written(entry).filled({"region": "Ireland"})


def test_a_placeholder_may_be_a_name_in_a_map() -> None:
    entry = table_check(
        service="lambda",
        operation="get_function_configuration",
        parameters={"FunctionName": "orders"},
        expression='Environment.Variables."{name}"',
    )
    (check,) = written(entry).filled({"name": "TABLE"}).checks
    assert check.expression.search({"Environment": {"Variables": {"TABLE": "orders"}}}) == "orders"


def test_a_placeholder_may_stand_for_a_number_and_its_value_is_judged_when_it_is_there() -> None:
    entry: dict[str, Any] = table_check(
        service="ec2",
        operation="describe_security_groups",
        parameters={"MaxResults": "{most}", "DryRun": "{dry}"},
        expression="SecurityGroups",
        expect="present",
    )
    (check,) = written(entry).filled({"most": "50", "dry": "false"}).checks
    assert check.parameters == {"MaxResults": 50, "DryRun": False}
    with pytest.raises(BadInput, match=r"orders.checks.yaml:7:5: MaxResults: expected a whole number, seen 'many'"):
        written(entry).filled({"most": "many", "dry": "true"})


def test_a_region_that_aws_does_not_have_is_refused_where_it_stands() -> None:
    text = """\
profiles:
  dev: {values: {region: eu-wets-1, place: eu-wets-1}}
  production: {values: {region: eu-west-1, place: x}}
lookups:
  found: {region: us-gov-wset-1, service: dynamodb, operation: list_tables, expression: "TableNames[0]"}
checks:
  - {region: eu-west-9, id: a, name: A, service: dynamodb, operation: list_tables,
     expression: TableNames, expect: present}
  - {region: "{region}", id: b, name: B, service: dynamodb, operation: list_tables,
     expression: TableNames, expect: present}
  - {id: three, name: Three, file: {path: "{place}"}}
"""
    assert refused(text) == [
        "2:18: profile dev: region: AWS has no such region, seen 'eu-wets-1'; did you mean eu-west-1?",
        "5:11: region: AWS has no such region, seen 'us-gov-wset-1'; did you mean us-gov-west-1?",
        "7:6: region: AWS has no such region, seen 'eu-west-9'; did you mean eu-west-3?",
    ]


def test_a_region_that_is_filled_in_is_one_of_aws() -> None:
    with pytest.raises(BadInput, match=r"region: AWS has no such region, seen 'eu-wets-1'; did you mean eu-west-1\?"):
        written(table_check(region="{region}")).filled({"region": "eu-wets-1"})


def test_the_words_that_a_placeholder_becomes_are_looked_for_each() -> None:
    names = check("dynamodb", "list_tables", {}, "TableNames", {"contains-each": "{tables}"})
    (asked,) = written(names).filled({"tables": "orders  users"}).checks
    assert asked.to_json()["expect"] == {"contains-each": "orders  users"}
    assert asked.expect.holds(["users", "orders", "more"])
    assert not asked.expect.holds(["orders", "more"])
    (empty,) = written(names).filled({"tables": " "}).checks
    assert not empty.expect.holds(["orders"])
