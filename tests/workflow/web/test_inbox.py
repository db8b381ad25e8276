"""Many runs in many repositories: each journal is read once, and again only when it changed."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc
from hashlib import sha256
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.agent_world import AgentWorld
from workflow.service import inbox as module
from workflow.service.inbox import Inbox
from workflow.service.served import repositories

pytestmark = pytest.mark.slow
EACH = 20


def many(tmp_path: Path, places: int) -> list[AgentWorld]:
    """Repositories with EACH runs that wait, by copies of one."""
    first = AgentWorld(tmp_path)
    first.starts()
    first.works("one.txt")
    name = first.journal.parent.name
    lines = first.journal.read_bytes()
    for number in range(1, EACH):
        place = first.root / ".phasegate" / f"{name}-{number}"
        shutil.copytree(first.root / ".phasegate" / name, place)
        (place / "journal.jsonl").write_bytes(chained(lines.replace(name.encode(), place.name.encode())))
    worlds = [first]
    for number in range(1, places):
        shutil.copytree(first.root, tmp_path / f"shed-{number}")
        worlds.append(AgentWorld.__new__(AgentWorld))
        worlds[-1].root = tmp_path / f"shed-{number}"
    return worlds


def chained(lines: bytes) -> bytes:
    """The lines, each with the hash of the one before."""
    prev, made = "0" * 64, []
    for line in lines.splitlines():
        body = {**json.loads(line), "prev": prev}
        made.append(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
        prev = sha256(made[-1]).hexdigest()
    return b"".join(line + b"\n" for line in made)


def test_a_journal_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    worlds = many(tmp_path, 3)
    inbox = Inbox(repositories([each.root for each in worlds]))
    with mock.patch.object(module, "events_of", wraps=module.events_of) as reads:
        first = inbox.look()
        assert reads.call_count == 3 * EACH == len(first.waiting)
        for _ in range(20):  # an hour of looking keeps no more than a line a run
            assert inbox.look() == first
            assert inbox.mark() == first.mark
        assert reads.call_count == 3 * EACH
        assert len(inbox._known) == 3 * EACH
        journal = next((worlds[2].root / ".phasegate").glob("*-19/journal.jsonl"))
        journal.write_bytes(journal.read_bytes()[:-200])  # as a torn line
        assert inbox.mark() != first.mark
        inbox.look()
        assert reads.call_count == 3 * EACH + 1


def test_runs_are_looked_for_again_only_where_a_journal_is_another(tmp_path: Path) -> None:
    worlds = many(tmp_path, 3)
    inbox = Inbox(repositories([each.root for each in worlds]))
    with mock.patch.object(module, "find_runs", wraps=module.find_runs) as finds:
        inbox.look()
        inbox.look()
        assert finds.call_count == 3
        os.utime(max((worlds[0].root / ".phasegate").glob("*-7")) / "journal.jsonl")
        assert len(inbox.look().waiting) == 3 * EACH
        assert finds.call_count == 4


def test_who_has_little_time_is_shown_what_was_written_last_and_told_to_look_again(tmp_path: Path) -> None:
    worlds = many(tmp_path, 2)
    late = (
        worlds[1].root
        / ".phasegate"
        / f"{min(each.name for each in (worlds[0].root / '.phasegate').glob('shed-*'))}-7"
        / "journal.jsonl"
    )
    os.utime(late, (2**31, 2**31))
    inbox = Inbox(repositories([each.root for each in worlds]))
    first = inbox.look(within=0)
    assert [line.run for line in first.lines] == [late.parent.name]
    assert (first.unread, first.mark == inbox.mark()) == (2 * EACH - 1, False)
    inbox.read_all(pause=0)
    with mock.patch.object(module, "events_of", side_effect=AssertionError("it was read")):
        whole = inbox.look(within=0)
    assert (len(whole.lines), whole.unread, whole.mark) == (2 * EACH, 0, inbox.mark())


def test_an_hour_of_polling_keeps_as_much_as_one_look(tmp_path: Path) -> None:
    worlds = many(tmp_path, 1)
    inbox = Inbox(repositories([each.root for each in worlds]))
    tracemalloc.start()
    try:
        for _ in range(20):
            inbox.look()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            inbox.look()
            inbox.mark()
        assert tracemalloc.get_traced_memory()[0] - before < 200 * 8  # not a pointer a look
    finally:
        tracemalloc.stop()


def test_a_run_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    (world,) = many(tmp_path, 1)
    inbox = Inbox(repositories([world.root]))
    inbox.look()
    for place in (world.root / ".phasegate").glob("*-1?"):
        shutil.rmtree(place)
    assert len(inbox.look().lines) == len(inbox._known) == EACH - 10


def test_a_repository_that_cannot_be_listed_hides_no_other(tmp_path: Path) -> None:
    one, other = many(tmp_path, 2)
    shutil.rmtree(one.root / ".phasegate")
    (one.root / ".phasegate").symlink_to(other.root / ".phasegate")
    found = Inbox(repositories([one.root, other.root])).look()
    assert [name for name, _why in found.problems] == ["shed"]
    assert len(found.waiting) == EACH


def test_a_directory_that_is_given_twice_is_one_repository(tmp_path: Path) -> None:
    (world,) = many(tmp_path, 1)
    (world.root / "below").mkdir()
    assert repositories([world.root, world.root / "below"]) == {"shed": world.root}
