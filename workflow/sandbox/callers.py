"""Whose requests does the server answer? Those of programs on this machine, not of web pages that somebody has open.

Rules:
- `Host` is a loopback name with the server's own port: a page whose name was pointed at 127.0.0.1 (DNS rebinding)
  comes with its own. `bucket.localhost` is S3's virtual-host form; such names are loopback, too (RFC 6761, 6.3).
- A browser says where a page comes from by `Origin`, `Referer` or `Sec-Fetch-Site`; one that is not the server itself
  is refused. The AWS CLI and SDKs send none of them.
- The controls (`/_phasegate/`, and moto's own `/moto-api/`) want the token of `server.json`, mode 0600: as it is, or as
  a proof by which neither side tells it to a stranger that has got the port.

Source: https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

TOKEN, CHALLENGE, PROOF = "X-Phasegate-Token", "X-Phasegate-Challenge", "X-Phasegate-Proof"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
OWN_SITES = ("", "none", "same-origin")
_CONTROL = re.compile(r"/+(_phasegate|moto-api)(/|$)", re.IGNORECASE)
_MOTO_CONTROL = re.compile(r"moto[-_]?api", re.IGNORECASE)


def proof(token: str, word: str, challenge: str) -> str:
    """What only who knows the token can say to a challenge; `word` tells asking (`ask`) from answering (`answer`)."""
    return hmac.new(token.encode(), f"{word} {challenge}".encode(), hashlib.sha256).hexdigest()


def refusal(environ: Mapping[str, Any], token: str, service: str) -> str:
    """Why a WSGI request is not answered (403); "" when it is. `service`: the one that it is signed for."""
    port = str(environ["SERVER_PORT"])
    host = environ.get("HTTP_HOST", "")
    if not _is_ours(f"//{host}", port, also_buckets=True):
        return f"Host is {host!r}, expected localhost, 127.0.0.1 or [::1] with port {port}"
    for header in ("Origin", "Referer"):
        source = environ.get(f"HTTP_{header.upper()}")
        if source is not None and not _is_ours(source, port, also_buckets=False):
            return f"{header} is {source!r}: a page from elsewhere asks for it"
    site = environ.get("HTTP_SEC_FETCH_SITE", "")
    if site not in OWN_SITES:
        return f"Sec-Fetch-Site is {site!r}: a page from elsewhere asks for it"
    if (_CONTROL.match(environ["PATH_INFO"]) or _MOTO_CONTROL.fullmatch(service)) and not _knows(environ, token):
        return f"{environ['PATH_INFO']} wants the token of server.json, in the header {TOKEN}"
    return ""


def _is_ours(address: str, port: str, *, also_buckets: bool) -> bool:
    """Whether `http://HOST:PORT...` names this server."""
    try:
        parts = urlsplit(address)
        name, given = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.scheme not in ("", "http") or str(given or 80) != port:
        return False
    return name in LOOPBACK or (also_buckets and name.endswith(".localhost"))


def _knows(environ: Mapping[str, Any], token: str) -> bool:
    given = environ.get("HTTP_X_PHASEGATE_TOKEN", "")
    if given:
        return hmac.compare_digest(given.encode(), token.encode())
    challenge, said = environ.get("HTTP_X_PHASEGATE_CHALLENGE", ""), environ.get("HTTP_X_PHASEGATE_PROOF", "")
    return bool(challenge) and hmac.compare_digest(said.encode(), proof(token, "ask", challenge).encode())
