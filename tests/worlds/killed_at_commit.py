"""A run whose process is killed at a commit: before git makes it, or as git comes back from it."""

from __future__ import annotations

import pytest

from tests.worlds.run_world import RunWorld


def killed_at(world: RunWorld, task: str = "", *, made: bool = False) -> None:
    """The run from its start, killed when the commit of this task was intended, or of any; `made`: git had made it."""
    with world.start() as engine:
        real = engine.doors.git.commit

        def commit(paths: list[str], message: str, *, author: str = "") -> str:
            if task and f"Phasegate-Task: {task}\n" not in message:
                return real(paths, message, author=author)
            if made:
                real(paths, message, author=author)
            raise KeyboardInterrupt("killed")

        engine.doors.git.commit = commit  # type: ignore[method-assign, assignment]
        with pytest.raises(KeyboardInterrupt):
            engine.drive()
