"""A run by hand whose boxes hold commands: begun without a terminal, driven by whoever is named, and read back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

from tests.worlds.command_world import CommandWorld, Told
from tests.worlds.journals import journal_events

FROZEN = b"""# Cut over

## T-24h
- [ ] Frozen
- [ ] Passes (`sh check.sh one`)
- [ ] Built (`sh check.sh two`)

## T-0
- [ ] Switched
"""
STRICT = "default: {operator_may_approve: false}\n"
OPEN = "default: {opened_by_policy: true}\n"
PEOPLE = {name.lower(): f"{name} <{name.lower()}@example.com>" for name in ("Bob", "Robot", "Cleo")}


def made(path: Path, runbook: bytes = FROZEN, policy: str = "") -> CommandWorld:
    world = CommandWorld(path, runbook=runbook)
    (world.root / "check.sh").write_text('test -e "$1"\n')
    (world.root / ".gitignore").write_text("one\ntwo\n")
    if policy:
        (world.root / "phasegate.yaml").write_text(policy)
    world.git("add", ".")
    world.git("commit", "-qm", "Files")
    assert world("run", "tasks.md").code == 3
    return world


def by(name: str, world: CommandWorld, *words: str) -> Told:
    who = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": f"{name.lower()}@example.com"}
    with mock.patch.dict(os.environ, who):
        return world(*words)


def events(world: CommandWorld, kind: str) -> list[dict[str, Any]]:
    found = journal_events(world.journal)
    return [event for event in found if event["type"] == kind]


def answers(world: CommandWorld, **given: str) -> tuple[str, str]:
    file = world.root.parent / "answers.yaml"
    file.write_text("".join(f"{name.replace('_', '-')}: {json.dumps(text)}\n" for name, text in given.items()))
    return "--answers", str(file)


def words(world: CommandWorld) -> dict[str, str]:
    return {event["item"]: event["verdict"] for event in events(world, "answered") if "item" in event}


def said(world: CommandWorld) -> dict[str, str]:
    return {event["question"]: event["answer"] for event in events(world, "answered") if "item" not in event}


def digest(world: CommandWorld) -> str:
    return str(json.loads(world("status", "--json").out)["waiting_for"]["digest"])


def ticks(world: CommandWorld) -> str:
    lines = (world.root / "tasks.md").read_text().splitlines()
    return "".join(line.split("[")[1][0] for line in lines if "- [" in line)
