"""What do a thousand runs take to their first gate, and ten thousand that wait to be found? By hand: minutes each.

    python benchmarks/many_runs.py parked 10000 [--db sqlite|postgresql]    found ready and enqueued in one process
    python benchmarks/many_runs.py first-gate 1000 [--within 600]           enqueued, and worked at by two workers
    python benchmarks/many_runs.py recv 1000 [--db sqlite|postgresql]       DBOS alone, parked by `recv` and woken

Beside each is the least that it can take, from the same run. Memory is this process's, or a worker's [MiB].
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbos import DBOS
from from_tests import (
    FakePerson,
    Keys,
    Workers,
    environment,
    git,
    known_barn,
    many_orders,
    postgres,
    wrong_at_first_gate,
)

from workflow.doors import dbos_schedule
from workflow.service.this_process import who_runs_this
from workflow.service.worker import Wanted, worker

GATES = "barn-20260102-{:06d}-0a1b2c3d"
LOOKS = 6


def resident(pid: int | str = "self") -> float:
    """What a process holds in memory now [MiB]."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def processor() -> float:
    """What this process has used, and those that it started and that have ended [s]."""
    return sum(os.times()[:4])


def append_and_sync(place: Path, count: int) -> float:
    """As many lines appended, each followed by a sync [s]."""
    began = time.monotonic()
    with (place / "lines").open("ab", buffering=0) as file:
        for number in range(count):
            file.write(f"{number}: ready\n".encode())
            os.fdatasync(file.fileno())
    return time.monotonic() - began


@contextmanager
def world() -> Iterator[Workers]:
    with tempfile.TemporaryDirectory(prefix="many-") as directory:
        place = Path(directory)
        (place / "keys").mkdir()
        (place / "runs").mkdir()
        found = Workers(place / "runs", Keys(place / "keys"))
        try:
            yield found
        finally:
            found.end()


@contextmanager
def database(kind: str, place: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{place / 'fleet.sqlite'}"
        return
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="pg-") as short:
        Path(short).chmod(0o755)
        with postgres(Path(short) / "cluster") as cluster:
            yield cluster.address


def parked(count: int, kind: str) -> None:
    """Runs that wait, with a verdict each, are found by a worker that has seen none of them, and enqueued."""
    with world() as here, database(kind, here.root) as address:
        run = here.order(GATES.format(0))
        here.once("w1")
        wait_with_verdicts(here, run, count)
        clone = here.clone("w1").root
        os.environ |= here.environment
        wanted = Wanted("w1", "sandbox", db=address)
        with known_barn(), worker(clone, who_runs_this(clone), FakePerson(), wanted) as works:
            floor = append_and_sync(here.root, count)
            dbos_schedule.REST = 0  # each is a look at all refs, though DBOS has something to give
            before, processors, began = resident(), processor(), time.monotonic()
            works.schedule.ready()
            took, used, after = time.monotonic() - began, processor() - processors, resident()
            again, held = [], []
            for _ in range(LOOKS):
                began = time.monotonic()
                works.schedule.ready()
                again.append(time.monotonic() - began)
                held.append(resident())
            listed = DBOS.list_workflows(load_input=False, load_output=False)
            queued = len({row.workflow_id.rpartition("/")[0] for row in listed})
            print(
                f"{count:,} parked runs on {kind}: {queued:,} found ready and enqueued in {took:.1f} s ({used:.1f} s "
                f"of processor, git's with it), append and sync of as many lines {floor:.2f} s: {took / floor:.1f} x; "
                f"{before:.0f} MiB before, {after:.0f} then, {', '.join(f'{each:.0f}' for each in held)} after each of "
                f"{LOOKS} more looks of {max(again):.1f} s at most"
            )


