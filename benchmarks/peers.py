"""What do other engines take for the same: 1,000 trivial steps in a row, each written down before the next?

    python benchmarks/peers.py --peers      # make bench PEERS=1: installs them from PyPI into build/peers, once

DBOS, Burr and LangGraph keep their steps in SQLite, SpiffWorkflow in a file. Each runs as its documents have it; one
that is not installed is "not run". Floor: one synced append of 500 bytes in the same run. None of them has a commit, a
gate or a journal that somebody else can verify: beside them stands phasegate's step without git.

Beside `phasegate status` stands `specify workflow status` (specify-cli): each of one run that waits at a gate, cold.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from durable_transition import engine_step, synced_append
from from_tests import first_commit
from processor_time import process, processor_time
from rows import Row, show

PHASEGATE = str(Path(sys.executable).with_name("phasegate"))
PLACE = Path(__file__).parent.parent / "build" / "peers"
PACKAGES = {
    "DBOS on SQLite": "dbos",
    "Burr": "burr",
    "LangGraph, SQLite checkpointer": "langgraph langgraph-checkpoint-sqlite",
    "SpiffWorkflow": "SpiffWorkflow",
}
STATUS = "specify-cli"
WORKFLOW = """\
schema_version: "1.0"
workflow: {id: two, name: Two, version: "1.0.0", description: two steps}
steps:
  - {id: one, type: shell, run: "true"}
  - {id: look, type: gate, message: "Go on?", options: [approve, reject]}
"""
OPEN = b"# Two\n\n- [ ] 1. One\n- [ ] 2. Two\n"
STEPS, TURNS = 1_000, 9
WITHIN = 120  # for one of them [s]


def install() -> None:
    """An environment of their own. One that PyPI does not have here is left out, and said by its row."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
    for packages in (*PACKAGES.values(), STATUS):
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages.split()]
        subprocess.run(pip, check=False, stdout=sys.stderr)


def peer(name: str, steps: int) -> tuple[float, float | None] | str:
    """(seconds, syncs) a step; else why it was not run."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        return "not installed: make bench PEERS=1"
    strace = shutil.which("strace")
    script = [str(python), str(Path(__file__).with_name("peer_steps.py")), name, str(steps)]
    with tempfile.TemporaryDirectory() as place:
        try:
            done = subprocess.run(script, cwd=place, capture_output=True, text=True, timeout=WITHIN, check=False)
        except subprocess.TimeoutExpired:
            return f"not through after {WITHIN} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["without a word"])[-1][:100]
    return json.loads(done.stdout.splitlines()[-1]), _syncs(strace, script, steps)


def _syncs(strace: str | None, script: list[str], steps: int) -> float | None:
    """Syncs a step, where there is an strace; in a run of its own, which it slows."""
    if strace is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        traced = Path(place) / "traced"
        front = [strace, "-f", "--seccomp-bpf", "-qq", "-o", str(traced), "-e", "trace=fsync,fdatasync"]
        subprocess.run([*front, *script], cwd=place, capture_output=True, timeout=3 * WITHIN, check=True)
        return len(re.findall(r"f(?:data)?sync\(\d+", traced.read_text())) / steps


def statuses(place: Path, turns: int) -> Iterator[Row]:
    """What it takes of the processors to say where one run stands that waits at a gate."""
    (place / "two.md").write_bytes(OPEN)
    (place / ".specify").mkdir()
    (place / "two.yml").write_text(WORKFLOW)
    first_commit(place)
    process([PHASEGATE, "-C", str(place), "run", "two.md"], expected=(3,))()
    acts = {"": process([sys.executable, "-c", "pass"]), "ours": process([PHASEGATE, "-C", str(place), "status"])}
    specify = PLACE / "bin" / "specify"
    if "--peers" in sys.argv and specify.exists():
        run = [str(specify), "workflow", "run", "two.yml"]
        subprocess.run(run, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        acts["specify"] = process(["env", f"SPECIFY_INIT_DIR={place}", str(specify), "workflow", "status"])
    times = processor_time(acts, turns)
    yield Row("status at a gate, cold", times[""], times["ours"], "bare Python")
    why = "bare Python" if "specify" in times else "make bench PEERS=1"
    yield Row("status at a gate, cold", times[""], times.get("specify"), why, peer="specify workflow status")


def rows(quick: bool) -> Iterator[Row]:
    steps = 5 if quick else STEPS
    if "--peers" in sys.argv and not quick:
        install()
    append = synced_append(500, steps)
    clock, _, syncs, _ = engine_step(steps)
    yield Row(f"a durable step, {steps:,} in a row", append, clock, "one synced append", 0, syncs, 0)
    for name in PACKAGES:
        found = peer(name, steps) if "--peers" in sys.argv else "make bench PEERS=1"
        if isinstance(found, str):
            yield Row("a durable step", None, None, found, peer=name)
        else:
            yield Row("a durable step", append, found[0], "one synced append", 0, found[1], peer=name)
    with tempfile.TemporaryDirectory() as scratch:
        yield from statuses(Path(scratch), 1 if quick else TURNS)


if __name__ == "__main__":
    show(rows)
