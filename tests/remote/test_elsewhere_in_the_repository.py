"""A run of a workspace below the top, at a remote: read and decided from anywhere, gone on with in its directory."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.two_people import At, TwoPeople
from tests.worlds.workspaces import git
from workflow.doors.git.tips import WORKSPACE, read_tip
from workflow.service.meeting_place import place_of
from workflow.service.runner_key import tips_of

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> TwoPeople:
    """Ada's run is of the workspace `shop`; the top has a policy of its own."""
    found = TwoPeople(tmp_path, keys, below="shop")
    top = found.ada.root.parent
    for name in ("phasegate.yaml", "signers", "runners"):
        shutil.copy(found.ada.root / name, top / name)
    git(top, "add", "-A")
    git(top, "commit", "-qm", "A policy for the top")
    git(top, "push", "-q", "origin", "main")
    return found


def at_the_top(world: TwoPeople, clone: At) -> At:
    """That clone, by its top, where nobody has made a workspace of the directory below."""
    top = At(clone.root.parent)
    top.git("pull", "-q", "origin", "main")
    shutil.rmtree(clone.root / ".phasegate")
    return top


def test_what_waits_is_read_and_decided_from_the_top(world: TwoPeople) -> None:
    run = world.waits()
    bob = at_the_top(world, world.bob)
    (waits,) = bob.json("inbox")["waiting"]
    assert (waits["run"], waits["may"]) == (run, True)
    assert "Task 1 of 2" in bob("status", run, "--remote", "--review")
    assert "approve pushed to remote origin" in bob("approve", run, "--remote", "--digest", waits["digest"])
    assert "1 committed as" in world.ada("resume", run, code=3)


def test_it_goes_on_in_its_own_workspace_though_it_is_typed_at_the_top(world: TwoPeople) -> None:
    run = world.waits()
    eve = at_the_top(world, world.eve())
    assert "waits for approval" in eve("resume", run, code=3)
    assert (eve.root / f"shop/.phasegate/{run}/journal.jsonl").exists() and not (eve.root / ".phasegate").exists()
    assert "Eve" in world.bob("status", run, "--remote")


def test_a_tip_that_is_made_from_the_top_says_where_its_run_is_kept(world: TwoPeople) -> None:
    run = world.waits()
    bob = at_the_top(world, world.bob)
    place = place_of(bob.root)
    tip = place.standing(run).tip
    place.remote.fetch([tip])
    made, _ = tips_of(bob.root, run, "a worker").make(tip, "given back", {}, as_before=True)
    assert read_tip(bob.root, made).said(WORKSPACE) == "shop"


def lists(world: TwoPeople) -> Sequence[str]:
    return git(world.origin, "for-each-ref", "refs/phasegate").split("\n")
