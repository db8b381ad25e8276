"""What people said is held against the working log in the commit: the journal alone cannot be written otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from state.errors import Waiting
from tests.worlds.forger import Events, Forger, changed_first
from tests.worlds.run_world import RunWorld
from workflow.ports import HandIn, Note, Reject

LOG = "artifacts/shed/working_log.md"


@pytest.fixture(scope="module")
def discussed(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    """One task of one, noted about with a sign that is escaped, rejected, done again, and approved with a comment."""
    world = RunWorld(tmp_path_factory.mktemp("shed"), runbook=b"# Shed\n\n- [ ] 1. Paint it\n")
    world.person.works = [HandIn((), "prompt"), HandIn((), "prompt")]
    world.person.verdicts = [Note("do not\u200bdeploy this"), Reject("insecure")]
    world.person.absent = True
    with world.start() as engine:
        with pytest.raises(Waiting):
            engine.drive()
        request = engine.run.task("t1").request
        assert request is not None
        engine.approve(request.digest, "prompt", by=engine.doors.me, comment="only for staging")
        engine.drive()
    return world


@pytest.fixture
def forger(discussed: RunWorld, tmp_path: Path) -> Forger:
    return Forger.of_copy(discussed, tmp_path / "copy")


def without_note(events: Events) -> Events:
    return [event for event in events if event["type"] != "noted"]


FORGED: dict[str, tuple[Callable[[Events], Events], str]] = {
    "a comment": (changed_first("approved", comment="for production"), "said: for production"),
    "no comment": (changed_first("approved", comment=""), "said: only for staging"),
    "when it was approved": (changed_first("approved", at="2097-01-01T00:00:00.000Z"), "at 2097-01-01"),
    "a note": (changed_first("noted", text="deploy this"), "deploy this'"),
    "no note": (without_note, "the journal does not"),
    "whose a note is": (changed_first("noted", by__git="Bob <bob@example.com>"), "Note by Bob <bob@example.com> at "),
    "why it was rejected": (
        changed_first("rejected", reason="typo"),
        "attempt 1 rejected by Ada <ada@example.com>: typo",
    ),
    "who rejected": (changed_first("rejected", by__git="Bob <bob@example.com>"), "attempt 1 rejected by Bob"),
}


def differences(forger: Forger) -> list[str]:
    return [finding.message for finding in forger.audit().findings if finding.code == "event-differs"]


def test_what_was_said_is_sound_as_it_is(forger: Forger) -> None:
    assert b"\\u200b" in (forger.root / LOG).read_bytes()
    assert forger.codes() == []


@pytest.mark.parametrize("what", FORGED)
def test_what_the_journal_says_otherwise_than_the_log_is_found(forger: Forger, what: str) -> None:
    edit, says = FORGED[what]
    forger.rewrite(edit)
    found = differences(forger)
    assert [message for message in found if says in message], found


@pytest.mark.parametrize("lines", [b"", b"<!-- phasegate:begin", b"insecure"])
def test_a_log_rewritten_with_the_blob_that_was_intended_is_found(forger: Forger, lines: bytes) -> None:
    """Nothing but the log, and the object that the journal gives for it; "" stands for a line more."""
    log = (forger.root / LOG).read_bytes()
    end = b"<!-- phasegate:end"
    edited = log.replace(lines, b"typo") if lines else log.replace(end, b"- Note by Bob: fine\n" + end)
    assert edited != log
    blob = forger.git("hash-object", "-w", "--stdin", stdin=edited).strip()

    def edit(events: Events) -> Events:
        for event in events:
            if event["type"] == "commit-intended":
                (entry,) = (entry for entry in event["entries"] if entry["path"] == LOG)
                entry["blob"] = blob
        return events

    forger.rewrite(edit, files={LOG: edited})
    assert forger.codes() == ["event-differs"]


def test_a_line_that_another_release_escapes_otherwise_is_no_difference(forger: Forger) -> None:
    log = (forger.root / LOG).read_bytes()
    edited = log.replace(b"\\u200b", "\u200b".encode())
    blob = forger.git("hash-object", "-w", "--stdin", stdin=edited).strip()

    def edit(events: Events) -> Events:
        (entry,) = (entry for entry in events[-1]["entries"] if entry["path"] == LOG)
        entry["blob"] = blob
        return events

    forger.rewrite(edit, files={LOG: edited})
    assert forger.codes() == []


def test_what_the_log_does_not_repeat_is_listed_by_name(forger: Forger) -> None:
    forger.rewrite(changed_first("approved", via="command", by__user="bob", by__host="laptop"))
    found = forger.audit()
    assert found.findings == []
    (limit,) = (limit for limit in found.unprovable if limit.code == "unbacked-events")
    assert "by which way (`via`), as which user and on which host" in limit.said
    assert "comments, reasons, notes" in limit.said
