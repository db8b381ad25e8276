#!/bin/sh
# Items in moto: numbers and sets, types of index keys, what a batch holds, and a token that says that it is the same request.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[dynamodb]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

with mock_aws():
    client = boto3.client("dynamodb")
    types = {"order": "S", "line": "N", "state": "S"}
    client.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "order", "KeyType": "HASH"}, {"AttributeName": "line", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "states",
                "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )

    def put(order, line, **more):
        client.put_item(TableName="orders", Item={"order": {"S": order}, "line": {"N": line}, **more})

    put("b", "1", amount={"N": "1" * 39}, tags={"SS": ["x", "x"]}, state={"N": "7"})
    item = client.get_item(TableName="orders", Key={"order": {"S": "b"}, "line": {"N": "1"}})["Item"]
    print(
        "taken: 39 digits",
        len(item["amount"]["N"]),
        "a set with one member twice",
        item["tags"],
        "a number as the key of an index of texts",
        item["state"],
    )
    assert (len(item["amount"]["N"]), item["tags"], item["state"]) == (39, {"SS": ["x", "x"]}, {"N": "7"})
    client.delete_item(TableName="orders", Key={"order": {"S": "b"}, "line": {"N": "1"}})
    many = [{"PutRequest": {"Item": {"order": {"S": "c"}, "line": {"N": str(line)}}}} for line in range(26)]
    print(
        "26 writes in one batch, unprocessed:",
        client.batch_write_item(RequestItems={"orders": many})["UnprocessedItems"],
    )
    count = {"TableName": "orders", "Key": {"order": {"S": "d"}, "line": {"N": "1"}}}
    for _ in range(3):
        update = {**count, "UpdateExpression": "ADD paid :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
        client.transact_write_items(ClientRequestToken="payment-17", TransactItems=[{"Update": update}])
    paid = client.get_item(**count)["Item"]["paid"]["N"]
    print("one transaction, sent three times with one ClientRequestToken, has counted", paid)
    assert paid == "3"
END
