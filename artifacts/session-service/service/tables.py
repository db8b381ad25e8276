"""Which tables are there, and how long does an entry live in each?"""

import os
import time
from functools import cache

import boto3

SESSION_LIVES = 12 * 60 * 60  # [s]
CONNECTION_LIVES = 15 * 60  # [s] without a heartbeat
LIMIT_WINDOW = 60  # [s]
BY_SESSION = "sessionId-targetLanguage-index"
# The entry of Sessions that counts the open ones; it never expires.
COUNTER = "#open"


@cache
def dynamodb():
    return boto3.client("dynamodb")


def sessions():
    return os.environ["SESSIONS_TABLE"]


def connections():
    return os.environ["CONNECTIONS_TABLE"]


def rate_limits():
    return os.environ["RATE_LIMITS_TABLE"]


def now():
    return int(time.time())


def item(**values):
    """Plain values as DynamoDB writes them; None is left out."""
    kinds = {str: "S", int: "N", bool: "BOOL"}
    given = {name: value for name, value in values.items() if value is not None}
    return {name: {kinds[type(value)]: str(value) if type(value) is int else value} for name, value in given.items()}


def plain(written):
    """The other way round."""
    read = {"S": str, "N": int, "BOOL": bool}
    return {name: read[kind](value) for name, entry in written.items() for kind, value in entry.items()}


def count_open(change):
    """How many sessions are open, after one more or less."""
    answer = dynamodb().update_item(
        TableName=sessions(),
        Key=item(sessionId=COUNTER),
        UpdateExpression="ADD openSessions :change",
        ExpressionAttributeValues=item(**{":change": change}),
        ReturnValues="UPDATED_NEW",
    )
    return int(answer["Attributes"]["openSessions"]["N"])
