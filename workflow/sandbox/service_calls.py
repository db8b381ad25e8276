"""Which service and which action is an HTTP request for, and how does that service say no?

Rules:
- Services go by their boto3 client names (`cloudwatch`, not `monitoring`), actions by their API names.
- A REST request whose action the path does not tell is called `METHOD /path`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from workflow.sandbox.cloudformation.wire import Answer, error_answer
from workflow.sandbox.faults import SPEAKS_XML, Refusal

# What botocore's event names and the signing scope say -> the name of the boto3 client.
CLIENT_NAMES = {
    "cloudwatch-logs": "logs",
    "monitoring": "cloudwatch",
    "cognito-identity-provider": "cognito-idp",
    "apigateway": "apigatewayv2",
}
READING = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "Select", "Lookup", "GET ", "HEAD ")


def service_and_region(authorization: str | None) -> tuple[str, str]:
    """The service and the region that a SigV4 signature is for; ("", "us-east-1") for an unsigned request."""
    marker = "Credential="
    if authorization is None or marker not in authorization:
        return "", "us-east-1"
    scope = authorization.split(marker, 1)[1].split(",", 1)[0].split("/")
    if len(scope) < 5:
        return "", "us-east-1"
    return CLIENT_NAMES.get(scope[-2], scope[-2]), scope[-3]


def action_name(method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
    """The API action that a request asks for."""
    target = headers.get("X-Amz-Target", "")
    if target:
        return target.rsplit(".", 1)[-1]
    if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        action = dict(parse_qsl(body.decode())).get("Action")
        if action:
            return action
    return f"{method} {path}"


def is_reading(action: str) -> bool:
    """Whether an action of a service other than CloudFormation leaves everything as it was."""
    return action.startswith(READING)


def refusal_answer(service: str, refusal: Refusal) -> Answer:
    """A refusal in the protocol of its service."""
    if service == "s3":
        body = f"<Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error>"
        return refusal.status, {"Content-Type": "application/xml"}, body.encode()
    if service in SPEAKS_XML:
        return error_answer(refusal.code, refusal.message, refusal.status)
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-ErrorType": refusal.code}
    document = {"__type": f"com.amazonaws#{refusal.code}", "message": refusal.message}
    return refusal.status, headers, json.dumps(document).encode()
