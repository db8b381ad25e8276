"""Calls of the AWS CLI that are taken for reading: held against every service and waiter that botocore knows."""

from __future__ import annotations

from fnmatch import fnmatchcase

import botocore.exceptions
import botocore.session
import pytest

from phases.checks.read_operations import ACCEPTED
from phases.manual.reading_aws import DATA, SECRETS
from phases.manual.reading_commands import only_reads
from tests.worlds.checking import MODELS


@pytest.mark.slow
def test_the_tables_name_operations_that_there_are() -> None:
    given_ = [(service, name) for table in (DATA, SECRETS) for service, names in table.items() for name in names]
    assert not [each for each in given_ if each[1] not in MODELS.operations(each[0])]
    assert not [each for each in given_ if each[0] in DATA and each[1] in DATA[each[0]] and _writes(each[1])]


def _writes(name: str) -> bool:
    return any(fnmatchcase(name, f"{verb}*") for verb in ("create", "delete", "put", "update", "start", "stop"))


@pytest.mark.slow
def test_nothing_that_streams_its_answer_to_a_file_is_taken_for_reading() -> None:
    """Those named `describe_` and `list_` are looked at in test_read_operations.py: it is one."""
    named = [(service, name) for table in (ACCEPTED, DATA) for service, names in table.items() for name in names]
    assert not [each for each in named if MODELS.operation(*each).streams]
    assert not only_reads("aws medialive describe-input-device-thumbnail --input-device-id a --accept image/jpeg a.jpg")
    assert not only_reads("aws medialive describe-input-device-thumbnail --input-device-id a --accept image/jpeg")


@pytest.mark.slow
def test_every_waiter_asks_by_an_operation_that_reads() -> None:
    """`aws SERVICE wait NAME` is accepted for any service: what AWS's waiters call."""
    session = botocore.session.get_session()
    asked = set()
    for service in session.get_available_services():
        try:
            config = session.get_waiter_model(service)
        except (botocore.exceptions.UnknownServiceError, botocore.exceptions.DataNotFoundError):
            continue
        asked |= {config.get_waiter(name).operation for name in config.waiter_names}
    assert len(asked) > 50
    assert not {name for name in asked if not name.startswith(("Describe", "List", "Get", "Head"))}
