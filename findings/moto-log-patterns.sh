#!/bin/sh
# moto: which lines of a log does FilterLogEvents find by a pattern?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check moto==5.2.5 boto3==1.44.5
"$work/venv/bin/python" - <<'PYTHON'
import os
import time

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from moto import mock_aws

LINES = ["INFO ready", '{"level":"ERROR","took":900}', "ERROR no table"]
# Amazon CloudWatch Logs User Guide, "Filter pattern syntax": by position in LINES, what AWS documents and what moto finds.
expected = {
    "ERROR": ([1, 2], [1, 2]),
    "?ready ?gone": ([0], [0, 1, 2]),
    '{ $.level = "ERROR" }': ([1], [0, 1, 2]),
    "{ $.took > 1000 }": ([], [0, 1, 2]),
    "-ERROR": ([0], [0, 1, 2]),
    "%FATAL%": ([], [0, 1, 2]),
    "[level=FATAL, ...]": ([], [0, 1, 2]),
}
with mock_aws():
    client = boto3.client("logs")
    client.create_log_group(logGroupName="shop")
    client.create_log_stream(logGroupName="shop", logStreamName="one")
    events = [{"timestamp": int(time.time() * 1000) + at, "message": line} for at, line in enumerate(LINES)]
    client.put_log_events(logGroupName="shop", logStreamName="one", logEvents=events)
    for pattern, (documented, wanted) in expected.items():
        found = client.filter_log_events(logGroupName="shop", filterPattern=pattern)["events"]
        seen = [LINES.index(each["message"]) for each in found]
        print(f"{pattern}: lines {seen} of moto 5.2.5, {documented} by the documentation")
        assert seen == wanted, seen
PYTHON
