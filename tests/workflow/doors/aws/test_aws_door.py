"""What a step gets from AWS: answers without wrapping, one of our errors for every failure, and never a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore import exceptions as boto
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from phases.aws import (
    AwsError,
    AwsPort,
    Denied,
    ExpiredToken,
    NoCredentials,
    NoRegion,
    NotFound,
    Throttled,
    Unreachable,
)
from state.errors import BadInput, PhasegateError, StepFailed
from workflow.doors.aws.client import AwsDoor
from workflow.doors.aws.errors import CallSite, hide_secrets, translate

Answer = tuple[int, str, str]  # HTTP status, error code, message
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "made/up"}


@pytest.fixture(autouse=True)
def no_configuration_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nowhere = tmp_path_factory.getbasetemp() / "no-such-file"
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(nowhere))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def account() -> Iterator[AwsDoor]:
    """A door to moto's services in this process, as the tests of steps have it."""
    with mock_aws():
        yield AwsDoor(sandbox=True, session=boto3.Session(**KEYS))


class ErrorsOnly:
    """An AWS that answers every call with one error; `says` sets which."""

    def __init__(self) -> None:
        self.answer: Answer = (500, "InternalFailure", "")
        self.session = boto3.Session(region_name="eu-west-1", **KEYS)
        self.session.events.register_first("before-send", self.respond)  # before moto, if other tests loaded it

    def says(self, answer: Answer) -> AwsDoor:
        self.answer = answer
        return AwsDoor(session=self.session)

    def respond(self, request: Any, **_: Any) -> AWSResponse:
        status, code, message = self.answer
        body = json.dumps({"__type": f"com.amazonaws.dynamodb#{code}", "message": message})
        if "cloudformation" in request.url or "sts" in request.url:
            body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        return AWSResponse(request.url, status, {}, Body(body.encode()))


class Body:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


@pytest.fixture(scope="module")
def errors_only() -> ErrorsOnly:
    return ErrorsOnly()


def test_an_answer_comes_without_response_metadata(account: AwsDoor) -> None:
    assert set(account.call("sts", "get_caller_identity")) == {"UserId", "Account", "Arn"}


