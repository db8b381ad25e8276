"""What an agent offers at a line that says to stop: the only person there does it at a terminal, and approves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.screen import Screen

pytestmark = pytest.mark.slow
STOPS = "# R\n\n- [ ] 1. Deploy\n\n  STOP. Do not go on until the DBA agrees.\n\n  ```sh\n  echo deploying\n  ```\n"


def test_the_only_person_confirms_does_and_approves_what_an_agent_may_not(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, runbook=STOPS)
    world.starts()
    said: Any = world.hands_in(runs=("all",))
    words = said["next"][0]["person"].split()
    ada = Screen(world.root, *words[1:])
    ada.asked("Is task 1 done?")
    ada.press("d\r")
    ada.until("confirmed to go on; Ctrl-C pauses)")
    ada.press("confirmed\r")
    ada.asked("Run `echo deploying`?")
    ada.press("r\r")
    ada.asked("Approve task 1?")
    ada.press("a\r")
    assert ada.ended() == 0, ada.text()
    assert [each["by"]["git"] for each in world.opened()] == ["Ada <ada@example.com>"]
    assert world.findings() == []
    assert world.tools.task(world.journal.parent.name)["status"] == "over"
