"""Does the deployed session service work? One fact a test; each makes what it needs and takes it away again.

    python smoke/smoke.py infrastructure/config/dev.json                  all of them
    python smoke/smoke.py infrastructure/config/dev.json join heartbeat   these

Prints a line for each, `join passes: ...`, `join fails: ...` or `join not checked: ...`, and ends with 1 when one
failed, else with 127 when one was not checked. Each speaks through a real WebSocket: to the API's endpoint in the
account of the configuration, in a sandbox to one on this machine with the deployed handlers behind it (local_api.py).
It changes entries of its own in the three tables, and keeps the user `smoke-test` in the pool; its password is another
one each time, and neither that nor a token is printed or kept.
"""

import json
import os
import secrets
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError
from gateway import STAGE, Refused, only_api

USER = "smoke-test"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SETTLES = 10  # [s] in which what follows from an end has happened


class Failed(Exception):
    """What was seen instead of what should be."""


class NotChecked(Exception):
    """Why nothing was looked at."""


def expect(what, seen, wanted):
    if seen != wanted:
        raise Failed(f"{what}: {seen!r}, expected {wanted!r}")


def settle(what, see, wanted):
    """Expect what follows from the end of a connection, of which its client hears nothing."""
    end = time.monotonic() + SETTLES
    while (seen := see()) != wanted and time.monotonic() < end:
        time.sleep(0.1)
    expect(what, seen, wanted)