def wait_with_verdicts(here: Workers, run: str, count: int) -> None:
    """So many runs that wait as this one does, each with a verdict, in the bare repository, packed as hosts do."""
    tip = here.standing(run).tip
    bare = here.origin
    journal = subprocess.run(
        ["git", "-C", str(bare), "show", f"{tip}:.phasegate/{run}/journal.jsonl"], capture_output=True, check=True
    ).stdout
    message = git(bare, "log", "-1", "--format=%B", tip).encode()
    head = git(bare, "rev-parse", f"{tip}^@").split()[-1]
    with subprocess.Popen(["git", "-C", str(bare), "fast-import", "--quiet"], stdin=subprocess.PIPE) as importing:
        assert importing.stdin is not None
        for number in range(1, count + 1):
            other = GATES.format(number)
            text, said = (each.replace(run.encode(), other.encode()) for each in (journal, message))
            importing.stdin.write(
                b"commit refs/phasegate/waiting/%s\ncommitter Eve <eve@example.com> %d +0000\ndata %d\n%s\n"
                b"from %s\nM 100644 inline .phasegate/%s/journal.jsonl\ndata %d\n%s\n"
                b"reset refs/phasegate/verdicts/%s/%s-%s\nfrom refs/phasegate/waiting/%s\n\n"
                % (
                    *(other.encode(), 1_767_000_000 + number, len(said), said),
                    *(head.encode(), other.encode(), len(text), text),
                    *(other.encode(), b"d" * 12, b"k" * 8, other.encode()),
                )
            )
        importing.stdin.close()
        assert importing.wait() == 0
    git(bare, "update-ref", "-d", f"refs/phasegate/waiting/{run}")
    git(bare, "pack-refs", "--all")


def first_gate(count: int, kind: str, within: float) -> None:
    """So many runs are ordered; two workers bring each to its first gate."""
    with world() as here, database(kind, here.root) as address:
        began = time.monotonic()
        runs = many_orders(here, [GATES.format(number) for number in range(count)])
        ordered = time.monotonic() - began
        git(here.origin, "pack-refs", "--all")  # as hosts do
        here.options = ("--db", address) if kind != "refs" else ()
        began = time.monotonic()
        used = os.times()
        for name in ("w1", "w2"):
            here.begin(name)
        most, waiting = 0.0, 0
        while waiting < count and time.monotonic() - began < within:
            time.sleep(1)
            waiting = len(here.place.runs("waiting"))
            most = max([most, *(resident(process.pid) for process in here.running.values())])
        took = time.monotonic() - began
        here.end()
        now = os.times()
        processors = sum(now[2:4]) - sum(used[2:4])
        wrong = (wrong_at_first_gate(here, runs) or "nothing") if waiting == count else "not looked at, some are left"
        print(
            f"{count:,} runs ordered in {ordered:.1f} s; {waiting:,} at their first gate in {took:.0f} s by two "
            f"workers on {kind}, {waiting / took:.2f} a second, {processors:.0f} s of processors, "
            f"{processors / max(waiting, 1):.2f} a run; "
            f"a worker {most:.0f} MiB; calls {len(here.lines_of('calls')):,}, wrong: {wrong}"
        )


RECV = """
import sys, time, threading
from dbos import DBOS, SetWorkflowID
url, count = sys.argv[1], int(sys.argv[2])

@DBOS.workflow()
def parked(number: int) -> str:
    return DBOS.recv("verdict", timeout_seconds=3600)

DBOS(config={"name": "recv", "system_database_url": url, "log_level": "CRITICAL", "console_log_level": "CRITICAL"})
DBOS.launch()
began, used = time.monotonic(), time.process_time()
handles = []
for number in range(count):
    with SetWorkflowID(f"run-{number}"):
        handles.append(DBOS.start_workflow(parked, number))
started = time.monotonic() - began
text = open("/proc/self/status").read()
held = int(text.partition("VmRSS:")[2].split()[0]) / 1024
threads = threading.active_count()
for number in range(count):
    DBOS.send(f"run-{number}", "approve", "verdict")
for each in handles:
    assert each.get_result() == "approve"
took = time.monotonic() - began
print(f"DBOS alone: {count:,} parked by recv in {started:.1f} s, {held:.0f} MiB, {threads} threads; "
      f"all woken at {took:.1f} s, {time.process_time() - used:.1f} s of the processor", flush=True)
import os; os._exit(0)
"""


def recv(count: int, kind: str) -> None:
    """As many parked by DBOS's own means, and woken: a thread each."""
    with tempfile.TemporaryDirectory() as place, database(kind, Path(place)) as address:
        url = address.replace("postgresql://", "postgresql+psycopg://")
        subprocess.run([sys.executable, "-c", RECV, url, str(count)], check=False, env=environment(), timeout=600)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("parked", "first-gate", "recv"))
    parser.add_argument("count", type=int)
    parser.add_argument("--db", default="", choices=("sqlite", "postgresql", "refs"))
    parser.add_argument("--within", type=float, default=600.0, help="seconds for all first gates")
    given = parser.parse_args()
    if given.what == "parked":
        parked(given.count, given.db or "sqlite")
    elif given.what == "recv":
        recv(given.count, given.db or "postgresql")
    else:
        first_gate(given.count, given.db or "postgresql", given.within)


if __name__ == "__main__":
    main()
