#!/bin/sh
# cfn-lint checks the small print of a DynamoDB table (days of recovery, tag keys) and not what an index may hold.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0
"$work/venv/bin/python" - <<'END'
import json, subprocess, sys, tempfile
from pathlib import Path

# Read against the Projection page of the CloudFormation reference and CreateTable of the DynamoDB API: each of the
# second group is refused by DynamoDB when the table is made.
ALL = {"ProjectionType": "ALL"}


def key(*names):
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))]


def index(name, *names, projection=ALL):
    return {"IndexName": name, "KeySchema": key(*names), "Projection": projection}


def table(**more):
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("p", "s")],
        "KeySchema": key("p", "s"),
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }


found = {
    "36 days of recovery": table(
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 36}
    ),
    "a tag key of aws:": table(Tags=[{"Key": "aws:x", "Value": "1"}]),
    "an index name of one letter": table(GlobalSecondaryIndexes=[index("g", "s")]),
}
silent = {
    "a blank in TableName": table(TableName="or ders"),
    "ALL with NonKeyAttributes": table(
        GlobalSecondaryIndexes=[index("byS", "s", projection={**ALL, "NonKeyAttributes": ["a"]})]
    ),
    "INCLUDE of nothing": table(GlobalSecondaryIndexes=[index("byS", "s", projection={"ProjectionType": "INCLUDE"})]),
    "no ProjectionType": table(GlobalSecondaryIndexes=[index("byS", "s", projection={"NonKeyAttributes": ["a"]})]),
    "two indexes of one name": table(GlobalSecondaryIndexes=[index("byS", "s"), index("byS", "s", "p")]),
    "a local index with another partition key": table(LocalSecondaryIndexes=[index("byS", "s", "p")]),
    "six local indexes": table(LocalSecondaryIndexes=[index(f"by{n}s", "p", "s") for n in range(6)]),
}
place = Path(tempfile.mkdtemp(dir=Path(sys.prefix).parent))
for name, properties in {**found, **silent}.items():
    resource = {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
    file = place / "template.json"
    file.write_text(json.dumps({"Resources": {"Table": resource}}))
    lint = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--", str(file)]
    findings = json.loads(subprocess.run(lint, capture_output=True, text=True).stdout or "[]")
    print(f"cfn-lint 1.58.0: {name}: {[of['Rule']['Id'] for of in findings] or 'nothing found'}")
    assert bool(findings) == (name in found), name
END
