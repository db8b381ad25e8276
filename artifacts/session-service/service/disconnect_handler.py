"""What goes with a connection? A speaker's session ends and its listeners are told; a listener leaves the count."""

import metrics
from botocore.exceptions import ClientError
from replies import answer, say
from tables import BY_SESSION, connections, count_open, dynamodb, item, now, plain, sessions


def handle(event, _context):
    """API Gateway's $disconnect. One that was taken over by another connection has no entry any more."""
    connection = event["requestContext"]["connectionId"]
    gone = dynamodb().delete_item(TableName=connections(), Key=item(connectionId=connection), ReturnValues="ALL_OLD")
    entry = plain(gone.get("Attributes", {}))
    if entry.get("role") == "listener":
        _change(entry["sessionId"], "ADD listenerCount :minus", "listenerCount > :none", {":minus": -1, ":none": 0})
    told = 0
    if entry.get("role") == "speaker" and _close(entry["sessionId"], connection):
        metrics.put("ActiveSessions", count_open(-1), "Count")
        told = _tell_listeners(entry["sessionId"])
    return answer(200, role=entry.get("role"), told=told)


def _close(session, connection):
    """Whether this connection was the speaker's, and ended the session."""
    return _change(
        session,
        "SET isOpen = :no, endedAt = :now",
        "isOpen = :yes AND speakerConnectionId = :this",
        {":no": False, ":yes": True, ":now": now(), ":this": connection},
    )


def _change(session, update, condition, values):
    try:
        dynamodb().update_item(
            TableName=sessions(),
            Key=item(sessionId=session),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=item(**values),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _tell_listeners(session):
    """How many connections in the session heard that it has ended."""
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=connections(),
            IndexName=BY_SESSION,
            KeyConditionExpression="sessionId = :session",
            ExpressionAttributeValues=item(**{":session": session}),
        )
    )
    listeners = [plain(entry)["connectionId"] for page in pages for entry in page["Items"]]
    return sum(say(listener, type="sessionEnded", sessionId=session) for listener in listeners)
