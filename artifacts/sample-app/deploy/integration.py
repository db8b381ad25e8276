"""From the catalogue to an order: the components together, as deployed."""

import json
import os
import sys

import boto3
from settings import settings

sys.path.insert(0, "app")
os.environ |= settings()
from orders import handler

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
catalogue = json.load(open("data/catalogue.json"))
for item in catalogue:
    placed = json.loads(handler({"item": item["id"].removeprefix("item#")})["body"])
    assert placed["price"] == str(item["price"]), placed
    assert table.get_item(Key={"id": placed["id"]})["Item"]["item"] == item["id"]
    table.delete_item(Key={"id": placed["id"]})
print(f"{len(catalogue)} items were ordered and read back")
