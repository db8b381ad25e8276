"""A slip in a checks file is told at its own place, with all others, and with what may be meant."""

from __future__ import annotations

import pytest

from phases.checks.profiles import Profile, of_other_profiles
from phases.checks.reader import read_checks
from phases.manual.asks_at_a_terminal import asks_at_a_terminal
from state.errors import BadInput
from tests.worlds.checking import MODELS

TABLE = "service: dynamodb, operation: describe_table, parameters: {TableName: orders}"
PROFILES = "profiles:\n  dev: {values: {region: us-east-1, zone-1: a}}\n"


def problems(checks: str) -> list[str]:
    try:
        read_checks(f"{PROFILES}checks:\n  - {checks}\n".encode(), "orders.checks.yaml", MODELS)
    except BadInput as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (
            f"{{id: t, name: T, {TABLE}, region: '{{regoin}}', expression: Table.TableStaus, expect: present}}",
            ("{regoin} has no value; did you mean {region}?", "no field 'TableStaus'", "did you mean TableStatus?"),
        ),
        ("{id: t, name: T, file: {path: '{regon}.json'}, severity: nota}", ("did you mean {region}?", "mean note?")),
        ("{id: t, name: T, sign-off: {of: oprator}}", ("did you mean operator?",)),
        ("{id: t, name: T, flie: {path: x}}", ("did you mean file?",)),
        (
            f"{{id: t, name: T, {TABLE}, expression: 'Table.[TableStatus]', expect: {{equals: [ACTIV]}}}}",
            (),  # a list made by hand: its elements are not known by their places
        ),
        (
            f"{{id: t, name: T, {TABLE}, expression: 'Table.{{s: TableStatus}}', expect: {{equals: {{s: ACTIV}}}}}}",
            ("the answer.s is never 'ACTIV'", "did you mean ACTIVE?"),
        ),
        (
            f"{{id: t, name: T, {TABLE}, expression: 'Table.{{s: TableStatus}}', expect: {{equals: {{t: ACTIVE}}}}}}",
            ("has no field 't'",),
        ),
        (
            f"{{id: t, name: T, {TABLE}, expression: 'Table.KeySchema[].KeyType', expect: {{equals: [HASH, RNG]}}}}",
            ("an element of", "is never 'RNG'"),
        ),
        (
            f"{{id: t, name: T, {TABLE}, expression: 'Table.KeySchema[].KeyType', expect: {{equals: [3]}}}}",
            ("never equal to the number 3",),
        ),
    ],
)
def test_a_slip_is_told_with_what_was_meant(check: str, told: tuple[str, ...]) -> None:
    found = problems(check)
    assert bool(found) == bool(told)
    assert all(each.startswith("orders.checks.yaml:4:") for each in found)
    assert all(any(word in each for each in found) for word in told), found


@pytest.mark.parametrize("name", ["region", "zone-2", "account", "regional", "zone"])
def test_a_name_of_its_own_is_none(name: str) -> None:
    assert problems(f"{{id: t, name: T, file: {{path: '{{{name}}}.json'}}}}") == []


DEV = Profile("dev", {"stack": "Shop-dev", "size": "1"})
STAGING = Profile("staging", {"stack": "Shop-staging", "size": "2"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cdk destroy --context env=dev", ["dev"]),
        ("cdk destroy --env=dev", ["dev"]),
        ("aws cloudformation cancel-update-stack --stack-name Shop-dev", ["dev", "Shop-dev"]),
        ("cat config/dev.json", ["dev"]),
        ("echo 1 2 >/dev/null", []),
        ("npm install --save-dev aws-cdk", []),
        ("cdk destroy --context env=staging", []),
        ("make develop", []),
    ],
)
def test_words_of_another_profile(text: str, words: list[str]) -> None:
    assert of_other_profiles(text, (DEV, STAGING), STAGING) == words
    assert of_other_profiles(text, (DEV, STAGING), None) == []


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("cd infrastructure\ncdk destroy --context env=dev", ("cdk destroy", "--force")),
        ("cdk destroy --force", None),
        ("terraform destroy", ("terraform destroy", "-auto-approve")),
        ("terraform apply plan.tfplan", None),
        ("echo it's", None),
    ],
)
def test_what_asks_at_a_terminal(text: str, asks: tuple[str, str] | None) -> None:
    assert asks_at_a_terminal(text) == asks
