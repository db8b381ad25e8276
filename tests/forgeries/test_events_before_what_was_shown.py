"""An event before what was shown cannot be changed without its digest: not in the last commit, not if it is signed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from state.errors import JournalDamaged
from state.event_types import Worked
from state.read_journal import files_of, parse
from tests.worlds.approval_world import ADA, BOB, EVE, ApprovalWorld, Keys
from tests.worlds.forger import Events, Forger, chained
from tests.worlds.run_world import RunWorld
from workflow.audit.approval_checks import check_approvals
from workflow.audit.findings import Finding
from workflow.ports import Approve, Reject

Edit = Callable[[Events], Events]
POLICY = "default: {signed: true, operator_may_approve: false, allowed_signers: signers}\n"


@pytest.fixture(scope="module")
def sent_back(tmp_path_factory: pytest.TempPathFactory) -> RunWorld:
    """A complete run whose last task was worked at twice."""
    world = RunWorld(tmp_path_factory.mktemp("shed"))
    world.person.verdicts = [Approve("prompt"), Approve("prompt"), Reject("not dry yet"), Approve("prompt")]
    with world.start() as engine:
        engine.drive()
    assert [event.attempt for event in engine.journal.events if isinstance(event, Worked)] == [1, 1, 1, 2]
    return world


@pytest.fixture
def forger(sent_back: RunWorld, tmp_path: Path) -> Forger:
    return Forger.of_copy(sent_back, tmp_path / "copy")


def in_event(type_: str, *, nth: int = 0, **fields: object) -> Edit:
    """The nth event of this type from the end, with other fields; `by__git` is a field of a field."""

    def edit(events: Events) -> Events:
        event = [each for each in events if each["type"] == type_][-1 - nth]
        for name, value in fields.items():
            inside, _, field = name.rpartition("__")
            (event[inside] if inside else event)[field] = value
        return events

    return edit


def without(type_: str, *, nth: int = 0) -> Edit:
    def edit(events: Events) -> Events:
        gone = [each for each in events if each["type"] == type_][-1 - nth]
        return [each for each in events if each is not gone]

    return edit


def with_a_note(events: Events) -> Events:
    last = max(at for at, event in enumerate(events) if event["type"] == "worked")
    note = {"v": 2, "at": events[last - 1]["at"], "type": "noted", "text": "fine", "by": events[0]["by"]}
    return [*events[:last], note, *events[last:]]


LAST: dict[str, Edit] = {
    "when an earlier attempt was sent back": in_event("rejected", at="2026-01-02T03:04:05.000Z"),
    "by whom it was sent back": in_event("rejected", by__git=BOB),
    "why": in_event("rejected", reason="too dry"),
    "what the earlier attempt was shown as": in_event("worked", nth=1, request__nonce="another"),
    "a field that is not known here": in_event("task-started", colour="red"),
    "when the last attempt began": in_event("task-started", at="2026-01-02T03:04:06.000Z"),
    "the host of an answer": in_event("answered", by__host="laptop"),
    "a note more": with_a_note,
}


@pytest.mark.parametrize("what", LAST)
def test_it_is_found_that_the_last_commit_tells_otherwise(forger: Forger, what: str) -> None:
    forger.amend_last(files={forger.journal: chained(LAST[what](forger.events()))})
    mismatches = [each.message for each in forger.audit().findings if each.code == "digest-mismatch"]
    assert any("a line before it was edited, put in or taken out" in each for each in mismatches), forger.codes()


def test_the_line_before_that_was_made_to_fit_is_found_by_the_digest(forger: Forger) -> None:
    """A forger who sees the line that the request names, and cannot change what was approved."""
    events = LAST["by whom it was sent back"](forger.events())
    last = max(at for at, event in enumerate(events) if event["type"] == "worked")
    line = json.loads(chained(events).splitlines()[last])
    events[last]["request"]["prev"] = line["prev"]
    forger.amend_last(files={forger.journal: chained(events)})
    (found,) = [each.message for each in forger.audit().findings if each.code == "digest-mismatch"]
    assert "the evidence hashes to" in found


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every plain value in an event."""
    if not isinstance(value, dict | list):
        yield place
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from places(item, (*place, key))


