"""What is not there passes only where it could have been seen, or beside a check that passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from phases.checks.evaluate import evaluate
from state.errors import BadInput
from tests.worlds.checking import Asking, check, written
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow

TOPIC = "arn:aws:sns:us-east-1:123456789012:orders"
NOBODY = check("sns", "list_subscriptions_by_topic", {"TopicArn": TOPIC}, "Subscriptions", "absent")
THERE = {
    **check("sns", "get_topic_attributes", {"TopicArn": TOPIC}, "Attributes.TopicArn", {"equals": TOPIC}),
    "id": "there",
    "name": "the topic is there",
}
OPEN = check("ec2", "describe_security_groups", {}, "SecurityGroups[].IpPermissions[?FromPort==`22`][]", "absent")
GROUPS = {"Filters": [{"Name": "group-name", "Values": ["none-of-that-name"]}]}


@pytest.fixture
def topic(sandbox: Sandbox) -> Sandbox:
    sandbox.client("sns").create_topic(Name="orders")
    return sandbox


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda entry: entry, "passed"),
        (lambda entry: {**entry, "parameters": GROUPS}, "not checked"),
        (lambda entry: {**entry, "expression": "length(SecurityGroups)", "expect": {"at-most": 9}}, "passed"),
        (
            lambda entry: {
                **entry,
                "parameters": GROUPS,
                "expression": "length(SecurityGroups)",
                "expect": {"at-most": 9},
            },
            "not checked",
        ),
        (
            lambda entry: {
                **entry,
                "parameters": GROUPS,
                "expression": "SecurityGroups[].GroupName",
                "expect": {"equals": []},
            },
            "not checked",
        ),
    ],
    ids=["groups, none open", "no group", "fewer than ten", "a count of nothing", "an empty list"],
)
def test_an_empty_list_is_silence(
    change: Callable[[dict[str, Any]], dict[str, Any]], state: str, sandbox: Sandbox
) -> None:
    outcome = Asking(sandbox).evaluate(change(OPEN))
    assert outcome.state == state, outcome
    assert outcome.state == "passed" or outcome.reason.startswith("SecurityGroups is empty: nothing was looked at")


def test_a_check_that_passes_beside_it_makes_absence_a_fact(topic: Sandbox) -> None:
    asking = Asking(topic)
    assert asking.evaluate(NOBODY).as_check().verdict == "not-checked"
    subject, _ = written({**NOBODY, "beside": "there"}, THERE).checks
    outcome = evaluate(subject, asking.door, wait=lambda _seconds: None)
    assert (outcome.state, outcome.seen) == ("passed", f'[], beside there: "{TOPIC}"')

    wrong, _ = written({**NOBODY, "beside": "there"}, {**THERE, "expect": {"equals": "another"}}).checks
    outcome = evaluate(wrong, asking.door, wait=lambda _seconds: None)
    assert (outcome.state, outcome.reason) == (
        "not checked",
        f'Subscriptions is empty, and there beside it did not pass: "{TOPIC}"',
    )


def test_a_run_of_0_1_goes_on_as_it_did(topic: Sandbox) -> None:
    (subject,) = written(NOBODY).checks
    taken = evaluate(subject, Asking(topic).door, wait=lambda _seconds: None, takes_silence=True)
    assert taken.state == "passed"


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("nobody", "beside: expected the id of another check of this file, seen 'nobody'"),
        ("encrypted", "beside: expected the id of another check of this file, seen 'encrypted'"),
        ("there", "beside: there expects what is absent itself; expected one that is there"),
    ],
)
def test_a_companion_that_shows_nothing_is_refused_with_its_place(beside: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        written({**NOBODY, "beside": beside}, {**THERE, "expect": "absent"})
    assert [problem.message for problem in refused.value.problems] == [said]
