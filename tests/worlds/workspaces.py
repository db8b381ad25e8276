"""Workspaces as a user would make them, and the real command in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.worlds.repositories import first_commit
from workflow.sandbox import control
from workflow.service.workspace import sandbox_directory

ROOT = Path(__file__).parents[2]
PHASEGATE = str(Path(sys.executable).with_name("phasegate"))
SAMPLE = ROOT / "artifacts/stage-02/migrationContract.json"
# as in `tests/conftest.py`
NO_TIDYING = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "maintenance.auto", "GIT_CONFIG_VALUE_0": "false"}
SHARED = ROOT.parent / "shared"


def environment() -> dict[str, str]:
    """This process's, without anything that would point AWS or git elsewhere."""
    others = ("AWS_", "GIT_", "PHASEGATE_", "COLUMNS", "LINES")  # a test's worker may say how wide it is itself
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, **NO_TIDYING, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}


def git(place: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def phasegate(place: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """The real command, without a terminal."""
    return subprocess.run(
        [PHASEGATE, "-C", str(place), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**environment(), **changes},
        timeout=400,
    )


@contextmanager
def workspace(place: Path, *, contract: Path | bytes = SAMPLE, runbook: Path | None = None) -> Iterator[Path]:
    """A repository with a runbook and a contract; its sandbox is stopped afterwards."""
    place.mkdir()
    target = place / "artifacts/stage-02/migrationContract.json"
    target.parent.mkdir(parents=True)
    target.write_bytes(contract if isinstance(contract, bytes) else contract.read_bytes())
    shutil.copyfile(runbook or ROOT / "phases/stage_06/runbook.md", place / "tasks.md")
    first_commit(place, "A runbook and a migration contract")
    try:
        yield place
    finally:
        stop_sandbox(place)


def stop_sandbox(place: Path) -> None:
    """As `phasegate sandbox stop --forget`, without a process where none was started."""
    if (place / ".git").exists():
        control.stop(sandbox_directory(place), forget=True)
