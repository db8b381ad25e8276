"""How are the benchmarks run? Each in a process of its own, one after the other; all rows are one table.

    python benchmarks [--quick] [--within SECONDS] [--peers] [--long]
    python benchmarks --before [COMMIT] [--quick]      # another table: an older program and this one, see before.py

A benchmark is a module beside this one; each has `rows(quick)` (see rows.py). With `--quick` each runs for one round,
at a size at which only "does it still run" is answered. One that fails, or is not through when the time is up, is ended
and named; exit code 1.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import before
from rows import HEAD, Row, cells, line

HERE = Path(__file__).parent
NONE = {  # files here that are no benchmarks
    *("__main__.py", "from_tests.py", "figures.py"),
    *("rows.py", "processor_time.py", "peer_steps.py", "many_runs.py"),
    *("before.py", "before_rows.py", "either_program.py"),
}
WITHIN = 1_800.0  # for all of them on two cores [s]


def benchmarks() -> list[Path]:
    """The files, in order of name."""
    return sorted(path for path in HERE.glob("*.py") if path.name not in NONE)


def print_rows(name: str, quick: bool) -> None:
    """What the process of one benchmark does: a line of JSON for each row, as soon as it is measured."""
    for row in importlib.import_module(name).rows(quick):
        print(json.dumps(asdict(row)), flush=True)


def run(path: Path, options: list[str], until: float) -> str:
    """Run one benchmark and show what it says; why it failed, "" where it did not."""
    command = [sys.executable, str(HERE), "--rows", path.stem]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            said, _ = process.communicate(timeout=max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.kill()
            return "was not through when the time was over"
    for each in said.splitlines():
        print(line(cells(Row(**json.loads(each)))))
    sys.stdout.flush()
    return f"ended with {process.returncode}" if process.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="tiny sizes: only whether each still runs")
    parser.add_argument("--within", type=float, default=WITHIN, metavar="SECONDS", help="for all of them")
    parser.add_argument("--peers", action="store_true", help="other engines too, installed from PyPI on first use")
    parser.add_argument("--long", action="store_true", help="runs of 10,000 tasks too; give --within more")
    parser.add_argument("--before", nargs="?", const=before.DEFAULT, metavar="COMMIT", help="an older program beside")
    parser.add_argument("--rows", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rows:
        print_rows(given.rows, given.quick)
        return 0
    if given.before:
        print(line(before.HEAD, before.WIDTHS), flush=True)
        for row in before.compared(given.before, quick=given.quick):
            print(line(row.cells(), before.WIDTHS), flush=True)
        return 0
    options = [f"--{name}" for name in ("quick", "peers", "long") if getattr(given, name)]
    until = time.monotonic() + given.within
    print(line(HEAD), flush=True)
    for path in benchmarks():
        if why := run(path, options, until):
            print(f"{path.name} {why}: --within {given.within:g}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
