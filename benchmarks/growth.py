"""Does a task cost more the more came before it? Counted, not timed, at task 10, 110 and (`--long`) 1,010 of one run.

A guided task with a person at a prompt. What grows to a bound and begins anew (a directory of a hundred segments, a
part of the working log) is looked at where it has grown as far.

Goal: each count at most 1.1 x that of task 10.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from from_tests import NAMES, costs
from rows import Row, show

PART = 8 << 10  # [bytes] of the working log: windows of 18 tasks hold two, where those of 64 KiB would take 300 tasks


def rows(quick: bool) -> Iterator[Row]:
    starts, length = ((3, 5), 2) if quick else ((6, 106, 1006) if "--long" in sys.argv else (6, 106), 18)
    windows = {str(start + 4): range(start, start + length) for start in starts}
    with tempfile.TemporaryDirectory() as place:
        found = costs(Path(place), starts[-1] + length, windows, part=PART)
    first, *others = found
    for at in others:
        for name in NAMES:
            early, late = found[first][name], found[at][name]
            unit = "kB" if name.startswith("bytes") else ""
            many = 1_000 if unit else 1
            yield Row(f"{name}, task {at}", early / many, late / many, f"at task {first}", 1.1, unit=unit)


if __name__ == "__main__":
    show(rows)
