"""Who waits for a person's decision? As many calls as like to, up to a bound; each run is looked at by one task.

Rules:
- A wait holds no thread. Its place is free as soon as it ends, in whatever way.
- What a look found is told to all that waited for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio

from state.counted import counted
from state.errors import BadInput, PhasegateError
from workflow.mcp.answer import Answer, refused
from workflow.mcp.patience import Readers, first_of
from workflow.service.follow import PAUSE, looks
from workflow.views.status import StatusView

LONGEST = 50.0  # [s]; clients give up after 60
MOST = 400  # waits at once

Tells = Callable[[str | None], Answer]  # where a run stands


class _Watched:
    """One run, as it is watched: `decided` is set when nothing waits for approval any more."""

    def __init__(self) -> None:
        self.waiting = 0
        self.decided = anyio.Event()
        self.found: Answer | None = None  # where it stood then
        self.task: asyncio.Task[None] | None = None


class Waits:
    """The waits of one server; `tells` reads where a run stands."""

    def __init__(self, directory: Path, tells: Tells, readers: Readers, most: int = MOST) -> None:
        self._directory, self._tells, self._readers, self._most = directory, tells, readers, most
        self._watched: dict[str | None, _Watched] = {}
        self._looks: dict[str | None, asyncio.Task[Answer]] = {}  # under way
        self._count = 0

    @property
    def count(self) -> int:
        """How many wait now."""
        return self._count

    async def wait(self, run_id: str | None, seconds: float, gone: anyio.Event) -> Answer:
        """Where the run stands once a person has decided what waits there, or when the time is over [s]."""
        if self._count >= self._most:
            return refused(
                BadInput(
                    f"{counted(self._count, 'wait is', 'waits are')} under way in this server, and it keeps no more: "
                    "expected one for each run",
                    next_command="phasegate status   # looks without waiting",
                )
            )
        watched = self._joined(run_id)
        try:
            await first_of(min(max(0.0, seconds), LONGEST), watched.decided, gone)  # no number is none
            return dict(watched.found) if watched.found is not None else await self.now(run_id)
        finally:
            self._left(run_id, watched)

    async def now(self, run_id: str | None) -> Answer:
        """Where the run stands; those who ask at the same time look once."""
        look = self._looks.get(run_id)
        if look is None:
            look = self._looks[run_id] = asyncio.create_task(self._readers.read(lambda: self._tells(run_id)))
            look.add_done_callback(lambda _look: self._looks.pop(run_id))
        return dict(await asyncio.shield(look))

    def _joined(self, run_id: str | None) -> _Watched:
        watched = self._watched.get(run_id)
        if watched is None:
            watched = self._watched[run_id] = _Watched()
            watched.task = asyncio.create_task(self._watch(run_id, watched))
        watched.waiting += 1
        self._count += 1
        return watched

    def _left(self, run_id: str | None, watched: _Watched) -> None:
        watched.waiting -= 1
        self._count -= 1
        if watched.waiting == 0:
            self._forget(run_id, watched)

    def _forget(self, run_id: str | None, watched: _Watched) -> None:
        """Whoever waits for it from now on has it looked at anew."""
        if self._watched.get(run_id) is watched:
            del self._watched[run_id]
        if watched.waiting == 0 and watched.task is not None:
            watched.task.cancel()

    async def _watch(self, run_id: str | None, watched: _Watched) -> None:
        """Look at the run until nothing waits there."""
        found = looks(self._directory, run_id)
        while not await self._readers.read(lambda: _is_decided(found)):
            await anyio.sleep(PAUSE)
        watched.found = await self._readers.read(lambda: self._tells(run_id))
        watched.decided.set()
        self._forget(run_id, watched)


def _is_decided(found: Iterator[StatusView | None]) -> bool:
    """Whether a look finds that nothing waits for approval any more, or that the run cannot be read."""
    try:
        view = next(found, _OVER)
    except (PhasegateError, OSError):
        return True  # who tells where it stands says why
    return view is _OVER or (isinstance(view, StatusView) and not view.is_at_an_open_gate)


_OVER = object()
