"""Only what reads settings may be called: held against every service that botocore knows."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from phases.checks.api_model import ApiOperation
from phases.checks.read_operations import ACCEPTED, READING_METHODS, REFUSED, refusal
from tests.worlds.checking import MODELS


def why_not(service: str, operation: str) -> str:
    return refusal(MODELS.operation(service, operation), MODELS.operations(service))


def test_every_accepted_operation_exists_and_is_accepted() -> None:
    given = [(service, name) for service, names in ACCEPTED.items() for name in names]
    assert len(given) == len(set(given)) > 200
    assert not [(service, name) for service, name in given if why_not(service, name)]


@pytest.mark.parametrize(("service", "pattern", "why"), REFUSED, ids=[f"{s} {p}" for s, p, _ in REFUSED])
def test_every_refusal_is_about_something_and_says_why(service: str, pattern: str, why: str) -> None:
    found = [
        (each, name)
        for each in sorted(MODELS.services())
        if fnmatchcase(each, service)
        for name in MODELS.operations(each)
        if fnmatchcase(name, pattern) and name not in ACCEPTED.get(each, ())
    ]
    assert found
    assert all(why_not(*each) for each in found)
    assert any(why in why_not(*each) for each in found)


WRITES = ("create_", "delete_", "put_", "update_", "start_", "stop_", "tag_", "modify_", "attach_", "invoke", "send_")


@pytest.mark.slow
def test_nothing_that_sounds_like_writing_is_accepted_in_any_service() -> None:
    services = sorted(MODELS.services())
    named = [(service, name) for service in services for name in MODELS.operations(service) if name.startswith(WRITES)]
    assert len(named) > 7_000
    assert not [each for each in named if not refusal(ApiOperation(*each, "POST", None, None), ())]


@pytest.mark.slow
def test_what_is_accepted_by_its_name_is_read_by_a_reading_method_in_every_service() -> None:
    """A promise of AWS's that is looked at again with each new botocore."""
    listed = [
        MODELS.operation(service, name)
        for service in sorted(MODELS.services())
        for name in MODELS.operations(service)
        if name.startswith(("describe_", "list_"))
    ]
    assert len(listed) > 5_000
    assert not [(each.service, each.name) for each in listed if each.method not in READING_METHODS]
    assert [each.name for each in listed if each.streams] == ["describe_input_device_thumbnail"]
    assert "it streams its answer" in why_not("medialive", "describe_input_device_thumbnail")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_reading_name_with_a_writing_method_is_refused(method: str) -> None:
    assert f"its HTTP method is {method}" in refusal(ApiOperation("sqs", "list_queues", method, None, None), ())


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("lightsail", "get_instance_access_details"),
        ("ec2", "get_vpn_connection_device_sample_configuration"),
        ("cognito-idp", "admin_get_user"),
        ("amplify", "get_app"),
        ("iam", "generate_credential_report"),
    ],
)
def test_what_nobody_has_looked_at_is_refused(service: str, name: str) -> None:
    assert "it is none of the operations that only read settings" in why_not(service, name)


def test_a_refusal_names_what_there_is_instead() -> None:
    assert "use get_function_configuration" in why_not("lambda", "get_function")
    assert "did you mean list_tables, describe_table" in why_not("dynamodb", "delete_table")
