"""The page in Debian's Chromium, where it is found: with and without scripts, on a phone, and what it is closed to."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.worlds.agent_world import BOXES, AgentWorld
from tests.worlds.browser_tab import CHROMIUM, elsewhere, tab
from tests.worlds.served_page import served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="not run: chromium not found")]
OPEN = "default: {presence: any}\n"
SOON = 5_000  # [ms] a second, and room for a machine on which a browser starts beside other tests


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    made = AgentWorld(tmp_path, policy=OPEN)
    made.starts()
    made.works("one.txt", "a line that goes on and on, " * 30 + "\n")
    return made


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_person_looks_and_approves(scripts: bool, world: AgentWorld, browser: Browser) -> None:
    with served(world.root) as page, tab(browser, page, scripts=scripts) as seen:
        seen.get_by_role("link", name="1 Choose a colour").click()
        seen.get_by_text("Changes (1 file)").wait_for()
        seen.get_by_label("Comment").fill("looks good")
        seen.get_by_role("checkbox").check()
        seen.get_by_role("button", name="Approve").click()
        seen.get_by_role("status").filter(has_text="task 1 is approved").wait_for()
    (approved,) = world.opened()
    assert (approved["via"], approved["comment"]) == ("web", "looks good")


def test_by_keyboard_enter_alone_approves_nothing(world: AgentWorld, browser: Browser) -> None:
    with served(world.root) as page, tab(browser, page) as seen:
        seen.goto(page.here + gate_of(world))
        seen.get_by_role("button", name="Approve").focus()
        seen.keyboard.press("Enter")
        seen.get_by_role("checkbox").focus()
        seen.keyboard.press("Enter")
        assert seen.url.endswith("/gate")
        assert world.opened() == []
        seen.keyboard.press("Space")
        seen.keyboard.press("Tab")
        seen.keyboard.press("Enter")
        seen.get_by_role("status").filter(has_text="task 1 is approved").wait_for()
    assert len(world.opened()) == 1


def test_boxes_are_answered_and_a_rejection_has_its_reason(tmp_path: Path, browser: Browser) -> None:
    world = AgentWorld(tmp_path, runbook=BOXES, policy=OPEN)
    world.starts()
    world.hands_in(boxes=("1=yes", "2=yes"))
    with served(world.root) as page, tab(browser, page) as seen:
        seen.goto(page.here + gate_of(world))
        seen.get_by_role("radio", name="It holds").first.check()
        seen.get_by_role("radio", name="It goes without").last.check()
        seen.get_by_label("Why box 2 is waived").fill("later")
        seen.get_by_role("checkbox").check()
        seen.get_by_role("button", name="Approve").click()
        seen.get_by_role("status").filter(has_text="is approved").wait_for()
    assert [each["verdict"] for each in world.events("answered") if each["via"] == "web"] == ["attested", "waived"]


def test_an_open_inbox_looks_again_and_a_gate_that_is_read_says_that_it_changed(
    world: AgentWorld, browser: Browser
) -> None:
    with served(world.root) as page, tab(browser, page) as inbox:
        gate = inbox.context.new_page()
        gate.goto(page.here + gate_of(world))
        gate.get_by_role("button", name="Approve").wait_for()
        world.rejects(at_terminal=True)
        inbox.get_by_text("Nothing waits for approval").wait_for(timeout=SOON)
        gate.get_by_text("This changed meanwhile").wait_for(timeout=SOON)
        assert gate.get_by_role("button", name="Approve").is_disabled()
        assert gate.get_by_text("Changes (1 file)").is_visible()


def test_what_is_being_written_is_not_thrown_away(world: AgentWorld, browser: Browser) -> None:
    with served(world.root) as page, tab(browser, page) as seen:
        seen.goto(page.here + gate_of(world).removesuffix("/gate"))
        seen.get_by_label("It goes into the working log").fill("half a sentence")
        world.rejects(at_terminal=True)
        seen.get_by_text("This changed meanwhile").wait_for(timeout=SOON)
        assert seen.get_by_label("It goes into the working log").input_value() == "half a sentence"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(width: int, world: AgentWorld, browser: Browser) -> None:
    with served(world.root) as page, tab(browser, page, width=width) as seen:
        gate = gate_of(world)
        run = gate.removesuffix("/gate")
        for path in ("/", gate, run, f"{run}/audit", "/people"):
            seen.goto(page.here + path)
            assert seen.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_another_page_of_this_machine_can_neither_send_a_verdict_nor_frame_the_page(
    world: AgentWorld, browser: Browser, tmp_path: Path
) -> None:
    with served(world.root) as page, tab(browser, page) as seen:
        run = gate_of(world).removesuffix("/gate")
        fields = "".join(
            f'<input name="{name}" value="{value}">'
            for name, value in {
                "digest": world.events("worked")[0]["request"]["digest"],
                "confirmed": "yes",
                "token": "x",
            }.items()
        )
        place = tmp_path / "elsewhere"
        place.mkdir()
        (place / "send.html").write_text(f'<form method="post" action="{page.here}{run}/approve">{fields}<button>')
        (place / "frame.html").write_text(f'<iframe src="{page.here}/"></iframe>')
        with elsewhere(place) as there:
            other = seen.context.new_page()
            other.goto(f"{there}/send.html")
            other.get_by_role("button").click()
            other.wait_for_url(f"{page.here}{run}/approve")
            assert "the Origin is" in other.inner_text("body")
            other.goto(f"{there}/frame.html")
            frame = other.frames[1]
            assert "waits for approval" not in frame.content()
    assert world.opened() == []


def gate_of(world: AgentWorld) -> str:
    """The address of the one gate that waits."""
    return f"/r/shed/{world.journal.parent.name}/gate"
