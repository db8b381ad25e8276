"""The order of a run: put up once whatever becomes of the push, read back, and refused where it is none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from state.errors import BadInput, PhasegateError, RunFenced, WorkspaceRefused
from state.event_parts import RunTarget
from state.evidence import By
from tests.worlds.approval_world import ADA, Keys
from tests.worlds.remote_in_memory import NAMES, RUN, Fault, MemoryRemote
from tests.worlds.two_people import TwoPeople
from tests.worlds.workspaces import git
from workflow.doors.git.meeting_place import GitRemote
from workflow.meeting.moves import Move, move
from workflow.meeting.orders import Order, file_of, put_up
from workflow.meeting.schedule import Ready
from workflow.service.look_at_tips import Seen, look_at
from workflow.service.meeting_place import Place, place_of
from workflow.service.orders import put_order

TODO, WORKING, BRANCH = NAMES.of("todo", RUN), NAMES.of("working", RUN), NAMES.branch(RUN)
ORDER = Order(
    RUN,
    "manual",
    "release.md",
    {"colour": "green"},
    RunTarget("111111111111", "eu-west-1", False),
    "",
    By(ADA, "ada", "here"),
    "canary",
)


def changed(**fields: Any) -> bytes:
    """The order with some fields changed; without those that are None."""
    body = json.loads(ORDER.to_bytes()) | fields
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


@pytest.mark.parametrize("faults", [[], ["done, answer lost"], ["lost"], ["arrives late"]], ids=repr)
def test_a_run_is_ordered_once_whatever_becomes_of_the_push(faults: list[Fault]) -> None:
    remote = MemoryRemote()
    remote.faults = list(faults)
    put_up(remote, NAMES, RUN, "o1", "c0")
    assert remote.refs == {TODO: "o1", BRANCH: "c0"}


def test_an_order_that_arrives_when_the_run_is_under_way_or_over_orders_nothing() -> None:
    remote = MemoryRemote()
    remote.faults = ["arrives late"]
    with pytest.raises(RunFenced):  # the process that sent it hears nothing; another one orders, and it is claimed
        remote.look = _then_claimed(remote)  # type: ignore[method-assign]
        put_up(remote, NAMES, RUN, "o1", "c0")
    remote.arrive()
    assert remote.refs == {WORKING: "w1", BRANCH: "c0"}
    move(remote, [Move(WORKING, "w1", "")], run=RUN)  # over: its branch stays
    with pytest.raises(RunFenced):
        put_up(remote, NAMES, RUN, "o3", "c0")
    assert remote.refs == {BRANCH: "c0"}


def _then_claimed(remote: MemoryRemote) -> Any:
    look = MemoryRemote.look

    def looked(*patterns: str) -> Any:
        del remote.look
        put_up(remote, NAMES, RUN, "o2", "c0")
        move(remote, [Move(TODO, "o2", ""), Move(WORKING, "", "w1")], run=RUN)
        return look(remote, *patterns)

    return looked


def test_what_was_written_is_read() -> None:
    assert Order.from_bytes(ORDER.to_bytes()) == ORDER
    in_sandbox = replace(ORDER, target=RunTarget("", "", True), directory="targets/eu", profile="")
    assert Order.from_bytes(in_sandbox.to_bytes()) == in_sandbox


MALFORMED: dict[str, dict[str, Any]] = {
    "v": {"v": 0},
    "run": {"run": "../else"},
    "workflow": {"workflow": None},
    "runbook": {"runbook": "/etc/passwd"},
    "answers.stage": {"answers": {"stage": 1}},
    "target": {"target": None},
    "target.account": {"target": {"account": "11", "region": "eu-west-1"}},
    "target.sandbox": {"target": {"sandbox": True, "account": "111111111111"}},
    "directory": {"directory": "targets/../.."},
    "ordered_by.host": {"ordered_by": {"git": ADA, "user": "ada"}},
    "profile": {"profile": 3},
}


@pytest.mark.parametrize("field", MALFORMED)
def test_a_malformed_order_is_refused_with_its_field(field: str) -> None:
    with pytest.raises(ValueError, match=f"field `{field}`: expected"):
        Order.from_bytes(changed(**MALFORMED[field]))


def test_what_a_later_release_writes_or_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="order version 2, this phasegate reads 1"):
        Order.from_bytes(changed(v=2))
    with pytest.raises(ValueError, match="at most 262,144 bytes"):
        Order.from_bytes(changed(answers={"x": "y" * 300_000}))


@pytest.fixture
def place(tmp_path: Path, keys: Keys) -> Place:
    return place_of(TwoPeople(tmp_path, keys).ada.root, "origin")


def seen(place: Place, run: str = RUN) -> Seen | PhasegateError:
    """What a worker reads of the order."""
    ready = Ready(run, "todo", place.standing(run).tip)
    return look_at(place, [ready])[ready]


def order_of(place: Place) -> Order | None:
    found = seen(place)
    assert isinstance(found, Seen)
    return found.order


def head(place: Place) -> str:
    return git(place.workspace, "rev-parse", "HEAD").strip()


@pytest.mark.slow
def test_with_git_the_order_is_read_in_another_clone_and_not_given_twice(place: Place) -> None:
    commit = put_order(place, ORDER, head(place))
    bob = place_of(place.workspace.parent / "bob", "origin")
    assert order_of(bob) == ORDER
    assert git(bob.workspace, "diff", "--name-only", f"{commit}^", commit).split() == [file_of(RUN)]
    with pytest.raises(RunFenced, match="somebody else's now"):
        put_order(place, replace(ORDER, profile="other"), head(place))
    assert place.standing(RUN).tip == commit


@pytest.mark.slow
def test_with_git_an_order_by_nobody_of_the_runners_counts_nothing(
    place: Place, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = place_of(place.workspace.parent / "bob", "origin")
    put_order(place, ORDER, head(place), key=keys.file(ADA))
    other = replace(ORDER, run=f"{RUN}9")
    (place.workspace / "runners").write_text("")
    git(place.workspace, "commit", "-qam", "Nobody runs", "--no-gpg-sign")
    (place.workspace / "runners").write_text(keys.allow("Bob <bob@example.com>", 'namespaces="git"'))
    git(place.workspace, "commit", "-qam", "Bob alone runs", "--no-gpg-sign")
    with pytest.raises(BadInput, match="not one of the runners, so nothing was pushed"):
        put_order(place, other, head(place))
    assert not place.standing(other.run).state
    with monkeypatch.context() as patched:  # as by hand
        patched.setattr("workflow.service.runner_key.why_not_signed", lambda *_given: "")
        put_order(place, other, head(place))
    assert bob.tip(RUN, bob.standing(RUN)).sha == bob.standing(RUN).tip  # by the runners of the commit it begins at
    with pytest.raises(WorkspaceRefused, match="is not signed by anybody in runners"):
        bob.tip(other.run, bob.standing(other.run))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (changed(target={"account": "1", "region": "x"}), "field `target.account`: expected 12 digits"),
        (changed(run="another"), f"field `run`: expected {RUN}, seen another"),
        (b"{", "is no order"),
    ],
    ids=["field", "another run", "no json"],
)
def test_with_git_a_malformed_order_is_refused_by_name(
    place: Place, monkeypatch: pytest.MonkeyPatch, data: bytes, said: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Order, "to_bytes", lambda _self: data)
        put_order(place, ORDER, head(place))
    found = seen(place)
    assert isinstance(found, WorkspaceRefused) and said in found.message


@pytest.mark.slow
def test_with_git_many_tips_are_read_at_once_each_for_itself(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    base, runs = head(place), [f"{RUN}{number}" for number in range(3)]
    for run in runs:
        put_order(place, replace(ORDER, run=run), base)
    here = [Ready(run, "todo", place.standing(run).tip) for run in runs]
    plain = git(place.workspace, "commit-tree", "-p", base, "-m", "no order", f"{base}^{{tree}}").strip()
    place.remote.push([Move(NAMES.of("todo", "none"), "", plain), Move(NAMES.of("working", "blob"), "", _blob(place))])
    none, blob, moved = Ready("none", "todo", plain), Ready("blob", "working", _blob(place)), replace(here[2], tip=base)
    found = look_at(place, [*here[:2], none, blob])
    assert [each.order.run for each in found.values() if isinstance(each, Seen) and each.order] == runs[:2]
    assert "has neither a journal nor an order" in str(found[none]) and "is no tip of a run" in str(found[blob])
    git(place.workspace, "push", "-q", "origin", f":{NAMES.of('todo', runs[1])}")
    assert isinstance(look_at(place, here)[here[1]], Seen)  # as it was; its claim is refused
    fetch = GitRemote.fetch

    def gives_no_more(remote: GitRemote, commits: Iterable[str]) -> None:
        if here[1].tip in (wanted := list(commits)):
            raise WorkspaceRefused("not our ref")
        fetch(remote, wanted)

    monkeypatch.setattr(GitRemote, "fetch", gives_no_more)
    found = look_at(place, [*here[:2], moved])
    assert isinstance(found[here[0]], Seen) and isinstance(found[here[1]], RunFenced)
    assert isinstance(found[moved], RunFenced)


def _blob(place: Place) -> str:
    return git(place.workspace, "rev-parse", "HEAD:release.md").strip()
