"""How long does an audit of 400 tasks in 8,000 commits take, against one `git log` of the same range?

    python benchmarks/audit_history.py [--tasks 400] [--others 19] [--quick]

To reach: 1.5 x `git log` with what was changed. The repository is made with `git fast-import`: one sound run, 19
commits of other people between two tasks. Medians of five; ratios are safer than absolute figures. The figures in
docs/decisions are of 1,000 tasks (`--tasks 1000`), whose repository takes minutes to make.

The journal is in segments, as runs keep it now. `--kind deltas`: as one file, as runs of before have it, packed as a
clone or `git gc` packs it, as deltas of each other. `--kind "no deltas"`: the same before the first `git gc`. In both,
of 1,000 tasks, 1.2 GB are hashed, more than half of the audit (docs/decisions/0005-journals-in-commits.md).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from processor_time import used
from rows import Row, cells, line

from gates.approval import evidence_digest
from gates.policy import GatePolicy
from state import read_journal
from state.events import VERSION, format_time, make_event
from state.evidence import Evidence
from state.files import blob_id, sha256
from state.model import Plan
from state.read_before import ReadBefore
from state.segments import ONE_FILE, SEGMENTS, segment_name
from state.tree_entry import PLAIN, TreeEntry
from workflow.audit import audit_workspace
from workflow.audit.report import RunAudit
from workflow.engine.commit import commit_message
from workflow.runbook.reader import read_runbook

RUN = "tasks-20260102-030405"
ADA = "Ada <ada@example.com>"
BY = {"git": ADA, "user": "ada", "host": "here"}
KINDS = ("segments", "deltas", "no deltas")
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Import:
    """A `git fast-import` that is fed commit by commit and tells their ids."""

    def __init__(self, place: Path) -> None:
        answers, tell = os.pipe()
        command = ["git", "-C", str(place), "-c", "core.compression=1", "fast-import", "--quiet"]
        self._process = subprocess.Popen([*command, f"--cat-blob-fd={tell}"], stdin=subprocess.PIPE, pass_fds=[tell])
        os.close(tell)
        self._answers = os.fdopen(answers)
        self._mark = 0

    def commit(self, message: str, files: dict[str, bytes], at: int) -> str:
        assert self._process.stdin is not None
        write, self._mark = self._process.stdin.write, self._mark + 1
        who, body = f"{ADA} {1767323045 + at} +0000", message.encode()
        write(f"commit refs/heads/main\nmark :{self._mark}\ncommitter {who}\ndata {len(body)}\n".encode() + body)
        for path, data in files.items():
            write(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        write(f"\nget-mark :{self._mark}\n".encode())
        self._process.stdin.flush()
        return self._answers.readline().strip()

    def close(self) -> None:
        self._process.communicate()
        self._answers.close()


class Journal:
    """A journal in memory, in segments or as one file; `data` is what the open file holds."""

    def __init__(self, storage: int) -> None:
        self.data = b""
        self._storage, self._segment = storage, 0
        self._prev, self._seq = "0" * 64, 0

    @property
    def path(self) -> str:
        """Of the open file."""
        return f".phasegate/{RUN}/{segment_name(self._segment)}"

    def append(self, type_: str, **fields: Any) -> None:
        if self._storage == SEGMENTS and fields.get("after"):
            self._segment, self.data = self._segment + 1, b""
        at = START + timedelta(seconds=self._seq)
        line = make_event(self._seq, at, type_, fields, self._prev).to_line()
        self.data, self._prev, self._seq = self.data + line + b"\n", sha256(line), self._seq + 1


def make(place: Path, tasks: int, others: int, *, kind: str) -> None:
    """The repository, bare, with its history; `kind` is one of KINDS."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(place)], check=True)
    runbook = b"# Many tasks\n\n" + b"".join(b"- [ ] %d. Task number %d\n" % (n, n) for n in range(1, tasks + 1))
    plan = read_runbook(runbook, name="tasks", path="tasks.md")
    git, journal, at = Import(place), Journal(SEGMENTS if kind == "segments" else ONE_FILE), 0
    other = {name(n): b"x = 0\n" for n in range(2000)}
    base = commit = git.commit("Start", {"tasks.md": runbook, **other}, at)
    names = [{"id": task.id, "key": task.key, "title": task.title} for task in plan.tasks]
    journal.append(
        "run-started",
        run=RUN,
        workflow="tasks",
        runbook="tasks.md",
        runbook_sha256=plan.sha256,
        plan=plan.digest,
        branch="main",
        base=base,
        sandbox=False,
        by=BY,
        tasks=names,
        **({"storage": SEGMENTS} if kind == "segments" else {}),
    )
    real = bytearray(runbook)
    for number, task in enumerate(plan.tasks):
        for n in range(others):
            at += 1
            git.commit(f"Work {at}", {name(at * 7): b"x = %d, %d\n" % (at, n)}, at)
        assert task.box is not None
        real[task.box.offset] = ord("x")
        artifact = f"artifacts/{number:04}.json"
        files = {"tasks.md": bytes(real), artifact: b'{"task": %d}\n' % number}
        if number == 0:
            files[f".phasegate/{RUN}/runbook.md"] = runbook
        at += 1
        commit = work(journal, plan, number, commit if number else None, files, runbook)
        files[journal.path] = journal.data
        commit = git.commit(json.loads(journal.data.rsplit(b"\n", 2)[1])["message"], files, at)
    git.close()
    again = (
        [] if kind == "no deltas" else ["-f"]
    )  # `git fast-import` makes no deltas of journals, and git tries that only when told to
    subprocess.run(
        ["git", "-C", str(place), "-c", "core.compression=1", "repack", "-q", "-a", "-d", *again], check=True
    )


