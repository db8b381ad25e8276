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

from phases.aws import AwsError, AwsPort
from phases.aws_deploy.live.alarms import DRILL, DRILL_OVER, LiveAlarm, find_alarm, muted_by
from phases.aws_deploy.live.answers import PAUSES, entries, not_checked
from phases.aws_deploy.live.subscribers import heard_by, is_topic
from phases.aws_deploy.spec.recorded import SetOff
from phases.aws_deploy.verify.watch import now
from phases.checks.answered import Item
from phases.step import Check, StepContext

POLL = 5.0  # [s]
PATIENCE = 24  # polls: two minutes
SKEW = timedelta(minutes=1)  # between this machine's clock and AWS's


def alarm_checks(ctx: StepContext, aws: AwsPort, item: Item, name: str) -> Iterator[Check]:
    """Whom it tells, whether it changed, whether it acted, and whether it is as it was."""
    alarm = find_alarm(aws, name)
    if alarm is None:
        yield item.check(name, "an alarm", "there is no such alarm", "fail", name)
        return
    yield _audible(aws, alarm, item, name)
    arn, actions = str(alarm["AlarmArn"]), list(alarm.get("AlarmActions", ()))
    reason = f"{DRILL} of run {ctx.run_id}, attempt {ctx.attempt}; nothing is wrong"
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


def _audible(aws: AwsPort, alarm: LiveAlarm, item: Item, name: str) -> Check:
    """Whether it tells anybody: its actions are on, and a topic among them has confirmed subscribers."""
    actions, arn = list(alarm["AlarmActions"]), str(alarm["AlarmArn"])
    check, expected = f"{name} tells", "somebody"
    tells = ", ".join(actions) or "nobody"
    if not actions or not alarm["ActionsEnabled"]:
        seen = f"{tells}, but its actions are switched off" if actions else tells
        return item.check(check, expected, seen, "fail", arn)
    if not any(map(is_topic, actions)):
        return not_checked(item, check, expected, f"it starts {tells}, which tells nobody by itself", arn)
    try:
        muted, heard = muted_by(aws, name), heard_by(aws, actions)
    except PAUSES:
        raise
    except AwsError as error:
        return not_checked(item, check, expected, error.message, arn)
    if muted:
        return not_checked(item, check, expected, f"it is muted by {', '.join(muted)}", arn)
    return item.check(check, expected, f"{tells}: {heard}", "pass" if heard.confirmed else "not-checked", arn)


def _set_off(ctx: StepContext, aws: AwsPort, alarm: LiveAlarm, name: str, reason: str) -> SetOff:
    """Set it off, once an attempt; one that is in ALARM already is left alone."""

    def ours() -> SetOff | None:
        seen = find_alarm(aws, name)
        return {"before": "OK", "at": ctx.now.isoformat()} if seen and seen.get("StateReason") == reason else None

    def act() -> SetOff:
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
        history = entries(
            aws, "cloudwatch", "describe_alarm_history", "AlarmHistoryItems", AlarmName=name, StartDate=since
        )
        ours = [each["Timestamp"] for each in history if _is_ours(each, reason)]
        changed = bool(ours)  # what was executed before it, another change has started
        later = [each for each in history if ours and each["Timestamp"] >= min(ours)]
        acted = {action for each in later for action in _executed(each, actions)}
        if changed and acted >= set(actions):
            break
        ctx.wait(POLL)
    return changed, acted


def _is_ours(entry: Mapping[str, object], reason: str) -> bool:
    """Whether this entry of the history is the change that the drill has made."""
    return entry["HistoryItemType"] == "StateUpdate" and reason in str(entry.get("HistoryData", ""))


def _executed(entry: Mapping[str, object], actions: list[str]) -> set[str]:
    """Those of the actions that this entry of the history says were executed."""
    summary = str(entry["HistorySummary"])
    if entry["HistoryItemType"] != "Action" or not summary.startswith("Successfully executed"):
        return set()
    return {action for action in actions if action in summary}


def _put_back(aws: AwsPort, name: str, state: str) -> dict[str, str]:
    aws.call("cloudwatch", "set_alarm_state", AlarmName=name, StateValue=state, StateReason=DRILL_OVER)
    return {"state": state}
