"""Which parts of a request or an answer must not be kept? Secrets, before anything becomes evidence.

Rules:
- Hidden is a text that AWS's model marks as sensitive, one whose name says that it is a secret (`Password`,
  `ClientSecret`, `UserData`), one beside such a name (`{Name: DB_PASSWORD, Value: ...}`), and whatever `mask_text`
  knows by its form (keys, tokens).
- Names of other things in a name are no secrets: `SecretArn`, `TokenEndpoint`, `HttpTokens`.
- Numbers, booleans and the structure stay, so that the evidence still shows what was there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from phases.checks.api_model import Shape

HIDDEN = "[hidden]"
_SECRET = re.compile(
    r"(?i)secret|passw|passphrase|token|credential|private_?key|api_?key|access_?key|authorization|user_?data|"
    r"header_?value|connection_?string"
)
_NO_SECRET = re.compile(
    r"(?i)(arn|id|ids|name|names|url|uri|endpoint|type|types|status|state|source|validity\w*|units?|date|time|at|"
    r"enabled|required|httptokens|version)$|^(next|continuation|pagination|idempotency|clientrequest|requesttoken)"
)
_NAME, _VALUE = re.compile(r"(?i)(^|_|[a-z])(name|key)$"), re.compile(r"(?i)value$|^string$")


def masked(value: Any, shape: Shape | None, mask_text: Callable[[str], str] = lambda text: text) -> Any:
    """The JSON value with its secrets replaced by HIDDEN."""
    return _masked(value, shape, mask_text, secret=False)


def is_secret(name: str) -> bool:
    """Whether a name says that its value is a secret."""
    return _SECRET.search(name) is not None and _NO_SECRET.search(name) is None


def _masked(value: Any, shape: Shape | None, mask_text: Callable[[str], str], *, secret: bool) -> Any:
    secret = secret or (shape is not None and shape.sensitive)
    if isinstance(value, str):
        return HIDDEN if secret and value else mask_text(value)
    if isinstance(value, list):
        item = shape.item if shape is not None and shape.kind == "list" else None
        return [_masked(entry, item, mask_text, secret=secret) for entry in value]
    if isinstance(value, dict):
        beside = any(
            _NAME.search(name) and isinstance(entry, str) and is_secret(entry) for name, entry in value.items()
        )
        return {
            name: _masked(
                entry,
                _inside(shape, name),
                mask_text,
                secret=is_secret(name) or ((secret or beside) and _VALUE.search(name) is not None) or _marked(shape),
            )
            for name, entry in value.items()
        }
    return value


def _inside(shape: Shape | None, name: str) -> Shape | None:
    if shape is None or shape.kind not in ("structure", "map"):
        return None
    return shape.members.get(name) if shape.kind == "structure" else shape.item


def _marked(shape: Shape | None) -> bool:
    return shape is not None and shape.sensitive
