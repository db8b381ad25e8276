"""Does task 4.2 write a policy for exactly what is deployed, and say what it could not check?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from phases.aws import AwsError, AwsPort, Denied, ExpiredToken
from phases.documents.markdown import code_blocks
from phases.stage_06 import paths
from phases.stage_06.chapters.iam_policy import TableArns, build_policy, policies_of
from phases.stage_06.live.policy_simulation import second_opinions
from phases.stage_06.task_4_2_access import configure_access
from phases.step import Check
from tests.worlds.deployed_world import REGION
from tests.worlds.step_world import StepWorld

HERE = f"arn:aws:dynamodb:{REGION}:123456789012:table"
POLICY = build_policy([TableArns("Users", f"{HERE}/Users", (f"{HERE}/Users/index/ByEmail",))])

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


class RealAccount:
    """The two services that no sandbox has, scripted; `sandbox` is False, so they are asked."""

    sandbox = False
    region = REGION

    def __init__(self, analyze: Answer, simulate: Answer) -> None:
        self._answers = {"validate_policy": analyze, "simulate_custom_policy": simulate}

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        yield self._answers[operation](params)

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        raise AssertionError(f"{service}.{operation} is not asked for")

    def at(self, region: str) -> AwsPort:
        return self

    def endpoint(self, service: str) -> str:
        return f"https://{service}.{REGION}.amazonaws.com"


def no_finding(_params: Mapping[str, Any]) -> dict[str, Any]:
    return {"findings": []}


def as_granted(params: Mapping[str, Any]) -> dict[str, Any]:
    """The simulator for policies of Allow statements over named resources, one result per action and resource."""
    statements = json.loads(params["PolicyInputList"][0])["Statement"]
    assert params["ContextEntries"][0]["ContextKeyName"] == "aws:SecureTransport"
    return {
        "EvaluationResults": [
            {
                "EvalActionName": action,
                "EvalResourceName": arn,
                "EvalDecision": "allowed"
                if any(action in each["Action"] and arn in each["Resource"] for each in statements)
                else "implicitDeny",
            }
            for action in params["ActionNames"]
            for arn in params["ResourceArns"]
        ]
    }


def raising(error: AwsError) -> Answer:
    def answer(_params: Mapping[str, Any]) -> dict[str, Any]:
        raise error

    return answer


def verdicts(checks: list[Check], prefix: str) -> set[str]:
    return {check.verdict for check in checks if check.name.startswith(prefix)}


@pytest.mark.slow
def test_the_policy_names_exactly_the_live_tables_and_indexes(world: StepWorld) -> None:
    work = world.run(configure_access)

    policy = json.loads(world.read(paths.IAM_POLICY))
    named = {arn for each in policy["Statement"] for arn in each["Resource"]}
    assert named == {
        f"arn:aws:dynamodb:{REGION}:123456789012:table/{name}"
        for name in (
            "Customers",
            "Customers/index/ByEmail",
            "Customers/index/OrdersByStatus",
            "Products",
            "Products/index/ByCategory",
            "media-files",
        )
    }
    assert verdicts(list(work.checks), "") == {"pass", "not-checked"}


def test_the_sandbox_says_not_checked_and_never_passed(world: StepWorld) -> None:
    work = world.run(configure_access)

    opinions = [check for check in work.checks if check.name.startswith(("Access Analyzer", "simulation"))]
    assert len(opinions) == 6
    assert {(check.verdict, check.seen) for check in opinions} == {("not-checked", "not checked in the sandbox")}
    assert "(6 not checked)" in world.read(paths.ACCESS).decode()


def test_running_it_again_writes_the_same(world: StepWorld) -> None:
    world.run(configure_access)
    first = dict(world.written)

    world.run(configure_access)

    assert world.written == first


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_the_commands_cut_each_role_out_of_the_file(world: StepWorld) -> None:
    world.run(configure_access)
    commands = code_blocks(world.read(paths.ACCESS).decode(), "bash")[0]
    script = "\n".join(line for line in commands.splitlines() if not line.startswith("aws "))

    subprocess.run(["bash", "-euc", script], cwd=world.root, env={**os.environ, "APPLICATION_ROLE": "shop"}, check=True)

    whole = json.loads(world.read(paths.IAM_POLICY))
    made = {path.name.rsplit("-", 1)[1]: json.loads(path.read_text()) for path in Path(world.root).glob("*.json")}
    assert made == {f"{role.lower()}.json": policies_of(whole, role)[0] for role in ("Read", "Write")}


def test_a_real_account_that_agrees_passes() -> None:
    checks = second_opinions(RealAccount(no_finding, as_granted), POLICY)

    assert [check.verdict for check in checks] == ["pass"] * 6
    assert checks[1].seen == "36 decisions, all as granted"  # 18 actions on a table and its index


def test_a_decision_that_is_not_as_granted_fails_by_name() -> None:
    def everything(params: Mapping[str, Any]) -> dict[str, Any]:
        results = as_granted(params)["EvaluationResults"]
        return {"EvaluationResults": [{**each, "EvalDecision": "allowed"} for each in results]}

    checks = second_opinions(RealAccount(no_finding, everything), POLICY)

    assert verdicts(checks, "simulation") == {"fail"}
    assert f"dynamodb:UpdateTable on {HERE}/Users: allowed" in checks[1].seen


def test_decisions_of_several_resources_in_one_answer_are_read_one_by_one() -> None:
    def nested(params: Mapping[str, Any]) -> dict[str, Any]:
        results: dict[str, list[dict[str, str]]] = {}
        for each in as_granted(params)["EvaluationResults"]:
            results.setdefault(each["EvalActionName"], []).append(
                {"EvalResourceName": each["EvalResourceName"], "EvalResourceDecision": each["EvalDecision"]}
            )
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": "implicitDeny", "ResourceSpecificResults": specific}
                for action, specific in results.items()
            ]
        }

    assert verdicts(second_opinions(RealAccount(no_finding, nested), POLICY), "simulation") == {"pass"}


def test_an_empty_simulation_is_no_pass() -> None:
    checks = second_opinions(RealAccount(no_finding, lambda _: {"EvaluationResults": []}), POLICY)

    assert {(check.verdict, check.seen) for check in checks if check.name.startswith("simulation")} == {
        ("fail", "no decision was answered")
    }


@pytest.mark.parametrize(
    ("kind", "verdict"), [("ERROR", "fail"), ("SECURITY_WARNING", "fail"), ("WARNING", "note"), ("SUGGESTION", "note")]
)
def test_access_analyzer_closes_the_gate_for_errors_and_security_warnings(kind: str, verdict: str) -> None:
    finding = {"findingType": kind, "issueCode": "PASS_ROLE", "findingDetails": "details"}

    checks = second_opinions(RealAccount(lambda _: {"findings": [finding]}, as_granted), POLICY)

    assert verdicts(checks, "Access Analyzer") == {verdict}
    assert checks[0].seen == f"{kind} PASS_ROLE: details"


def test_an_account_that_does_not_allow_it_is_told_so() -> None:
    denied = Denied("access-analyzer:ValidatePolicy was denied", service="accessanalyzer", operation="validate_policy")

    checks = second_opinions(RealAccount(raising(denied), as_granted), POLICY)

    assert {(check.verdict, check.seen) for check in checks if check.name.startswith("Access Analyzer")} == {
        ("not-checked", "not checked: access-analyzer:ValidatePolicy was denied")
    }


def test_an_expired_token_stops_the_task_instead_of_passing_over_the_check() -> None:
    expired = ExpiredToken("expired", service="iam", operation="simulate_custom_policy")

    with pytest.raises(ExpiredToken):
        second_opinions(RealAccount(no_finding, raising(expired)), POLICY)