def test_a_list_comes_page_by_page(account: AwsDoor) -> None:
    for number in range(3):
        account.call(
            "dynamodb",
            "create_table",
            TableName=f"Table{number}",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
    pages = account.pages("dynamodb", "list_tables", PaginationConfig={"PageSize": 2})
    assert [page["TableNames"] for page in pages] == [["Table0", "Table1"], ["Table2"]]


def test_an_operation_without_pages_gives_its_one_answer(account: AwsDoor) -> None:
    assert [page["Account"] for page in account.pages("sts", "get_caller_identity")] == ["123456789012"]


def test_another_region_is_another_place_for_the_same_caller(account: AwsDoor) -> None:
    account.call("sns", "create_topic", Name="alarms")
    frankfurt = account.at("eu-central-1")
    assert (account.region, frankfurt.region, frankfurt.sandbox) == ("us-east-1", "eu-central-1", True)
    assert frankfurt.call("sns", "list_topics")["Topics"] == []
    assert "eu-central-1" in frankfurt.endpoint("sns")


def test_a_region_has_one_door_so_its_clients_are_made_once(account: AwsDoor) -> None:
    assert account.at("eu-central-1") is account.at("eu-central-1")
    assert account.at(account.region) is account


def test_every_call_is_told_before_and_an_answered_one_after(account: AwsDoor) -> None:
    told: list[tuple[str, str, str]] = []
    door = AwsDoor(sandbox=True, session=boto3.Session(), on_call=lambda *call: told.append(call))
    with pytest.raises(NotFound):
        door.call("dynamodb", "describe_table", TableName="Nowhere")
    list(door.pages("dynamodb", "list_tables"))
    assert told[0] == ("before", "dynamodb", "describe_table")
    assert told[1:3] == [("before", "dynamodb", "list_tables"), ("after", "dynamodb", "list_tables")]


def test_it_is_what_steps_expect_of_aws(account: AwsDoor) -> None:
    port: AwsPort = account
    assert port.sandbox


CASES: list[tuple[Answer, type[AwsError], str, str]] = [
    (
        (400, "ExpiredTokenException", "The security token is expired"),
        ExpiredToken,
        "has expired",
        "aws sso login   # ",
    ),
    ((400, "UnrecognizedClientException", "token invalid"), NoCredentials, "does not accept", "aws sso login   # "),
    ((400, "InvalidSignatureException", "bad\nCanonical: x"), NoCredentials, "does not accept", "aws sso login   # "),
    ((400, "ThrottlingException", "Rate exceeded"), Throttled, "slow down", "phasegate resume"),
    ((400, "ResourceNotFoundException", "Table: Users not found"), NotFound, "does not exist", ""),
    ((400, "TableNotFoundException", "Users"), NotFound, "does not exist", ""),
    ((404, "ServerSideEncryptionConfigurationNotFoundError", "none"), NotFound, "does not exist", ""),
    ((400, "QueueDoesNotExist", "orders"), NotFound, "does not exist", ""),
    ((400, "AWS.SimpleQueueService.NonExistentQueue", "orders"), NotFound, "does not exist", ""),
    ((400, "ApplicationDoesNotExistException", "orders"), NotFound, "does not exist", ""),
    ((400, "LimitExceededException", "too many tables"), AwsError, "LimitExceededException: too many tables", ""),
    ((500, "InternalServerError", "try later"), AwsError, "InternalServerError", "phasegate resume"),
    ((400, "RequestTimeTooSkewed", "clock"), AwsError, "clock is wrong", "date -u   # set the clock"),
]


@pytest.mark.parametrize(("answer", "kind", "words", "next_command"), CASES, ids=[case[0][1] for case in CASES])
def test_an_error_code_becomes_one_of_ours(
    errors_only: ErrorsOnly, answer: Answer, kind: type[AwsError], words: str, next_command: str
) -> None:
    with pytest.raises(AwsError) as refused:
        errors_only.says(answer).call("dynamodb", "describe_table", TableName="Users")
    error = refused.value
    assert type(error) is kind
    assert (error.service, error.operation, error.code) == ("dynamodb", "describe_table", answer[1])
    assert "dynamodb:DescribeTable failed" in error.message
    assert "eu-west-1" in error.message
    assert words in error.message
    assert "Canonical" not in error.message
    assert error.next_command.startswith(next_command)
    assert error.exit_code == 5


def test_a_denied_action_is_named_with_its_caller(errors_only: ErrorsOnly) -> None:
    caller = "arn:aws:sts::123456789012:assumed-role/deploy/ci"
    said = f"User: {caller} is not authorized to perform: dynamodb:CreateTable on resource: *"
    with pytest.raises(Denied, match="was denied") as refused:
        errors_only.says((400, "AccessDeniedException", said)).call("dynamodb", "describe_table", TableName="Users")
    assert f"{caller} may not perform dynamodb:CreateTable" in refused.value.message
    assert refused.value.next_command == "phasegate resume   # once dynamodb:CreateTable is allowed"


@pytest.mark.parametrize("code", ["AccessDenied", "UnauthorizedOperation", "403"])
def test_a_denied_action_without_aws_words_is_named_by_the_call(errors_only: ErrorsOnly, code: str) -> None:
    with pytest.raises(Denied, match="the caller may not perform sts:GetCallerIdentity"):
        errors_only.says((403, code, "no")).call("sts", "get_caller_identity")


def test_a_stack_that_is_not_there_is_not_found(errors_only: ErrorsOnly) -> None:
    with pytest.raises(NotFound):
        errors_only.says((400, "ValidationError", "Stack with id app does not exist")).call(
            "cloudformation", "describe_stacks", StackName="app"
        )


def test_a_template_that_names_what_does_not_exist_is_an_error(errors_only: ErrorsOnly) -> None:
    with pytest.raises(AwsError) as refused:
        errors_only.says((400, "ValidationError", "Template error: parameter X does not exist")).call(
            "cloudformation", "validate_template", TemplateBody="{}"
        )
    assert type(refused.value) is AwsError


def test_an_endpoint_that_is_not_there_is_unreachable_and_named() -> None:
    session = boto3.Session(**KEYS)
    door = AwsDoor(region="eu-west-1", session=session, endpoint_url="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 \(is region 'eu-west-1' right\?\)"):
        door.call("sts", "get_caller_identity")
    stopped = AwsDoor(sandbox=True, session=session, endpoint_url="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="is the sandbox running") as refused:
        stopped.call("sts", "get_caller_identity")
    assert refused.value.next_command == "phasegate sandbox start"


SITE = CallSite("dynamodb", "describe_table", "DescribeTable", "eu-west-1", sandbox=False)
THROWN: list[tuple[Exception, type[PhasegateError], str]] = [
    (boto.NoCredentialsError(), NoCredentials, "no credentials were found"),
    (boto.PartialCredentialsError(provider="env", cred_var="SECRET"), NoCredentials, "only a part"),
    (boto.CredentialRetrievalError(provider="process", error_msg="no"), NoCredentials, "could not be fetched"),
    (boto.UnauthorizedSSOTokenError(), ExpiredToken, "has expired"),
    (boto.SSOTokenLoadError(error_msg="gone"), ExpiredToken, "single sign-on"),
    (boto.TokenRetrievalError(provider="sso", error_msg="gone"), ExpiredToken, "could not be renewed"),
    (boto.LoginRefreshRequired(), ExpiredToken, "has expired"),
    (boto.LoginInsufficientPermissions(error_msg="no"), NoCredentials, "may not get credentials"),
    (boto.NoRegionError(), NoRegion, "no region"),
    (boto.InvalidRegionError(region_name="ups!"), NoRegion, "not a region"),
    (boto.ConnectTimeoutError(endpoint_url="https://a.example/"), Unreachable, "a.example (is region"),
    (boto.ReadTimeoutError(endpoint_url="https://a.example/"), Unreachable, "whether AWS did it is not known"),
    (boto.ConnectionClosedError(endpoint_url="https://a.example/"), Unreachable, "whether AWS did it is not known"),
    (boto.ProxyConnectionError(proxy_url="http://me:pass@proxy"), Unreachable, "could not be reached"),
    (boto.ParamValidationError(report="Missing TableName"), StepFailed, "a fault of phasegate): Parameter"),
    (boto.UnknownServiceError(service_name="x", known_service_names="y"), AwsError, "Unknown service"),
]


@pytest.mark.parametrize(
    ("thrown", "kind", "words"), THROWN, ids=[type(error).__name__ for error, _kind, _words in THROWN]
)
def test_an_exception_of_botocore_becomes_one_of_ours(
    thrown: Exception, kind: type[PhasegateError], words: str
) -> None:
    ours = translate(thrown, SITE)
    assert type(ours) is kind
    assert words in ours.message
    assert "me:pass" not in str(ours)


def test_every_exception_of_botocore_has_a_translation() -> None:
    kinds = [kind for kind in vars(boto).values() if isinstance(kind, type) and issubclass(kind, boto.BotoCoreError)]
    bare: list[Exception] = [kind.__new__(kind) for kind in kinds]  # type: ignore[call-overload]
    assert len(bare) > 80
    assert [type(error).__name__ for error in bare if translate(error, SITE) is None] == []


def test_an_error_that_is_not_botocores_is_let_through(account: AwsDoor) -> None:
    assert translate(KeyError("ours"), SITE) is None
    with pytest.raises(AttributeError):
        account.call("sts", "no_such_operation")


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAQWERTYUIOPASDFGH",
        "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG",
        '"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG"',
        "x-amz-security-token:IQoJb3JpZ2luX2VjE",
        "Signature=fe5f80f77d5fa3beca038a248ff027d",
        "IQoJb3JpZ2luX2VjEPz" * 10,
        "http://user:secret@proxy.example",
    ],
)
def test_a_secret_never_reaches_a_message(secret: str) -> None:
    shown = hide_secrets(f"AWS says {secret} is wrong")
    value = secret.split("=")[-1].split(": ")[-1].split("token:")[-1].strip('"').replace("http://", "")
    assert value.split("@")[0] not in shown
    assert shown.startswith("AWS says ")
    assert shown.endswith(" is wrong")


