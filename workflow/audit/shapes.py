"""Is every field of an event of the kind that the journal's format says? (docs/journal-format.md)

The engine trusts its own journal; the audit reads one that somebody may have made up, and must not stumble over it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from state.events import Event, parse_time

_BY = {"git": str, "user": str, "host": str}
_TIME = "a time"
_SECONDS = range(1, 10**9)
_EACH = "*"  # in a mapping: every value
_REQUEST = {"digest": str, "nonce": str, "shown_at": _TIME, "expires_at": _TIME}
_TEXT_OR_NONE = (str, type(None))
_CHECK = {"name": str, "expected": str, "seen": str, "verdict": str}

SHAPES: Mapping[str, Mapping[str, Any]] = {
    "run-started": {
        "run": str,
        "workflow": str,
        "runbook": str,
        "runbook_sha256": str,
        "plan": str,
        "branch": str,
        "base": str,
        "sandbox": bool,
        "by": _BY,
        "tasks": [{"id": str, "key": str, "title": str}],
        "as": _TEXT_OR_NONE,
        "grammar": (int, type(None)),
    },
    "task-started": {"after": _TEXT_OR_NONE},
    "handed-in": {"paths": [str], "via": str, "by": _BY},
    "answered": {"question": str, "answer": str, "via": str, "by": _BY},
    "effect-intended": {"effect": str},
    "effect-done": {"effect": str},
    "branch-switched": {"branch": str, "from": str},
    "worked": {
        "artifacts": [{"path": str, "sha256": str}],
        "checks": [_CHECK],
        "data": {},
        "review": [{}],
        "witness": {},
        "request": _REQUEST,
    },
    "step-failed": {"reason": str},
    "review-opened": {"request": _REQUEST},
    "approved": {"digest": str, "nonce": str, "by": _BY, "via": str, "admits": bool},
    "rejected": {"digest": str, "reason": str, "by": _BY},
    "voided": {"digest": str, "changed": [str]},
    "commit-intended": {"message": str, "paths": [{"path": str, "object": _TEXT_OR_NONE}], "approval": str},
    "commit-refused": {"reason": str},
    "runbook-taken": {
        "file": str,
        "sha256": str,
        "plan": str,
        "tasks": [{"id": str, "key": str, "title": str}],
        "by": _BY,
        "after": _TEXT_OR_NONE,
    },
    "noted": {"text": str, "by": _BY},
    "rollback-started": {
        "reason": str,
        "by": _BY,
        "after": _TEXT_OR_NONE,
        "tasks": [{"id": str, "key": str, "title": str, "text": str, "message": str, "exit_criteria": [str]}],
    },
    "aborted": {"reason": str, "by": _BY, "after": _TEXT_OR_NONE},
}
_POLICY = {
    "approvers": int,
    "who": [str],
    "operator_may_approve": bool,
    "expires_after": _SECONDS,
    "signed": bool,
    "opened_by_policy": bool,
    "allowed_signers": str,
    "revoked_keys": str,
    "files": {_EACH: str},
}
_OPTIONAL: Mapping[str, Mapping[str, Any]] = {
    "worked": {"policy": _POLICY, "by": _BY},
    "approved": {"signature": str, "comment": str},
}
_OF_A_TASK = {"task": str, "attempt": int}
_OF_THE_RUN = ("run-started", "runbook-taken", "noted", "rollback-started", "aborted")
_KEY = re.compile(r"[a-z][a-z0-9_]*")

Checker = Callable[[Any], str | None]


def misshapen(event: Event) -> str:
    """Where a field is of the wrong kind ("worked.request.digest"), or ""."""
    wrong = _CHECKERS[event.type](event.fields)
    if wrong is not None:
        return f"{event.type}{wrong}"
    task = event.get("task")
    if task is not None and not (isinstance(task, str) and _KEY.fullmatch(task)):
        return f"{event.type}.task"
    return ""


def _checker(wanted: Any, optional: Mapping[str, Any] = MappingProxyType({})) -> Checker:
    """A function that tells where below a value something is of another kind than wanted, "" for the value itself.

    Made once for each kind of event: a journal has thousands of values.
    """
    if isinstance(wanted, dict) and _EACH in wanted:
        each_value = _checker(wanted[_EACH])

        def values(value: Any) -> str | None:
            if not isinstance(value, dict):
                return ""
            return next((f".{name}" for name, each in value.items() if each_value(each) is not None), None)

        return values
    if isinstance(wanted, dict):
        parts = [(name, _checker(inner)) for name, inner in wanted.items()]
        more = [(name, _checker(inner)) for name, inner in optional.items()]

        def mapping(value: Any) -> str | None:
            if not isinstance(value, dict):
                return ""
            for name, check in parts:
                if (wrong := check(value.get(name))) is not None:
                    return f".{name}{wrong}"
            for name, check in more:
                if name in value and (wrong := check(value[name])) is not None:
                    return f".{name}{wrong}"
            return None

        return mapping
    if isinstance(wanted, list):
        inside = _checker(wanted[0])

        def sequence(value: Any) -> str | None:
            if not isinstance(value, list):
                return ""
            for at, each in enumerate(value):
                if (wrong := inside(each)) is not None:
                    return f"[{at}]{wrong}"
            return None

        return sequence
    if wanted is _TIME:
        return lambda value: None if isinstance(value, str) and _is_time(value) else ""
    if isinstance(wanted, range):
        return lambda value: None if type(value) is int and value in wanted else ""
    return lambda value: None if isinstance(value, wanted) else ""


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


_CHECKERS: Mapping[str, Checker] = {
    type_: _checker(shape if type_ in _OF_THE_RUN else {**shape, **_OF_A_TASK}, _OPTIONAL.get(type_, {}))
    for type_, shape in SHAPES.items()
}
