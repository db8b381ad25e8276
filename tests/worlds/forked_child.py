"""What becomes of a workspace in a process that is forked for it? Whatever it does to memory stays there."""

from __future__ import annotations

import gc
import json
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Outcome = tuple[str, list[str]]  # a point's name, and where its end differs: nowhere, as a rule


@dataclass(frozen=True)
class Child:
    """A process that goes on from a point; `reading` is the end of a pipe through which it says what became of it."""

    process: int
    reading: int

    def outcomes(self) -> list[Outcome]:
        """Wait for its end."""
        with os.fdopen(self.reading, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(self.process, 0)
        if not said:
            return [("", [f"the child ended with status {status}"])]
        return [(part, differing) for part, differing in json.loads(said)]


def start_child(survive: Callable[[], list[Outcome]]) -> Child:
    """Do it in a forked process, beside this one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        gc.disable()  # it does not live long enough to need it
        _report(writing, survive)
    os.close(writing)
    return Child(child, reading)


def _report(writing: int, survive: Callable[[], list[Outcome]]) -> None:
    """In the child: say how it went, and end without any clearing up."""
    try:
        outcomes = survive()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the point's end is not the one it should be
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
        outcomes = [("", [f"{type(error).__name__}: {error} ({where})"])]
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(json.dumps(outcomes).encode())
    os._exit(0)
