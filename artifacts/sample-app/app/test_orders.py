"""What the function promises, without AWS."""

import json
import unittest

from app.orders import handler


class Table:
    def __init__(self, *items):
        self.items = {item["id"]: item for item in items}

    def get_item(self, Key):
        found = self.items.get(Key["id"])
        return {"Item": found} if found else {}

    def put_item(self, Item):
        self.items[Item["id"]] = Item


class Orders(unittest.TestCase):
    def test_an_order_can_be_read_back(self):
        table = Table({"id": "item#paint", "price": 19})
        placed = json.loads(handler({"item": "paint"}, table=table)["body"])
        self.assertEqual(json.loads(handler({"order": placed["id"]}, table=table)["body"]), placed)

    def test_an_unknown_item_is_refused(self):
        self.assertEqual(handler({"item": "boat"}, table=Table())["statusCode"], 404)
