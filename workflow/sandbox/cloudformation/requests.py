"""What does a request ask for? The parts that several actions share: template, parameters, tags, tokens.

Rules:
- A parameter that the sandbox does not act on is refused by name: nothing is silently ignored.
- A client token that comes again with the same request gives the same answer and does nothing; with another
  request it is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlparse

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation import parameters, template, validation
from workflow.sandbox.cloudformation.errors import ServiceError, not_implemented, validation_error
from workflow.sandbox.cloudformation.stacks import Deployment, Region, Stack

TOKENS = ("ClientToken", "ClientRequestToken")


def check_parameters(action: str, request: Mapping[str, Any], accepted: frozenset[str]) -> None:
    """Refuse a parameter that `action` has on AWS and that the sandbox would have to ignore."""
    for name, value in request.items():
        if name not in accepted and value not in (None, False, [], {}):
            raise not_implemented(f"the parameter {name} of {action}")


def once(region: Region, action: str, request: Mapping[str, Any], act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do a request, or repeat its answer when its client token has been used for the very same request.

    Raises:
        ServiceError: TokenAlreadyExistsException when the token was used for another request.
    """
    token = next((request[name] for name in TOKENS if request.get(name)), None)
    if token is None:
        return act()
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    key = f"{action}:{token}"
    if key in region.tokens:
        seen, answer = region.tokens[key]
        if seen != digest:
            raise ServiceError(
                "TokenAlreadyExistsException", f"A client request token already exists: {token} ({action})"
            )
        return answer
    answer = act()
    region.tokens[key] = (digest, answer)
    return answer


def deployment(request: Mapping[str, Any], stack: Stack | None, client: Callable[[str], Any]) -> Deployment:
    """The template with its answers, checked; `stack` is the one that it would update.

    Raises:
        ServiceError: when the template, a parameter, or a capability is refused.
    """
    previous = stack.current if stack else None
    found = request_template(request, previous, client)
    validation.check(found)
    values = parameters.values_for(found.parameters, request.get("Parameters", []), previous.values if previous else {})
    capabilities = list(request.get("Capabilities", []))
    validation.check_capabilities(found, capabilities)
    tags = {tag["Key"]: tag["Value"] for tag in request["Tags"]} if "Tags" in request else None
    if tags is None:
        tags = dict(previous.tags) if previous else {}
    return Deployment(found, values, tags, capabilities)


def request_template(
    request: Mapping[str, Any], previous: Deployment | None, client: Callable[[str], Any]
) -> template.Template:
    """The template from the body, from S3, or from the last deployment; sizes are checked, nothing else."""
    given = [key for key in ("TemplateBody", "TemplateURL") if request.get(key)]
    if request.get("UsePreviousTemplate"):
        given.append("UsePreviousTemplate")
    if len(given) != 1:
        raise validation_error("Either Template URL or Template Body must be specified.")
    if given == ["UsePreviousTemplate"]:
        if previous is None:
            raise validation_error("UsePreviousTemplate cannot be used for a stack that has no template")
        return previous.template
    if given == ["TemplateBody"]:
        validation.check_size(request["TemplateBody"], inline=True)
        return template.parse(request["TemplateBody"])
    text = _from_s3(request["TemplateURL"], client)
    validation.check_size(text, inline=False)
    return template.parse(text)


def _from_s3(url: str, client: Callable[[str], Any]) -> str:
    bucket, key = _bucket_and_key(url)
    try:
        body: bytes = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise validation_error(f"S3 error: {error.response['Error']['Message']} ({code}: {url})") from error
    return body.decode()


def _bucket_and_key(url: str) -> tuple[str, str]:
    """Both ways of writing an S3 URL, on AWS and on the sandbox's own endpoint."""
    parsed = urlparse(url)
    host, path = parsed.hostname or "", unquote(parsed.path.lstrip("/"))
    virtual = re.fullmatch(r"(?P<bucket>.+)\.s3[.-]?.*\.amazonaws\.com|(?P<local>.+)\.localhost", host)
    if virtual:
        return virtual["bucket"] or virtual["local"], path
    bucket, slash, key = path.partition("/")
    if parsed.scheme not in {"http", "https"} or not slash or not key:
        raise validation_error(f"TemplateURL must be a supported URL: {url}")
    return bucket, key
