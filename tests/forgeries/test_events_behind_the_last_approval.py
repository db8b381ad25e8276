"""What stands behind the last approval is bound by no digest: put in there, it is found by what it says, or listed.

Every type that is of no attempt is put where nothing binds it, its chain whole: into the last commit behind the
approval, behind that commit, and behind what waits; the latter two uncommitted, or taken along by somebody's commit.
"""

from __future__ import annotations

from typing import Any

import pytest

from state.event_types import TYPES, TaskEvent
from tests.worlds.forger import Forger, chained
from workflow.audit import RunAudit

OF_THE_RUN = {name for name, type_ in TYPES.items() if not issubclass(type_, TaskEvent)}
ROLLBACK_STEP = {"id": "R1", "key": "r1", "title": "x", "text": "x", "message": "m", "exit_criteria": []}
NOTES = {"noted on the task": "t1_1", "noted on the next": "t1_2", "noted on none": None, "noted on another": "t9"}
# type -> its fields beside `v`, `at`, `by`; `after` is a commit where one is to be named
PUT_IN: dict[str, dict[str, Any]] = {
    **{how: {"type": "noted", "text": "fine", **({"task": on} if on else {})} for how, on in NOTES.items()},
    "noted on what comes first": {"type": "noted", "text": "fine", "task": "ready"},
    "policy-approved": {
        "type": "policy-approved",
        "head": "1" * 40,
        "files": {"phasegate.yaml": None},
        "via": "prompt",
    },
    "run-started": {"type": "run-started"},
    "runbook-taken": {"type": "runbook-taken", "file": "runbook-2.md", "after": None},
    "boxes-taken-back": {
        "type": "boxes-taken-back",
        "file": "tasks.md",
        "via": "command",
        "before": "0" * 40,
        "after": "1" * 40,
        "sha256": "0" * 64,
    },
    "rollback-started": {"type": "rollback-started", "reason": "r", "after": None, "tasks": [ROLLBACK_STEP]},
    "aborted": {"type": "aborted", "reason": "r", "after": None},
}
LISTED_ONLY = ("noted on the next",)  # in the last commit: the log that will hold it is not written yet


def test_every_type_that_is_of_no_attempt_is_put_in() -> None:
    assert {each["type"] for each in PUT_IN.values()} == OF_THE_RUN


def made(run: Forger, what: str, at: str, after: str | None = None) -> dict[str, Any]:
    """The event, with all that its type must have."""
    first, fields = run.events()[0], PUT_IN[what]
    event = {"v": 2, "at": at, "by": first["by"], **fields}
    for name in {"run-started": first, "runbook-taken": ("tasks", "plan"), "boxes-taken-back": ("plan",)}.get(what, ()):
        event.setdefault(name, first[name])
    if what == "runbook-taken":
        event["sha256"] = first["runbook_sha256"]
    if after and ("after" in fields or fields["type"] in ("noted", "policy-approved")) and what != "boxes-taken-back":
        event["after"] = after
    return event


def limit(found: RunAudit, code: str) -> str:
    return "; ".join(each.said for each in found.unprovable if each.code == code)


def intent(run: Forger) -> int:
    """The number of the last intent of a commit."""
    return max(at for at, event in enumerate(run.events()) if event["type"] == "commit-intended")


@pytest.mark.parametrize("what", PUT_IN)
@pytest.mark.parametrize("run", ["complete", "halfway"])
def test_in_the_last_commit_it_is_found_or_listed(run: str, what: str, request: pytest.FixtureRequest) -> None:
    forger: Forger = request.getfixturevalue(run)
    events, last = forger.events(), intent(forger)
    put_in = made(forger, what, events[last]["at"])
    forger.amend_last(files={forger.journal: chained([*events[:last], put_in, events[last]])})
    found = forger.audit()
    if run == "halfway" and what in LISTED_ONLY:
        assert found.findings == []
        assert "notes behind the approval on the task that comes next" in limit(found, "unbacked-events")
    else:
        assert found.findings


@pytest.mark.parametrize("committed", [False, True], ids=["uncommitted", "taken along by somebody"])
@pytest.mark.parametrize("what", PUT_IN)
@pytest.mark.parametrize("run", ["complete", "halfway"])
def test_behind_the_last_commit_it_is_listed(
    run: str, what: str, committed: bool, request: pytest.FixtureRequest
) -> None:
    forger: Forger = request.getfixturevalue(run)
    events, last = forger.events(), intent(forger)
    put_in = made(forger, what, events[-1]["at"], after=forger.made()[-1].sha)
    forger.write(forger.journal, chained([*events[: last + 1], put_in]))
    if committed:
        forger.commit("words for it", forger.journal)
    says = limit(forger.audit(), "uncommitted-events")
    assert says.startswith("who wrote the 1 line from ")
    assert f"({put_in['type']}): no commit of the run holds it yet" in says


@pytest.mark.parametrize("what", PUT_IN)
def test_behind_what_waits_it_is_listed(what: str, halfway: Forger) -> None:
    events = halfway.events()
    put_in = made(halfway, what, events[-1]["at"])
    halfway.write(halfway.journal, chained([*events, put_in]))
    says = limit(halfway.audit(), "uncommitted-events")
    types = dict.fromkeys(event["type"] for event in [*events[intent(halfway) + 1 :], put_in])
    assert f"({', '.join(types)}): no commit of the run holds them yet" in says


@pytest.mark.parametrize("on", ["t1_1", "t2_1", "ready", "rolling_back", "t9", ""])
def test_a_note_that_stands_on_no_place_of_the_run_is_named(on: str, halfway: Forger) -> None:
    """1.2 waits: notes that were made here are on it, whoever made them."""
    events = halfway.events()
    note = {"v": 2, "at": events[-1]["at"], "by": events[0]["by"], "type": "noted", "text": "fine"}
    halfway.write(halfway.journal, chained([*events, {**note, "task": on or None}]))
    (found,) = [each for each in halfway.audit().findings if each.code == "event-differs"]
    assert f"noted is on {on or 'no task'!r}, and the run stood at t1_2" in found.message
    halfway.write(halfway.journal, chained([*events, {**note, "task": "t1_2"}]))
    assert halfway.codes() == []


def test_a_finished_run_has_nothing_to_list(complete: Forger) -> None:
    assert limit(complete.audit(), "uncommitted-events") == ""
