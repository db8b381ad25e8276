"""Many runs in many repositories: each journal is read once, and again only when it changed."""

from __future__ import annotations

import json
import shutil
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
