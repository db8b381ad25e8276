"""An approver's name stands in the commit as in the working log: what cannot be seen is an escape there."""

from __future__ import annotations

from pathlib import Path

import pytest

import workflow.trailers
from tests.worlds.approval_world import ApprovalWorld
from workflow.audit import audit_workspace

HIDDEN = "\u202ebob\u200b <bob@example.com>"
SHOWN = r"\u202ebob\u200b <bob@example.com>"

pytestmark = pytest.mark.slow


def approved(root: Path) -> ApprovalWorld:
    """A run whose first task somebody with an invisible sign in their name approved."""
    world = ApprovalWorld(root, policy="default: {approvers: 1}\n")
    world.pauses()
    world.approves(HIDDEN)
    world.resumes()
    return world


def in_the_commit(world: ApprovalWorld) -> list[str]:
    message = world.git("log", "-1", "--format=%B")
    return [line.removeprefix("Approved-by: ") for line in message.split("\n") if line.startswith("Approved-by: ")]


def codes(world: ApprovalWorld) -> list[str]:
    (found,) = audit_workspace(world.root, None)
    return [finding.code for finding in found.findings]


def test_what_is_not_seen_is_an_escape_in_commit_and_log(tmp_path: Path) -> None:
    world = approved(tmp_path)
    assert in_the_commit(world) == [SHOWN]
    assert f"- Approved by {SHOWN} at " in (world.root / "artifacts/shed/working_log.md").read_text("utf-8")
    assert codes(world) == []


def test_a_run_whose_journal_intends_the_name_as_it_is_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(workflow.trailers, "printable_line", str)  # as messages were made before
        world = approved(tmp_path)
    assert in_the_commit(world) == [HIDDEN]
    assert codes(world) == []


@pytest.mark.parametrize("intended", ["as it is", "as an escape"])
def test_the_commit_says_it_as_the_journal_intends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, intended: str
) -> None:
    with monkeypatch.context() as before:
        if intended == "as it is":
            before.setattr(workflow.trailers, "printable_line", str)
        world = approved(tmp_path)
    message = world.git("log", "-1", "--format=%B").rstrip("\n") + "\n"
    seen, other = (HIDDEN, SHOWN) if intended == "as it is" else (SHOWN, HIDDEN)
    world.git("commit", "-q", "--amend", "--cleanup=verbatim", "-m", message.replace(seen, other))
    assert "trailer-forged" in codes(world)
