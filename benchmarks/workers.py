"""How soon does an approval reach the branch, and what do workers come to that are killed meanwhile?

python benchmarks/workers.py [--runs N] [--db sqlite|postgresql]

N runs of three signed gates, 50 if not given, beside the row of the table. With a database that queues, it is deleted
in the middle; on SQLite one worker works, with three slots, since that is for one process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from from_tests import Disturbed, Keys, Workers, postgres
from rows import Row, cells, line


def rows(quick: bool) -> Iterator[Row]:
    """From the verdict's push to the branch of the remote, with a worker that is idle."""
    with scratch() as (place, keys):
        seconds = latency(place, keys, 1, gates=1) if quick else latency(place, keys, 3)
    work = f"from a verdict pushed to the branch moved, {len(seconds)} approvals, an idle worker"
    yield Row(work, None, statistics.median(seconds), goal=2.0)


@contextmanager
def scratch() -> Iterator[tuple[Path, Keys]]:
    with tempfile.TemporaryDirectory(prefix="workers-") as directory:
        place = Path(directory)
        (place / "keys").mkdir()
        (place / "runs").mkdir()
        yield place / "runs", Keys(place / "keys")


def latency(place: Path, keys: Keys, count: int, *, gates: int = 3) -> list[float]:
    """How long each of the first approvals of so many runs takes, of three gates each [s]."""
    world = Workers(place, keys)
    world.real = True
    taken = []
    try:
        world.begin("w1")
        for number in range(count):
            run = world.order(f"barn-20260102-{number:06d}-0a1b2c3d")
            for _ in range(gates):
                world.until(run, "waiting")
                before = world.standing(run).branch
                world.approve(run)
                pushed = time.monotonic()
                while world.standing(run).branch == before:
                    pass
                taken.append(time.monotonic() - pushed)
    finally:
        world.end()
    return taken


def disturbed(place: Path, keys: Keys, count: int, every: int, kind: str) -> None:
    """Many runs, three workers, one of which is killed, put to sleep, woken or ended now and then."""
    world, alone = Workers(place, keys), kind == "sqlite"
    world.real = True
    began, used = time.monotonic(), sum(os.times()[:4])
    deleted: list[int] = []
    try:
        with database(kind, world.root) as (address, delete):
            world.options = ("--db", address) if address else ()
            runs = world.orders(count, ("w1",) if alone else ("w1", "w2", "w3"))
            disturbs = Disturbed(world, every=every, alone=alone)

            def meanwhile() -> None:
                if world.verdicts >= count * 3 // 2 and not deleted:
                    deleted.append(world.verdicts)
                    delete()
                disturbs()

            world.decide_all(runs, meanwhile)
            world.end()
    finally:
        world.end()
    took, calls, refused = time.monotonic() - began, world.lines_of("calls"), world.lines_of("refused")
    workers = "1 worker of 3 slots" if alone else "3 workers"
    print(
        f"{count} runs x 3 signed gates on {kind}, {workers} ({', '.join(sorted(disturbs.done))}"
        f"{', the database deleted in the middle' if address else ''}): {took:.0f} s, "
        f"{count * 4 / took:.1f} segments a second, {sum(os.times()[:4]) - used:.0f} s of processors; {len(calls)} "
        f"calls, of which {len(refused)} were made again and refused by name; "
        f"wrong: {world.wrong_with(*runs) or 'nothing'}"
    )


@contextmanager
def database(kind: str, place: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """The address of a database that queues, "" for the refs alone, and what deletes it under its workers."""
    if kind == "postgresql":
        with tempfile.TemporaryDirectory(dir="/tmp", prefix="pg-") as short:
            Path(short).chmod(0o755)
            with postgres(Path(short) / "cluster") as cluster:
                again = ("DROP DATABASE fleet WITH (FORCE)", "CREATE DATABASE fleet")
                yield cluster.address, lambda: cluster.sql(*again)
        return

    def delete() -> None:
        for each in place.glob("fleet.sqlite*"):
            if each.suffix != ".lock":
                each.unlink()

    yield (f"sqlite:///{place / 'fleet.sqlite'}" if kind == "sqlite" else ""), delete


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--db", default="refs", choices=("sqlite", "postgresql", "refs"))
    parser.add_argument("--no-row", action="store_true", help="without the row of the table")
    given = parser.parse_args()
    for row in () if given.no_row else rows(quick=False):
        print(line(cells(row)))
    with scratch() as (place, keys):
        disturbed(place, keys, given.runs, 4, given.db)


if __name__ == "__main__":
    main()
