"""Approvals of policies that were made up in a journal whose history was made to fit: each is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.approval_world import BOB, EVE, SIGNED, ApprovalWorld, Keys
from tests.worlds.gates_world import MALLORY, GateForger
from workflow.engine.engine import Settings

pytestmark = pytest.mark.slow
GREEN = Settings(answers={"colour": "green"})
Event = dict[str, Any]


@pytest.fixture(scope="module")
def widened_world(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> ApprovalWorld:
    """Bob signed that Eve's new key counts, and Eve signed at both gates that were left since."""
    world = ApprovalWorld(
        tmp_path_factory.mktemp("widened"), policy=SIGNED, files={"signers": keys.allow(BOB), "revoked": ""}
    )
    world.pauses()
    world.commits_files({"signers": keys.allow(BOB) + keys.allow(EVE)})
    world.approves_policy(BOB, keys=keys)
    for _gate in range(2):
        world.resumes(GREEN)
        world.approves(EVE, signature=keys.sign(EVE, world.to_sign()))
    world.resumes(GREEN)
    return world


@pytest.fixture
def widened(widened_world: ApprovalWorld, tmp_path: Path) -> GateForger:
    return GateForger.of_copy(widened_world, tmp_path / "copy")


def on_it(change: Callable[[Event], object]) -> Callable[[Event], object]:
    return lambda event: change(event) if event["type"] == "policy-approved" else None


FORGED: dict[str, tuple[Callable[[Event], object], set[str]]] = {
    "it was never given": (lambda _: "drop", {"policy-widened", "signature-invalid"}),
    "it is not signed": (lambda event: event.pop("signature") and None, {"policy-approval-invalid"}),
    "somebody else gave it": (lambda event: event["by"].update(git=MALLORY), {"policy-approval-invalid"}),
    "who did the work gave it": (
        lambda event: event["by"].update(git="Ada <ada@example.com>"),
        {"policy-approval-invalid"},
    ),
    "it was for other files": (lambda event: event["files"].update(signers="0" * 64), {"policy-approval-invalid"}),
    "it was for a file less": (lambda event: event["files"].pop("revoked") and None, {"policy-approval-invalid"}),
    "it was for another commit": (lambda event: event.update(head="0" * 40), {"policy-approval-invalid"}),
}


def test_a_sound_run_with_an_approved_policy_is_sound(widened: GateForger) -> None:
    assert widened.codes() == []


@pytest.mark.parametrize(("change", "codes"), FORGED.values(), ids=FORGED)
def test_with_the_whole_history_made_to_fit_it_is_found_that(
    change: Callable[[Event], object], codes: set[str], widened: GateForger
) -> None:
    widened.forge(on_it(change))
    assert codes <= set(widened.codes())
    assert {"signature-invalid", "policy-widened"} <= set(widened.codes())  # nothing that rests on it stands


def test_an_unsigned_approval_of_other_files_counts_for_nothing(tmp_path: Path) -> None:
    world = ApprovalWorld(tmp_path, policy="default: {approvers: 2}\n")
    world.pauses()
    world.commits_files({"phasegate.yaml": "default: {approvers: 1}\n"})
    world.approves_policy(BOB)
    world.resumes(GREEN)
    world.approves(BOB)
    world.resumes(GREEN)
    run = GateForger.of_copy(world, tmp_path / "copy")
    assert run.codes() == []
    run.forge(on_it(lambda event: event["files"].update({"phasegate.yaml": "0" * 64})))
    assert {"policy-approval-invalid", "policy-widened", "policy-differs"} <= set(run.codes())
