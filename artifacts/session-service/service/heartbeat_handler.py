"""Is this connection alive? Its entry lives on, and it is told what it is: its role and its session."""

from botocore.exceptions import ClientError
from replies import answer, say
from tables import CONNECTION_LIVES, connections, dynamodb, item, now, plain


def handle(event, _context):
    """The route `heartbeat`."""
    connection = event["requestContext"]["connectionId"]
    try:
        kept = dynamodb().update_item(
            TableName=connections(),
            Key=item(connectionId=connection),
            UpdateExpression="SET #ttl = :end, lastSeen = :now",
            ConditionExpression="attribute_exists(connectionId)",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues=item(**{":end": now() + CONNECTION_LIVES, ":now": now()}),
            ReturnValues="ALL_NEW",
        )["Attributes"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            say(connection, type="error", status=410, error="this connection is not known")
            return answer(410, error="this connection is not known")
        raise
    entry = plain(kept)
    told = {"role": entry["role"], "sessionId": entry.get("sessionId")}
    say(connection, type="heartbeat", **told)
    return answer(200, **told)
