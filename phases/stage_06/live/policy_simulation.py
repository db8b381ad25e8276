"""What does AWS itself say about the policy? IAM Access Analyzer reads it, the IAM policy simulator tries it.

Both are a second opinion beside our own assertions. Where the account does not allow or have them, and in the sandbox
(which has neither), the check says "not checked" and why; it never says "passed".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from phases.aws import AwsError, AwsPort, ExpiredToken, NoCredentials, Throttled
from phases.stage_06.chapters.iam_policy import ROLES, TABLE_ACTIONS, Policy, minified, policies_of
from phases.step import Check
from state.evidence import Verdict

SIMULATED_RESOURCES = 20  # a statement's resources are all alike: a sample shows its effect in one page of answers

Opinion = tuple[str, Verdict]  # what was seen, and the verdict


def second_opinions(aws: AwsPort, policy: Policy) -> list[Check]:
    """One check by Access Analyzer and one by the simulator for each role."""
    checks = []
    for role in ROLES:
        parts = policies_of(policy, role)
        checks += [
            _asked(aws, f"Access Analyzer on {role}", "no error or security warning", partial(_analyzed, aws, parts)),
            _asked(aws, f"simulation of {role}", "every decision as granted", partial(_simulated, aws, parts)),
        ]
    return checks


def _asked(aws: AwsPort, name: str, expected: str, ask: Callable[[], Opinion]) -> Check:
    if aws.sandbox:
        return Check(name, expected, "not checked in the sandbox", "not-checked")
    try:
        seen, verdict = ask()
    except (ExpiredToken, NoCredentials, Throttled):
        raise  # signing in or waiting mends these: the task is resumed, the check not passed over
    except AwsError as error:
        return Check(name, expected, f"not checked: {error.message}", "not-checked")
    return Check(name, expected, seen, verdict)


def _analyzed(aws: AwsPort, parts: list[Policy]) -> Opinion:
    """Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html"""
    findings = [
        finding
        for part in parts
        for page in aws.pages(
            "accessanalyzer", "validate_policy", policyDocument=minified(part), policyType="IDENTITY_POLICY"
        )
        for finding in page["findings"]
    ]
    if not findings:
        return "no finding", "pass"
    said = "; ".join(f"{each['findingType']} {each['issueCode']}: {each['findingDetails']}" for each in findings)
    closing = {"ERROR", "SECURITY_WARNING"} & {each["findingType"] for each in findings}
    return said, "fail" if closing else "note"


def _simulated(aws: AwsPort, parts: list[Policy]) -> Opinion:
    """Every action of every role on the part's resources: exactly the granted ones must be allowed.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
    """
    actions = sorted({action for actions in TABLE_ACTIONS.values() for action in actions})
    tried, wrong = 0, []
    for part in parts:
        granted = _granted(part)
        for action, arn, decision in _decisions(aws, part, actions, _sample(part)):
            tried += 1
            if (decision == "allowed") != ((action, arn) in granted):
                wrong.append(f"{action} on {arn}: {decision}")
    if wrong or not tried:
        return "; ".join(wrong) or "no decision was answered", "fail"
    return f"{tried} decisions, all as granted", "pass"


def _sample(policy: Policy) -> list[str]:
    resources = {arn for statement in policy["Statement"] for arn in statement["Resource"]}
    return sorted(resources)[:SIMULATED_RESOURCES]


def _granted(policy: Policy) -> set[tuple[str, str]]:
    """(action, resource) of everything that the policy allows."""
    return {
        (action, arn)
        for statement in policy["Statement"]
        for action in statement["Action"]
        for arn in statement["Resource"]
    }


def _decisions(aws: AwsPort, policy: Policy, actions: list[str], resources: list[str]) -> list[tuple[str, str, str]]:
    """(action, resource, decision); an answer for several resources has them one by one in its specific results."""
    over_tls = {"ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]}
    return [
        (
            result["EvalActionName"],
            each.get("EvalResourceName", ""),
            each.get("EvalResourceDecision") or each.get("EvalDecision", ""),
        )
        for page in aws.pages(
            "iam",
            "simulate_custom_policy",
            PolicyInputList=[minified(policy)],
            ActionNames=actions,
            ResourceArns=resources,
            ContextEntries=[over_tls],
        )
        for result in page["EvaluationResults"]
        for each in result.get("ResourceSpecificResults") or [result]
    ]
