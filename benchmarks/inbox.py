"""How long does the inbox of 1,000 runs in 50 repositories take to be shown, and again, against reading the files?

    python benchmarks/inbox.py [--runs 1000] [--quick]

Goal: first shown under 1 s, though not everything is read by then; an update, and a look at which nothing changed,
under 1 s. The floor is `json.loads` of each line of all journals. Every run waits at its first gate. Medians of five.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from from_tests import RunWorld

from state.errors import Waiting
from workflow.engine.engine import Settings
from workflow.service.inbox import Inbox
from workflow.web.pages import SHOWN_WITHIN

PLACES = 50
TURNS = 5


def prepare(place: Path, runs: int) -> dict[str, Path]:
    """Repositories with as many waiting runs each, by copies of one."""
    world = RunWorld(place)
    world.person.absent = True
    with world.start(Settings(answers={"colour": "green"})) as engine:
        try:
            engine.drive()
        except Waiting:
            pass
    first = world.root / ".phasegate" / world.run_id
    for number in range(1, runs // PLACES):
        shutil.copytree(first, first.with_name(f"{world.run_id}-{number}"))
    found = {"0": world.root}
    for number in range(1, PLACES):
        found[str(number)] = place / f"copy-{number}"
        subprocess.run(["cp", "-r", world.root, found[str(number)]], check=True)
    return found


def took(does: Callable[[], object], turns: int = TURNS) -> float:
    """The median of the times that it takes [s]."""
    times = []
    for _ in range(turns):
        since = time.perf_counter()
        does()
        times.append(time.perf_counter() - since)
    return statistics.median(times)


def floor(places: dict[str, Path]) -> None:
    """Read every journal as JSON, and nothing more."""
    for place in places.values():
        for journal in place.glob(".phasegate/*/journal.jsonl"):
            for line in journal.read_bytes().splitlines():
                json.loads(line)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    runs = 2 * PLACES if given.quick else given.runs
    with tempfile.TemporaryDirectory() as scratch:
        places = prepare(Path(scratch), runs)
        least = took(lambda: floor(places))
        inbox = Inbox(places)
        inbox.read_all()
        changed = next(places["7"].glob(".phasegate/*/journal.jsonl"))

        def update() -> None:
            os.utime(changed)
            inbox.look()

        shown = {
            "first shown": took(lambda: Inbox(places).look(SHOWN_WITHIN)),
            "all read": took(lambda: Inbox(places).read_all()),
            "nothing changed": took(inbox.look),
            "one run changed": took(update),
            "told of changes": took(inbox.mark),
        }
    print(f"{runs} runs in {PLACES} repositories; every line read as JSON: {least * 1000:.0f} ms")
    for name, time_ in shown.items():
        print(f"{name:>16}: {time_ * 1000:6.0f} ms, {time_ / least:.2f} x")


if __name__ == "__main__":
    main()
