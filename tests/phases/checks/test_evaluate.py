"""What came of a check: judged, or not checked with the reason; never passed because nobody could look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phases.aws import AwsError, Denied, ExpiredToken, NoCredentials, NoRegion
from phases.checks.answer import MOST_PAGES, merge_pages
from phases.checks.evaluate import evaluate
from phases.checks.evidence import outcome_json
from tests.worlds.checking import Asking, check, table_check, written
from workflow.doors.aws.client import AwsDoor
from workflow.doors.masking import mask
from workflow.sandbox.inprocess import Sandbox

SCALING = check(
    "dynamodb",
    "describe_table_replica_auto_scaling",
    {"TableName": "orders"},
    "TableAutoScalingDescription.TableName",
    "absent",
)


@pytest.fixture
def asking(sandbox: Sandbox) -> Asking:
    return Asking(sandbox)


def create_table(sandbox: Sandbox, name: str, region: str = "us-east-1") -> None:
    sandbox.client("dynamodb", region).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )


class Scripted(AwsDoor):
    """A door whose pages, or failure, are given; it is no sandbox."""

    def __init__(self, *pages: dict[str, Any], failure: Exception | None = None) -> None:
        super().__init__(region="us-east-1")
        self.script, self.failure = pages, failure

    def at(self, region: str) -> AwsDoor:
        return self

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        if self.failure:
            raise self.failure
        yield from self.script


def asked(entry: dict[str, Any], door: AwsDoor) -> Any:
    (declared,) = written(entry).filled({}).checks
    return evaluate(declared, door, wait=lambda _seconds: None)


def refusal(kind: type[AwsError], code: str) -> AwsError:
    return kind("it failed", service="dynamodb", operation="describe_table", code=code, reason="because")


# --- a fact is judged ------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_a_fact(asking: Asking) -> None:
    gone = asking.evaluate(table_check(expression="Table", expect="absent"))
    assert (gone.state, gone.seen) == ("passed", "not there (ResourceNotFoundException)")
    assert asking.evaluate(table_check()).state == "failed"


def test_a_queue_that_is_not_there_is_not_there(asking: Asking) -> None:
    entry = check("sqs", "get_queue_url", {"QueueName": "orders"}, "QueueUrl", "absent")
    assert asking.evaluate(entry).state == "passed"


def test_a_policy_that_a_bucket_does_not_have_is_not_there(asking: Asking) -> None:
    asking.sandbox.client("s3").create_bucket(Bucket="orders")
    entry = check("s3", "get_bucket_policy", {"Bucket": "orders"}, "Policy", "absent")
    assert asking.evaluate(entry).state == "passed"


@pytest.mark.slow
def test_all_pages_are_looked_at(asking: Asking) -> None:
    for number in range(101):  # 100 to a page
        create_table(asking.sandbox, f"orders-{number:03}")
    entry = check("dynamodb", "list_tables", {}, "length(TableNames)", {"equals": 101})
    assert asking.evaluate(entry).state == "passed"
    assert (
        asking.evaluate({**entry, "expression": "TableNames", "expect": {"contains": "orders-100"}}).state == "passed"
    )


def test_pages_are_put_together_below_the_top_too() -> None:
    pages = [{"List": {"Items": [1], "Quantity": 1}}, {"List": {"Items": [2], "Quantity": 1}}, {"List": {}}]
    assert merge_pages(pages, ["List.Items"]) == {"List": {"Items": [1, 2], "Quantity": 1}}


def test_the_region_of_a_check_is_where_it_is_asked(asking: Asking) -> None:
    create_table(asking.sandbox, "orders", "eu-west-1")
    entry = check("dynamodb", "list_tables", {}, "TableNames", {"contains": "orders"})
    assert asking.evaluate(entry).state == "failed"
    there = asking.evaluate({**entry, "region": "eu-west-1"})
    assert (there.state, there.request["region"]) == ("passed", "eu-west-1")


def test_an_expression_that_the_answer_does_not_fit_fails_with_the_reason() -> None:
    outcome = asked(check("dynamodb", "list_tables", {}, "length(TableNames)", "present"), Scripted({}))
    assert outcome.state == "failed"
    assert "the expression does not fit the answer" in outcome.reason


def test_a_request_that_aws_refuses_fails_with_its_words() -> None:
    outcome = asked(table_check(expect="absent"), Scripted(failure=refusal(AwsError, "ValidationException")))
    assert (outcome.state, outcome.reason) == ("failed", "AWS refuses the request: ValidationException: because")


@pytest.mark.parametrize(("severity", "verdict"), [("fail", "fail"), ("note", "note")])
def test_a_failure_is_as_severe_as_the_check_says(severity: str, verdict: str, asking: Asking) -> None:
    outcome = asking.evaluate(table_check(severity=severity))
    assert (outcome.state, outcome.as_check().verdict) == ("failed", verdict)


# --- not checked, with the reason ------------------------------------------------------------------------------------


def test_a_denied_call_is_not_checked(asking: Asking) -> None:
    asking.sandbox.faults.deny("DescribeTable")
    outcome = asking.evaluate(table_check(expect="absent", within=60))
    assert (outcome.state, asking.waits) == ("not checked", [])
    assert outcome.as_check().verdict == "not-checked"
    assert "access denied" in outcome.as_check().seen


def test_what_the_sandbox_lacks_is_not_checked(asking: Asking) -> None:
    assert asking.evaluate(SCALING).reason == "the sandbox does not implement this operation"
    entry = check("lambda", "get_function_recursion_config", {"FunctionName": "orders"}, "RecursiveLoop", "absent")
    assert asking.evaluate(entry).state == "not checked"  # moto answers 404, as if the function were not there


@pytest.mark.slow
def test_what_the_sandboxs_server_lacks_is_not_checked(tmp_path: Path) -> None:
    from workflow.sandbox.control import start, stop

    door = AwsDoor(sandbox=True, endpoint_url=start(tmp_path).endpoint_url)
    try:
        entries = [
            SCALING,
            check("lambda", "get_function_recursion_config", {"FunctionName": "orders"}, "RecursiveLoop", "absent"),
            check("cloudformation", "describe_type", {}, "TypeName", "absent"),
            check("ec2", "get_serial_console_access_status", {}, "SerialConsoleAccessEnabled", "absent"),
        ]
        assert [asked(entry, door).state for entry in entries] == ["not checked"] * 4
        missing = check("s3", "head_bucket", {"Bucket": "orders"}, "BucketRegion", "absent")
        assert asked(missing, door).state == "passed"  # a HEAD has no code but 404
    finally:
        stop(tmp_path, forget=True)


@pytest.mark.parametrize("code", ["OptInRequired", "SubscriptionRequiredException"])
def test_a_service_that_is_off_is_not_checked(code: str) -> None:
    outcome = asked(table_check(expect="absent"), Scripted(failure=refusal(AwsError, code)))
    assert outcome.state == "not checked"
    assert f"the service is off in us-east-1: {code}" in outcome.reason


def test_a_region_that_does_not_know_the_caller_is_not_checked() -> None:
    unknown = refusal(NoCredentials, "UnrecognizedClientException")
    outcome = asked(table_check(expect="absent", region="af-south-1"), Scripted(failure=unknown))
    assert (outcome.state, outcome.request["region"]) == ("not checked", "af-south-1")


def test_an_answer_that_goes_on_where_boto3_cannot_follow_is_not_checked() -> None:
    entry = check("wafv2", "list_web_acls", {"Scope": "REGIONAL"}, "WebACLs", "absent")
    outcome = asked(entry, Scripted({"WebACLs": [], "NextMarker": "more"}))
    assert (outcome.state, "NextMarker" in outcome.reason) == ("not checked", True)
    whole = asked(entry, Scripted({"WebACLs": []}))
    assert (whole.state, "nothing was looked at" in whole.reason) == ("not checked", True)


def test_an_answer_without_end_is_not_checked() -> None:
    pages = [{"TableNames": ["t"]}] * (MOST_PAGES + 1)
    outcome = asked(check("dynamodb", "list_tables", {}, "TableNames", "present"), Scripted(*pages))
    assert (outcome.state, "narrow the parameters" in outcome.reason) == ("not checked", True)


# --- raised as it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ExpiredToken, "ExpiredTokenException"),
        (NoCredentials, ""),
        (NoCredentials, "UnrecognizedClientException"),
        (NoRegion, ""),
        (AwsError, "InternalFailure"),
        (AwsError, "503"),
        (AwsError, ""),
    ],
)
def test_what_says_nothing_of_the_resource_is_raised(kind: type[AwsError], code: str) -> None:
    with pytest.raises(kind) as raised:
        asked(table_check(expect="absent"), Scripted(failure=refusal(kind, code)))
    assert raised.value.exit_code == 5


def test_a_fault_of_ours_is_not_taken_for_the_sandboxs() -> None:
    with pytest.raises(NotImplementedError):
        asked(table_check(), Scripted(failure=NotImplementedError("a fault")))


def test_a_denial_says_so_outside_of_the_sandbox_too() -> None:
    assert asked(table_check(), Scripted(failure=refusal(Denied, "AccessDenied"))).state == "not checked"


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_it_waits_until_the_answer_is_as_expected(asking: Asking) -> None:
    asking.meanwhile = lambda: create_table(asking.sandbox, "orders") if len(asking.waits) == 2 else None
    outcome = asking.evaluate(
        table_check(expression="Table.TableStatus", expect={"equals": "ACTIVE"}, within=60, every=5)
    )
    assert (outcome.state, outcome.looks, outcome.waited) == ("passed", 3, 10)
    assert outcome.as_check().seen == '"ACTIVE" (after 10 s)'


def test_it_waits_no_longer_than_it_may(asking: Asking) -> None:
    outcome = asking.evaluate(table_check(within=25, every=10))
    assert (outcome.state, asking.waits, outcome.looks) == ("failed", [10, 10, 5], 4)


def test_without_a_wait_it_looks_once(asking: Asking) -> None:
    assert (asking.evaluate(table_check()).looks, asking.waits) == (1, [])


# --- secrets ---------------------------------------------------------------------------------------------------------

PASSWORD = "correct horse battery staple"
FUNCTION = {
    "FunctionName": "orders",
    "Environment": {"Variables": {"DSN": PASSWORD}},
    "Description": "uses AKIAIOSFODNN7EXAMPLE",
}


def configuration(expression: str, expect: Any) -> dict[str, Any]:
    return check("lambda", "get_function_configuration", {"FunctionName": "orders"}, expression, expect)


def test_a_secret_is_judged_and_not_kept() -> None:
    entry = configuration("Environment.Variables.DSN", {"matches": ".{20,}"})
    outcome = asked(entry, Scripted(FUNCTION))
    assert (outcome.state, outcome.seen) == ("passed", "***")
    assert outcome.answer["Environment"] == {"Variables": {"DSN": "***"}}  # AWS's model says so, not its name
    assert PASSWORD not in json.dumps(outcome_json(outcome))


@pytest.mark.parametrize("expression", ["join('', values(Environment.Variables))", "Environment", "[@]"])
def test_a_secret_is_not_shown_by_way_of_an_expression(expression: str) -> None:
    assert asked(configuration(expression, "present"), Scripted(FUNCTION)).seen == "***"


def test_whether_a_secret_is_there_may_be_said() -> None:
    outcome = asked(configuration("Environment.Variables.DSN != `null`", {"equals": True}), Scripted(FUNCTION))
    assert (outcome.state, outcome.seen) == ("passed", "true")


def test_a_secret_that_is_known_by_its_form_is_masked_by_the_caller() -> None:
    (declared,) = written(configuration("Description", "present")).checks
    outcome = evaluate(declared, Scripted(FUNCTION), wait=lambda _seconds: None, mask_text=mask)
    assert outcome.seen == '"uses ***"'
    assert "AKIA" not in json.dumps(outcome_json(outcome))


def test_what_its_name_says_is_a_secret_is_hidden_and_what_only_names_one_is_not() -> None:
    oidc = {"ClientId": "orders", "ClientSecret": PASSWORD, "TokenEndpoint": "https://example.com/token"}
    entry = check("elbv2", "describe_listeners", {}, "Listeners[].DefaultActions[].Type", "present")
    action = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": oidc}
    kept = asked(entry, Scripted({"Listeners": [{"DefaultActions": [action]}]})).answer["Listeners"][0]
    assert kept["DefaultActions"][0]["AuthenticateOidcConfig"] == {**oidc, "ClientSecret": "***"}


def test_a_secret_in_the_request_is_not_kept() -> None:
    parameters = {"Bucket": "orders", "Key": "app.zip", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": PASSWORD}
    outcome = asked(check("s3", "head_object", parameters, "ContentLength", "present"), Scripted({"ContentLength": 1}))
    assert outcome.request["parameters"] == {**parameters, "SSECustomerKey": "***"}
    assert PASSWORD not in json.dumps(outcome_json(outcome))


def test_a_value_beside_a_telling_name_is_hidden() -> None:
    variables = [{"name": "API_TOKEN", "value": "t0k3n"}, {"name": "TABLE", "value": "orders"}]
    project = {"name": "orders", "environment": {"environmentVariables": variables}}
    entry = check("codebuild", "batch_get_projects", {"names": ["orders"]}, "projects[].name", "present")
    kept = asked(entry, Scripted({"projects": [project]})).answer["projects"][0]["environment"]
    assert kept["environmentVariables"] == [{"name": "API_TOKEN", "value": "***"}, {"name": "TABLE", "value": "orders"}]


def test_what_is_kept_of_a_long_answer_says_what_it_leaves_out() -> None:
    names = [f"orders-{number}" for number in range(500)]
    outcome = asked(
        check("dynamodb", "list_tables", {}, "TableNames", {"contains": "orders-499"}), Scripted({"TableNames": names})
    )
    assert outcome.state == "passed"
    assert outcome.answer["TableNames"][-1] == "[... 480 more]"
    assert len(outcome.seen) < 300
