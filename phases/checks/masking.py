"""Which parts of a request or an answer must not be kept? Secrets, before anything becomes evidence.

Rules:
- Hidden is a text that AWS's model marks as sensitive, one whose name says that it is a secret (`Password`,
  `ClientSecret`, `UserData`), and one beside such a name (`{Name: DB_PASSWORD, Value: ...}`). Secrets that are known
  by their form are `StepContext.mask`'s to hide.
- Names of other things in a name are no secrets: `SecretArn`, `TokenEndpoint`, `HttpTokens`.
- Numbers, booleans and the structure stay, so that the evidence still shows what was there.
"""

from __future__ import annotations

from phases.checks.api_model import ApiShape
from state.json_values import Fields, Json
from state.late_pattern import late

HIDDEN = "***"
_SECRET = late(
    r"(?i)secret|passw|passphrase|token|credential|private[_-]?key|api[_-]?key|access[_-]?key|account[_-]?key|"
    r"shared[_-]?key|auth[_-]?key|authorization|user_?data|header_?value|connection_?string"
)
_NO_SECRET = late(
    r"(?i)(arn|id|ids|name|names|url|uri|endpoint|type|types|status|state|source|validity\w*|units?|date|time|at|path|file|"
    r"enabled|required|httptokens|version)$|^(next|continuation|pagination|idempotency|clientrequest|requesttoken)"
)
_NAME, _VALUE = late(r"(?i)(^|_|[a-z])(name|key)$"), late(r"(?i)value$|^string$")


def masked(value: Json, shape: ApiShape | None) -> Json:
    """The JSON value with its secrets replaced by HIDDEN."""
    return _masked(value, shape, secret=False)


def without_members(value: Json, names: frozenset[str]) -> Json:
    """The JSON value with each text of a member of one of these names replaced by HIDDEN."""
    if isinstance(value, list):
        return [without_members(entry, names) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        name: HIDDEN if name in names and isinstance(entry, str) else without_members(entry, names)
        for name, entry in value.items()
    }


def is_secret(name: str) -> bool:
    """Whether a name says that its value is a secret."""
    return _SECRET.search(name) is not None and _NO_SECRET.search(name) is None


def _masked(value: Json, shape: ApiShape | None, *, secret: bool) -> Json:
    secret = secret or _is_marked(shape)
    if isinstance(value, str):
        return HIDDEN if secret and value else value
    if isinstance(value, list):
        return [_masked(entry, _element(shape), secret=secret) for entry in value]
    if isinstance(value, dict):
        return _masked_fields(value, shape, named=secret or _names_a_secret(value))
    return value


def _masked_fields(fields: Fields, shape: ApiShape | None, *, named: bool) -> dict[str, Json]:
    """Each field with its secrets hidden; in those that are `named` as a secret, the value beside the name is one."""
    marked = _is_marked(shape)
    return {
        name: _masked(entry, _inside(shape, name), secret=marked or _is_secret_field(name, named))
        for name, entry in fields.items()
    }


def _is_marked(shape: ApiShape | None) -> bool:
    return shape is not None and shape.sensitive


def _names_a_secret(pair: Fields) -> bool:
    """Whether it is `{"Name": "DB_PASSWORD", "Value": ...}`: the name of a secret stands in a value."""
    return any(_NAME.search(name) and _says_secret(entry) for name, entry in pair.items())


def _is_secret_field(name: str, named: bool) -> bool:
    return is_secret(name) or (named and bool(_VALUE.search(name)))


def _says_secret(name: object) -> bool:
    return isinstance(name, str) and is_secret(name)


def _element(shape: ApiShape | None) -> ApiShape | None:
    return shape.item if shape is not None and shape.kind == "list" else None


def _inside(shape: ApiShape | None, name: str) -> ApiShape | None:
    if shape is None or shape.kind not in ("structure", "map"):
        return None
    return shape.members.get(name) if shape.kind == "structure" else shape.item
