"""What is a metric's one figure over a time, and in which unit?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from phases.aws import AwsPort
from phases.aws_deploy.live.answers import entries

if TYPE_CHECKING:
    from phases.aws_deploy.spec.deployment_file import Metric

MINUTE = timedelta(minutes=1)
LONGEST_SERIES = 1_440  # datapoints a GetMetricStatistics call may return


def metric_of(namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> Metric:
    """A metric by its namespace and name."""
    from phases.aws_deploy.spec.deployment_file import Metric  # with pydantic: only where something is looked at

    return Metric.model_validate(
        {"namespace": namespace, "name": name, "statistic": statistic, "dimensions": dimensions}
    )


class Figure(NamedTuple):
    """A metric's figure, and the unit in which CloudWatch keeps it: `Seconds`; "" where it was sent without one."""

    value: float
    unit: str


def figure(aws: AwsPort, metric: Metric, since: datetime, until: datetime) -> float | None:
    """A metric's one figure over this time, whatever its unit; None when it has no datapoint."""
    found = measured(aws, metric, since, until)
    return None if found is None else found.value


def measured(aws: AwsPort, metric: Metric, since: datetime, until: datetime) -> Figure | None:
    """A metric's one figure over this time, in whole minutes, as CloudWatch keeps them; None when it has no datapoint.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
    """
    since = since.replace(second=0, microsecond=0)
    minutes = (until - since) // MINUTE + 1
    until = since + minutes * MINUTE
    period = -(-minutes // LONGEST_SERIES) * 60
    points = entries(
        aws,
        "cloudwatch",
        "get_metric_statistics",
        "Datapoints",
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=[{"Name": name, "Value": value} for name, value in metric.dimensions.items()],
        StartTime=since,
        EndTime=until,
        Period=period,
        Statistics=[metric.statistic, "SampleCount"],
    )
    if not points:
        return None
    units = sorted({str(point.get("Unit", "None")) for point in points} - {"None"})
    return Figure(_of_all(metric.statistic, points), ", ".join(units))


def _of_all(statistic: str, points: Sequence[Mapping[str, float]]) -> float:
    """One figure of several datapoints."""
    values = [float(point[statistic]) for point in points]
    match statistic:
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "Average":
            weights = [float(point["SampleCount"]) for point in points]
            return sum(v * w for v, w in zip(values, weights, strict=True)) / (sum(weights) or 1)
        case _:
            return sum(values)
