#!/bin/sh
# moto: what stands in a table that was restored to a point in time, and from a backup.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[dynamodb]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'PYTHON'
import os
import time
from datetime import UTC, datetime

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from moto import mock_aws

# Amazon DynamoDB API, RestoreTableToPointInTime: InvalidRestoreTimeException outside of the window that
# DescribeContinuousBackups names, PointInTimeRecoveryUnavailableException where the table has none.
with mock_aws():
    client = boto3.client("dynamodb")
    key = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    key["AttributeDefinitions"] = [{"AttributeName": "id", "AttributeType": "S"}]
    sealed = {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}, "TableClass": "STANDARD_INFREQUENT_ACCESS"}
    client.create_table(TableName="orders", **key, **sealed)

    def restored(name, **to):
        client.restore_table_to_point_in_time(SourceTableName="orders", TargetTableName=name, **to)
        return [item["v"]["S"] for item in client.scan(TableName=name)["Items"]]

    client.put_item(TableName="orders", Item={"id": {"S": "1"}, "v": {"S": "before"}})
    print("recovery is off, restored all the same:", seen := restored("without", UseLatestRestorableTime=True))
    assert seen == ["before"]
    client.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    backup = client.create_backup(TableName="orders", BackupName="before")["BackupDetails"]["BackupArn"]
    time.sleep(1.1)
    between = datetime.now(UTC)
    time.sleep(1.1)
    client.put_item(TableName="orders", Item={"id": {"S": "1"}, "v": {"S": "damaged"}})
    for name, at in {"between": between, "of-2001": datetime(2001, 1, 1), "of-2101": datetime(2101, 1, 1)}.items():
        print(f"restored to {at:%Y-%m-%d}, {name}:", seen := restored(name, RestoreDateTime=at))
        assert seen == ["damaged"]
    client.restore_table_from_backup(TargetTableName="backed-up", BackupArn=backup)
    items = [item["v"]["S"] for item in client.scan(TableName="backed-up")["Items"]]
    told = {name: client.describe_table(TableName=name)["Table"] for name in ("orders", "backed-up")}
    kept = {name: ("SSEDescription" in each, each.get("TableClassSummary")) for name, each in told.items()}
    print("restored from the backup:", items, "encrypted, class:", kept)
    assert items == ["before"] and kept["orders"] != kept["backed-up"] == (False, None), kept
PYTHON
