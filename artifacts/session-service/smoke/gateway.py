"""Who carries messages to the handlers in a sandbox? This: API Gateway's part, by the deployed API's own wiring.

Routes, authorizer, integrations and permissions are read from the deployed API, so what is wired wrong is found. The
code is the deployed function's own, fetched from its bucket by the digest that Lambda tells, and run in a process of
its own with the function's environment; only the endpoint of the management API is the account's here.
"""

import base64
import fnmatch
import hashlib
import importlib
import io
import json
import multiprocessing
import os
import re
import secrets
import sys
import tempfile
import zipfile

import boto3

STAGE = "prod"
# A process of its own has what is imported here already, which is most of the time that a start takes.
FORKED = multiprocessing.get_context("fork")


class Refused(Exception):
    """What API Gateway or a handler said instead of 200."""


def only_api(apis, config):
    """The one API of this profile."""
    name = f"session-websocket-api-{config['stage']}"
    found = [api for page in apis.get_paginator("get_apis").paginate() for api in page["Items"] if api["Name"] == name]
    if len(found) != 1:
        raise Refused(f"{len(found)} APIs are called {name}")
    return found[0]


class Gateway:
    """The deployed WebSocket API of one profile; `management` is where its handlers say something to a connection."""

    def __init__(self, session, config, management=""):
        self._management = management
        self._session, self._region, self._account = session, config["region"], config["account"]
        self._apis, self._functions = session.client("apigatewayv2"), {}
        self.api = only_api(self._apis, config)["ApiId"]
        if not self._apis.get_stage(ApiId=self.api, StageName=STAGE).get("DeploymentId"):
            raise Refused(f"the stage {STAGE} has no deployment")

    def connect(self, token, **query):
        """A new connection's id, once the authorizer and the handler let it in, and what the handler said.

        Raises:
            Refused: 401 without a token, 403 by the authorizer, or the handler's status.
        """
        connection = secrets.token_urlsafe(10) + "="
        route, query = self._route("$connect"), {"token": token, **query}
        event = self._event("$connect", connection, queryStringParameters=query)
        if route.get("AuthorizationType") == "CUSTOM":
            event["requestContext"]["authorizer"] = self._authorize(route["AuthorizerId"], event, query)
        return connection, self._invoke_route(route, event)

    def send(self, connection, **message):
        """What the handler of the message's action answered."""
        route = self._route(message["action"])
        event = self._event(message["action"], connection, body=json.dumps(message), isBase64Encoded=False)
        return self._invoke_route(route, event)

    def disconnect(self, connection):
        return self._invoke_route(self._route("$disconnect"), self._event("$disconnect", connection))

    def close(self):
        for function in self._functions.values():
            function.close()

    def _route(self, key):
        found = [route for route in self._apis.get_routes(ApiId=self.api)["Items"] if route["RouteKey"] == key]
        if len(found) != 1:
            raise Refused(f"{len(found)} routes have the key {key}")
        return found[0]

    def _event(self, key, connection, **more):
        kinds = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
        context = {
            "routeKey": key,
            "eventType": kinds.get(key, "MESSAGE"),
            "connectionId": connection,
            "apiId": self.api,
            "stage": STAGE,
            "domainName": f"{self.api}.execute-api.{self._region}.amazonaws.com",
        }
        return {"requestContext": context, "methodArn": self._arn(f"{STAGE}/{key}"), **more}

    def _arn(self, what):
        return f"arn:aws:execute-api:{self._region}:{self._account}:{self.api}/{what}"

    def _authorize(self, authorizer_id, event, query):
        authorizer = self._apis.get_authorizer(ApiId=self.api, AuthorizerId=authorizer_id)
        for source in authorizer["IdentitySource"]:
            if not query.get(source.removeprefix("route.request.querystring.")):
                raise Refused("401: no token")
        asked = {**event, "type": "REQUEST"}
        answer = self._invoke(authorizer["AuthorizerUri"], asked, f"authorizers/{authorizer_id}")
        statements = answer["policyDocument"]["Statement"]
        if [statement["Effect"] for statement in statements] != ["Allow"]:
            raise Refused("403: the authorizer says no")
        return {"principalId": answer["principalId"], **answer["context"]}

    def _invoke_route(self, route, event):
        integration_id = route["Target"].removeprefix("integrations/")
        integration = self._apis.get_integration(ApiId=self.api, IntegrationId=integration_id)
        answer = self._invoke(integration["IntegrationUri"], event, f"{STAGE}/{route['RouteKey']}")
        said = json.loads(answer.get("body") or "{}")
        if answer["statusCode"] != 200:
            raise Refused(f"{answer['statusCode']}: {said.get('error', '')}")
        return said

    def _invoke(self, uri, event, source):
        function = re.search(r"functions/(?:arn:[^/]*:function:)?([\w-]+)/invocations$", uri).group(1)
        self._require_permission(function, self._arn(source))
        if function not in self._functions:
            self._functions[function] = Function(self._session, function, self._management)
        return self._functions[function].run(event)

    def _require_permission(self, function, source):
        policy = json.loads(self._session.client("lambda").get_policy(FunctionName=function)["Policy"])
        for statement in policy["Statement"]:
            allowed = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*")
            if statement["Principal"] == {"Service": "apigateway.amazonaws.com"} and fnmatch.fnmatchcase(
                source, allowed
            ):
                return
        raise Refused(f"API Gateway may not invoke {function} for {source}")


