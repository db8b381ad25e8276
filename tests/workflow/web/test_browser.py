"""The page in Debian's Chromium, where it is found: with and without scripts, on a phone, and what it is closed to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator

from tests.worlds.agent_world import BOXES, AgentWorld
from tests.worlds.browser_tab import CHROMIUM, elsewhere, tab
from tests.worlds.served_page import ServedPage, served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="not run: chromium not found")]
OPEN = "default: {presence: any}\n"
SOON = 20_000  # [ms] a second, and room for a machine on which a browser starts beside other tests


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


def test_a_page_that_looks_again_still_says_what_was_done(world: AgentWorld, browser: Browser) -> None:
    with served(world.root) as page, tab(browser, page) as seen:
        seen.goto(page.here + gate_of(world))
        seen.get_by_role("checkbox").check()
        seen.get_by_role("button", name="Approve").click()
        said = seen.get_by_role("status").filter(has_text="task 1 is approved")
        said.wait_for()
        world.drives()
        world.works("two.txt", "2\n")
        seen.get_by_role("link", name="Look at what waits").wait_for(timeout=SOON)
        said.wait_for(timeout=SOON)
        seen.goto(seen.url)
        assert said.count() == 0


def test_what_is_being_written_is_not_thrown_away(world: AgentWorld, browser: Browser) -> None:
    with served(world.root) as page, tab(browser, page) as seen:
        seen.goto(page.here + gate_of(world).removesuffix("/gate"))
        seen.get_by_label("It goes into the working log").fill("half a sentence")
        world.rejects(at_terminal=True)
        seen.get_by_text("This changed meanwhile").wait_for(timeout=SOON)
        assert seen.get_by_label("It goes into the working log").input_value() == "half a sentence"


def test_nothing_is_wider_than_the_screen(world: AgentWorld, browser: Browser) -> None:
    gate = gate_of(world)
    run = gate.removesuffix("/gate")
    with served(world.root) as page, tab(browser, page) as seen:
        wider = []
        for path in ("/", gate, run, f"{run}/audit", "/people"):
            seen.set_viewport_size({"width": 320, "height": 844})
            seen.goto(page.here + path)
            for width in (320, 390, 1280):
                seen.set_viewport_size({"width": width, "height": 844})
                if not seen.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                    wider.append(f"{path} at {width}")
        assert wider == []


LONG = "x" * 4000


@pytest.fixture(scope="module")
def difference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServedPage, str]]:
    """A page with a long line that was changed, and the address of its gate; those below only read it."""
    before = "".join(f"line {number}\n" for number in range(9))
    world = AgentWorld(tmp_path_factory.mktemp("difference"), policy=OPEN, files={"one.txt": before})
    world.starts()
    world.works("one.txt", before.replace("line 4\nline 5\n", f"{LONG}\nand more\n"))
    with served(world.root) as page:
        page.enters()
        yield page, page.here + gate_of(world)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize(("width", "beside"), [(390, False), (1280, True), (1900, True)])
def test_a_difference_stands_side_by_side_where_there_is_room_and_is_never_cut(
    width: int, beside: bool, scripts: bool, difference: tuple[ServedPage, str], browser: Browser
) -> None:
    page, gate = difference
    with tab(browser, page, scripts=scripts, width=width) as seen:
        seen.goto(gate)
        was, is_ = seen.locator(".line.removed").first, seen.locator(".line.added").first
        left, right, below = (box(each) for each in (was, is_, seen.locator(".line.added").last))
        if beside:
            assert (left.top, left.bottom) == (right.top, right.bottom)
            assert left.right <= right.left + 1
        else:
            assert left.bottom <= right.top + 1
        assert right.bottom <= below.top + 1
        same = seen.locator(".line.same").first
        again = same.evaluate("line => getComputedStyle(line, '::after').content")
        assert (again != "none") is beside  # on both sides, read once
        assert is_.text_content() == f"+{LONG}"
        sizes = "line => [line.scrollWidth <= line.clientWidth, getComputedStyle(line).overflowX]"
        assert is_.evaluate(sizes) == [True, "visible"]
        assert seen.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


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


class Box(NamedTuple):
    """Where something stands on a page [px]."""

    left: float
    top: float
    right: float
    bottom: float


def box(seen: Locator) -> Box:
    found = seen.bounding_box()
    assert found is not None
    return Box(found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"])


def gate_of(world: AgentWorld) -> str:
    """The address of the one gate that waits."""
    return f"/r/shed/{world.journal.parent.name}/gate"
