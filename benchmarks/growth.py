"""Does a task cost more the more came before it? Counted, not timed, at task 10, 110 and (`--long`) 1,010 of one run.

A guided task with a person at a prompt. What grows to a bound and begins anew (a directory of a hundred segments, a
part of the working log) is looked at where it has grown as far.

Goal: each count at most 1.1 x that of task 10.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from from_tests import NAMES, costs

PART = 8 << 10  # [bytes] of the working log: windows of 18 tasks hold two, where those of 64 KiB would take 300 tasks


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    parser.add_argument("--long", action="store_true", help="to task 1,010, which takes minutes")
    given = parser.parse_args()
    starts, length = ((3, 5), 2) if given.quick else ((6, 106, 1006) if given.long else (6, 106), 18)
    windows = {str(start + 4): range(start, start + length) for start in starts}
    with tempfile.TemporaryDirectory() as place:
        found = costs(Path(place), starts[-1] + length, windows, part=PART)
    early = found[str(starts[0] + 4)]
    print(f"{'a task of a run':24}" + "".join(f"{f'task {name}':>22}" for name in windows))
    for name in NAMES:
        cells = [
            f"{each[name]:,.1f} ({each[name] / early[name]:.2f} x)" if early[name] else "0" for each in found.values()
        ]
        print(f"{name:24}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
