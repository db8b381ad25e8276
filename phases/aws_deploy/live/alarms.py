"""Which alarm has this name, and when did it go off?"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from phases.aws import AwsPort
from phases.aws_deploy.live.answers import entries

OURS = "phasegate: "  # how the reason of a state begins that phasegate itself has set
DRILL = f"{OURS}test alarm"  # ... to set the alarm off
DRILL_OVER = f"{OURS}end of the test"  # ... to put it back


class LiveAlarm(TypedDict, total=False):
    """An alarm, metric or composite, as DescribeAlarms has it, as far as it is read here."""

    AlarmArn: str
    AlarmActions: list[str]
    ActionsEnabled: bool
    StateValue: str
    StateReason: str
    StateUpdatedTimestamp: datetime
    TreatMissingData: str
    Namespace: str
    MetricName: str
    Dimensions: list[dict[str, str]]


def find_alarm(aws: AwsPort, name: str) -> LiveAlarm | None:
    """The alarm of this name, None when there is none."""
    answer = aws.call("cloudwatch", "describe_alarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return next(iter([*answer["MetricAlarms"], *answer.get("CompositeAlarms", ())]), None)


def muted_by(aws: AwsPort, name: str) -> list[str]:
    """The rules that keep this alarm's actions from running now: a muted one looks as any other, and tells nobody.

    The sandbox has none. Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html
    """
    if aws.sandbox:
        return []
    about = {"AlarmName": name, "Statuses": ["ACTIVE"]}
    rules = entries(aws, "cloudwatch", "list_alarm_mute_rules", "AlarmMuteRuleSummaries", **about)
    return [str(each["AlarmMuteRuleArn"]) for each in rules]


def alarm_times(aws: AwsPort, name: str, since: datetime, until: datetime) -> list[str]:
    """When the alarm went into ALARM in [since, until], as its history has it; drills of phasegate's own apart.

    The sandbox keeps no history. Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
    """
    history = entries(
        aws,
        "cloudwatch",
        "describe_alarm_history",
        "AlarmHistoryItems",
        AlarmName=name,
        HistoryItemType="StateUpdate",
        StartDate=since,
        EndDate=until,
    )
    return sorted(
        f"{each['Timestamp']:%Y-%m-%d %H:%M}"
        for each in history
        if each["HistorySummary"].endswith("to ALARM") and DRILL not in str(each.get("HistoryData", ""))
    )