class Service:
    """The deployed service, as a client and its tables see it.

    Attributes:
        reach: makes what carries messages to it, given this service: `Client` or `Gateway`.
    """

    def __init__(self, config, reach):
        self.config, self.reach = config, reach
        self.session = boto3.Session(region_name=config["region"])
        self.dynamodb = self.session.client("dynamodb")
        self._gateway = self._token = self.local = None

    @property
    def gateway(self):
        if self._gateway is None:
            self._gateway = self.reach(self)
        return self._gateway

    @property
    def token(self):
        if self._token is None:
            self._token = self.sign_in()
        return self._token

    def close(self):
        for each in (self._gateway, self.local):
            if each is not None:
                each.close()

    def names(self):
        cognito, stage = self.session.client("cognito-idp"), self.config["stage"]
        pools = cognito.get_paginator("list_user_pools").paginate(MaxResults=60)
        pool = [p["Id"] for page in pools for p in page["UserPools"] if p["Name"] == f"session-users-{stage}"]
        expect("pools of that name", len(pool), 1)
        clients = cognito.list_user_pool_clients(UserPoolId=pool[0], MaxResults=60)["UserPoolClients"]
        app = [client["ClientId"] for client in clients if client["ClientName"] == f"session-client-{stage}"]
        expect("clients of that name", len(app), 1)
        return cognito, pool[0], app[0]

    def user(self):
        """The test user's status, who is made when there is none."""
        cognito, pool, _ = self.names()
        try:
            cognito.admin_create_user(UserPoolId=pool, Username=USER, MessageAction="SUPPRESS")
        except cognito.exceptions.UsernameExistsException:
            pass
        self._password = f"Aa1{secrets.token_urlsafe(24)}"
        cognito.admin_set_user_password(UserPoolId=pool, Username=USER, Password=self._password, Permanent=True)
        return cognito.admin_get_user(UserPoolId=pool, Username=USER)["UserStatus"]

    def sign_in(self):
        """An access token."""
        self.user()
        cognito, pool, app = self.names()
        return cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=app,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": USER, "PASSWORD": self._password},
        )["AuthenticationResult"]["AccessToken"]

    def entry(self, table, **key):
        """A row of a table, or None; numbers and texts as DynamoDB writes them."""
        ((name, value),) = key.items()
        found = self.dynamodb.get_item(
            TableName=f"{table}-{self.config['stage']}", Key={name: {"S": value}}, ConsistentRead=True
        )
        return {field: next(iter(of.values())) for field, of in found["Item"].items()} if "Item" in found else None

    def entries(self):
        """The test user's entries of Connections, by connection id."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=f"Connections-{self.config['stage']}",
            FilterExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": USER}},
            ConsistentRead=True,
        )
        found = [{name: next(iter(of.values())) for name, of in row.items()} for page in pages for row in page["Items"]]
        return {entry["connectionId"]: {"sessionId": None, **entry} for entry in found}

    def connection(self, connection):
        return self.entry("Connections", connectionId=connection)

    def session_of(self, session):
        return self.entry("Sessions", sessionId=session)

    def refused(self, *arguments, **query):
        """The status of a connection that is not let in."""
        try:
            connection, _ = self.gateway.connect(*arguments, **query)
        except Refused as refusal:
            return str(refusal).split(":")[0]
        self.gateway.disconnect(connection)
        return "let in"


def user(service):
    expect("the test user's status", service.user(), "CONFIRMED")
    return f"{USER} is confirmed"


def token(service):
    expect("parts of the access token", len(service.token.split(".")), 3)
    return f"{USER} is signed in"


def connect(service):
    expect("without a token", service.refused(""), "401")
    forged = service.token.rsplit(".", 1)[0] + ".bm90LXNpZ25lZA"
    expect("with a forged token", service.refused(forged), "403")
    connection, _ = service.gateway.connect(service.token)
    kept = service.connection(connection)
    service.gateway.disconnect(connection)
    expect("the role in Connections", (kept or {}).get("role"), "guest")
    return "a signed-in user is let in and written down, no token gets 401, a forged one 403"


def create(service):
    connection, said = service.gateway.connect(service.token, action="createSession", sourceLanguage="en")
    kept, opened = service.connection(connection), service.session_of(said["sessionId"])
    service.gateway.disconnect(connection)
    expect("the role in Connections", kept["role"], "speaker")
    expect("open, and by whom", (opened["isOpen"], opened["speakerConnectionId"]), (True, connection))
    lives = int(opened["expiresAt"]) - time.time()
    expect("expiresAt is ahead", 0 < lives <= 12 * 3600, True)
    expect("a language of three letters", service.refused(service.token, action="createSession"), "400")
    return f"the session is open for {round(lives / 3600)} h with its speaker's connection"


def join(service):
    speaker, said = service.gateway.connect(service.token, action="createSession", sourceLanguage="en")
    session = said["sessionId"]
    asked = {"action": "joinSession", "sessionId": session, "targetLanguage": "de"}
    listener, _ = service.gateway.connect(service.token, **asked)
    kept, count = service.connection(listener), service.session_of(session)["listenerCount"]
    service.gateway.disconnect(listener)
    settle("listeners after leaving", lambda: service.session_of(session)["listenerCount"], "0")
    service.gateway.disconnect(speaker)
    settle("open after the speaker's end", lambda: service.session_of(session)["isOpen"], False)
    expect(
        "role, session, language",
        (kept["role"], kept["sessionId"], kept["targetLanguage"]),
        ("listener", session, "de"),
    )
    expect("listeners before leaving", count, "1")
    expect("a session that has ended", service.refused(service.token, **asked), "404")
    return "a listener is counted in and out; a session that has ended takes nobody"


def heartbeat(service):
    connection, _ = service.gateway.connect(service.token)
    before = service.connection(connection)
    said = service.gateway.send(connection, action="heartbeat")
    after = service.connection(connection)
    service.gateway.disconnect(connection)
    expect("the role that is told", said["role"], "guest")
    expect("lastSeen before and after", ("lastSeen" in before, "lastSeen" in after), (False, True))
    expect("ttl goes on", int(after["ttl"]) >= int(before["ttl"]), True)
    try:
        service.gateway.send(connection, action="heartbeat")
    except Refused as refusal:
        expect("after the end", str(refusal).split(":")[0], "410")
        return "the entry lives on and the client is told its role; one that has left gets 410"
    raise Failed("a connection that has left is answered")


def refresh(service):
    old, said = service.gateway.connect(service.token, action="createSession", sourceLanguage="en")
    new, _ = service.gateway.connect(service.token)
    asked = {"action": "refreshConnection", "previous": old}
    try:
        service.gateway.send(new, **asked, token="nobody")
        raise Failed("a false token is taken")
    except Refused as refusal:
        expect("with a false token", str(refusal).split(":")[0], "401")
    service.gateway.send(new, **asked, token=service.token)
    moved, left = service.connection(new), service.connection(old)
    service.gateway.disconnect(old)
    told = service.gateway.send(new, action="heartbeat")
    opened = service.session_of(said["sessionId"])
    service.gateway.disconnect(new)
    expect("what the new connection is told", (told["role"], told["sessionId"]), ("speaker", said["sessionId"]))
    expect("the new connection's role and session", (moved["role"], moved["sessionId"]), ("speaker", said["sessionId"]))
    expect("the old connection's entry", left, None)
    expect("open after the old one ended, and by whom", (opened["isOpen"], opened["speakerConnectionId"]), (True, new))
    return "role and session moved to the new connection, and the old one's end did not end the session"


def disconnect(service):
    speaker, said = service.gateway.connect(service.token, action="createSession", sourceLanguage="en")
    session = said["sessionId"]
    listener, _ = service.gateway.connect(service.token, action="joinSession", sessionId=session, targetLanguage="de")
    told = service.gateway.disconnect(speaker)
    left = service.connection(speaker)
    settle("open", lambda: service.session_of(session)["isOpen"], False)
    service.gateway.disconnect(listener)
    expect("listeners that were told", told["told"], 1)
    expect("the speaker's entry", left, None)
    return "the speaker's end closes the session and tells the listener"


TESTS = {test.__name__: test for test in (user, token, connect, create, join, heartbeat, refresh, disconnect)}


def in_sandbox():
    return urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname in LOOPBACK


def endpoint_of(service):
    """Where clients connect in an account: the API's own address."""
    address = only_api(service.session.client("apigatewayv2"), service.config).get("ApiEndpoint", "")
    if not address:
        raise NotChecked("the API has no endpoint of its own")
    return f"{address}/{STAGE}"


