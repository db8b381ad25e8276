"""Does an alarm reach somebody? It is set off, seen to change, seen to act, and put back.

Rules:
- Its reason names the run: who is woken by it sees that it is a test.
- The action counts when AWS's own history says that it was executed. The sandbox keeps none, and triggers nothing:
  there the action was not checked.
- An alarm that is in ALARM already is left alone: setting it again would trigger nothing.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from phases.aws import AwsPort
from phases.aws_deploy.recorded import SetOff
from phases.aws_deploy.verify.watch import now
from phases.checks.answered import Item
from phases.step import Check, StepContext

POLL = 5.0  # [s]
PATIENCE = 24  # polls: two minutes
SKEW = timedelta(minutes=1)  # between this machine's clock and AWS's


def find_alarm(aws: AwsPort, name: str) -> Mapping[str, Any] | None:
    """The alarm, metric or composite, as DescribeAlarms has it."""
    answer = aws.call("cloudwatch", "describe_alarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return next(iter([*answer["MetricAlarms"], *answer.get("CompositeAlarms", ())]), None)


def alarm_checks(ctx: StepContext, aws: AwsPort, item: Item, name: str) -> Iterator[Check]:
    """Whom it tells, whether it changed, whether it acted, and whether it is as it was."""
    alarm = find_alarm(aws, name)
    if alarm is None:
        yield item.check(name, "an alarm", "there is no such alarm", "fail", name)
        return
    yield _audible(alarm, item, name)
    arn, actions = str(alarm["AlarmArn"]), list(alarm.get("AlarmActions", ()))
    reason = f"phasegate: test alarm of run {ctx.run_id}, attempt {ctx.attempt}; nothing is wrong"
    done = _set_off(ctx, aws, alarm, name, reason)
    if done["before"] == "ALARM":
        seen = "not checked: it is in ALARM already"
        yield item.check(f"{name} changes", "to ALARM and back", seen, "not-checked", arn)
        return
    changed, acted = _await(ctx, aws, name, reason, datetime.fromisoformat(done["at"]) - SKEW, actions)
    ctx.effect(
        f"put-back-{name}",
        {"alarm": name, "state": done["before"]},
        lambda: _put_back(aws, name, done["before"]),
        lambda: None,
    )
    seen = "ALARM" if changed else "not seen in ALARM"
    yield item.check(f"{name} changes", "to ALARM", seen, "pass" if changed else "fail", arn)
    yield _acts(aws, item, name, actions, acted, arn)


def _audible(alarm: Mapping[str, Any], item: Item, name: str) -> Check:
    """Whether it tells anybody."""
    actions = list(alarm.get("AlarmActions", ()))
    audible = bool(actions) and alarm.get("ActionsEnabled", True)
    tells = ", ".join(actions) or "nobody"
    seen = tells if audible or not actions else f"{tells}, but its actions are switched off"
    return item.check(f"{name} tells", "somebody", seen, "pass" if audible else "fail", str(alarm["AlarmArn"]))


def _set_off(ctx: StepContext, aws: AwsPort, alarm: Mapping[str, Any], name: str, reason: str) -> dict[str, Any]:
    """Set it off, once an attempt; one that is in ALARM already is left alone."""

    def ours() -> dict[str, Any] | None:
        seen = find_alarm(aws, name)
        return {"before": "OK", "at": ctx.now.isoformat()} if seen and seen.get("StateReason") == reason else None

    def act() -> dict[str, Any]:
        before = str((find_alarm(aws, name) or alarm)["StateValue"])
        at = now().isoformat()
        if before != "ALARM":
            aws.call("cloudwatch", "set_alarm_state", AlarmName=name, StateValue="ALARM", StateReason=reason)
        return {"before": before, "at": at}

    return ctx.effect(f"set-off-{name}", {"alarm": name, "reason": reason}, act, ours, SetOff)


def _acts(aws: AwsPort, item: Item, name: str, actions: list[str], acted: set[str], arn: str) -> Check:
    """Whether AWS's own history says that its actions were executed."""
    tells = ", ".join(actions) or "nobody"
    if aws.sandbox:
        seen = "not checked: an alarm of the sandbox triggers nothing"
        return item.check(f"{name} acts", tells, seen, "not-checked", arn)
    missing = [action for action in actions if action not in acted]
    seen = f"not seen: {', '.join(missing)}" if missing else "executed, says its history"
    return item.check(f"{name} acts", tells, seen, "fail" if missing or not actions else "pass", arn)


def _await(
    ctx: StepContext, aws: AwsPort, name: str, reason: str, since: datetime, actions: list[str]
) -> tuple[bool, set[str]]:
    """Whether the change was seen, and which actions were executed, as far as could be seen in two minutes."""
    if aws.sandbox:
        seen = find_alarm(aws, name)
        return bool(seen and seen["StateValue"] == "ALARM"), set()
    changed, acted = False, set[str]()
    for _ in range(PATIENCE):
        for page in aws.pages("cloudwatch", "describe_alarm_history", AlarmName=name, StartDate=since):
            for entry in page["AlarmHistoryItems"]:
                changed |= entry["HistoryItemType"] == "StateUpdate" and reason in str(entry.get("HistoryData", ""))
                acted |= _executed(entry, actions)
        if changed and acted >= set(actions):
            break
        ctx.wait(POLL)
    return changed, acted


def _executed(entry: Mapping[str, Any], actions: list[str]) -> set[str]:
    """Those of the actions that this entry of the history says were executed."""
    summary = str(entry["HistorySummary"])
    if entry["HistoryItemType"] != "Action" or not summary.startswith("Successfully executed"):
        return set()
    return {action for action in actions if action in summary}


def _put_back(aws: AwsPort, name: str, state: str) -> dict[str, str]:
    aws.call(
        "cloudwatch", "set_alarm_state", AlarmName=name, StateValue=state, StateReason="phasegate: end of the test"
    )
    return {"state": state}
