"""Is an alarm OK because its metric is, or because nothing was heard of it?

Rules:
- An alarm that treats missing data as good, or leaves its state alone then, is OK without data as well.
- A state that a drill of phasegate has put it back into stays as it is as long as it is the right one: the alarm's
  reason is ours for ever, whether CloudWatch has looked at the metric since or not.
- Both prove something beside a datapoint of the alarm's own metric in that time. A composite alarm, and one on an
  expression, have none that could be asked for.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

from datetime import datetime

from phases.aws import AwsPort
from phases.aws_deploy.live.alarms import OURS, LiveAlarm
from phases.aws_deploy.verify.figure import figure, metric_of

OK_WITHOUT_DATA = ("notBreaching", "ignore")
ALARM_WITHOUT_DATA = "for all that is known without a datapoint: its metric has none in that time"


def without_data(aws: AwsPort, alarm: LiveAlarm, since: datetime, until: datetime) -> bool:
    """Whether this alarm, which is OK, may be so without any data in [since, until]. Raises as `figure`."""
    ours = str(alarm.get("StateReason", "")).startswith(OURS)
    if not ours and alarm.get("TreatMissingData") not in OK_WITHOUT_DATA:
        return False
    if not alarm.get("MetricName"):
        return True
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())}
    metric = metric_of(alarm["Namespace"], alarm["MetricName"], "SampleCount", **dimensions)
    return figure(aws, metric, since, until) is None