def name(number: int) -> str:
    """One of 2,000 files, 50 to a directory."""
    return f"src/{number % 40:02}/{number // 40 % 50:02}.py"


def work(
    journal: Journal, plan: Plan, number: int, after: str | None, files: dict[str, bytes], runbook: bytes
) -> str | None:
    """The events of one task."""
    task, attempt = plan.tasks[number], 1
    one = {"task": task.key, "attempt": attempt}
    journal.append("task-started", **one, after=after)
    artifact = f"artifacts/{number:04}.json"
    data = files[artifact]
    evidence = {
        "artifacts": [{"path": artifact, "sha256": sha256(data), "size": len(data)}],
        "checks": [{"name": "is there", "expected": "a file", "seen": "a file", "verdict": "pass", "where": ""}],
        "data": {},
        "review": [],
        "witness": {},
        "policy": GatePolicy().recorded().to_json(),
        "by": BY,
    }
    like = "0" * 40
    held = {**files, f".phasegate/{RUN}/runbook.md": runbook}
    made = [TreeEntry(path, PLAIN, "file", blob_id(body, like)) for path, body in held.items()]
    made.append(TreeEntry(journal.path, PLAIN, "file", None))
    late = ("tasks.md", journal.path)
    evidence["entries"] = [(replace(each, blob=None) if each.path in late else each).to_json() for each in made]
    shown = {"shown_at": format_time(START), "expires_at": format_time(START + GatePolicy().expires_after)}
    digest = evidence_digest(
        plan=plan.digest,
        run=RUN,
        task=task.key,
        attempt=attempt,
        text=task.text,
        message=commit_message(plan, task),
        answers={},
        evidence=Evidence.from_json(evidence, VERSION),
        shown=shown,
        version=VERSION,
    )
    request = {"digest": digest, "nonce": f"nonce-{number}", **shown}
    journal.append("worked", **one, **evidence, request=request)
    journal.append("approved", **one, digest=digest, nonce=request["nonce"], by=BY, via="prompt", admits=True)
    footer = {"Phasegate-Run": RUN, "Phasegate-Task": task.key, "Phasegate-Approval": digest, "Approved-by": ADA}
    message = commit_message(plan, task) + "\n\n" + "".join(f"{name}: {value}\n" for name, value in footer.items())
    entries = [each.to_json() for each in made]
    journal.append("commit-intended", **one, message=message, entries=entries, approval=digest)
    return after


