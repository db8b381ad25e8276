"""Whatever `status` says in words is in its JSON as well."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from workflow.views.effects import FailedCommand
from workflow.views.status import StatusView, TaskLine, WaitingFor

RUNBOOK = """# Cut over

## Phase 1: Prepare

- [ ] Freeze announced
- [ ] Tests pass (`test -e green`)

### Exit Criteria

- Somebody has looked
"""
# of the status: where the JSON has each field that is not called the same there
ELSEWHERE = {
    "outcome": "state",
    "done": "progress",
    "typed": "approvals",
    "unsigned": "approvals",
    "criteria": "exit_criteria",
    "asked": "next",
    "tests_by": "next",
    "record_back": "next",
    "persons_step": "next",
    "driven_there": "driven_in",
    "others_there": "other_worktrees",
}
IN_NEXT = {"by"}  # of what waits: the commands that approve it
KEYS = {
    *("run", "workflow", "state", "tasks", "waiting_for", "to_do", "to_do_since", "progress", "rollback", "items"),
    *("failed_command", "running_command", "held_by", "boxes", "exit_criteria", "failure", "once_more", "approvals"),
    *("to_do_by_agent", "weaker_policy", "checks_not_committed", "record_lost", "waits_elsewhere", "used_up", "next"),
    *("driven_in", "other_worktrees"),
}


def fields_of(shown: type[Any]) -> set[str]:
    return {each.name for each in dataclasses.fields(shown)}


def test_each_field_that_is_shown_has_its_place() -> None:
    assert {ELSEWHERE.get(name, name) for name in fields_of(StatusView)} <= KEYS
    line = TaskLine("1", "t1", "Build", "done", None, None)
    assert fields_of(TaskLine) <= line.to_json().keys()
    assert fields_of(FailedCommand) <= FailedCommand("command 1", "exit 1", 1, "x").to_json().keys()
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert fields_of(WaitingFor) - IN_NEXT <= WaitingFor("t1", "ab", now, (), now, "anybody").to_json().keys()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "cut.md").write_text(RUNBOOK)
    first_commit(tmp_path)
    assert phasegate(tmp_path, "run", "cut.md").returncode == 3
    return tmp_path


def seen(place: Path) -> tuple[dict[str, Any], str]:
    """The JSON, and the words; what `next` has stands in both alike."""
    found = json.loads(phasegate(place, "status", "--json").stdout)
    words, _, following = phasegate(place, "status").stdout.partition("next: ")
    assert [line.strip() for line in following.splitlines()] == found["next"]
    assert found.keys() == KEYS
    return found, words


@pytest.mark.slow
def test_boxes_criteria_a_failed_command_and_what_is_next(place: Path) -> None:
    found, words = seen(place)
    assert found["boxes"][0] == {"number": 1, "text": "Freeze announced", "said": "no answer yet"}
    assert found["exit_criteria"] == [{"number": 1, "text": "Somebody has looked"}]
    assert all(f"{box['text']}   ({box['said']})" in words for box in found["boxes"])
    assert f"since {found['to_do_since'][:16].replace('T', ' ')} UTC" in words
    assert phasegate(place, "done", "--no-files", "--box", "1=yes", "--run", "1", "--attest", "1").returncode == 3
    found, words = seen(place)
    assert found["failed_command"]["script"] in words
    assert found["boxes"][0]["said"] == "yes, says Ada <ada@example.com> (command)"


@pytest.mark.slow
def test_the_reason_of_a_rejection_and_who_may_approve(place: Path) -> None:
    (place / "green").touch()
    done = ("done", "--path", "green", "--box", "1=yes", "--run", "1", "--attest", "1")
    assert phasegate(place, *done).returncode == 0
    found, words = seen(place)
    waiting = found["waiting_for"]
    assert f"who may approve: {waiting['whom']}" in words
    assert f"since {waiting['since'][:16].replace('T', ' ')} UTC" in words
    assert phasegate(place, "reject", "--reason", "the backup is missing").returncode == 0
    found, words = seen(place)
    assert found["once_more"] == "attempt 1 rejected by Ada <ada@example.com>: the backup is missing"
    assert found["once_more"] in words


@pytest.mark.slow
def test_what_was_taken_back_and_what_is_unsigned(place: Path) -> None:
    (place / "green").touch()
    done = ("done", "--path", "green", "--box", "1=yes", "--run", "1", "--attest", "1")
    assert phasegate(place, *done).returncode == 0
    assert phasegate(place, "done", "--take-back").returncode == 0
    found, words = seen(place)
    assert (found["tasks"][0]["taken_back"], "taken back" in words) == (True, True)
    phasegate(place, "resume")
    assert phasegate(place, *done).returncode == 0
    digest = seen(place)[0]["waiting_for"]["digest"]
    bob = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}
    assert phasegate(place, "approve", "--digest", digest, **bob).returncode == 0
    found, words = seen(place)
    assert found["approvals"] == {"by_people": 1, "unsigned": 1}
    assert "the approval is unsigned" in words