def another(value: object) -> object:
    """Of the same kind, so that the event is read."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}0" if not str(value).endswith("Z") else str(value).replace("Z", "1Z").replace(".0001Z", ".001Z")


def test_no_value_before_the_last_showing_can_be_another_one(sent_back: RunWorld) -> None:
    """In memory: each is found, but those whose line is no event any more, which is damage."""
    path = sent_back.root / ".phasegate" / sent_back.run_id / "journal.jsonl"
    original = [json.loads(line) for line in b"".join(files_of(path)).splitlines()]
    last = max(at for at, event in enumerate(original) if event["type"] == "worked")
    tried = [(at, place) for at in range(last) for place in places(original[at]) if place[0] not in ("seq", "prev")]
    read = 0
    for at, place in tried:
        events: Events = json.loads(json.dumps(original))
        *path_to, name = place
        where: Any = events[at]
        for key in path_to:
            where = where[key]
        where[name] = another(where[name])
        try:
            parsed, _ = parse(chained(events))
        except JournalDamaged:  # a digest that is none, a type that there is not
            continue
        found: list[Finding] = []
        check_approvals(parsed, lambda _seq: None, found.append)
        assert "digest-mismatch" in {each.code for each in found}, (at, place)
        read += 1
    assert read > 100


@pytest.fixture(scope="module")
def signed_world(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> ApprovalWorld:
    """Ada answered and worked, Bob approved and signed; one task is committed."""
    world = ApprovalWorld(tmp_path_factory.mktemp("signed"), policy=POLICY, files={"signers": keys.allow(BOB)})
    world.pauses()
    world.approves(BOB, signature=keys.sign(BOB, world.to_sign()))
    world.resumes()
    return world


HIDDEN: dict[str, Edit] = {
    "who answered": in_event("answered", by__git=EVE),
    "how it was answered": in_event("answered", via="default"),
    "who started": in_event("run-started", by__git=EVE),
    "whether it was the sandbox": in_event("run-started", sandbox=False),
}


@pytest.mark.parametrize("what", HIDDEN)
def test_an_operator_is_not_hidden_from_a_signed_approval(
    signed_world: ApprovalWorld, tmp_path: Path, what: str
) -> None:
    """Everything is made to fit: chain, line before, digest, message, trailers; only the key is out of reach."""
    run = Forger.of_copy(signed_world, tmp_path / "copy")
    assert run.codes() == []
    run.rewrite(HIDDEN[what])
    assert "signature-invalid" in run.codes()


def test_what_a_signature_binds_is_not_listed_as_unbacked(signed_world: ApprovalWorld, tmp_path: Path) -> None:
    assert "who answered" not in unbacked(signed_world)
    world = ApprovalWorld(tmp_path)
    world.pauses()
    world.approves(BOB)
    world.resumes()
    assert "who answered" in unbacked(world)


def unbacked(world: ApprovalWorld) -> str:
    limits = Forger(world.root, world.run_id).audit().unprovable
    (limit,) = [each.said for each in limits if each.code == "unbacked-events"]
    return limit


def test_whoever_rewrites_it_before_the_approval_voids_what_was_shown(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    world.rewrites(in_place(in_event("answered", by__git=EVE)))
    world.resumes()
    (voided,) = world.events_of("voided")
    assert voided["changed"][0].startswith("the line before in the journal hashed to ")


def test_whoever_rewrites_it_after_the_approval_commits_nothing(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    world.approves(BOB)
    world.rewrites(in_place(in_event("answered", by__git=ADA.replace("Ada", "Bea"))))
    world.resumes()
    assert len(world.events_of("voided")) == 1
    assert world.subjects() == []


def in_place(edit: Edit) -> Callable[[Events], None]:
    def change(events: Events) -> None:
        events[:] = edit(events)

    return change
