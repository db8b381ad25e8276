"""What is made, or timed, inside of one program's own Python, whichever of two commits it is of? One act a process.

    .../bin/python benchmarks/either_program.py CHECKOUT ACT [WORD ...]

Benchmarks and worlds are those of the checkout; where names have moved since c8c93f5, both are known here.
An answer is a line of JSON on standard output.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def either(*names: str) -> Any:
    """The first of these modules that there is."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(f"none of {', '.join(names)}")


def used() -> float:
    """As `processor_time.used`, which an older checkout does not have [s]."""
    taken = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in taken)


def say(said: object) -> None:
    print(json.dumps(said), flush=True)


def by_hand(place: str, tasks: str) -> None:
    """A run of so many tasks in `place`/repo, a person at the prompt who looks at what changed.

    For each number on standard input so many tasks are done: [processor time [s], syncs, processes] of them all.
    """
    worlds = either("tests.worlds.run_world", "tests.fakes.run_world")
    ports = importlib.import_module("workflow.ports")
    catalog = either("workflow.runs.workflow_catalog", "workflow.workflows")

    class AtTheTerminal(worlds.FakePerson):  # type: ignore[misc]
        def work(self, view: Any) -> Any:
            view.changed()
            return ports.HandIn((), "prompt")

    class World(worlds.RunWorld):  # type: ignore[misc]
        workflow = catalog.find_workflow("tasks", or_guided=True)

    lines = b"".join(b"- [ ] %04d. Paint board %04d\n" % (each, each) for each in range(1, int(tasks) + 1))
    world = World(Path(place), runbook=b"# Many\n\n" + lines)
    world.git("config", "gc.auto", "0")
    world.git("config", "maintenance.auto", "false")
    world.person = AtTheTerminal()
    phasegate = str(Path(sys.executable).with_name("phasegate"))
    subprocess.run([phasegate, "run", "tasks.md"], cwd=world.root, stdin=subprocess.DEVNULL, capture_output=True)
    world.run_id = next((world.root / ".phasegate").glob("tasks-*")).name
    counted, real = {"syncs": 0, "processes": 0}, os.fsync

    def heard(event: str, _arguments: Any) -> None:
        counted["processes"] += event == "subprocess.Popen"

    def synced(handle: int) -> None:
        counted["syncs"] += 1
        real(handle)

    sys.addaudithook(heard)
    os.fsync = synced
    with world.reopen() as engine:
        say("stands at its first task")
        for line in sys.stdin:
            counted.update(syncs=0, processes=0)
            since = used()
            for _ in range(int(line)):
                engine.segment()
            say([used() - since, counted["syncs"], counted["processes"]])


def long_journal(place: str, tasks: str, events: str) -> None:
    """A run of so many events that stands in its last task."""
    module: Any = importlib.import_module("resume")
    if hasattr(module, "files_of"):
        module.prepare(Path(place), int(tasks), int(events))
    else:
        module.TASKS, module.EVENTS = int(tasks), int(events)
        module.prepare(Path(place))


def history(place: str, tasks: str, others: str, kind: str) -> None:
    """A repository to audit, bare. `kind` as audit_history.py has it today; an older one knows no segments."""
    facts, files = importlib.import_module("workflow.audit.facts"), importlib.import_module("state.files")
    facts.blob_id = files.blob_id  # type: ignore[attr-defined]  # c8c93f5 moved it, and forgot its benchmark
    module: Any = importlib.import_module("audit_history")
    options = {"kind": kind} if hasattr(module, "KINDS") else {"whole": kind == "no deltas"}
    module.make(Path(place), int(tasks), int(others), **options)


def steps(number: str) -> None:
    """So many durable steps without git in a row: [processor time of one [s], syncs of one]."""
    module: Any = importlib.import_module("durable_transition")
    module.engine_step(20)  # a warm-up
    since = time.process_time()
    syncs = module.engine_step(int(number))[-2]
    say([(time.process_time() - since) / int(number), syncs])


def templates(tables: str) -> None:
    """A template of so many tables, medians [s]: [json.dumps of it, written, read back]."""
    module: Any = importlib.import_module("contract_to_template")
    contract = module.read_contract(module.contract_of(int(tables)), path="contract")
    template, text = module.build_template(contract), module.render(contract)
    acts = (lambda: json.dumps(template), lambda: module.render(contract), lambda: module.load_template(text))
    taken = []
    for act in acts:
        rounds = []
        for _ in range(3):
            since = time.process_time()
            act()
            rounds.append(time.process_time() - since)
        taken.append(statistics.median(rounds))
    say(taken)


ACTS = {act.__name__: act for act in (by_hand, long_journal, history, steps, templates)}

if __name__ == "__main__":
    checkout, name, *words = sys.argv[1:]
    sys.path[0:1] = [checkout, str(Path(checkout) / "benchmarks")]
    ACTS[name](*words)
