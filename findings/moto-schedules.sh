#!/bin/sh
# EventBridge and its Scheduler in moto: schedules that are none, and a rule that is disabled.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[events,scheduler]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

import json

TARGET = {
    "Arn": "arn:aws:lambda:eu-west-1:123456789012:function:close",
    "RoleArn": "arn:aws:iam::123456789012:role/close",
}
with mock_aws():
    scheduler, events, logs = (boto3.client(each) for each in ("scheduler", "events", "logs"))
    lines = (
        "cron(0 0 * * 1 *)",
        "cron(0 0 30 2 ? *)",
        "rate(1 fortnight)",
        "rate(0 days)",
        "at(2001-01-01T00:00:00)",
        "nightly",
    )
    for number, line in enumerate(lines):
        scheduler.create_schedule(
            Name=f"s{number}",
            ScheduleExpression=line,
            ScheduleExpressionTimezone="Mars/Olympus",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=TARGET,
        )
        kept = scheduler.get_schedule(Name=f"s{number}")
        print("Scheduler takes", line, kept["ScheduleExpressionTimezone"], kept["State"])
        assert kept["State"] == "ENABLED"
    for number, line in enumerate(("cron(0 0 * * 1 *)", "rate(1 minutes)")):
        events.put_rule(Name=f"r{number}", ScheduleExpression=line)
        print("EventBridge takes", line, events.describe_rule(Name=f"r{number}")["State"])
    group = "/aws/events/orders"
    logs.create_log_group(logGroupName=group)
    events.put_rule(Name="off", EventPattern=json.dumps({"source": ["shop.orders"]}), State="DISABLED")
    events.put_targets(
        Rule="off", Targets=[{"Id": "1", "Arn": f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}"}]
    )
    events.put_events(Entries=[{"Source": "shop.orders", "DetailType": "placed", "Detail": "{}"}])
    came = len(logs.filter_log_events(logGroupName=group)["events"])
    print("events that came to the target of a rule that is", events.describe_rule(Name="off")["State"], came)
    assert came == 1
    event = {
        "id": "1",
        "source": "shop.orders",
        "detail-type": "placed",
        "account": "1",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {},
    }
    said = events.test_event_pattern(EventPattern=json.dumps({"source": ["shop.orders"]}), Event=json.dumps(event))
    print("TestEventPattern answers:", sorted(set(said) - {"ResponseMetadata"}))
    assert "Result" not in said
END
