"""A remote at which a push takes as long as a test wants: real git at both ends, and no time is waited for.

    slow = SlowRemote(world, clone, "behind its leases")
    slow.nth(2, "dies", meanwhile, patched)     # the clone's second push is under way, others do this, it arrives

A push is held up where somebody far away would wait: `before it has seen the refs` (`git receive-pack` is not started
yet, so its leases are looked at when the others are done), or `behind its leases` (the remote has taken it all, and is
about to move the refs: its `pre-receive` hook waits).
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pytest

from tests.worlds.remote_world import Clone, Died, RemoteWorld
from workflow.doors.git.meeting_place import GitRemote
from workflow.meeting.moves import Move

Where = Literal["before it has seen the refs", "behind its leases"]
How = Literal["dies", "sleeps"]
PATIENCE = 60.0  # for a push to come to where it is held up [s]; a test that waits so long has failed


class SlowRemote:
    """See the module."""

    def __init__(self, world: RemoteWorld, clone: Clone, where: Where) -> None:
        self._world, self._clone = world, clone
        self._place = world.root / "slow"
        self._place.mkdir()
        for pipe in ("held", "go"):
            os.mkfifo(self._place / pipe)
        self._held = os.open(self._place / "held", os.O_RDWR | os.O_NONBLOCK)
        if where == "behind its leases":
            self._script(world.root / "origin.git/hooks/pre-receive", "exit 0")
        else:
            program = self._script(self._place / "receive-pack", 'exec git-receive-pack "$@"')
            clone.git("config", "remote.origin.receivepack", str(program))

    def _script(self, path: Path, then: str) -> Path:
        """Held up is the one push that comes by when `hold` is there."""
        held = f'if rmdir "{self._place}/hold" 2>/dev/null; then echo held >"{self._place}/held"; '
        path.write_text(f'#!/bin/sh\n{held}read -r _ <"{self._place}/go"; fi\n{then}\n')
        path.chmod(0o755)
        return path

    def close(self) -> None:
        os.close(self._held)

    def nth(self, number: int, how: How, meanwhile: Callable[[], None], patched: pytest.MonkeyPatch) -> None:
        """Hold up so-maniest push of the clone. Where it dies, it is gone when the others begin; its push is not."""
        push, left = GitRemote.push, [number]

        def pushed(remote: GitRemote, moves: Sequence[Move]) -> None:
            left[0] -= remote.workspace == self._clone.root
            if left[0] or remote.workspace != self._clone.root:
                push(remote, moves)
                return
            left[0] = -1
            self._held_up(lambda: push(remote, moves), how, meanwhile)

        patched.setattr(GitRemote, "push", pushed)

    def _held_up(self, push: Callable[[], None], how: How, meanwhile: Callable[[], None]) -> None:
        (self._place / "hold").mkdir()
        came_to: list[BaseException | None] = []

        def under_way() -> None:
            try:
                push()
            except BaseException as error:  # noqa: BLE001 - it is raised where the clone goes on
                came_to.append(error)
            else:
                came_to.append(None)

        thread = threading.Thread(target=under_way)
        thread.start()
        ready, _, _ = select.select([self._held], [], [], PATIENCE)
        assert ready, "the push never came there"
        try:
            if how == "dies":
                self._world.dead.add(self._clone.root)  # what it would do when its push has come there
            meanwhile()
        finally:
            (self._place / "go").write_text("on\n")
            thread.join(PATIENCE)
        if how == "dies":
            raise Died
        if came_to[0] is not None:
            raise came_to[0]