def reach(service):
    """A client of the API's endpoint, or in a sandbox of one on this machine.

    Raises:
        NotChecked: there is no endpoint, or no client for it.
    """
    try:
        from client import Client
        from local_api import LocalApi
    except ModuleNotFoundError as missing:
        if missing.name != "websockets":
            raise
        raise NotChecked("websockets is not installed: make install") from None
    if in_sandbox():
        service.local = LocalApi(service.session, service.config)
        return Client(service.local.url, service.entries)
    return Client(endpoint_of(service), service.entries)


def outcome(service, name):
    """`passes`, `fails` or `not checked`, and what was seen."""
    try:
        return "passes", TESTS[name](service)
    except NotChecked as why:
        return "not checked", why
    except (Failed, Refused, ClientError) as failure:
        return "fails", failure
    except (KeyError, TypeError, ValueError) as failure:
        return "fails", f"an answer has not what it should: {failure!r}"


def main(arguments):
    if not arguments or set(arguments[1:]) - set(TESTS):
        sys.exit(f"{__doc__}\nTests: {', '.join(TESTS)}")
    service = Service(json.loads(Path(arguments[0]).read_text("utf-8")), reach)
    account = service.session.client("sts").get_caller_identity()["Account"]
    if account != str(service.config["account"]):
        sys.exit(
            f"not run: the credentials are of account {account}, the configuration says {service.config['account']}"
        )
    seen = set()
    try:
        for name in arguments[1:] or TESTS:
            verdict, what = outcome(service, name)
            seen.add(verdict)
            print(f"{name} {verdict}: {what}", flush=True)
    finally:
        service.close()
    return 1 if "fails" in seen else 127 if "not checked" in seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
