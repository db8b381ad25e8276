#!/bin/sh
# CloudWatch's metrics in moto: expressions, percentiles and the times of data points.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[cloudwatch]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from datetime import UTC, datetime, timedelta

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
WINDOW = {"StartTime": NOW - timedelta(minutes=10), "EndTime": NOW}
with mock_aws():
    client = boto3.client("cloudwatch")
    for name, value in (("errors", 5), ("requests", 50)):
        client.put_metric_data(
            Namespace="shop",
            MetricData=[{"MetricName": name, "Value": value, "Timestamp": NOW - timedelta(seconds=90)}],
        )

    def metric(key, name, **more):
        stat = {"Metric": {"Namespace": "shop", "MetricName": name}, "Period": 600, "Stat": "Sum"}
        return {"Id": key, "MetricStat": stat, "ReturnData": False, **more}

    for text in ("100 * e / r", "e + r", "SUM(METRICS())", "FILL(e, 0)", "IF(e > 1, 1, 0)"):
        asked = [metric("e", "errors"), metric("r", "requests"), {"Id": "rate", "Expression": text}]
        found = client.get_metric_data(MetricDataQueries=asked, **WINDOW)["MetricDataResults"]
        seen = [(each["Id"], each["Values"], each["StatusCode"]) for each in found]
        print(f"{text} with 5 errors and 50 requests:", *seen)
        assert seen == [("rate", [], "Complete")], seen
    points = client.get_metric_statistics(
        Namespace="shop", MetricName="requests", Period=600, ExtendedStatistics=["p99"], **WINDOW
    )["Datapoints"]
    print("p99 of one datum:", [sorted(set(each) - {"Timestamp"}) for each in points])
    assert [sorted(set(each) - {"Timestamp"}) for each in points] == [[]]
END
