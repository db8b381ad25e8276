"""A box that says more than that its command succeeds is answered by a person, in a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.boxes_world import ADA, CutWorld, say
from workflow.ports import Approve
from workflow.views.box_view import LeftOpen
from workflow.views.review_page import review_page

SCANNED = b"""# Cut over

## T-24h
- [ ] Unit tests pass (`test -e green`)
- [ ] Integration tests pass
- [ ] Nothing shows 0 errors (`test -e green`)

## T-0
- [ ] Switched
"""


@pytest.fixture
def world(tmp_path: Path) -> CutWorld:
    world = CutWorld(tmp_path, SCANNED)
    world.person.answers["t-24h-command-2"] = "run"
    return world


def test_it_is_asked_about_and_its_command_alone_ticks_nothing(world: CutWorld) -> None:
    boxes = world.first(say(2), say(3))
    assert [view.number for view in world.person.boxes_seen] == [2, 3]  # one command, one box
    assert boxes == "xxx "
    assert f"box 3: Nothing shows 0 errors (`test -e green`)``: yes, says {ADA} (prompt)" in review_page(
        world.person.views[0]
    )
    assert world.is_sound()


def test_left_open_it_keeps_the_gate_closed_until_a_person_says_so(world: CutWorld) -> None:
    boxes = world.first(say(2), LeftOpen(3), verdicts=[say(3), Approve("prompt")])
    assert boxes == "xxx "
    first, second = world.person.views
    assert ("box 3 needs a person's word first" in first.refusal, second.refusal) == (True, "")
    assert "which does not say 'shows 0 errors'" in review_page(first)
    assert world.is_sound()
