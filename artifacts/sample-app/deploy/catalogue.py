"""Load the catalogue into the table: deploy, smoke-test, rollback."""

import json
import sys
from pathlib import Path

import boto3
from settings import settings

table = boto3.resource("dynamodb").Table(settings()["TABLE"])
items = json.loads(Path("data/catalogue.json").read_text())


def deploy():
    with table.batch_writer() as batch:
        for item in items:
            batch.put_item(Item=item)
    print(f"{len(items)} items loaded into {table.name}")


def smoke_test():
    missing = [item["id"] for item in items if table.get_item(Key={"id": item["id"]}).get("Item") != item]
    if missing:
        sys.exit(f"not as loaded: {', '.join(missing)}")
    print(f"{len(items)} items are as loaded")


def rollback():
    with table.batch_writer() as batch:
        for item in items:
            batch.delete_item(Key={"id": item["id"]})
    print(f"{len(items)} items removed from {table.name}")


{"deploy": deploy, "smoke-test": smoke_test, "rollback": rollback}[sys.argv[1]]()
