"""docs/checks.md says what there is: its example is sound, its tables have every setting and every kind."""

from __future__ import annotations

import re
from pathlib import Path

from phases.checks.reader import KINDS, _Check, read_checks
from tests.worlds.checking import MODELS

DOCUMENT = (Path(__file__).parents[3] / "docs/checks.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_example_is_sound_and_needs_one_variable() -> None:
    checks = read_checks(EXAMPLE.encode(), "orders.checks.yaml", MODELS).filled({"environment": "test"})
    assert len(checks.checks) == 8
    assert checks.checks[0].parameters == {"TableName": "test-orders"}
    assert {name for check in checks.checks for _, name in check.placeholders()} == set()


def test_the_document_has_every_setting_and_every_kind_of_expectation() -> None:
    settings, kinds = DOCUMENT.split("## Settings")[1].split("## What is refused")[0].split("| `expect` | holds")
    listed = set(re.findall(r"`([a-z-]+)`", " ".join(re.findall(r"^\| (`[^|]*) \|", settings, re.MULTILINE))))
    assert listed == {field.alias or name for name, field in _Check.model_fields.items()}
    first = " ".join(re.findall(r"^\| ([^|]*) \|", kinds, re.MULTILINE))
    assert set(re.findall(r"`\{?([a-z-]+)", first)) == set(KINDS)
