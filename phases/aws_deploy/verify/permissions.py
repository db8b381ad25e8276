"""Who is calling AWS, and may they do what this deployment will ask? Shown, and simulated where the account allows it.

In the sandbox, which has no policy simulator, and where simulating is denied, the check says "not checked" and why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phases.aws import AwsError, AwsPort, ExpiredToken, NoCredentials, Throttled
from phases.step import Check

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import DeploymentSpec

ALWAYS = ("sts:GetCallerIdentity", "tag:GetResources", "logs:FilterLogEvents", "cloudwatch:DescribeAlarms")


def needed_actions(deployment: DeploymentSpec) -> list[str]:
    """The IAM actions of what phasegate itself will call; the team's own commands are theirs."""
    actions = set(ALWAYS)
    if deployment.backups.dynamodb_tables:
        actions |= {f"dynamodb:{name}" for name in ("DescribeTable", "CreateBackup", "ListBackups", "DescribeBackup")}
        actions |= {"dynamodb:RestoreTableFromBackup", "dynamodb:DeleteTable"}
    if deployment.monitoring.dashboards:
        actions |= {"cloudwatch:GetDashboard", "cloudwatch:PutDashboard"}
    if deployment.monitoring.alarms:
        actions |= {f"cloudwatch:{name}" for name in ("PutMetricAlarm", "SetAlarmState", "DescribeAlarmHistory")}
    if deployment.notification.sns_topic:
        actions.add("sns:Publish")
    if deployment.cost.daily_usd is not None:
        actions.add("ce:GetCostAndUsage")
    return sorted(actions)


def permission_check(aws: AwsPort, name: str, caller: str, actions: Sequence[str]) -> Check:
    """One check over all of these actions."""
    expected = f"allowed: {', '.join(actions)}"
    if aws.sandbox:
        return Check(name, expected, "not checked: the sandbox has no policy simulator", "not-checked", caller)
    principal = principal_of(caller)
    if not principal:
        return Check(name, expected, "not checked: only users and roles can be simulated", "not-checked", caller)
    try:
        results = [
            result
            for page in aws.pages(
                "iam", "simulate_principal_policy", PolicySourceArn=principal, ActionNames=list(actions)
            )
            for result in page["EvaluationResults"]
        ]
    except (ExpiredToken, NoCredentials, Throttled):
        raise
    except AwsError as error:
        return Check(name, expected, f"not checked: {error.message}", "not-checked", caller)
    refused = sorted(each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed")
    if refused or not results:
        # the simulation knows nothing of resource policies, session policies and the organisation's: it may be wrong
        return Check(name, expected, f"the simulation refuses {', '.join(refused) or 'to answer'}", "note", principal)
    return Check(name, expected, f"{len(results)} actions allowed in the simulation", "pass", principal)


def principal_of(caller: str) -> str:
    """The ARN that can be simulated: a user's own, a session's role; "" for the root user and federated users.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (PolicySourceArn);
    a role's path is not in its session's ARN, so a role below a path is not found: the check says so.
    """
    session = re.fullmatch(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/.+", caller)
    if session:
        return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"
    return caller if re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:(?:user|role)/.+", caller) else ""
