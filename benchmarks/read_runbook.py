"""How long does it take to read a runbook of 5,000 tasks, and of 50,000? Beside a bare scan of the same lines.

    python benchmarks/read_runbook.py [TASKS] [--quick]

From bytes to plan, with every check. Goal: at most 100 ms for 5,000 tasks, at most ten times that for
50,000. The bare scan is the floor: what it takes more than ten times as long for, memory takes.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Callable
from functools import partial

from state.model import Plan
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


def read_whole(data: bytes) -> Plan:
    """What every command does first."""
    return read_runbook(data, name="plan", path="plan.md")


def bare_scan(data: bytes) -> int:
    """The least any reader does: every line, one pattern."""
    box = re.compile(r"\s*- \[.\]")
    return sum(1 for line in data.decode().split("\n") if box.match(line))


def times_ms(works: list[Callable[[], object]], rounds: int) -> list[float]:
    """Median times of works that take turns [ms]; what they return is dropped after the clock has stopped."""
    times: list[list[float]] = [[] for _work in works]
    for _round in range(rounds + 1):
        for taken, work in zip(times, works, strict=True):
            start = time.perf_counter()
            result = work()
            taken.append(time.perf_counter() - start)
            del result
    return [statistics.median(taken[1:]) * 1000 for taken in times]  # the first is a warm-up


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", type=int, nargs="?", default=5000)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    given = parser.parse_args()
    tasks = 20 if given.quick else given.tasks
    for long in (False, True):
        before: tuple[float, float] | None = None
        for count, rounds in ((tasks, 9), (10 * tasks, 3)):
            data = runbook(count, long=long)
            read, bare = times_ms([partial(read_whole, data), partial(bare_scan, data)], rounds)
            grown = (
                f"; {read / before[0]:.1f} x the time above, the bare scan {bare / before[1]:.1f} x" if before else ""
            )
            before = read, bare
            print(
                f"{count:6} {'long' if long else 'short'} tasks, {len(data) / 1024:6.0f} KiB: {read:7.1f} ms, "
                f"{read * 1000 / count:5.1f} us a task, {read / bare:5.1f} x a bare line scan ({bare:.1f} ms){grown}"
            )


if __name__ == "__main__":
    main()
