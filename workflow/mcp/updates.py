"""How does a client learn that a gate opened, or was decided? The journals are watched while somebody listens.

Rules:
- A gate is another one when what waits there is: its digest. Then the page of the run has changed; with each change of
  a run, its log, and the list of runs.
- Who decides is another process: files tell, by their sizes and times, a few times a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import anyio
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated, ServerEvent

from workflow.mcp.patience import Readers
from workflow.service.inbox import Inbox

PAUSE = 0.2  # between two looks [s]
ALL = "runs://all"


class Updates:
    """The bus of one server (`mcp.server.subscriptions.SubscriptionBus`), and what it tells."""

    def __init__(self, workspace: Path) -> None:
        self._bus = InMemorySubscriptionBus()
        self._inbox = Inbox({"": workspace})
        self._readers = Readers(1)
        self._listeners = 0
        self._known: dict[str, tuple[str, str]] | None = None  # run -> what is another when it changed, and its gate

    async def publish(self, event: ServerEvent) -> None:
        """Tell every listener."""
        await self._bus.publish(event)

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Tell this listener from now on; what comes back ends that."""
        unsubscribe, gone = self._bus.subscribe(listener), [False]
        self._listeners += 1

        def ends() -> None:
            unsubscribe()
            if not gone[0]:
                gone[0] = True
                self._listeners -= 1

        return ends

    async def tell(self) -> None:
        """Watch, and tell, until it is cancelled."""
        while True:
            for uri in await self.changed():
                await self.publish(ResourceUpdated(uri=uri))
            await anyio.sleep(PAUSE)

    async def changed(self) -> list[str]:
        """The resources that may be others since the last look; none while nobody listens."""
        if not self._listeners:
            self._known = None
            return []
        now = await self._readers.read(partial(_runs, self._inbox))
        before, self._known = self._known, now
        return list(_changed(before or {}, now))


def _runs(inbox: Inbox) -> dict[str, tuple[str, str]]:
    return {line.run: (repr(line), line.gate.digest if line.gate else "") for line in inbox.look().lines}


def _changed(before: dict[str, tuple[str, str]], now: dict[str, tuple[str, str]]) -> Iterator[str]:
    if before != now:
        yield ALL
    for run, (line, gate) in now.items():
        was = before.get(run)  # None: of a new run; of each, once, for who begins to listen
        if was is None or was[1] != gate:
            yield f"run://{run}/page"
        if was is None or was[0] != line:
            yield f"run://{run}/log"
