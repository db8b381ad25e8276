"""Who polls for an hour keeps no more than after its tenth part: counted in bytes, with no clock.

Each face that looks again and again is driven for as many looks as its own pause makes in an hour, where WHOLE_HOUR is
set, else in a tenth of one; every so often the journal is another file, so that it is read again.
"""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.page_world import Page
from workflow.service import follow
from workflow.service.follow import watch
from workflow.service.inbox import Inbox
from workflow.web import live

pytestmark = pytest.mark.slow
HOUR = 3600.0 if os.environ.get("WHOLE_HOUR") else 360.0  # [s]
UPDATES = 100  # times that the journal is another, in that hour
A_LOOK = 1.0  # [bytes] that a look may leave behind: no look can keep so little as one object
ONCE = 4096  # [bytes] of what is made once, at whichever look; a pointer a look is more, in a tenth of an hour, too
A_PAGE = 400.0  # [bytes] that a page may: times that were shown, of which so many are kept; a page itself has thousands


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    made = AgentWorld(tmp_path, policy="default: {presence: any}\n")
    made.starts()
    made.works("one.txt")
    return made


class Polls:
    """Counts looks, changes the journal every so often, and weighs what is kept at the tenth part and at the end."""

    def __init__(self, world: AgentWorld, looks: int) -> None:
        self.journal, self.looks, self.done = world.journal, looks, 0
        self.weighed: list[int] = []
        self._time = 1_700_000_000

    def looked(self) -> bool:
        """One more look is done; returns whether another one is wanted."""
        self.done += 1
        if self.done % max(self.looks // UPDATES, 1) == 0:
            self._time += 1
            gc.collect(1)  # what waits to be collected widens tables, which never become narrower
            os.utime(self.journal, (self._time, self._time))
        if self.done in (self.looks // 10, self.looks):
            gc.collect()
            self.weighed.append(tracemalloc.get_traced_memory()[0])
        return self.done < self.looks

    def is_flat(self, name: str, a_look: float) -> None:
        tenth, end = self.weighed
        said = f"{name}: {self.looks:,} looks, {tenth:,} bytes at the tenth part, {end:,} at the end: {end / tenth:.3f}"
        assert end - tenth < ONCE + a_look * self.looks, said


def weighed(world: AgentWorld, name: str, looks: int, does: Callable[[Polls], None], *, a_look: float = A_LOOK) -> None:
    polls = Polls(world, looks)
    tracemalloc.start()
    try:
        does(polls)
    finally:
        tracemalloc.stop()
    polls.is_flat(name, a_look)


def test_the_inbox_and_the_pages_that_listen(world: AgentWorld) -> None:
    inbox, run = Inbox({"shed": world.root}), world.journal.parent.name

    def looks(polls: Polls) -> None:
        marks = set()
        while polls.looked():
            marks = {inbox.look().mark, inbox.mark(), inbox.mark_of("shed", run)}
        assert len(marks) == 2

    weighed(world, "inbox", int(HOUR / live.PAUSE), looks)


def test_an_agents_client_that_listens(world: AgentWorld) -> None:
    pytest.importorskip("mcp", reason="not run: the extra mcp is not installed")
    from workflow.mcp import updates

    made, told = updates.Updates(world.root), [0]

    async def listens(polls: Polls) -> None:
        made.subscribe(lambda _event: None)
        while polls.looked():
            told[0] += len(await made.changed())

    weighed(world, "updates", int(HOUR / updates.PAUSE), lambda polls: anyio.run(listens, polls))
    assert told[0] > 0


def test_a_tool_or_a_command_that_waits(world: AgentWorld) -> None:
    def waits(polls: Polls) -> None:
        def pause(_seconds: float) -> None:
            if not polls.looked():
                raise StopAsyncIteration

        with pytest.raises(StopAsyncIteration):
            for _view in watch(world.root, None, pause):
                pass

    weighed(world, "wait", int(HOUR / follow.PAUSE), waits)


def test_a_page_that_is_opened_again_and_again(world: AgentWorld) -> None:
    page = Page(world.root)
    page.enters()

    def opens(polls: Polls) -> None:
        places = ("/", page.run(), page.gate(), "/people")
        while polls.looked():
            assert page.get(places[polls.done % len(places)]).status == 200

    weighed(world, "pages", 200, opens, a_look=A_PAGE)


def test_what_keeps_something_of_each_look_is_found(world: AgentWorld) -> None:
    kept = []

    def leaks(polls: Polls) -> None:
        while polls.looked():
            kept.append(object())

    with pytest.raises(AssertionError):
        weighed(world, "leaks", 2000, leaks)
