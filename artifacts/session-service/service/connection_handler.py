"""What becomes of a new connection? It opens a session, joins one, or waits to take over an older connection.

wss://...?token=T                                                    neither yet
wss://...?token=T&action=createSession&sourceLanguage=en             a speaker's
wss://...?token=T&action=joinSession&sessionId=S&targetLanguage=de   a listener's
"""

import re
import secrets
import time

import metrics
from botocore.exceptions import ClientError
from replies import answer
from tables import (
    CONNECTION_LIVES,
    LIMIT_WINDOW,
    SESSION_LIVES,
    connections,
    count_open,
    dynamodb,
    item,
    now,
    rate_limits,
    sessions,
)

PER_MINUTE = 30  # connections of one user
LANGUAGE = re.compile("[a-z]{2}")


def handle(event, _context):
    """API Gateway's $connect, after the authorizer: 200 lets the client in."""
    context, query = event["requestContext"], event.get("queryStringParameters") or {}
    user, connection = context["authorizer"]["userId"], context["connectionId"]
    if _too_many(user):
        return answer(429, error="too many connections in a minute")
    match query.get("action"):
        case None:
            dynamodb().put_item(TableName=connections(), Item=_connection(connection, user, role="guest"))
            return answer(200, role="guest")
        case "createSession":
            return _create(connection, user, query.get("sourceLanguage", ""))
        case "joinSession":
            return _join(connection, user, query.get("sessionId", ""), query.get("targetLanguage", ""))
        case other:
            return answer(400, error=f"no such action: {other}")


def _create(connection, user, language):
    started = time.monotonic()
    if not LANGUAGE.fullmatch(language):
        return answer(400, error="sourceLanguage must be two letters")
    session = secrets.token_hex(6)
    opened = item(
        sessionId=session,
        speakerConnectionId=connection,
        speakerUserId=user,
        sourceLanguage=language,
        isOpen=True,
        listenerCount=0,
        createdAt=now(),
        expiresAt=now() + SESSION_LIVES,
    )
    new = {"TableName": sessions(), "Item": opened, "ConditionExpression": "attribute_not_exists(sessionId)"}
    entry = _connection(connection, user, role="speaker", sessionId=session)
    dynamodb().transact_write_items(TransactItems=[{"Put": new}, {"Put": {"TableName": connections(), "Item": entry}}])
    metrics.put("ActiveSessions", count_open(1), "Count")
    metrics.put("SessionCreationLatency", round((time.monotonic() - started) * 1000), "Milliseconds")
    return answer(200, role="speaker", sessionId=session)


def _join(connection, user, session, language):
    if not session or not LANGUAGE.fullmatch(language):
        return answer(400, error="sessionId and a targetLanguage of two letters must be given")
    one_more = {
        "TableName": sessions(),
        "Key": item(sessionId=session),
        "UpdateExpression": "ADD listenerCount :one",
        "ConditionExpression": "isOpen = :yes AND expiresAt > :now",
        "ExpressionAttributeValues": item(**{":one": 1, ":yes": True, ":now": now()}),
    }
    entry = _connection(connection, user, role="listener", sessionId=session, targetLanguage=language)
    try:
        dynamodb().transact_write_items(
            TransactItems=[{"Update": one_more}, {"Put": {"TableName": connections(), "Item": entry}}]
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "TransactionCanceledException":
            return answer(404, error="no such session is open")
        raise
    return answer(200, role="listener", sessionId=session)


def _connection(connection, user, **more):
    return item(connectionId=connection, userId=user, connectedAt=now(), ttl=now() + CONNECTION_LIVES, **more)


def _too_many(user):
    """Count one more connection of this user in this minute."""
    window = now() // LIMIT_WINDOW
    counted = dynamodb().update_item(
        TableName=rate_limits(),
        Key=item(identifier=f"{user}#{window}"),
        UpdateExpression="ADD attempts :one SET expiresAt = :end",
        ExpressionAttributeValues=item(**{":one": 1, ":end": (window + 2) * LIMIT_WINDOW}),
        ReturnValues="UPDATED_NEW",
    )
    return int(counted["Attributes"]["attempts"]["N"]) > PER_MINUTE
