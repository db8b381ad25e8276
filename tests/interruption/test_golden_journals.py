"""Journals that were recorded in format 1 are read for ever, and mean what they meant.

`tests/golden/v1/*.jsonl` are never changed: a test that is red here means that journals in the field would be read
differently, or not at all. Beside each lies what it folds to. A new format gets a directory of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from state.event_types import TYPES
from state.events import format_time
from state.files import sha256
from state.fold import fold
from state.read_journal import parse
from state.run_state import RunState
from state.task_state import TaskState

GOLDEN = Path(__file__).parents[1] / "golden"
JOURNALS = sorted(GOLDEN.glob("v*/*.jsonl"))


def meaning(run: RunState) -> dict[str, Any]:
    """Everything that a fold knows, as JSON values; editions of the runbook where there is more than the first."""
    editions = [
        [each.since, each.file, each.sha256, each.plan, [task.to_json() for task in each.tasks]]
        for each in run.runbook_versions
    ]
    return ({"editions": editions} if len(editions) > 1 else {}) | {
        "run": run.run_id,
        "end": "aborted" if run.aborted else None,
        "current": run.current,
        "answers": run.answers,
        **({"branch": run.branch} if run.branch != run.start.branch else {}),
        **({"rollback": run.rollback.reason} if run.rollback else {}),
        "notes": [[format_time(at), task, text, by] for at, task, text, by in run.notes],
        "tasks": {key: _task(state) for key, state in run.tasks.items()},
    }


def _task(state: TaskState) -> dict[str, Any]:
    return {
        "status": state.status,
        **({"adopted": True} if state.adopted else {}),
        **({"skipped": state.skipped} if state.skipped else {}),
        **({"handed_in": list(state.handed_in.paths)} if state.handed_in else {}),
        **({"before": state.before.to_json()} if state.before else {}),
        "attempt": state.attempt,
        "first_started_at": format_time(state.first_started_at) if state.first_started_at else None,
        "started_at": format_time(state.started_at) if state.started_at else None,
        "effects": {name: list(both) for name, both in state.effects.items()},
        "answers": state.answers,
        "artifacts": [each.path for each in state.worked.artifacts] if state.worked else None,
        "digest": state.request.digest if state.request else None,
        "expires_at": format_time(state.request.expires_at) if state.request else None,
        "approvals": [each.via for each in state.approvals],
        "refusals": state.refusals,
        "failure": state.failure.reason if state.failure else None,
        "approved_by": state.approved_by,
        "commit": state.commit,
        "paths": [each.path for each in state.commit_intent.paths] if state.commit_intent else None,
    }


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_a_recorded_journal_means_what_it_meant(path: Path) -> None:
    data = path.read_bytes()
    events, whole = parse(data)
    expected = json.loads(path.with_suffix(".json").read_text())
    assert len(events) == expected["events"]
    assert len(data) - whole == expected["torn_bytes"]
    assert meaning(fold(events)) == expected["meaning"]


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_a_recorded_journal_is_the_one_that_was_recorded(path: Path) -> None:
    assert sha256(path.read_bytes()) == json.loads(path.with_suffix(".json").read_text())["sha256"]


def test_every_event_of_format_1_is_in_a_recorded_journal() -> None:
    recorded = {event.type for path in GOLDEN.glob("v1/*.jsonl") for event in parse(path.read_bytes())[0]}
    assert recorded == set(TYPES) - {"policy-approved", "boxes-taken-back"}  # which format 1 cannot say


def test_what_is_written_today_is_written_as_it_was_recorded() -> None:
    for path in GOLDEN.glob("v*/*.jsonl"):
        data = path.read_bytes()
        events, whole = parse(data)
        assert b"".join(event.to_line() + b"\n" for event in events) == data[:whole]
