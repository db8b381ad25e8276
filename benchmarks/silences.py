"""How long does somebody at a terminal wait: for the first question, and at most for a sign of life?

Goal: no silence over one second, in `phasegate demo` and in every guided run. Each is driven at a real terminal by
answers that come at once (tests/worlds/autopilot.py); a silence is the time between two bytes. Beside it stands how
long a bare Python takes to start, as a measure of the machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
from from_tests import Driven, drive, environment, first_commit
from rows import Row

ENTER = "\r"
WIDTH = 100
AT_MOST = 1.0  # of silence [s]
TAKEN = ("done", "run", "yes", "use", "applied", "confirmed")  # of a list, by its first letter
ANSWERS = [
    (r" a\) approve exactly.*p\) pause", "a"),
    (r"» a\)", ENTER),
    *((rf" {word[0]}\) {word}\b.*p\) pause", word[0]) for word in TAKEN),
    (r"Which of these belong to it.*Enter goes on", ENTER),
    (r"\? What is <VERSION>\?", "1.2" + ENTER),
    (r"\? In which environment is the rollback rehearsed.*PHASEGATE_ENVIRONMENT", "none" + ENTER),
    # what is suggested, or words of one's own: a line that ends behind a question, also over several lines
    (r"\n\? (?!.*a key, or).*[?.](\n ?)? [^\n?]*$", ENTER),
]

PHASES = """# Move the shop

## Phase 1: Look

- [ ] The inventory is written

### Exit Criteria

- Somebody else has read it

## Phase 2: Move

- [ ] The data are moved
"""
RELEASE = """# Release

- [ ] 1. Build it

  ```bash
  echo "<VERSION>" > version.txt
  sleep 2
  ```

- [ ] 2. Announce it
"""
CUT_OVER = """# Cut over

## T-24h

- [ ] Freeze announced
- [ ] Nothing is running (`test ! -e running`)

## T-0

- [ ] DNS switched

## Roll back (only if no-go)

- [ ] DNS switched back
"""
OWN = {"phases document": PHASES, "release": RELEASE, "cut-over": CUT_OVER}
DEMOS = {
    "demo --yes": ("demo", "--yes", "shop"),
    "stage-06, guided": ("demo", "shop"),
    "aws-deploy, guided": ("demo", "--workflow", "aws-deploy", "shop"),
}


PHASEGATE = str(Path(sys.executable).with_name("phasegate"))


def driven(place: Path, *arguments: str, command: str = PHASEGATE) -> Driven:
    """The command at a terminal, to its end."""
    child = pexpect.spawn(
        command,
        list(arguments),
        cwd=str(place),
        encoding="utf-8",
        dimensions=(60, WIDTH),
        env={**environment(), "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm-256color", "PAGER": "cat", "NO_COLOR": "1"},
    )
    child.delaybeforesend = None
    return drive(child, ANSWERS, within=240)


def start_of_python() -> float:
    """[s]"""
    begun = time.perf_counter()
    # as installed, where Python has kept what it compiled
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", "pass"], check=True, env=kept)
    return time.perf_counter() - begun


def rows(quick: bool) -> Iterator[Row]:
    """The longest silence and the first question of each run; the floor of the second is the start of a bare Python."""
    python = min(start_of_python() for _ in range(3))
    for name in _names(quick):
        with tempfile.TemporaryDirectory() as directory:
            seen = run_of(name, Path(directory))
        if seen.exit_code:
            raise SystemExit(f"{name} ended with {seen.exit_code}: {seen.text[-2000:]}")
        silence, after = seen.silences[0]
        yield Row(f"{name}, longest silence", None, silence, f"after: {after[:60] or 'the start'}", AT_MOST)
        if seen.first:
            yield Row(f"{name}, first question", python, seen.first, "start of a bare Python")


def _names(quick: bool) -> list[str]:
    return list(OWN)[:1] if quick else [*OWN, *DEMOS]


def run_of(name: str, place: Path) -> Driven:
    """The run of that name, driven to its end in an empty directory."""
    if name not in OWN:
        return driven(place, *DEMOS[name])
    (place / "own.md").write_text(OWN[name])
    first_commit(place)
    return driven(place, "run", "own.md")


def report(name: str, seen: Driven, python: float) -> None:
    silence, after = seen.silences[0]
    first = f"first question {seen.first:6.2f} s" if seen.first else "nothing asked        "
    over = "" if silence <= AT_MOST else "  OVER"
    print(f"{name:<20} {first}  longest silence {silence:5.2f} s ({silence / python:6.1f} x bare Python){over}")
    print(f"{'':<20} after: {after[: WIDTH - 30] or 'the start'}", flush=True)
    if seen.exit_code:
        print(seen.text[-2000:], file=sys.stderr)
        sys.exit(f"{name} ended with {seen.exit_code}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="only the first run")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    given = parser.parse_args()
    python = min(start_of_python() for _ in range(3))
    for name in given.names or _names(given.quick):
        with tempfile.TemporaryDirectory() as directory:
            report(name, run_of(name, Path(directory)), python)


if __name__ == "__main__":
    main()
