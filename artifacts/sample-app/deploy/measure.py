"""A figure in milliseconds: response, database, transfer."""

import os
import sys
import time

import boto3
from settings import settings

sys.path.insert(0, "app")
os.environ |= settings()
from orders import handler

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
what = {
    "response": lambda: handler({"order": "item#paint"}),
    "database": lambda: table.get_item(Key={"id": "item#paint"}),
    "transfer": lambda: table.scan(),
}[sys.argv[1]]
what()  # the first call opens the connection
began = time.perf_counter()
what()
print(f"{(time.perf_counter() - began) * 1000:.1f}")
