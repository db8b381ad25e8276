"""What does a piece of work take of the processors, and how many git processes does it start? For rows of the table.

Seconds of a clock say more about what else a machine does; those of its processors, and ratios of them, do not.
"""

from __future__ import annotations

import os
import resource
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def processor_time(acts: Mapping[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """The median of what each takes of the processors [s], with the processes that it starts and waits for.

    They take turns, so that a busy machine slows all of them; the first turn is a warm-up. With 0 `turns` each is done
    once, without one.
    """
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(turns + 1):
        for name, act in acts.items():
            before = used()
            act()
            if turn or not turns:
                taken[name].append(used() - before)
    return {name: statistics.median(times) for name, times in taken.items()}


def used() -> float:
    """What this process and those it waited for have taken of processors so far [s]."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def process(words: Sequence[str], *, expected: Sequence[int] = (0,)) -> Callable[[], None]:
    """Runs a program to its end, as it runs where it is installed: Python has kept what it compiled."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def act() -> None:
        null = os.open(os.devnull, os.O_RDWR)
        quiet = [(os.POSIX_SPAWN_DUP2, null, number) for number in range(3)]
        started = os.posix_spawnp(words[0], [*words], environment, file_actions=quiet)
        ended = os.waitstatus_to_exitcode(os.waitpid(started, 0)[1])
        os.close(null)
        assert ended in expected, f"{' '.join(words)} ended with {ended}"

    return act


def processes_of(words: Sequence[str], trace: Path) -> int | None:
    """How many git processes a command starts, by git's own trace. Source: git(1), GIT_TRACE2_EVENT."""
    trace.unlink(missing_ok=True)
    former = os.environ.get("GIT_TRACE2_EVENT")
    os.environ["GIT_TRACE2_EVENT"] = str(trace)
    try:
        process(words, expected=range(256))()
    finally:
        if former is None:
            del os.environ["GIT_TRACE2_EVENT"]
        else:
            os.environ["GIT_TRACE2_EVENT"] = former
    return trace.read_text().count('"event":"start"') if trace.exists() else 0
