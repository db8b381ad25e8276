"""The door to a webhook: how does a JSON message reach an address?

Rules:
- HTTPS with a verified certificate; plain HTTP to this machine only. A redirect is an answer, it is not followed.
- An address is often a secret itself: no message names more of it than the host.
urllib is imported on first use.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from state.errors import BadInput, StepFailed

TIMEOUT = 30.0  # [s]


def post(url: str, body: Mapping[str, object]) -> int:
    """POST the body as JSON; returns the status code of the answer, whatever it is.

    Raises BadInput for an address that is no HTTPS address, StepFailed when nobody answers there.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

    class NoRedirect(HTTPRedirectHandler):
        def redirect_request(self, *_args: object) -> None:
            return None  # urllib would send it on as a GET without a body

    parts = _checked(url)
    host = parts.hostname or ""
    netloc = parts.netloc.rpartition("@")[2]
    request = Request(urlunsplit(parts._replace(netloc=netloc, fragment="")), method="POST")
    request.data = json.dumps(body, ensure_ascii=False).encode()
    request.add_header("Content-Type", "application/json; charset=utf-8")
    if netloc != parts.netloc:
        request.add_header("Authorization", "Basic " + b64encode(parts.netloc.rpartition("@")[0].encode()).decode())
    proxies = [ProxyHandler({})] if _is_loopback(host) else []
    try:
        with build_opener(NoRedirect(), *proxies).open(request, timeout=TIMEOUT) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise StepFailed(
            f"the webhook at {host} could not be reached: {reason}",
            next_command="phasegate resume   # when it answers again",
        ) from None  # the error underneath may show the whole address


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port  # a port that is no number raises here
    except ValueError:
        host, parts = "", SplitResult("", "", "", "", "")
    clean = url.isascii() and url.isprintable() and " " not in url
    if host and clean and _is_safe(parts.scheme, host):
        return parts
    seen = f"{parts.scheme or '?'}://{host or '?'}"
    raise BadInput(
        f"a webhook is an https address (http to this machine only), seen {seen}",
        next_command="$EDITOR phasegate.yaml   # docs/approvals.md has every setting",
    )


def _is_safe(scheme: str, host: str) -> bool:
    return scheme == "https" or (scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
