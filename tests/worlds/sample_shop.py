"""The sample application's repository, as the demo makes it, to be run and spoilt by the stories of aws-deploy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from phases.aws_deploy.workflow import AWS_DEPLOY
from tests.worlds.journals import journal_events
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git, stop_sandbox
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.control import start

RUN = ("run", "aws-deploy", "--sandbox", "--yes", "--wait")
RESUME = ("resume", "--yes", "--wait")
STAGE = "artifacts/aws-deploy"


@contextmanager
def shop(place: Path, *, runbook: bytes | None = None) -> Iterator[Path]:
    """A committed copy of the sample; its sandbox is stopped afterwards."""
    for path, content in {**AWS_DEPLOY.sample(), AWS_DEPLOY.runbook: runbook or AWS_DEPLOY.runbook_text()}.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)
    first_commit(place, "The runbook of aws-deploy and a sample")
    try:
        yield place
    finally:
        stop_sandbox(place)


def commit(place: Path, message: str) -> None:
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", message)


def edit(place: Path, path: str, before: str, after: str) -> None:
    """Change a file of the sample where it says exactly this, once."""
    text = (place / path).read_text("utf-8")
    assert text.count(before) == 1, f"{path} says {before!r} {text.count(before)} times"
    (place / path).write_text(text.replace(before, after), "utf-8")


def aws(place: Path) -> AwsDoor:
    """The sandbox's account, as a person in the console would see and change it."""
    return AwsDoor(endpoint_url=start(place / ".git/phasegate/sandbox").endpoint_url, sandbox=True)


def events(place: Path) -> list[dict[str, Any]]:
    return journal_events(place)


def worked(place: Path) -> dict[str, Mapping[str, Any]]:
    """The latest evidence of each phase: `phase_1` and so on."""
    return {event["task"]: event for event in events(place) if event["type"] == "worked"}


def checks(place: Path, phase: int) -> dict[str, Mapping[str, Any]]:
    """The checks of a phase by name."""
    return {check["name"]: check for check in worked(place)[f"phase_{phase}"]["checks"]}


def effects(place: Path, kind: str) -> list[str]:
    """The names of what was done outside, in order, from those that begin so."""
    done = [event["effect"] for event in events(place) if event["type"] == "effect-done"]
    return [name for name in done if name.startswith(kind)]


def numbered_items(runbook: str) -> set[str]:
    """`1.1` for the first numbered item of phase 1."""
    phase, found = "", set()
    for line in runbook.splitlines():
        if heading := re.match(r"## (?:Phase (\d+))?", line):
            phase = heading[1] or ""
        elif phase and (item := re.match(r"(\d+)\. ", line)):
            found.add(f"{phase}.{item[1]}")
    return found
