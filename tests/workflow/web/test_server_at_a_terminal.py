"""The server has a terminal, and whoever reads its page is not at it: that terminal shows nobody's presence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.served_page import ServedPage, free_port
from tests.worlds.typed_commands import CTRL_C, ended, typed, until

pytestmark = pytest.mark.slow


def test_an_approval_on_the_page_shows_no_terminal_although_the_server_has_one(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {presence: terminal}\n")
    world.starts()
    world.works("one.txt")
    page = ServedPage.__new__(ServedPage)
    page.port, page.cookie, page._run = free_port(), "", ""
    child = typed(world.root, "serve", "--no-browser", "--port", str(page.port))
    until(child, "Ctrl-C ends")
    found = re.search(r"open (http\S+)", child.before or "")
    assert found
    page.link = found[1]
    page.enters()
    form = {**page.get(page.gate()).fields("note"), "confirmed": "yes"}
    digest = world.events("worked")[0]["request"]["digest"]
    told = page.post(f"{page.run()}/approve", {**form, "digest": digest})
    assert told.status == 409
    assert "there was neither a terminal nor a signature" in told.said()
    told = page.post(f"{page.run()}/reject", {**form, "reason": "no"})
    assert told.status == 409
    assert (world.events("approved"), world.events("rejected")) == ([], [])
    child.send(CTRL_C)
    assert ended(child) == 130
