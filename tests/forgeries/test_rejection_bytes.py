"""A signed rejection of an earlier attempt, changed in a committed journal: the audit finds each change by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.approval_world import ADA, BOB, EVE, ApprovalWorld
from tests.worlds.gates_world import GateForger
from tests.worlds.soft_authenticator import PASSKEYS, Authenticator
from workflow.audit import audit_workspace
from workflow.engine.engine import Settings
from workflow.engine.gatekeeper import rejection_to_sign

pytestmark = pytest.mark.slow
REASON = "not that green"
FIELDS = ("id", "authenticator_data", "client_data", "signature")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> ApprovalWorld:
    """A whole run, each gate opened by Bob's passkey; the first attempt at 1.1 was rejected with it."""
    bob = Authenticator(BOB)
    world = ApprovalWorld(tmp_path_factory.mktemp("done"), policy=PASSKEYS, files={"passkeys": bob.line})
    world.pauses()
    shown = world.state.current_task
    assert shown is not None and shown.request is not None
    with world.as_(BOB), world.reopen(work=False) as engine:
        signature = bob.signs(rejection_to_sign(world.state, REASON))
        engine.reject_signed(shown.request.digest, REASON, "web", by=engine.doors.me, signature=signature)
    world.resumes(Settings(answers={"colour": "green"}))
    for _task in range(3):
        world.approves(BOB, signature=bob.signs(world.to_sign()))
        world.resumes()
    (audit,) = audit_workspace(world.root, None)
    assert [each.message for each in audit.findings] == []
    assert "unsigned-rejection" not in [each.code for each in audit.unprovable]
    return world


def changed_in(field: str, event: dict[str, Any]) -> None:
    text = event["passkey"][field]
    middle = len(text) // 2
    event["passkey"][field] = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]


FORGED: dict[str, Callable[[dict[str, Any]], object]] = {
    **{field: lambda event, field=field: changed_in(field, event) for field in FIELDS},  # type: ignore[misc]
    "another reason": lambda event: event.update(reason=REASON.upper()),
    "a letter more": lambda event: event.update(reason=REASON + "."),
    "in another's name": lambda event: event["by"].update(git=EVE),
    "in the operator's name": lambda event: event["by"].update(git=ADA),
    "another digest": lambda event: event.update(digest="0" * 64),
    "as a text": lambda event: event.update(signature=str(event.pop("passkey"))),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_history_that_was_written_anew_with_it_is_found(name: str, done: ApprovalWorld, tmp_path: Path) -> None:
    forger = GateForger.of_copy(done, tmp_path / "copy")

    def first(event: dict[str, Any]) -> None:
        if event["type"] == "rejected":
            FORGED[name](event)

    forger.forge(first)
    found = [each for each in forger.audit().findings if "rejection by" in each.message]
    assert [each.code for each in found] == ["signature-invalid"]


def test_one_that_came_through_the_git_remote_is_signed(done: ApprovalWorld, tmp_path: Path) -> None:
    forger = GateForger.of_copy(done, tmp_path / "copy")

    def first(event: dict[str, Any]) -> None:
        if event["type"] == "rejected":
            event.pop("passkey")
            event["via"] = "remote"

    forger.forge(first)
    found = [each for each in forger.audit().findings if "signed nothing" in each.message]
    assert [(each.code, each.task) for each in found] == [("signature-missing", "t1_1")]
