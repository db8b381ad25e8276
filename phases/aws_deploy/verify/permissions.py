"""Who is calling AWS, and may they do what this deployment will ask? Shown, and simulated where the account allows it.

In the sandbox, which has no policy simulator, and where simulating is denied, the check says "not checked" and why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phases.aws import AwsError, AwsPort, ExpiredToken, NoCredentials, Throttled
from phases.aws_deploy.live.answers import entries
from phases.step import Check

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import DeploymentSpec

ALWAYS = ("sts:GetCallerIdentity", "tag:GetResources", "logs:FilterLogEvents", "cloudwatch:DescribeAlarms")


def needed_actions(deployment: DeploymentSpec) -> list[str]:
    """The IAM actions of what phasegate itself will call for what deployment.yaml names.

    The team's own commands are theirs, and what only describes what carries the tags is not checked where it is denied.
    """
    actions = set(ALWAYS)
    if deployment.backups.dynamodb_tables:
        actions |= {f"dynamodb:{name}" for name in ("DescribeTable", "CreateBackup", "ListBackups", "DescribeBackup")}
        actions |= {f"dynamodb:{name}" for name in ("RestoreTableFromBackup", "DeleteTable", "Scan")}
    if deployment.monitoring.dashboards:
        actions |= {f"cloudwatch:{name}" for name in ("GetDashboard", "PutDashboard", "ListMetrics")}
    if deployment.monitoring.alarms:
        actions |= {f"cloudwatch:{name}" for name in ("PutMetricAlarm", "SetAlarmState", "ListAlarmMuteRules")}
        actions.add("sns:ListSubscriptionsByTopic")
    if deployment.monitoring.alarms or deployment.watch.alarms:
        actions.add("cloudwatch:DescribeAlarmHistory")
    if deployment.watch.log_groups:
        actions.add("logs:DescribeLogGroups")
    if deployment.watch.metrics or deployment.watch.traffic:
        actions.add("cloudwatch:GetMetricStatistics")
    if deployment.notification.sns_topic:
        actions |= {"sns:Publish", "sns:ListSubscriptionsByTopic"}
    if deployment.cost.daily_usd is not None or deployment.cost.hourly_usd is not None:
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
        decisions = _simulated(aws, principal, actions)
    except (ExpiredToken, NoCredentials, Throttled):
        raise
    except AwsError as error:
        return Check(name, expected, f"not checked: {error.message}", "not-checked", caller)
    refused = sorted(action for action, decision in decisions if decision != "allowed")
    if refused:
        # the simulation knows nothing of resource policies, session policies and the organisation's: it may be wrong
        return Check(name, expected, f"the simulation refuses {', '.join(refused)}", "note", principal)
    unsaid = sorted(set(actions) - {action for action, _decision in decisions})
    if unsaid:
        seen = f"not checked: the simulation does not answer for {', '.join(unsaid)}"
        return Check(name, expected, seen, "not-checked", principal)
    return Check(name, expected, f"{len(decisions)} actions allowed in the simulation", "pass", principal)


def _simulated(aws: AwsPort, principal: str, actions: Sequence[str]) -> list[tuple[str, str]]:
    """(action, decision) as the policy simulator answers."""
    about = {"PolicySourceArn": principal, "ActionNames": list(actions)}
    results = entries(aws, "iam", "simulate_principal_policy", "EvaluationResults", **about)
    return [(each["EvalActionName"], each["EvalDecision"]) for each in results]


def principal_of(caller: str) -> str:
    """The ARN that can be simulated: a user's own, a session's role; "" for the root user and federated users.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (PolicySourceArn);
    a role's path is not in its session's ARN, so a role below a path is not found: the check says so.
    """
    session = re.fullmatch(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/.+", caller)
    if session:
        return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"
    return caller if re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:(?:user|role)/.+", caller) else ""
