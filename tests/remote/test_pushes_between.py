"""A push comes between the listing of refs and what is read by it: `inbox`, `status` and `approve` look again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from state.errors import BadInput, WorkspaceRefused
from tests.worlds.approval_world import Keys
from tests.worlds.two_people import TwoPeople
from workflow.doors.git.meeting_place import GitRemote
from workflow.meeting.moves import LOOKS, read_again
from workflow.meeting.refs import Names

ASKED = {
    "inbox": ("inbox",),
    "where it stands": ("status", "{run}", "--remote"),
    "what waits": ("status", "{run}", "--remote", "--review"),
    "approve": ("approve", "{run}", "--remote", "--digest", "{digest}"),
    "reject": ("reject", "{run}", "--remote", "--digest", "{digest}", "--reason", "not on a Friday"),
}
SAID = {
    "inbox": "{run}: t1 Build it waits for approval of {digest}",
    "where it stands": "{run}: waiting on remote origin",
    "what waits": "Digest {digest}",
    "approve": "approve pushed to remote origin, signed",
    "reject": "reject pushed to remote origin, signed",
}


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> TwoPeople:
    return TwoPeople(tmp_path, keys)


def before_the_first_fetch(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    fetch, first = GitRemote.fetch, [True]

    def fetched(remote: GitRemote, commits: Iterable[str]) -> None:
        if first.pop() if first else False:
            do()
        fetch(remote, commits)

    monkeypatch.setattr(GitRemote, "fetch", fetched)


@pytest.mark.slow
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("protocol", ["0", "2"])
def test_a_run_that_moves_on_before_the_fetch_is_read_as_it_is_then(
    world: TwoPeople, monkeypatch: pytest.MonkeyPatch, asked: str, protocol: str
) -> None:
    """By protocol 0 a remote gives what a ref is at, and no commit that one was at before."""
    run, digest = world.waits(), world.digest
    tip = world.bob.git("ls-remote", "origin", f"refs/phasegate/waiting/{run}").split()[0]
    world.eve().git("config", "protocol.version", protocol)
    eve, words = world.root / "eve", [each.format(run=run, digest=digest) for each in ASKED[asked]]
    before_the_first_fetch(monkeypatch, lambda: world.ada("note", run, "it rains"))
    said = type(world.ada)(eve)(*words)
    assert SAID[asked].format(run=run, digest=digest) in said
    assert f"{tip}\trefs/phasegate/waiting/{run}" not in world.bob.git("ls-remote", "origin")  # it did move


@pytest.mark.slow
def test_a_run_that_is_over_before_the_fetch_is_no_problem_of_the_inbox(
    world: TwoPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.waits()
    eve = world.eve()
    eve.git("config", "protocol.version", "0")
    before_the_first_fetch(monkeypatch, lambda: world.ada("abort", run, "--reason", "it rains"))
    assert eve("inbox").strip() == "nothing waits on remote origin"


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["inbox", "what waits", "approve"])
def test_a_look_that_shows_the_branch_after_a_push_and_the_tip_before_it_is_made_again(
    world: TwoPeople, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    run, digest = world.waits(), world.digest
    words = [each.format(run=run, digest=digest) for each in ASKED[asked]]
    look, torn = GitRemote.look, [True]

    def looked(remote: GitRemote, *patterns: str) -> Mapping[str, str]:
        refs = dict(look(remote, *patterns))
        if Names.branch(run) in refs and torn:
            torn.pop()
            refs[Names.branch(run)] = refs[Names().of("waiting", run)]
        return refs

    monkeypatch.setattr(GitRemote, "look", looked)
    assert SAID[asked].format(run=run, digest=digest) in world.bob(*words)


def test_what_cannot_be_read_is_refused_where_nothing_has_moved() -> None:
    looks: list[str] = []

    def read(seen: str) -> str:
        raise BadInput(seen)

    with pytest.raises(BadInput, match="the same"):
        read_again(lambda: looks.append("one") or "the same", read)  # type: ignore[func-returns-value]
    assert len(looks) == 2


def test_what_moves_at_each_look_is_refused_after_some() -> None:
    seen = iter(range(100))

    def read(at: int) -> int:
        raise WorkspaceRefused(f"look {at}")

    with pytest.raises(WorkspaceRefused, match=f"look {LOOKS}"):
        read_again(lambda: next(seen), read)
