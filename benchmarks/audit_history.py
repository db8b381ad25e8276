"""How long does an audit of 400 tasks in 8,000 commits take, against one `git log` of the same range?

    python benchmarks/audit_history.py [--tasks 400] [--others 19] [--quick]

Goal: at most 2 x `git log` with what was changed. The repository is made with `git fast-import`: one sound run, 19
commits of other people between two tasks. Medians of five; ratios are safer than absolute figures. The figures in
docs/decisions are of 1,000 tasks (`--tasks 1000`), whose repository takes minutes to make.

It is packed as a clone or `git gc` of an ordinary repository is, with journals as deltas of each other. With `--whole`
they are kept whole, as before the first `git gc`: then, of 1,000 tasks, 1.2 GB are hashed, which is
more than half of the audit (docs/decisions/0005-journals-in-commits.md).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from gates.approval import evidence_digest
from gates.policy import GatePolicy
from state.events import VERSION, format_time, make_event
from state.evidence import Evidence
from state.files import blob_id, sha256
from state.model import Plan
from state.tree_entry import PLAIN, TreeEntry
from workflow.audit import audit_workspace
from workflow.engine.commit import commit_message
from workflow.runbook.reader import read_runbook

RUN = "tasks-20260102-030405"
ADA = "Ada <ada@example.com>"
BY = {"git": ADA, "user": "ada", "host": "here"}
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
    """A journal in memory."""

    def __init__(self) -> None:
        self.data = b""
        self._prev, self._seq = "0" * 64, 0

    def append(self, type_: str, **fields: Any) -> None:
        at = START + timedelta(seconds=self._seq)
        line = make_event(self._seq, at, type_, fields, self._prev).to_line()
        self.data, self._prev, self._seq = self.data + line + b"\n", sha256(line), self._seq + 1


def make(place: Path, tasks: int, others: int, *, whole: bool) -> None:
    """The repository, bare, with its history."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(place)], check=True)
    runbook = b"# Many tasks\n\n" + b"".join(b"- [ ] %d. Task number %d\n" % (n, n) for n in range(1, tasks + 1))
    plan = read_runbook(runbook, name="tasks", path="tasks.md")
    git, journal, at = Import(place), Journal(), 0
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
        files[f".phasegate/{RUN}/journal.jsonl"] = journal.data
        commit = git.commit(json.loads(journal.data.rsplit(b"\n", 2)[1])["message"], files, at)
    git.close()
    again = (
        [] if whole else ["-f"]
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
    like, journals = "0" * 40, f".phasegate/{RUN}/journal.jsonl"
    held = {**files, f".phasegate/{RUN}/runbook.md": runbook}
    made = [TreeEntry(path, PLAIN, "file", blob_id(body, like)) for path, body in held.items()]
    made.append(TreeEntry(journals, PLAIN, "file", None))
    late = ("tasks.md", journals)
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
    journal.append("task-started", **one, after=after)
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
            clock, processor = time.perf_counter(), _processor()
            action()
            costs.append(Cost(time.perf_counter() - clock, _processor() - processor))
    return [Cost(*(statistics.median(column) for column in zip(*costs, strict=True))) for costs in taken]


def _processor() -> float:
    """What this process and those it waited for have taken of processors so far [s]."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=400)
    parser.add_argument("--others", type=int, default=19)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only whether it runs")
    parser.add_argument("--whole", action="store_true", help="journals are no deltas of each other")
    parser.add_argument("--keep", type=Path, help="where to make the repository, and leave it")
    given = parser.parse_args()
    if given.quick:
        given.tasks, given.others = 5, 2
    with tempfile.TemporaryDirectory() as scratch:
        place = given.keep or Path(scratch) / "history.git"
        if not place.exists():
            make(place, given.tasks, given.others, whole=given.whole)
        (found,) = audit_workspace(place, None)
        assert not found.findings, found.findings[:5]
        assert found.done == given.tasks
        log = ["git", "-C", str(place), "-P", "log", "-z"]
        fields = "--format=%H%x00%P%x00%an <%ae>%x00%ct%x00%B%x00%(trailers:only,unfold)"
        raw = ["--raw", "-r", "-c", "--no-abbrev", "--no-renames"]
        quiet = subprocess.DEVNULL
        plain, git, audit = medians(
            lambda: subprocess.run([*log, fields, "HEAD"], stdout=quiet, check=True),
            lambda: subprocess.run([*log, *raw, fields, "HEAD"], stdout=quiet, check=True),
            lambda: audit_workspace(place, None),
            rounds=1 if given.quick else 5,
        )
    print(f"{found.commits} commits, {found.done} tasks                by the clock    of all processors")
    for name, cost in (("git log, trailers", plain), ("git log, trailers and changes", git), ("audit", audit)):
        print(f"{name:36} {cost.clock * 1000:9.0f} ms {cost.processor * 1000:15.0f} ms")
    for name, cost in (("audit / git log, trailers", plain), ("audit / git log, trailers and changes", git)):
        print(f"{name:38} {audit.clock / cost.clock:7.2f} x  {audit.processor / cost.processor:15.2f} x")
    print("goal: 2 x git log with trailers and changes")


if __name__ == "__main__":
    main()
