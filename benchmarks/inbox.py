"""How long does the inbox of 1,000 runs in 50 repositories take to be shown, and again, against reading the files?

Goal: first shown under 1 s, though not everything is read by then; an update, and a look at which nothing changed,
under 1 s. The floor is `json.loads` of each line of all journals. Every run waits at its first gate. Medians of five.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from from_tests import RunWorld
from rows import Row, median, show

from state.errors import Waiting
from workflow.engine.engine import Settings
from workflow.service.inbox import Inbox
from workflow.web.pages import SHOWN_WITHIN

RUNS = 1_000
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


def floor(places: dict[str, Path]) -> None:
    """Read every journal as JSON, and nothing more."""
    for place in places.values():
        for journal in place.glob(".phasegate/*/journal.jsonl"):
            for line in journal.read_bytes().splitlines():
                json.loads(line)


def rows(quick: bool) -> Iterator[Row]:
    runs = 2 * PLACES if quick else RUNS
    with tempfile.TemporaryDirectory() as scratch:
        places = prepare(Path(scratch), runs)
        turns = 1 if quick else TURNS
        least = median(lambda: floor(places), turns)
        inbox = Inbox(places)
        inbox.read_all()
        changed = next(places["7"].glob(".phasegate/*/journal.jsonl"))

        def update() -> None:
            os.utime(changed)
            inbox.look()

        acts = {
            "first shown": lambda: Inbox(places).look(SHOWN_WITHIN),
            "all read": lambda: Inbox(places).read_all(),
            "nothing changed": inbox.look,
            "one run changed": update,
            "told of changes": inbox.mark,
        }
        for name, act in acts.items():
            work = f"inbox of {runs:,} runs in {PLACES} repositories, {name}"
            yield Row(work, least, median(act, turns), "json.loads of each line")


if __name__ == "__main__":
    show(rows)
