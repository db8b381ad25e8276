"""How long does it take to read a runbook of 5,000 tasks? Milliseconds, beside a bare scan of the same lines.

    python benchmarks/read_runbook.py [TASKS]

Goal: at most 100 ms for 5,000 tasks; the time per task stays the same when the runbook doubles.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from workflow.runbook.reader import read_runbook


def runbook(tasks: int, *, long: bool) -> bytes:
    """A task list of the usual form: a container for ten tasks, two detail lines a task, or four and a commit."""
    lines = ["# Plan", ""]
    for number in range(tasks):
        if number % 10 == 0:
            lines.append(f"- [ ] {number // 10 + 1}. Part {number // 10 + 1}")
        label = f"{number // 10 + 1}.{number % 10 + 1}"
        lines.append(f"  - [ ] {label} Make artifact number {number}")
        if long:
            lines += [
                f"    - **CRITICAL**: Write `artifacts/number-{number}.md` from the contract",
                "    - Check that every field is there and has the expected type",
                f'    - **COMMIT**: Commit with message "plan task {label}: Make artifact number {number}"',
            ]
        else:
            lines.append("    - Check every field")
        lines += [f"    - _Requirements: {number % 7 + 1}.{number % 5 + 1}, 2.3_", ""]
    return "\n".join(lines).encode()


def bare_scan(data: bytes) -> int:
    """The least any reader does: every line, one pattern."""
    box = re.compile(r"\s*- \[.\]")
    return sum(1 for line in data.decode().split("\n") if box.match(line))


def median_ms(work: Callable[[], object], rounds: int = 7) -> float:
    """Median time of several rounds [ms]."""
    times = []
    for _round in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    for long in (False, True):
        for count in (tasks // 2, tasks):
            data = runbook(count, long=long)
            read = median_ms(partial(read_runbook, data, name="plan", path="plan.md"))
            bare = median_ms(partial(bare_scan, data))
            print(
                f"{count:6} {'long' if long else 'short'} tasks, {len(data) / 1024:6.0f} KiB: {read:7.1f} ms, "
                f"{read * 1000 / count:5.1f} us a task, {read / bare:5.1f} x a bare line scan ({bare:.1f} ms)"
            )


if __name__ == "__main__":
    main()
