#!/bin/sh
# Step Functions in moto: definitions that are none, an execution that has failed at its first state, and versions.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[stepfunctions]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

import json

ROLE = "arn:aws:iam::123456789012:role/steps"
fails = json.dumps({"StartAt": "end", "States": {"end": {"Type": "Fail", "Error": "NoRows"}}})
passes = json.dumps({"StartAt": "end", "States": {"end": {"Type": "Pass", "End": True}}})
with mock_aws():
    client = boto3.client("stepfunctions")
    for name, definition in (("nowhere", '{"StartAt": "gone", "States": {}}'), ("prose", "not JSON")):
        client.create_state_machine(name=name, definition=definition, roleArn=ROLE)
        print("taken as a definition:", definition)
    machine = client.create_state_machine(name="orders", definition=fails, roleArn=ROLE)["stateMachineArn"]
    run = client.start_execution(stateMachineArn=machine, name="first")["executionArn"]
    looks = [client.describe_execution(executionArn=run)["status"] for _ in range(5)]
    events = [each["type"] for each in client.get_execution_history(executionArn=run)["events"]]
    failed = client.list_executions(stateMachineArn=machine, statusFilter="FAILED")["executions"]
    print(
        "an execution of a machine that is one Fail state:",
        *looks,
        "- in its history:",
        *events,
        "- among the failed:",
        failed,
    )
    assert set(looks) == {"RUNNING"} and failed == []
    assert events == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    again = client.create_state_machine(name="orders", definition=passes, roleArn=ROLE)["stateMachineArn"]
    kept = client.describe_state_machine(stateMachineArn=machine)["definition"]
    print(
        "created again with another definition: no error, and the definition is",
        "the first" if kept == fails else "the second",
    )
    assert (again, kept) == (machine, fails)
END
