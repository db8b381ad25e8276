"""The function: takes an order for an item of the catalogue, and gives it back."""

import json
import os
import uuid


def handler(event, _context=None, table=None):
    """`{"item": "paint"}` places an order; `{"order": "..."}` reads one."""
    table = table or _table()
    if "order" in event:
        found = table.get_item(Key={"id": event["order"]}).get("Item")
        return _answer(200 if found else 404, found or {"message": "no such order"})
    item = table.get_item(Key={"id": f"item#{event['item']}"}).get("Item")
    if item is None:
        return _answer(404, {"message": f"no such item: {event['item']}"})
    order = {"id": f"order#{uuid.uuid4()}", "item": item["id"], "price": item["price"]}
    table.put_item(Item=order)
    return _answer(201, order)


def _answer(status, body):
    return {"statusCode": status, "body": json.dumps(body, default=str)}


def _table():
    import boto3

    return boto3.resource("dynamodb").Table(os.environ["TABLE"])
