"""docs/checks.md says what there is: its example is sound, its tables have every setting and every kind."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from phases.checks.definition import DeclaredCheck
from phases.checks.file_settings import KINDS, CheckSettings
from phases.checks.reader import read_checks
from tests.worlds.checking import MODELS
from tests.worlds.silent_checks import passes, silent_passes

DOCUMENT = (Path(__file__).parents[3] / "docs/checks.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_example_is_sound_and_needs_one_variable() -> None:
    checks = read_checks(EXAMPLE.encode(), "orders.checks.yaml", MODELS).filled({"environment": "test"})
    assert len(checks.checks) == 8
    assert checks.checks[0].parameters == {"TableName": "test-orders"}
    assert {name for check in checks.checks for _, name in check.placeholders()} == set()


RULE = {"FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": []}
ALLOWS = {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": "*"}
OURS = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "s3:GetObject"}
GOOD: Mapping[str, dict[str, Any]] = {
    "orders-encrypted": {"Table": {"SSEDescription": {"Status": "ENABLED"}}},
    "orders-restorable": {
        "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
    },
    "nothing-open": {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [RULE]}]},
    "no-wildcards": {"RoleName": "x", "PolicyName": "x", "PolicyDocument": {"Version": "1", "Statement": [ALLOWS]}},
    "bucket-closed": {"Policy": json.dumps({"Statement": [OURS]})},
    "function-size": {"MemorySize": 256, "Timeout": 30},
    "logs-kept": {"logGroups": [{"retentionInDays": 30}]},
    "alarm-tells": {"MetricAlarms": [{"ActionsEnabled": True, "AlarmActions": ["arn:aws:sns:x"]}]},
}
# Where an empty list is a fact of AWS's, and what is there beside it.
ABSENCE = {
    "SecurityGroups.*.IpPermissions emptied": "a group that lets nobody in",
    "get_role_policy: every list emptied": "a policy that allows nothing",
    "PolicyDocument.Statement emptied": "a policy that allows nothing",
}


@pytest.mark.parametrize("check_id", sorted(GOOD))
def test_no_check_of_the_example_passes_on_an_answer_that_says_nothing(check_id: str) -> None:
    checks = read_checks(EXAMPLE.encode(), "orders.checks.yaml", MODELS).filled({"environment": "test"})
    (check,) = [each for each in checks.checks if each.id == check_id]
    assert isinstance(check, DeclaredCheck)
    spoilt, wrong = silent_passes(replace(check, within=0), [GOOD[check_id]])
    assert spoilt > 3
    assert [each for each in wrong if not each.endswith(tuple(ABSENCE))] == []


@pytest.mark.parametrize("policy", [{}, {"Version": "1"}, {"Version": "1", "Statement": None}])
def test_a_document_without_what_is_looked_through_is_silence(policy: dict[str, Any]) -> None:
    checks = read_checks(EXAMPLE.encode(), "orders.checks.yaml", MODELS).filled({"environment": "test"})
    (check,) = [each for each in checks.checks if each.id == "no-wildcards"]
    assert isinstance(check, DeclaredCheck)
    assert not passes(check, [{**GOOD["no-wildcards"], "PolicyDocument": policy}])


def test_the_document_has_every_setting_and_every_kind_of_expectation() -> None:
    settings, kinds = DOCUMENT.split("## Settings")[1].split("## What is refused")[0].split("| `expect` | holds")
    listed = set(re.findall(r"`([a-z-]+)`", " ".join(re.findall(r"^\| (`[^|]*) \|", settings, re.MULTILINE))))
    assert listed == {field.alias or name for name, field in CheckSettings.model_fields.items()}
    first = " ".join(re.findall(r"^\| ([^|]*) \|", kinds, re.MULTILINE))
    assert set(re.findall(r"`\{?([a-z-]+)", first)) == set(KINDS)
