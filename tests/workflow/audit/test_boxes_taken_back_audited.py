"""Does the audit see an order that takes boxes back and changes anything else, or names other blobs?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from state.event_types import BoxesTakenBack
from state.events import make_event
from state.files import blob_id
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.runbook_copy import Planned
from workflow.audit.runbook_edits import check_taken_back
from workflow.runbook.reader import read_runbook

TICKED = b"# Work\n\n- [x] 1. One\n  - [x] 1.1 First\n  - [x] 1.2 Second\n- [ ] 2. Two\n"
OPEN = TICKED.replace(b"[x]", b"[ ]")
SHA1 = "0" * 40


def planned(data: bytes) -> Planned:
    return Planned(read_runbook(data, name="tasks", path="tasks.md"), data)


def found(taken: bytes, **fields: Any) -> list[str]:
    named = {"before": blob_id(TICKED, SHA1), "after": blob_id(taken, SHA1), **fields}
    rest = {"file": "tasks.md", "sha256": "2", "plan": "2", "by": {"git": "Ada", "user": "a", "host": "h"}}
    event = make_event(1, datetime(2026, 1, 2, tzinfo=UTC), "boxes-taken-back", {**rest, **named, "via": "command"})
    assert isinstance(event, BoxesTakenBack)
    findings: list[Finding | Unprovable] = []
    check_taken_back(event, planned(TICKED), planned(taken), findings.append)
    return [each.code for each in findings]


def test_an_order_that_opens_the_boxes_and_nothing_else_is_sound() -> None:
    assert found(OPEN) == []


@pytest.mark.parametrize(
    ("after", "fields", "code"),
    [
        pytest.param(OPEN.replace(b"Second", b"Third"), {}, "runbook-edited", id="a text beside the boxes"),
        pytest.param(OPEN.replace(b"[ ] 1.2", b"[x] 1.2"), {}, "mark-without-commit", id="a box that stays ticked"),
        pytest.param(OPEN, {"before": "1" * 40}, "runbook-edited", id="another blob before"),
        pytest.param(OPEN, {"after": "1" * 40}, "runbook-edited", id="another blob after"),
    ],
)
def test_an_order_that_does_anything_else_is_a_finding(after: bytes, fields: dict[str, Any], code: str) -> None:
    assert code in found(after, **fields)
