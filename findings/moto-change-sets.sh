#!/bin/sh
# moto's own change sets: a resource without Properties is always modified, and what was executed or overtaken executes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[cloudformation,sqs]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import json, os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from moto import mock_aws


def template(**queues):
    kind = {"Type": "AWS::SQS::Queue"}
    return json.dumps({"Resources": {name: kind | ({"Properties": of} if of else {}) for name, of in queues.items()}})


with mock_aws():
    client = boto3.client("cloudformation")
    client.create_stack(StackName="shop", TemplateBody=template(Orders={}, Bills={}))

    def change_set(name, body):
        client.create_change_set(StackName="shop", ChangeSetName=name, TemplateBody=body, ChangeSetType="UPDATE")
        answer = client.describe_change_set(StackName="shop", ChangeSetName=name)
        changes = [of["ResourceChange"] for of in answer.get("Changes", [])]
        return answer["Status"], [(of["Action"], of["LogicalResourceId"]) for of in changes]

    def resources():
        found = client.describe_stack_resources(StackName="shop")["StackResources"]
        return sorted(of["LogicalResourceId"] for of in found)

    same = change_set("same", template(Orders={}, Bills={}))
    print("moto 5.2.5: the template as it is:", same)
    assert same == ("FAILED", [("Modify", "Orders"), ("Modify", "Bills")])

    one = change_set("one", template(Orders={"DelaySeconds": 5}, Bills={}))
    print("moto 5.2.5: one property of Orders:", one)
    assert one == ("CREATE_COMPLETE", [("Modify", "Orders"), ("Modify", "Bills")])

    change_set("without", template(Orders={}))
    client.execute_change_set(StackName="shop", ChangeSetName="without")
    print("moto 5.2.5: Bills is taken out:", resources())
    assert resources() == ["Orders"]
    client.execute_change_set(StackName="shop", ChangeSetName="without")
    print("moto 5.2.5: the same change set is executed a second time: no error")

    client.execute_change_set(StackName="shop", ChangeSetName="one")
    print("moto 5.2.5: a change set older than the stack is executed:", resources())
    assert resources() == ["Bills", "Orders"]
END
