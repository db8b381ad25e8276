"""A test command that was changed under a run is shown at the next checkpoint, and no policy opens a gate behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told

pytestmark = pytest.mark.slow
RUNBOOK = b"# R\n\n- [ ] 1. Build it\n- [ ] 2. Checkpoint - ensure all tests pass\n"
POLICY = "default: {opened_by_policy: true}\n"
SAYS = "phasegate.yaml has another test command than before"


def at_the_checkpoint(root: Path, before: str, after: str) -> tuple[CommandWorld, Told]:
    """A run that came to its checkpoint, with the policy that it began with and the one of a later commit."""
    world = CommandWorld(root, runbook=RUNBOOK)
    for number, text in enumerate((before, after)):
        if (number and before != after) or not number:
            (world.root / "phasegate.yaml").write_text(text)
            world.git("add", "phasegate.yaml")
            world.git("commit", "-q", "-m", "A policy")
        if not number:
            assert world("run", "tasks.md").code == 3
    world.hand_in()
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0
    return world, world("resume")


def test_a_policy_opens_a_checkpoint_whose_tests_are_those_of_the_beginning(tmp_path: Path) -> None:
    world, told = at_the_checkpoint(tmp_path, f"{POLICY}tests: 'true'\n", f"# a comment\n{POLICY}tests: 'true'\n")
    assert told.code == 0, told.error
    assert world("audit").code == 0


@pytest.mark.parametrize("before", ["", "tests: 'false'\n"], ids=["none", "another"])
def test_it_opens_none_whose_tests_were_changed_and_shows_both(before: str, tmp_path: Path) -> None:
    world, told = at_the_checkpoint(tmp_path, POLICY + before, f"{POLICY}tests: 'true'\n")
    assert told.code == 3
    page = world("status", "--review").out
    assert SAYS in page
    for text in ("none" if not before else "false", "true"):
        assert f"> {text}" in page.splitlines()
    assert "not checked: tests in phasegate.yaml as before" in page
    assert world("audit").code == 0
