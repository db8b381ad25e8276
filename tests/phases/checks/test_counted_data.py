"""Versions of anything, log lines that are counted and never kept, and what a role may do: the real parts answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from phases.aws import Answer
from phases.checks.evaluate import evaluate
from phases.checks.read_operations import ACCEPTED, COUNTED
from state.errors import BadInput
from tests.worlds.checking import AnswersPages, Asking, check, written
from workflow.sandbox.inprocess import Sandbox

GROUP = "/ecs/shop"
NO_ERRORS = "length(events) > `0` && length(events[?contains(message, 'ERROR')]) == `0`"
SINCE = (int(time.time()) - 60) * 1_000  # [ms] CloudWatch Logs takes no lines that are older than two weeks


def lines(*, expression: str = NO_ERRORS, expect: Any = None) -> dict[str, Any]:
    asked = {"logGroupName": GROUP, "startTime": SINCE}
    return check("logs", "filter_log_events", asked, expression, expect or {"equals": True})


def written_to(sandbox: Sandbox, *messages: str) -> None:
    logs = sandbox.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="a")
    events = [{"timestamp": SINCE + number, "message": each} for number, each in enumerate(messages)]
    if events:
        logs.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=events)


@pytest.mark.parametrize(
    ("messages", "state"),
    [(("started", "ready"), "passed"), (("started", "ERROR: no table"), "failed"), ((), "failed")],
)
def test_log_lines_are_counted_and_silence_is_no_pass(sandbox: Sandbox, messages: tuple[str, ...], state: str) -> None:
    written_to(sandbox, *messages)
    assert Asking(sandbox).evaluate(lines()).state == state


def test_no_log_line_is_kept_or_shown(sandbox: Sandbox) -> None:
    written_to(sandbox, "password=hunter2", "ERROR: hunter2")
    outcome = Asking(sandbox).evaluate(lines())
    assert "hunter2" not in json.dumps([outcome.answer, outcome.seen, outcome.reason, outcome.request])
    assert outcome.seen == "false"
    counted = Asking(sandbox).evaluate(lines(expression="length(events)", expect={"at-least": 2}))
    assert (counted.state, counted.seen) == ("passed", "2")


@pytest.mark.parametrize("expression", ["events[0].message", "events[].message", "events", "max(events[].message)"])
def test_what_would_hand_out_a_line_is_refused(expression: str) -> None:
    with pytest.raises(BadInput, match="may only count") as refused:
        written(lines(expression=expression, expect="present"))
    assert str(refused.value.problems[0]).startswith("orders.checks.yaml:")


def test_what_is_counted_is_accepted_and_has_the_members_that_are_hidden() -> None:
    assert all(name in ACCEPTED[service] for service, name in COUNTED)


@pytest.mark.parametrize(("least", "state"), [("1.9", "passed"), ("1.29", "passed"), ("1.30", "failed")])
def test_a_cluster_is_at_least_of_a_version(sandbox: Sandbox, least: str, state: str) -> None:
    role = "arn:aws:iam::123456789012:role/eks"
    sandbox.client("eks").create_cluster(name="shop", version="1.29", roleArn=role, resourcesVpcConfig={})
    entry = check("eks", "describe_cluster", {"name": "shop"}, "cluster.version", {"version-at-least": least})
    assert Asking(sandbox).evaluate(entry).state == state


@pytest.mark.parametrize("given", ["newest", "1.x", ""])
def test_a_version_to_hold_against_is_one(given: str) -> None:
    entry = check("eks", "describe_cluster", {"name": "shop"}, "cluster.version", {"version-at-least": given})
    with pytest.raises(BadInput, match="expected a version such as"):
        written(entry)


def test_a_version_of_a_number_is_refused() -> None:
    entry = check("rds", "describe_db_instances", {}, "length(DBInstances)", {"version-at-least": "1"})
    with pytest.raises(BadInput, match="version-at-least is about a text"):
        written(entry)


class Deciding(AnswersPages):
    """IAM, which says of each action that it is asked about whether it is allowed."""

    def __init__(self, *allowed: str) -> None:
        self._allowed = allowed

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[Answer]:
        assert (service, operation) == ("iam", "simulate_principal_policy")
        said = {True: "allowed", False: "implicitDeny"}
        yield {
            "EvaluationResults": [
                {"EvalActionName": each, "EvalDecision": said[each in self._allowed]} for each in params["ActionNames"]
            ]
        }


MAY = check(
    "iam",
    "simulate_principal_policy",
    {"PolicySourceArn": "arn:aws:iam::123456789012:role/shop", "ActionNames": ["dynamodb:PutItem"]},
    "EvaluationResults[].EvalDecision",
    {"equals": ["allowed"]},
)


@pytest.mark.parametrize(("allowed", "state"), [("dynamodb:PutItem", "passed"), ("dynamodb:GetItem", "failed")])
def test_what_a_role_may_do_is_simulated(allowed: str, state: str) -> None:
    (only,) = written(MAY).checks
    assert evaluate(only, Deciding(allowed), wait=lambda _seconds: None).state == state


def test_the_sandbox_does_not_say_what_a_role_may_do(sandbox: Sandbox) -> None:
    outcome = Asking(sandbox).evaluate(MAY)
    assert (outcome.state, outcome.reason) == ("not checked", "the sandbox does not implement this operation")