@pytest.mark.parametrize(
    "text",
    [
        "ClientRequestToken: phasegate-stage-06-3-2-a1 was used",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/Users/index/ByEmail",
        "digest " + "4f2a91c0" * 8,
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hide_secrets(text) == text


def test_without_a_region_the_next_command_sets_one() -> None:
    with pytest.raises(NoRegion) as refused:
        AwsDoor().call("dynamodb", "list_tables")
    assert refused.value.next_command == "export AWS_REGION=us-east-1"


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(NoCredentials, match="nope") as refused:
        AwsDoor(profile="nope").call("dynamodb", "list_tables")
    assert refused.value.next_command == "aws configure list-profiles"


@pytest.mark.parametrize(
    "endpoint",
    [
        None,
        "",
        "https://dynamodb.us-east-1.amazonaws.com",
        "http://10.0.0.1:5000",
        "http://0.0.0.0:5000",
        "http://localhost.example.com",
        "http://127.0.0.1@example.com",
        "http://127.0.0.1.example.com:5000",
        "ftp://127.0.0.1",
        "http://[::ffff",
        "127.0.0.1:5000",
    ],
)
def test_the_sandbox_refuses_an_endpoint_that_is_not_this_machine(endpoint: str | None) -> None:
    with pytest.raises(BadInput, match="expected a loopback endpoint"):
        AwsDoor(sandbox=True, endpoint_url=endpoint)


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:5000", "http://127.9.9.9", "http://localhost:1", "http://[::1]:5"]
)
def test_the_sandbox_takes_a_loopback_endpoint(endpoint: str) -> None:
    assert AwsDoor(sandbox=True, endpoint_url=endpoint).endpoint("dynamodb") == endpoint


def test_the_sandbox_does_not_see_the_persons_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made/up")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "https://dynamodb.eu-west-1.amazonaws.com")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    door = AwsDoor(sandbox=True, endpoint_url="http://127.0.0.1:9")
    client = door._client("dynamodb")
    assert door.region == "us-east-1"
    assert door.endpoint("dynamodb") == "http://127.0.0.1:9"
    assert client._request_signer._credentials.access_key == "phasegate"
    assert client.meta.config.proxies == {}
    assert door.configured_endpoint_note() == ""


def test_the_sandbox_in_this_process_is_not_led_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://10.0.0.1:8000")
    door = AwsDoor(sandbox=True, session=boto3.Session(**KEYS))
    assert door.endpoint("dynamodb") == "https://dynamodb.us-east-1.amazonaws.com"  # which moto answers


def test_a_real_run_says_that_its_calls_go_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AwsDoor(region="us-east-1").configured_endpoint_note() == ""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://me:secret@localhost:8000/path")
    note = AwsDoor(region="us-east-1").configured_endpoint_note()
    assert note == "Calls do not go to AWS's own endpoints: AWS_ENDPOINT_URL_DYNAMODB -> http://localhost:8000."
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert AwsDoor(region="us-east-1").configured_endpoint_note() == ""


def test_importing_the_door_does_not_import_boto3() -> None:
    code = "import sys, workflow.doors.aws.client; print(sorted({'boto3', 'botocore'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
