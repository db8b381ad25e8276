"""How long does a run of 10,000 events take to resume, against reading and `json.loads` of the same file?

Goal: at most 300 ms for opening (chain checked), folding and going on by one event; of git only the look whether
another branch knows more of the run.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from durable_transition import BY, NoGit, doors, start_trivial, trivial_target
from processor_time import processor_time
from rows import Row, show

from state.files import Disk
from state.find_runs import find_runs
from state.read_journal import files_of, newest_file
from workflow.engine.engine import Engine, Settings
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.runs.reopen import reopen

TASKS, ANSWERS = 1000, 5
EVENTS = 10_000
RUNS = 7


def prepare(root: Path, tasks: int, events: int) -> NoGit:
    """A run that stands in its last task, written down without syncing."""
    git = NoGit(root)
    engine = start_trivial(root, trivial_target(tasks), Disk())
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for words in (("init", "-q"), (*who, "commit", "-q", "--allow-empty", "-m", "Start")):
        subprocess.run(["git", "-C", str(root), *words], check=True)
    with engine.journal:
        for task in engine.plan.tasks:
            write_task(engine, git, task.key, last=task is engine.plan.tasks[-1])
        while len(engine.journal.events) < events:
            _append(engine, "noted", text="nearly there", by=BY)
        (root / "tasks.md").write_bytes(ExpectedRunbook(engine.open_run).now())
    return git


def write_task(engine: Engine, git: NoGit, key: str, *, last: bool) -> None:
    after = git.head() if git.commits else None
    digest = f"{len(git.commits):064x}"
    request = {"digest": digest, "nonce": digest}
    request |= {"shown_at": "2026-01-02T03:04:05.000Z", "expires_at": "2026-01-03T03:04:05.000Z"}
    evidence = {
        "artifacts": [],
        "checks": [],
        "data": {},
        "review": [],
        "witness": {},
        "request": request,
        "entries": [],
    }
    _append(engine, "task-started", task=key, attempt=1, after=after)
    for number in range(ANSWERS):
        _append(engine, "answered", task=key, attempt=1, question=f"q{number}", answer="yes", via="prompt", by=BY)
    if last:
        return
    _append(engine, "worked", task=key, attempt=1, **evidence)
    _append(engine, "approved", task=key, attempt=1, digest=digest, nonce=digest, by=BY, via="prompt", admits=True)
    message = f"{key}\n\nPhasegate-Run: {engine.run.run_id}\nPhasegate-Task: {key}\nPhasegate-Approval: {digest}\n"
    _append(engine, "commit-intended", task=key, attempt=1, message=message, entries=[], approval=digest)
    git.commit([], message)
    _append(engine, "noted", text="looked at twice", by=BY, task=key, after=git.head())


def _append(engine: Engine, type_: str, **fields: object) -> None:
    from state.fold import apply

    apply(engine.run, engine.journal.append(type_, engine.doors.clock.now(), sync=False, **fields))


def rows(quick: bool) -> Iterator[Row]:
    tasks, events, turns = (5, 60, 1) if quick else (TASKS, EVENTS, RUNS)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        git = prepare(root, tasks, events)
        (run_id,) = find_runs(root)
        workflow = trivial_target(tasks).workflow
        path = root / ".phasegate" / run_id / "journal.jsonl"
        last = newest_file(path)
        whole = last.read_bytes()

        def resume() -> None:
            engine = reopen(
                root,
                run_id,
                lambda _run: doors(git, Disk()),
                Settings(yes=True),
                git_dir=root / ".git",
                find=lambda _name: workflow,
                disk=Disk(),
            )
            with engine.journal:
                engine.recover()
                engine.note("going on")

        def floor() -> None:
            for line in b"".join(files_of(path)).splitlines():
                json.loads(line)

        acts = {"": lambda: last.write_bytes(whole), "resume": resume, "floor": floor}
        took = processor_time(acts, turns)
    yield Row(f"resume of {events:,} events, and one more", took["floor"], took["resume"], "json.loads of each line")


if __name__ == "__main__":
    show(rows)
