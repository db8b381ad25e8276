"""How is something said to a connection? Through the API's management endpoint, and in the handler's answer."""

import json
import os
from functools import cache

import boto3
import metrics
from botocore.exceptions import ClientError


@cache
def management():
    return boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["MANAGEMENT_ENDPOINT"])


def say(connection_id, **message):
    """Send a message; False when the connection is gone."""
    try:
        management().post_to_connection(ConnectionId=connection_id, Data=json.dumps(message).encode())
    except ClientError as error:
        if error.response["Error"]["Code"] == "GoneException":
            return False
        raise
    return True


def answer(status, **said):
    """What a handler returns to API Gateway; a refusal is counted."""
    if status >= 400:
        metrics.put("ConnectionErrors", 1, "Count")
    return {"statusCode": status, "body": json.dumps(said)}
