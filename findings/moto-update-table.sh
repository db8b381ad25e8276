#!/bin/sh
# moto's UpdateTable takes two new indexes at once, and drops encryption, table class and on-demand caps without a word.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[dynamodb]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from moto import mock_aws


def key(name):
    return [{"AttributeName": name, "KeyType": "HASH"}]


def attributes(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def created(name, attribute):
    return {"Create": {"IndexName": name, "KeySchema": key(attribute), "Projection": {"ProjectionType": "ALL"}}}


with mock_aws():
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="orders", AttributeDefinitions=attributes("p"), KeySchema=key("p"), BillingMode="PAY_PER_REQUEST"
    )
    for member, given in {
        "SSEDescription": {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}},
        "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        "OnDemandThroughput": {"OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 5}},
    }.items():
        client.update_table(TableName="orders", **given)
        said = client.describe_table(TableName="orders")["Table"].get(member)
        print(f"moto 5.2.5: UpdateTable with {next(iter(given))} is taken; DescribeTable then says {member}: {said}")
        assert said is None

    # DynamoDB: one index is created or deleted in one UpdateTable (API reference, GlobalSecondaryIndexUpdates).
    client.update_table(
        TableName="orders",
        AttributeDefinitions=attributes("p", "a", "b"),
        GlobalSecondaryIndexUpdates=[created("byA", "a"), created("byB", "b")],
    )
    found = client.describe_table(TableName="orders")["Table"]["GlobalSecondaryIndexes"]
    print("moto 5.2.5: two indexes created by one UpdateTable:", [(of["IndexName"], of["IndexStatus"]) for of in found])
    assert [of["IndexName"] for of in found] == ["byA", "byB"]
END
