"""How long does it take to read a runbook of 5,000 tasks, and of 50,000? Beside a bare scan of the same lines.

From bytes to plan, with every check. Goal: at most 100 ms for 5,000 tasks, at most ten times that for
50,000. The bare scan is the floor: what it takes more than ten times as long for, memory takes.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator
from functools import partial

from rows import Row, show, took

from state.model import Plan
from workflow.runbook.reader import read_runbook

TASKS = 5_000


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


def times(works: list[Callable[[], object]], rounds: int) -> list[float]:
    """Median times of works that take turns [s]."""
    taken = [[took(work) for work in works] for _ in range(rounds + 1)]
    return [statistics.median(each) for each in zip(*taken[1:], strict=True)]  # the first is a warm-up


def rows(quick: bool) -> Iterator[Row]:
    tasks = 20 if quick else TASKS
    for long in (False, True):
        before = 0.0
        for count, rounds in ((tasks, 9), (10 * tasks, 3)):
            data = runbook(count, long=long)
            read, bare = times([partial(read_whole, data), partial(bare_scan, data)], 1 if quick else rounds)
            name = f"read {count:,} {'long' if long else 'short'} tasks, {len(data) / 1024:,.0f} KiB"
            yield Row(name, bare, read, "a bare scan of the lines")
            if before:
                yield Row(name, 10 * before, read, f"ten times {tasks:,} tasks", 1)
            before = read


if __name__ == "__main__":
    show(rows)
