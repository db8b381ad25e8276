"""What is the runbook of a fleet? A task a wave, each with its targets; written from the fleet file, and read back.

The SHA-256 of the fleet file stands in each task, so the plan that a run goes by says which file is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from phases.fleet.model import Fleet, FleetTarget, Wave
from state.cheap_classes import NamedTuple
from state.counted import counted

TITLE = "Wave "  # how the title of each task begins
MADE = "<!-- made by `phasegate fleet`: edit the fleet file, not this -->"
_FROM = re.compile(r"^\s*- Fleet file: `([^`]+)`, SHA-256 `([0-9a-f]{64})`$", re.MULTILINE)


class FleetFile(NamedTuple):
    """Which fleet file a task is of: its name, beside the runbook or below it, and the SHA-256 of its bytes."""

    path: str
    sha256: str


def runbook_path(path: str) -> str:
    """Where the runbook of this fleet file is: beside it, `customers.yaml` gives `customers.fleet.md`."""
    file = PurePosixPath(path)
    return file.with_name(f"{file.stem}.fleet.md").as_posix()


def runbook_text(fleet: Fleet, path: str, sha256: str) -> str:
    """The runbook, to be written beside the fleet file."""
    lines = [
        f"# Fleet {fleet.name}",
        "",
        MADE,
        "",
        f"Runs {fleet.workflow} at {counted(len(fleet.targets), 'target')}.",
    ]
    for number, wave in enumerate(fleet.waves, 1):
        lines += ["", f"- [ ] {number}. {TITLE}{wave.name}", *_lines(fleet, wave, path, sha256)]
    return "\n".join(lines) + "\n"


def file_of(text: str) -> FleetFile | None:
    """The fleet file that a task of this text is of; None for a text that names none."""
    found = _FROM.search(text)
    return FleetFile(found.group(1), found.group(2)) if found else None


def _lines(fleet: Fleet, wave: Wave, path: str, sha256: str) -> Sequence[str]:
    at_once = min(wave.at_most, fleet.runs, len(wave.targets))
    rules = f"  - At once: {at_once}; the wave is stopped when {counted(wave.stop_after_failures, 'run')} failed"
    baked = f"; {wave.bake} pass before anybody is asked" if wave.bake else ""
    return [
        *(_target(fleet.targets[each]) for each in wave.targets),
        rules + baked,
        f"  - Fleet file: `{path}`, SHA-256 `{sha256}`",
    ]


def _target(target: FleetTarget) -> str:
    where = f" in `{target.directory}`" if target.directory else ""
    return f"  - Target {target.name}: {target.at}{where}"
