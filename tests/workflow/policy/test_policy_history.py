"""Packed, long and merged histories tell the same policy as a short loose one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.approval_world import ApprovalWorld
from workflow.engine import counting_policy
from workflow.engine.engine import Settings

TWO, ONE = "default: {approvers: 2}\n", "default: {approvers: 1}\n"
SIGNERS = 'gates: [{gate: "1.1", signed: true, allowed_signers: keys}]\n'


@pytest.mark.slow
@pytest.mark.parametrize("how", ["packed", "long", "loose"])
def test_a_policy_that_was_stricter_in_between_counts_however_the_history_is_read(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = ApprovalWorld(tmp_path, policy=ONE + SIGNERS, files={"keys": "a@x ssh A\na@x ssh B\n"})
    world.pauses()
    world.commits_files({"phasegate.yaml": TWO + SIGNERS})
    world.commits_files({"keys": "a@x ssh A\n"})
    world.commits_files({"keys": "a@x ssh A\na@x ssh B\n", "other": "x\n"})
    world.commits_files({"phasegate.yaml": ONE + SIGNERS})
    if how == "packed":
        world.git("gc", "-q", "--prune=now")
    if how == "long":
        monkeypatch.setattr(counting_policy, "SHORT_WAY", 1)
    world.resumes(Settings(answers={"colour": "green"}))
    with world.reopen(work=False) as engine:
        standing = engine.open_run.counting.standing(engine.plan.task("t1_1"))
    assert standing.rules.allowed == {"a@x ssh A"}
    with world.reopen(work=False) as engine:
        assert engine.open_run.counting.standing(engine.plan.task("t1_2")).policy.approvers == 2
