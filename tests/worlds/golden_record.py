"""Records golden runs: `golden_record.py DIRECTORY [NAME...]`, run with the python of the recorded release.

For a release R, in a checkout of it with its own .venv (this directory's files are copied there if R has none):

    .venv/bin/python tests/worlds/golden_record.py tests/golden/runs-R

Rules:
- A directory of a release that is out is never recorded again: what it holds is what is in the field.
- Of each run are kept `workspace.tar.gz` (the repository with .git, as the release left it) and `expected.json`: how it
  came to be (`before`), what status and audit said, what was done `then`, and the end that this came to.
- The same release records the same bytes each time, but for the two runs of stage-06 (AWS makes ids up) and the signed
  ones (a new throw-away key each time, of which only the public half is kept).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.worlds.golden_run import GoldenRun, Step, pack, unpack
from tests.worlds.golden_scenarios import SCENARIOS, Scenario
from tests.worlds.journals import last_file

SANDBOX = ".git/phasegate/sandbox"  # the account's state is another moto's some day, and refused then


def main(directory: Path, names: list[str]) -> None:
    """Record these runs, or all."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # nobody sits at a terminal
    for name, scenario in SCENARIOS.items():
        if name in names or not names:
            shutil.rmtree(directory / name, ignore_errors=True)
            (directory / name).mkdir(parents=True)
            with tempfile.TemporaryDirectory() as place:
                said = record(scenario, Path(place), directory / name / "workspace.tar.gz")
            text = laid_out({"release": version("phasegate")} | said)
            (directory / name / "expected.json").write_text(text + "\n", "utf-8")


def record(scenario: Scenario, place: Path, archive: Path) -> dict[str, Any]:
    """Make the run, pack it, then go on with the copy that was packed as a test will."""
    keys, root = place / "keys", place / "workspace"
    public = make_keys(keys)
    root.mkdir()
    with GoldenRun(root, keys=keys).here() as made:
        made.git("init", "-q", "-b", "main", "--template=")
        for name, value in {"user.name": "Ada", "user.email": "ada@example.com", "gc.auto": "0"}.items():
            made.git("config", name, value)
        made.does({"write": {path: text.replace("{bob-key}", public) for path, text in scenario.files.items()}})
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "Start")
        before = [outcome(made, step) for step in scenario.before]
        if scenario.pack:
            made.git("gc", "-q", "--prune=now")
    pack(root, archive, leave=[SANDBOX])
    return {
        "about": scenario.about,
        "later": scenario.later,
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "before": before,
        **replay(unpack(archive, place / "copy"), scenario.later, scenario.then),
    }


def replay(root: Path, later: int, then: tuple[Step, ...]) -> dict[str, Any]:
    """What is said of the run, what comes of these steps, and what is said in the end."""
    with GoldenRun(root, later=later).here() as run:
        events = [" ".join((each["type"], each.get("task", ""))).strip() for each in run.events()]
        said = run.says()
        done = [outcome(run, step) for step in then]
        return {
            "events": events,
            "said": said,
            "then": done,
            "end": run.says() | run.history() | {"appended": run.events()[len(events) :]},
        }


def outcome(run: GoldenRun, step: Step) -> dict[str, Any]:
    """The step, and the exit code and next command of what was typed."""
    if "killed-in" in step:
        return {**step, "exit": killed_in(run, step["killed-in"], step["type"])}
    if "torn" in step:
        with last_file(run.journal).open("a") as journal:
            journal.write(step["torn"])
    typed = run.does(step)
    if typed is None:
        return dict(step)
    wanted = step.get("exit", 0)
    if typed.code != wanted:
        raise SystemExit(f"{step}: exit {typed.code}, expected {wanted}\n{typed.out}{typed.error}")
    return {**step, "exit": typed.code, "next": typed.next and typed.next.replace(f" -C {run.root}", "")}


def killed_in(run: GoldenRun, hook: str, words: list[str]) -> int:
    """Type the command in a process of its own that is killed, with its git, in this hook of git's."""
    path = run.root / ".git/hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\nkill -KILL 0\n")
    path.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setsid()
        run.type(*words)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    shutil.rmtree(path.parent)
    code = os.waitstatus_to_exitcode(status)
    if code != -signal.SIGKILL:
        raise SystemExit(f"{words}: ended with {code}, expected to be killed in {hook}")
    return code


def laid_out(value: Any, indent: str = "") -> str:
    """JSON in which what fits a line stands on one, and each line of a journal does."""
    flat = json.dumps(value, ensure_ascii=False)
    journal_line = isinstance(value, dict) and "prev" in value
    if len(indent) + len(flat) <= 120 or journal_line or not isinstance(value, dict | list):
        return flat
    deeper = indent + " "
    if isinstance(value, dict):
        inside = [f"{json.dumps(name, ensure_ascii=False)}: {laid_out(each, deeper)}" for name, each in value.items()]
    else:
        inside = [laid_out(each, deeper) for each in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{deeper}" + f",\n{deeper}".join(inside) + f"\n{indent}{end}"


def make_keys(directory: Path) -> str:
    """A throw-away key for Bob; returns its public half."""
    directory.mkdir()
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bob", "-f", str(directory / "bob")]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    return (directory / "bob.pub").read_text().strip()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