class Cost(NamedTuple):
    """Medians [s]: by the clock, and of all processors together, those of processes that were started among them."""

    clock: float
    processor: float


def medians(*actions: Callable[[], object], rounds: int) -> list[Cost]:
    """What each action takes; they take turns, so that a busy machine slows all of them."""
    taken: list[list[Cost]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, costs in zip(actions, taken, strict=True):
            clock, processor = time.perf_counter(), used()
            action()
            costs.append(Cost(time.perf_counter() - clock, used() - processor))
    return [Cost(*(statistics.median(column) for column in zip(*costs, strict=True))) for costs in taken]


class Measured(NamedTuple):
    """An audit, beside `git log` with trailers, and with what was changed as well."""

    found: RunAudit
    plain: Cost
    git: Cost
    audit: Cost

    def row(self) -> Row:
        work = f"audit of {self.found.done:,} tasks in {self.found.commits:,} commits"
        return Row(work, self.git.processor, self.audit.processor, "git log with changes", 1.5)


def measured(place: Path, tasks: int, others: int, *, kind: str, rounds: int) -> Measured:
    """The repository at `place`, made where there is none."""
    if not place.exists():
        make(place, tasks, others, kind=kind)
    (found,) = audit_workspace(place, None)
    assert not found.findings, found.findings[:5]
    assert found.done == tasks
    log = ["git", "-C", str(place), "-P", "log", "-z"]
    fields = "--format=%H%x00%P%x00%an <%ae>%x00%ct%x00%B%x00%(trailers:only,unfold)"
    raw = ["--raw", "-r", "-c", "--no-abbrev", "--no-renames"]
    quiet = subprocess.DEVNULL
    costs = medians(
        lambda: subprocess.run([*log, fields, "HEAD"], stdout=quiet, check=True),
        lambda: subprocess.run([*log, *raw, fields, "HEAD"], stdout=quiet, check=True),
        lambda: _anew(place),
        rounds=rounds,
    )
    return Measured(found, *costs)


def _anew(place: Path) -> None:
    """The audit as a process of its own has it, to which no journal is known (`state/read_before.py`)."""
    with patch.object(read_journal, "_BEFORE", ReadBefore()):
        audit_workspace(place, None)


def rows(quick: bool = False, tasks: int = 400, others: int = 19) -> Iterator[Row]:
    """The journal in segments, as runs have it now; as one file with deltas, and as before the first `git gc`."""
    tasks, others = (5, 2) if quick else (tasks, others)
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as scratch:
            row = measured(Path(scratch) / "h.git", tasks, others, kind=kind, rounds=1 if quick else 5).row()
            yield replace(row, work=f"{row.work}, {kind}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=400)
    parser.add_argument("--others", type=int, default=19)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0], help="how the journal is kept")
    parser.add_argument("--keep", type=Path, help="where to make the repository, and leave it")
    given = parser.parse_args()
    tasks, others = (5, 2) if given.quick else (given.tasks, given.others)
    with tempfile.TemporaryDirectory() as scratch:
        place, rounds = given.keep or Path(scratch) / "history.git", 1 if given.quick else 5
        of = measured(place, tasks, others, kind=given.kind, rounds=rounds)
    print(f"{of.found.commits} commits, {of.found.done} tasks                by the clock    of all processors")
    for name, cost in (
        ("git log, trailers", of.plain),
        ("git log, trailers and changes", of.git),
        ("audit", of.audit),
    ):
        print(f"{name:36} {cost.clock * 1000:9.0f} ms {cost.processor * 1000:15.0f} ms")
    print(line(cells(of.row())))


if __name__ == "__main__":
    main()
