"""What do the commands take that only look, and `approve` and `resume` to the wait, each against its floor?

    python benchmarks/looking.py [--quick] [PART ...]     # cold, held, many-runs, long-run, long-history

All are whole processes, as installed, in turn; processor time, with that of the git processes that they start. Which
part is what: `PARTS`. Floors and ratios to reach are in each row; causes of what is over in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from from_tests import RunWorld, first_commit
from processor_time import process, processes_of, processor_time
from resume import prepare as long_run
from rows import HEAD, Row, cells, line

from state.errors import Waiting
from state.read_journal import files_of
from workflow.engine.engine import Settings

PHASEGATE = str(Path(sys.executable).with_name("phasegate"))
BARE = [sys.executable, "-c", "pass"]
OPEN = b"# Shop\n\n- [ ] 1. Build it\n- [ ] 2. Ship it\n"
WAITS = (3,)  # exit code of a run that waits for a person


def cold(place: Path, *, quick: bool) -> Iterator[Row]:
    """Commands that look, in a small run that is over."""
    world = RunWorld(place)
    with world.start() as engine:
        engine.drive()
    here = [PHASEGATE, "-C", str(world.root)]
    named = {
        "status, cold": ([*here, "status"], 5),
        "log, cold": ([*here, "log"], 5),
        "--help, cold": ([PHASEGATE, "--help"], 5),
        "plan, cold": ([*here, "plan", "tasks.md"], 0),
    }
    acts = {"": process(BARE), **{name: process(words) for name, (words, _) in named.items()}}
    times = processor_time(acts, 0 if quick else 15)
    for name, (words, reach) in named.items():
        yield Row(name, times[""], times[name], "bare Python", reach, processes=processes_of(words, place / "trace"))


def held(place: Path, *, quick: bool) -> Iterator[Row]:
    """Verbs that work, on a runbook of two tasks: `run`, `done`, `approve` by somebody else, `resume`; no policy."""
    (place / "shop").mkdir()
    (place / "shop" / "shop.md").write_bytes(OPEN)
    first_commit(place / "shop")
    shutil.copytree(place / "shop", place / "begun")
    begun = [PHASEGATE, "-C", str(place / "begun")]
    for words, code in ((["run", "shop.md"], 3), (["done", "--no-files"], 0)):
        process([*begun, *words], expected=(code,))()
    said = subprocess.run([*begun, "status", "--json"], capture_output=True, check=True).stdout
    digest = json.loads(said)["waiting_for"]["digest"]

    def fresh(name: str, of: str) -> None:
        shutil.rmtree(place / name, ignore_errors=True)
        shutil.copytree(place / of, place / name, symlinks=True)
        for setting in (("user.name", "Eve"), ("user.email", "eve@example.com")):
            subprocess.run(["git", "-C", str(place / name), "config", *setting], check=True)

    copy, new = ([PHASEGATE, "-C", str(place / name)] for name in ("copy", "new"))
    verbs: dict[str, tuple[list[str], tuple[int, ...]]] = {
        "resume to the wait": ([*begun, "resume"], WAITS),
        "approve": ([*copy, "approve", "--digest", digest], (0,)),
        "resume that commits": ([*copy, "resume"], WAITS),
        "run to the first task": ([*new, "run", "shop.md"], WAITS),
        "done": ([*new, "done", "--no-files"], (0,)),
    }
    before = {"approve": lambda: fresh("copy", "begun"), "run to the first task": lambda: fresh("new", "shop")}
    acts: dict[str, Callable[[], object]] = {"": process(BARE)}
    for name, (words, codes) in verbs.items():  # in this order: each approval and each run has a copy of its own
        if name in before:
            acts[f"before {name}"] = before[name]
        acts[name] = process(words, expected=codes)
    times = processor_time(acts, 0 if quick else 9)
    for name, (words, _codes) in verbs.items():
        if name in before:
            before[name]()
        reach = 8 if name in ("approve", "resume to the wait") else 0
        yield Row(name, times[""], times[name], "bare Python", reach, processes=processes_of(words, place / "trace"))


def many_runs(place: Path, *, quick: bool) -> Iterator[Row]:
    """Runs that are over and one that waits, in one repository whose objects are packed."""
    runs = 20 if quick else 1_000
    world = RunWorld(place)
    with world.start() as engine:
        engine.drive()
    over = world.root / ".phasegate" / world.run_id
    for number in range(runs - 2):
        began = datetime(2024, 1, 1) + timedelta(seconds=977 * number)
        shutil.copytree(over, over.with_name(f"shed-{began:%Y%m%d-%H%M%S}"))
    (world.root / "tasks.md").write_bytes((world.root / "tasks.md").read_bytes().replace(b"[x]", b"[ ]"))
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "Many runs")
    world.person.absent = True
    with world.start(Settings(answers={"colour": "green"})) as engine:
        _to_the_wait(engine.drive)
        run = engine.run.run_id
    world.git("repack", "-adq")
    named, unnamed = ([PHASEGATE, "-C", str(world.root), "status", *word] for word in ([run], []))
    times = processor_time({"named": process(named), "unnamed": process(unnamed)}, 0 if quick else 9)
    name = f"status, none of {runs:,} runs named"
    yield Row(
        name, times["named"], times["unnamed"], "one named", 1.5, processes=processes_of(unnamed, place / "trace")
    )


def _to_the_wait(drive: Callable[[], object]) -> None:
    try:
        drive()
    except Waiting:
        return
    raise AssertionError("nothing waits")


def long_journal(place: Path, *, quick: bool) -> Iterator[Row]:
    """A run of very many events, against reading its lines as JSON."""
    tasks, events = (5, 60) if quick else (10_000, 100_000)
    long_run(place, tasks, events)
    (journal,) = place.glob(".phasegate/*/journal.jsonl")

    def floor() -> None:
        for event in b"".join(files_of(journal)).splitlines():
            json.loads(event)

    status = [PHASEGATE, "-C", str(place), "status", journal.parent.name]
    times = processor_time({"floor": floor, "status": process(status)}, 0 if quick else 3)
    name = f"status of {events:,} events"
    yield Row(
        name,
        times["floor"],
        times["status"],
        "json.loads of each line",
        0.5,
        processes=processes_of(status, place / "t"),
    )


def long_history(place: Path, *, quick: bool) -> Iterator[Row]:
    """A run that is over at the end of a long history, against the same in a short one."""
    commits = 30 if quick else 20_000
    status = {}
    for name, before in (("short", 11), ("long", commits)):
        (place / name).mkdir()
        world = RunWorld(place / name)
        empty_commits(world.root, before)
        with world.start() as engine:
            engine.drive()
        world.git("repack", "-adq")
        status[name] = [PHASEGATE, "-C", str(world.root), "status"]
    times = processor_time({name: process(words) for name, words in status.items()}, 0 if quick else 9)
    counted = processes_of(status["long"], place / "trace")
    yield Row(f"status behind {commits:,} commits", times["short"], times["long"], "behind 11", 1.1, processes=counted)


def empty_commits(root: Path, number: int) -> None:
    """Put so many commits of nothing on the branch."""
    stream = [f"reset refs/heads/main\nfrom {_head(root)}\n"]
    for at in range(number):
        message = f"Work {at}"
        who = f"Ada <ada@example.com> {1700000000 + at} +0000"
        stream.append(f"commit refs/heads/main\ncommitter {who}\ndata {len(message)}\n{message}\n")
    subprocess.run(
        ["git", "-C", str(root), "fast-import", "--quiet", "--force"], input="".join(stream).encode(), check=True
    )
    subprocess.run(["git", "-C", str(root), "reset", "-q", "--hard"], check=True)


def _head(root: Path) -> str:
    done = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


PARTS = {"cold": cold, "held": held, "many-runs": many_runs, "long-run": long_journal, "long-history": long_history}
SHORT = tuple(name for name in PARTS if name != "long-run")  # which takes minutes: only when named, or quick


def rows(quick: bool = False, parts: tuple[str, ...] = SHORT) -> Iterator[Row]:
    """All rows, as they are measured."""
    for name in parts:
        with tempfile.TemporaryDirectory() as place:
            yield from PARTS[name](Path(place), quick=quick)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help="only these")
    given = parser.parse_args()
    print(line(HEAD))
    for row in rows(given.quick, tuple(given.parts or (PARTS if given.quick else SHORT))):
        print(line(cells(row)), flush=True)


if __name__ == "__main__":
    main()
