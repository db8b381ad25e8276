"""What does a task cost as a run grows, counted and not timed? A run of many small tasks, with a person at the prompt.

    with counting() as counts:
        for number in tasks_of(world):  # in order; each is done when it is given
            ...counts.now()...

Counted is what this process does: bytes that it reads, lines of journals that it parses, files that it opens, processes
that it starts, files that it syncs; and what git keeps for it (bytes of loose objects, deflated as they are).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from state import journal, read_journal, segments
from state.segments import IN_A_DIRECTORY
from tests.worlds.run_world import RunWorld
from workflow.engine import log_parts
from workflow.engine.log_parts import PART

NAMES = ("bytes read", "events parsed", "files opened", "processes", "syncs", "bytes of git's objects")
_BUSY: list[Any] = []


class Counts:
    """Running totals; `now` gives them by NAMES."""

    def __init__(self, objects: Path) -> None:
        self.events = self.files = self.processes = self.syncs = 0
        self._objects = objects

    def now(self) -> dict[str, int]:
        self._watching(False)
        found = (read_so_far(), self.events, self.files, self.processes, self.syncs, size_of(self._objects))
        self._watching(True)
        return dict(zip(NAMES, found, strict=True))

    def _watching(self, on: bool) -> None:
        _BUSY[:] = [self] if on else []

    def sync(self, _handle: int) -> None:
        self.syncs += 1


def _heard(event: str, _arguments: object) -> None:
    for counts in _BUSY:
        if event == "open":
            counts.files += 1
        elif event == "subprocess.Popen":
            counts.processes += 1


def read_so_far() -> int:
    """How many bytes this process has read, of files and pipes alike. Source: proc(5), `rchar`.

    Of this thread: a process's own figure has those of the programs in it that it waited for, and what git reads of its
    index and trees grows with them.
    """
    return int(Path("/proc/thread-self/io").read_text().partition("rchar: ")[2].split("\n", 1)[0])


def size_of(objects: Path) -> int:
    """What git's objects take [bytes]."""
    return sum(path.stat().st_size for path in objects.rglob("*") if path.is_file())


@contextmanager
def counting(objects: Path) -> Iterator[Counts]:
    """In the block, everything is counted, and nothing really synced."""
    if not getattr(sys, "_counts_are_heard", False):
        sys.addaudithook(_heard)  # which cannot be taken away again: it looks at nothing while nobody counts
        sys._counts_are_heard = True  # type: ignore[attr-defined]
    counts, parsed = Counts(objects), read_journal.from_line

    def counted(line: bytes) -> Any:
        counts.events += 1
        return parsed(line)

    with patch.object(read_journal, "from_line", counted), patch.object(os, "fsync", counts.sync):
        counts._watching(True)
        try:
            yield counts
        finally:
            counts._watching(False)


def runbook_of(tasks: int) -> bytes:
    """A runbook of so many tasks by hand, all of one length."""
    return b"# Many\n\n" + b"".join(b"- [ ] %04d. Paint board %04d\n" % (each, each) for each in range(1, tasks + 1))


def costs(
    place: Path, tasks: int, windows: Mapping[str, range], *, part: int = PART, in_a_directory: int = IN_A_DIRECTORY
) -> dict[str, dict[str, float]]:
    """What a task costs on the average of each window of tasks (from 1), in a run of so many.

    What grows to a bound and begins anew is compared where it has grown as far: windows begin at the same place of a
    directory of segments (`in_a_directory`), and hold whole parts of the working log (`part` [bytes]).
    """
    world = RunWorld(place, runbook=runbook_of(tasks))
    world.git("config", "gc.auto", "0")
    edges = [edge for window in windows.values() for edge in (window.start - 1, window.stop - 1)]
    ends: dict[int, dict[str, int]] = {}
    with ExitStack() as exits:
        exits.enter_context(patch.object(log_parts, "PART", part))
        for module in (segments, journal):
            exits.enter_context(patch.object(module, "IN_A_DIRECTORY", in_a_directory))
        counts = exits.enter_context(counting(world.root / ".git/objects"))
        engine = exits.enter_context(world.start())
        for number in range(1, max(edges) + 1):
            engine.segment()
            if number in edges:
                ends[number] = counts.now()
    return {
        name: {each: (ends[window.stop - 1][each] - ends[window.start - 1][each]) / len(window) for each in NAMES}
        for name, window in windows.items()
    }
