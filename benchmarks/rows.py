"""What is one row of the table that `make bench` prints? Work, the floor under it and what ours takes, from one run.

A benchmark module has `rows(quick)`, which yields a `Row` as soon as it is measured; `python benchmarks/FILE` prints
its own. Ratios say something on any machine, seconds little: syncs and processes stand beside them, as counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch


@dataclass(frozen=True)
class Row:
    """One piece of work, beside the least that it can take.

    Attributes:
        work: what is done, behind how much, at which size.
        floor, ours: medians [s, or as `unit` says]; None where it was not run, and `least` says why.
        least: what the floor is.
        goal: at most so many times the floor, or where there is no floor, so much; 0 for none.
        syncs, processes: that ours takes; None where nobody counted.
        peer: another engine at the same work; "" for phasegate.
    """

    work: str
    floor: float | None
    ours: float | None
    least: str = ""
    goal: float = 0
    syncs: float | None = None
    processes: float | None = None
    peer: str = ""
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.ours is not None and self.floor else None

    @property
    def is_over(self) -> bool:
        """Whether it takes more than it is meant to."""
        seen = self.ours if self.floor is None else self.ratio
        return bool(self.goal) and seen is not None and seen > self.goal


HEAD = ("work", "floor", "ours", "ratio", "goal", "syncs", "processes", "the floor is")
WIDTHS = (60, 10, 10, 9, 9, 7, 9)


def cells(row: Row) -> tuple[str, ...]:
    """The row as the table has it."""
    work = f"  {row.peer}: {row.work}" if row.peer else row.work
    if row.ours is None:
        return (work, "", "not run", "", "", "", "", row.least)
    goal = f"{row.goal:g} x" if row.floor is not None else amount(row.goal, row.unit)
    return (
        work,
        "" if row.floor is None else amount(row.floor, row.unit),
        amount(row.ours, row.unit),
        "" if row.ratio is None else f"{row.ratio:.2f} x",
        f"{goal}{' !' if row.is_over else ''}" if row.goal else "",
        "" if row.syncs is None else f"{row.syncs:.1f}",
        "" if row.processes is None else f"{row.processes:.1f}",
        row.least,
    )


def line(texts: Iterable[str], widths: Sequence[int] = WIDTHS) -> str:
    """The cells of one line, the first to the left, figures to the right."""
    first, *figures, last = texts
    placed = [text.rjust(width) for text, width in zip(figures, widths[1:], strict=True)]
    return " ".join([first.ljust(widths[0]), *placed, f" {last}"]).rstrip()


def amount(number: float, unit: str) -> str:
    """`12.3 ms`, `2.10 s`, `8.4 MB`"""
    if unit != "s":
        return f"{number:.1f} {unit}"
    if number >= 1:
        return f"{number:.2f} s"
    return f"{number * 1000:.1f} ms" if number >= 1e-4 else f"{number * 1e6:.1f} us"


def took(act: Callable[[], object]) -> float:
    """[s]"""
    since = time.perf_counter()
    act()
    return time.perf_counter() - since


def median(act: Callable[[], object], rounds: int = 5) -> float:
    """Of so many rounds [s]."""
    return statistics.median(took(act) for _ in range(rounds))


class Tally:
    """What this process has begun and synced while it was counted."""

    processes = syncs = 0
    on = False


@contextmanager
def tallied() -> Iterator[Tally]:
    """Counts while `on`; everything is done as ever."""
    tally, real = Tally(), os.fsync

    def heard(event: str, _arguments: Any) -> None:
        tally.processes += tally.on and event == "subprocess.Popen"

    def synced(handle: int) -> None:
        tally.syncs += tally.on
        real(handle)

    sys.addaudithook(heard)  # which nobody can take away again
    with patch.object(os, "fsync", synced):
        yield tally
    tally.on = False


def show(rows: Callable[[bool], Iterable[Row]]) -> None:
    """What a benchmark does that is started by itself: its rows, as each is measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one round at a tiny size: only whether it runs")
    quick = parser.parse_known_args()[0].quick  # some have options of their own
    print(line(HEAD))
    for row in rows(quick):
        print(line(cells(row)), flush=True)
