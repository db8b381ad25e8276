#!/bin/sh
# moto's alarms: OK before any datum and with one over the threshold, and found for dimensions they have not.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[cloudwatch]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from moto import mock_aws

# CloudWatch: a new alarm is INSUFFICIENT_DATA until it was evaluated (User Guide, "Alarm states").
with mock_aws():
    client = boto3.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName="errors",
        Namespace="Shop",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )

    def state():
        return client.describe_alarms()["MetricAlarms"][0]["StateValue"]

    print("moto 5.2.5: an alarm without a datapoint:", state())
    assert state() == "OK"
    client.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Errors", "Value": 100}])
    print("moto 5.2.5: the same alarm, 100 over a threshold of 1:", state())
    assert state() == "OK"
    others = client.describe_alarms_for_metric(
        Namespace="Shop", MetricName="Errors", Dimensions=[{"Name": "Table", "Value": "orders"}]
    )["MetricAlarms"]
    print("moto 5.2.5: alarms of the metric for a dimension that no alarm has:", len(others))
    assert len(others) == 1
END
