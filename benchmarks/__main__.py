"""How are the benchmarks run? Each in a process of its own, one after the other, and all of them within a time.

    python benchmarks [--quick] [--within SECONDS]

A benchmark is a file beside this one. It prints ratios against a floor that it measures in the same run. With
`--quick` it does so at a size at which only "does it still run" is answered. One that fails, or is not through when the
time is up, is ended and named; exit code 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
NONE = {"__main__.py", "from_tests.py", "figures.py"}  # files here that are no benchmarks
WITHIN = 360.0  # for all of them on two cores [s]


def benchmarks() -> list[Path]:
    """The files, in order of name."""
    return sorted(path for path in HERE.glob("*.py") if path.name not in NONE)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="tiny sizes: only whether each still runs")
    parser.add_argument("--within", type=float, default=WITHIN, metavar="SECONDS", help="for all of them")
    given = parser.parse_args()
    until = time.monotonic() + given.within
    for path in benchmarks():
        print(f"== {path.name}", flush=True)
        command = [sys.executable, str(path), *(["--quick"] if given.quick else [])]
        try:
            done = subprocess.run(command, timeout=max(until - time.monotonic(), 0), check=False)
        except subprocess.TimeoutExpired:
            print(f"{path.name} was not through when the {given.within:g} s were over", file=sys.stderr)
            return 1
        if done.returncode:
            print(f"{path.name} ended with {done.returncode}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
