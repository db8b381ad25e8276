"""After the approval, before the commit: any one byte changed in anything it covers, and nothing is committed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state.errors import JournalDamaged, PhasegateError
from tests.worlds.approval_world import BOB, ApprovalWorld, Keys
from tests.worlds.journals import journal_events
from workflow.engine.engine import Settings

GREEN = Settings(answers={"colour": "green"})
POLICY = "default: {signed: true, operator_may_approve: false, allowed_signers: signers, revoked_keys: revoked}\n"


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> ApprovalWorld:
    """A run whose first task is approved, signed, and not committed yet; copied for each example."""
    world = ApprovalWorld(
        tmp_path_factory.mktemp("approved"),
        policy=POLICY,
        files={"signers": keys.allow(BOB), "revoked": "# none\n" + keys.public("Eve <eve@example.com>")},
    )
    world.pauses()
    world.approves(BOB, signature=keys.sign(BOB, world.to_sign()))
    return world


class Copied:
    """A copy of the approved world, thrown away after use."""

    def __init__(self, world: ApprovalWorld) -> None:
        self._world = world

    def __enter__(self) -> ApprovalWorld:
        self._scratch = tempfile.TemporaryDirectory()
        copy = object.__new__(ApprovalWorld)
        copy.__dict__.update(self._world.__dict__)
        copy.root = Path(self._scratch.name) / "repo"
        shutil.copytree(self._world.root, copy.root)
        return copy

    def __exit__(self, *_exc: object) -> None:
        self._scratch.cleanup()


def nothing_is_committed_with_that_approval(world: ApprovalWorld, approved_digest: str) -> None:
    """Resume; whatever it says, the approval that was given opens nothing."""
    try:
        world.resumes(GREEN)
    except PhasegateError as refusal:
        assert refusal.exit_code in (1, 2, 5)
    assert world.subjects() == ["A policy"]
    assert approved_digest not in world.git("log", "--format=%B")


def test_as_it_is_the_approval_commits(approved: ApprovalWorld) -> None:
    with Copied(approved) as world:
        world.resumes(GREEN)
        assert "shed task 1.1: Choose a colour" in world.subjects()


FILES = (
    "artifacts/shed/colour.md",
    "tasks.md",
    "phasegate.yaml",
    "signers",
    "revoked",
    ".phasegate/{run}/runbook.md",
    ".phasegate/{run}/journal.jsonl",
)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_byte_of_a_file(path: str, approved: ApprovalWorld, data: st.DataObject) -> None:
    name = path.format(run=approved.run_id)
    before = (approved.root / name).read_bytes()
    place = data.draw(st.integers(0, len(before) - 1), label="place")
    marks = b" x" if name == "tasks.md" and before[place - 1 : place + 2] == b"[ ]" else before[place : place + 1]
    byte = data.draw(st.integers(0, 255).filter(lambda value: value not in marks), label="byte")
    with Copied(approved) as world:
        (world.root / name).write_bytes(before[:place] + bytes([byte]) + before[place + 1 :])
        request = approved.events_of("worked")[0]["request"]
        if name.endswith("journal.jsonl") and place == len(before) - 1:
            return  # without its line end the last line is torn: no approval was given, which another test shows
        nothing_is_committed_with_that_approval(world, request["digest"])


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES[:5])
def test_a_file_that_goes_or_grows(path: str, approved: ApprovalWorld) -> None:
    request = approved.events_of("worked")[0]["request"]
    for change in (Path.unlink, lambda file: file.write_bytes(file.read_bytes() + b"\n")):
        with Copied(approved) as world:
            change(world.root / path)
            nothing_is_committed_with_that_approval(world, request["digest"])


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield place
    for key, item in items:
        yield from leaves(item, (*place, key))


def changed(value: Any) -> Any:
    if isinstance(value, str) and value.endswith("000Z"):
        return value.replace("000Z", "001Z")  # a millisecond
    if isinstance(value, bool) or value is None:
        return not value
    return value + 1 if isinstance(value, int) else value + "0"


# what digest, nonce and signature cover: all that was recorded before the evidence, by its line's hash, and of later
# events this; the rest of them is for readers (when, by which way)
COVERED = {
    "worked": {"task", "artifacts", "checks", "data", "review", "witness", "policy", "by", "terminal", "entries"},
    "approved": {"task", "digest", "nonce", "signature"},
}
OF_THE_CHAIN = {"seq", "prev"}


def covered(event: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    wanted = COVERED.get(event["type"], event.keys() - OF_THE_CHAIN)
    yield from (place for place in leaves(event) if place[0] in wanted)
    yield from (("request", name) for name in event.get("request", ()))
    yield from ((("by", "git"),) if event["type"] == "approved" else ())


@pytest.mark.slow
def test_any_value_of_the_record_with_its_chain_made_anew(approved: ApprovalWorld) -> None:
    """A forger who can rewrite the journal: who answered and when, evidence, answers, policy, request, approval."""
    digest = approved.events_of("worked")[0]["request"]["digest"]
    events = journal_events(approved.journal)
    tried = [(number, place) for number, event in enumerate(events) for place in covered(event)]
    assert len(tried) > 60
    for number, place in tried:

        def forge(events: list[dict[str, Any]], number: int = number, place: tuple[Any, ...] = place) -> None:
            where = events[number]
            for key in place[:-1]:
                where = where[key]
            where[place[-1]] = changed(where[place[-1]])

        with Copied(approved) as world:
            world.rewrites(forge)
            try:
                nothing_is_committed_with_that_approval(world, digest)
            except Exception as fault:
                raise AssertionError(f"line {number + 1}, {place}: {fault!r}") from fault


OUTSIDE: dict[str, Callable[[ApprovalWorld], object]] = {
    "another value": lambda world: setattr(world, "seen_outside", "sold out"),
    "one letter": lambda world: setattr(world, "seen_outside", "in stocK"),
    "nothing": lambda world: setattr(world, "seen_outside", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("drift", OUTSIDE.values(), ids=OUTSIDE)
def test_a_fact_outside(drift: Callable[[ApprovalWorld], object], tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path)
    world.pauses()
    world.approves(BOB)
    world.resumes()  # 1.2 has a witness
    world.approves(BOB)
    drift(world)
    world.resumes()
    assert world.events_of("voided")[0]["changed"] == [f"paint was in stock, is {world.seen_outside}"]
    assert "shed task 1.2: Order the paint" not in world.subjects()


def test_a_torn_approval_was_never_given(approved: ApprovalWorld) -> None:
    with Copied(approved) as world:
        world.journal.write_bytes(world.journal.read_bytes()[:-1])
        world.resumes(GREEN)
        assert "waits for approval" in world.said
        assert world.subjects() == ["A policy"]


def test_a_changed_line_is_damage_and_is_named(approved: ApprovalWorld) -> None:
    with Copied(approved) as world:
        world.journal.write_bytes(world.journal.read_bytes().replace(b'"green"', b'"grEen"'))
        with pytest.raises(JournalDamaged, match=r"journal\.jsonl:\d+: "):
            world.resumes(GREEN)
