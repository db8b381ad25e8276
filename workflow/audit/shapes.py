"""Is every field of an event of the kind that the journal's format says? (docs/journal-format.md)

The engine trusts its own journal; the audit reads one that somebody may have made up, and must not stumble over it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from state.events import Event, parse_time

_BY = {"git": str, "user": str, "host": str}
_TIME = "a time"
_REQUEST = {"digest": str, "nonce": str, "shown_at": _TIME, "expires_at": _TIME}
_TEXT_OR_NONE = (str, type(None))
_CHECK = {"name": str, "expected": str, "seen": str, "verdict": str}

SHAPES: Mapping[str, Mapping[str, Any]] = {
    "run-started": {
        "run": str, "workflow": str, "runbook": str, "runbook_sha256": str, "plan": str, "branch": str, "base": str,
        "sandbox": bool, "by": _BY, "tasks": [{"id": str, "key": str, "title": str}],
    },
    "task-started": {"after": _TEXT_OR_NONE},
    "answered": {"question": str, "answer": str, "via": str, "by": _BY},
    "effect-intended": {"effect": str},
    "effect-done": {"effect": str},
    "branch-switched": {"branch": str, "from": str},
    "worked": {
        "artifacts": [{"path": str, "sha256": str}], "checks": [_CHECK], "data": {}, "review": [{}], "witness": {},
        "request": _REQUEST,
    },
    "step-failed": {"reason": str},
    "review-opened": {"request": _REQUEST},
    "approved": {"digest": str, "nonce": str, "by": _BY, "via": str, "admits": bool},
    "rejected": {"digest": str, "reason": str, "by": _BY},
    "voided": {"digest": str, "changed": [str]},
    "commit-intended": {"message": str, "paths": [{"path": str, "object": _TEXT_OR_NONE}], "approval": str},
    "commit-refused": {"reason": str},
    "noted": {"text": str, "by": _BY},
    "rollback-started": {
        "reason": str, "by": _BY, "after": _TEXT_OR_NONE,
        "tasks": [{"id": str, "key": str, "title": str, "text": str, "message": str, "exit_criteria": [str]}],
    },
    "aborted": {"reason": str, "by": _BY, "after": _TEXT_OR_NONE},
}  # fmt: skip
_OF_A_TASK = {"task": str, "attempt": int}
_OF_THE_RUN = ("run-started", "noted", "rollback-started", "aborted")
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def misshapen(event: Event) -> str:
    """Where a field is of the wrong kind ("worked.request.digest"), or ""."""
    wrong = _wrong(event.fields, SHAPES[event.type], event.type)
    if not wrong and event.type not in _OF_THE_RUN:
        wrong = _wrong(event.fields, _OF_A_TASK, event.type)
    task = event.get("task")
    if not wrong and task is not None and not (isinstance(task, str) and _KEY.fullmatch(task)):
        return f"{event.type}.task"
    return wrong


def _wrong(value: Any, wanted: Any, where: str) -> str:
    if isinstance(wanted, dict):
        if not isinstance(value, Mapping):
            return where
        for name, inner in wanted.items():
            if wrong := _wrong(value.get(name), inner, name):
                return f"{where}.{wrong}"
        return ""
    if isinstance(wanted, list):
        if not isinstance(value, list):
            return where
        for at, each in enumerate(value):
            if wrong := _wrong(each, wanted[0], f"{where}[{at}]"):
                return wrong
        return ""
    if wanted is _TIME:
        return "" if isinstance(value, str) and _is_time(value) else where
    return "" if isinstance(value, wanted) else where


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True
