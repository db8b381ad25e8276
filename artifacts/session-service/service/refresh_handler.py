"""How does somebody go on in a new connection? API Gateway ends each one after two hours.

    {"action": "refreshConnection", "token": "...", "previous": "the older connection's id"}

An authorizer is asked at $connect only, so this route looks at the token itself.
"""

import json

import tokens
from botocore.exceptions import ClientError
from replies import answer, say
from tables import CONNECTION_LIVES, connections, dynamodb, item, now, plain, sessions


def handle(event, _context):
    """The route `refreshConnection`: role and session move from the older connection to this one, or nothing does."""
    connection = event["requestContext"]["connectionId"]
    message = _message(event)
    user = tokens.user_of(message.get("token", ""))
    if user is None:
        return _refuse(connection, 401, "the token is not valid")
    previous = message.get("previous")
    if not isinstance(previous, str) or not previous:
        return _refuse(connection, 400, "previous must be the older connection's id")
    found = dynamodb().get_item(TableName=connections(), Key=item(connectionId=previous), ConsistentRead=True)
    entry = plain(found.get("Item", {}))
    if entry.get("userId") != user:
        return _refuse(connection, 403, "the older connection is not yours")
    if not _move(entry, previous, connection):
        return _refuse(connection, 409, "the older connection has changed meanwhile")
    told = {"role": entry["role"], "sessionId": entry.get("sessionId")}
    say(connection, type="refreshed", **told)
    return answer(200, **told)


def _message(event):
    try:
        message = json.loads(event.get("body") or "")
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _refuse(connection, status, why):
    say(connection, type="error", status=status, error=why)
    return answer(status, error=why)


def _move(entry, previous, connection):
    """Write the new entry, remove the old one, and name the new speaker: all of it or nothing."""
    moved = {**entry, "connectionId": connection, "connectedAt": now(), "ttl": now() + CONNECTION_LIVES}
    steps = [{"Put": {"TableName": connections(), "Item": item(**moved)}}]
    if previous != connection:
        still_theirs = {
            "ConditionExpression": "userId = :user",
            "ExpressionAttributeValues": item(**{":user": entry["userId"]}),
        }
        steps.append({"Delete": {"TableName": connections(), "Key": item(connectionId=previous), **still_theirs}})
    if entry["role"] == "speaker":
        speaks = {
            "TableName": sessions(),
            "Key": item(sessionId=entry["sessionId"]),
            "UpdateExpression": "SET speakerConnectionId = :new",
            "ConditionExpression": "speakerConnectionId = :old AND isOpen = :yes",
            "ExpressionAttributeValues": item(**{":new": connection, ":old": previous, ":yes": True}),
        }
        steps.append({"Update": speaks})
    try:
        dynamodb().transact_write_items(TransactItems=steps)
    except ClientError as error:
        if error.response["Error"]["Code"] == "TransactionCanceledException":
            return False
        raise
    return True