class Function:
    """A deployed function, run here in a process of its own until `close`."""

    def __init__(self, session, name, management=""):
        self._session, self._name, self._management = session, name, management
        self._configuration = session.client("lambda").get_function_configuration(FunctionName=name)
        self._directory = tempfile.TemporaryDirectory()
        zipfile.ZipFile(io.BytesIO(self._code())).extractall(self._directory.name)
        self._pipe, theirs = FORKED.Pipe()
        self._process = FORKED.Process(
            target=serve,
            args=(theirs, self._directory.name, self._configuration["Handler"], self._environment()),
            daemon=True,
        )
        self._process.start()
        theirs.close()

    def run(self, event):
        """What its handler returns for this event.

        Raises:
            Refused: when it fails or takes longer than its time-out.
        """
        self._pipe.send(json.dumps(event))
        if not self._pipe.poll(self._configuration["Timeout"]):
            self._process.kill()
            raise Refused(f"{self._name} took longer than {self._configuration['Timeout']} s")
        try:
            error, answer = self._pipe.recv()
        except EOFError:
            error = "its process ended"
        if error:
            raise Refused(f"{self._name} failed: {error}")
        return json.loads(answer)

    def close(self):
        # the end of the pipe would not do: processes forked after this one hold its other end, too
        self._process.kill()
        self._process.join()
        self._pipe.close()
        self._directory.cleanup()

    def _code(self):
        """The zip that is deployed: found in the service's bucket by the digest that Lambda tells."""
        wanted = self._configuration["CodeSha256"]
        account = self._configuration["FunctionArn"].split(":")[4]
        bucket = f"session-service-code-{account}-{self._session.region_name}"
        key = f"{base64.b64decode(wanted).hex()}.zip"
        code = self._session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        if base64.b64encode(hashlib.sha256(code).digest()).decode() != wanted:
            raise Refused(f"{bucket}/{key} is not the code that is deployed")
        return code

    def _environment(self):
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        given = dict(self._configuration.get("Environment", {}).get("Variables", {}))
        if "MANAGEMENT_ENDPOINT" in given:
            given["MANAGEMENT_ENDPOINT"] = self._management or endpoint
        credentials = self._session.get_credentials().get_frozen_credentials()
        return {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": self._session.region_name,
            "AWS_DEFAULT_REGION": self._session.region_name,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_ENDPOINT_URL": endpoint,
            **given,
        }


def serve(pipe, directory, handler, environment):
    """In the process of its own: one event after the other, as a function that is warm; what it prints is its log."""
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.path.insert(0, directory)
    os.dup2(os.open(".log", os.O_WRONLY | os.O_CREAT), sys.stdout.fileno())
    boto3.DEFAULT_SESSION = None
    module, _, name = handler.rpartition(".")
    while True:
        event = json.loads(pipe.recv())
        try:
            pipe.send((None, json.dumps(getattr(importlib.import_module(module), name)(event, None))))
        except Exception as error:  # noqa: BLE001  # whatever a handler raises is its answer, as in Lambda
            pipe.send((f"{type(error).__name__}: {error}", None))
