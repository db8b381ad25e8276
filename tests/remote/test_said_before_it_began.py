"""Who ordered a run and where it is to act, as `run-started` has it; what came through the remote is said so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from state.errors import BadInput
from state.event_parts import RunTarget
from state.event_types import Rejected, RunStarted
from state.events import make_event
from state.evidence import Approval, By
from state.find_runs import is_run_id
from state.json_values import Misread
from tests.worlds.journals import journal_events
from tests.worlds.run_world import RunWorld
from workflow.runs.begin import Ordered
from workflow.service.at_target import require_at_target, target_of

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ACCOUNT = {"account": "111111111111", "region": "eu-west-1"}
EVE = By("Eve <eve@example.com>", "eve", "there")


def started(world: RunWorld, **changes: Any) -> RunStarted:
    """The first line of a run, as its reader has it with these changes."""
    (first, *_) = first_lines(world)
    fields = {name: value for name, value in first.items() if name not in ("v", "seq", "at", "type", "prev")}
    event = make_event(0, AT, "run-started", {**fields, **changes}, version=2)
    assert isinstance(event, RunStarted)
    return event


def first_lines(world: RunWorld) -> list[dict[str, Any]]:
    return journal_events(world.root / ".phasegate" / world.run_id / "journal.jsonl")


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    world = RunWorld(tmp_path)
    with world.start():
        pass
    return world


def test_without_a_word_neither_is_there(world: RunWorld) -> None:
    (first, *_) = first_lines(world)
    assert "ordered_by" not in first and "target" not in first
    assert (started(world).ordered_by, started(world).target) == (None, None)


def test_what_was_said_is_read_back(world: RunWorld) -> None:
    fields = Ordered(EVE, RunTarget("111111111111", "eu-west-1", False)).fields()
    event = started(world, **fields)
    assert (event.ordered_by, str(event.target)) == (EVE, "111111111111/eu-west-1")
    assert str(started(world, target={"sandbox": True}).target) == "sandbox"


@pytest.mark.parametrize(
    "target",
    [
        {},
        {**ACCOUNT, "account": "12"},
        {**ACCOUNT, "region": ""},
        {**ACCOUNT, "sandbox": True},
        {"sandbox": False},
        "x",
    ],
    ids=repr,
)
def test_a_target_that_is_none_is_damage(world: RunWorld, target: object) -> None:
    with pytest.raises((Misread, ValueError), match="target"):
        started(world, target=target)


class _Aws:
    region = "eu-west-1"

    def __init__(self, account: str) -> None:
        self.account = account

    def call(self, service: str, operation: str) -> dict[str, str]:
        assert (service, operation) == ("sts", "get_caller_identity")
        return {"Account": self.account, "Arn": f"arn:aws:iam::{self.account}:user/ada"}


def test_a_run_meant_for_another_account_is_refused_before_anything() -> None:
    target = target_of("111111111111/eu-west-1", sandbox=False)
    require_at_target(target, _Aws("111111111111"), again="")  # type: ignore[arg-type]
    with pytest.raises(
        BadInput, match=r"acts in 111111111111/eu-west-1, .* of 222222222222/eu-west-1; nothing was done"
    ):
        require_at_target(target, _Aws("222222222222"), again="phasegate resume x")  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["", "111111111111", "1/eu-west-1", "111111111111/", "111111111111/eu west"])
def test_a_target_in_another_form_is_refused(given: str) -> None:
    with pytest.raises(BadInput, match="expected ACCOUNT/REGION"):
        target_of(given, sandbox=False)
    with pytest.raises(BadInput, match="give one of them"):
        target_of("111111111111/eu-west-1", sandbox=True)


def test_format_1_knows_no_remote() -> None:
    fields: dict[str, Any] = {"digest": "0" * 64, "nonce": "n", "by": EVE.to_json(), "via": "remote", "admits": True}
    assert Approval.from_json(fields, AT, 2).via == "remote"
    with pytest.raises(Misread, match="via"):
        Approval.from_json(fields, AT, 1)
    said = {"task": "t1", "attempt": 1, "digest": "0" * 64, "reason": "no", "by": EVE.to_json(), "via": "remote"}
    of_2, of_1 = (make_event(3, AT, "rejected", said, version=version) for version in (2, 1))
    assert isinstance(of_2, Rejected) and isinstance(of_1, Rejected)
    assert (of_2.via, of_1.via) == ("remote", "")


def test_ids_of_every_release_are_known() -> None:
    assert all(map(is_run_id, ("shed-20260102-030405", "shed-20260102-030405-2", "shed-20260102-030405-0a1b2c3d")))
    assert not any(map(is_run_id, ("shed", "shed-20260102-030405-0a1b2c3", "shed-20260102-030405-xyz")))
