"""A second run on a stack, whose contract is several updates away from what is deployed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import datetime

from tests.worlds.reached import place_of_copies
from tests.worlds.stage_world import SOURCE, StageWorld, contract
from workflow.audit import audit_workspace
from workflow.sandbox import snapshot

_FIRST: list[tuple[list[tuple[str, str]], datetime]] = []  # what was called until its end, and when that was


class Killed(BaseException):
    """The process dies here."""


def second_run(world: StageWorld, indexes: Sequence[str] = ("author", "place"), tables: int = 2) -> None:
    """End the first run behind its deployment, and begin another with indexes more on one table, of so many tables."""
    _first_run(world)
    runbook = world.root / world.runbook
    runbook.write_text(runbook.read_text().replace("[x]", "[ ]"))
    document = contract()
    notes = document["tables"][0]
    notes["attributes"] += [{**notes["attributes"][0], "name": name} for name in indexes]
    notes["gsis"] += [{"index_name": f"By{name}", "pk": name, "sk": None, "projection": "ALL"} for name in indexes]
    document["tables"] = document["tables"][:tables]
    (world.root / SOURCE).write_text(json.dumps(document))
    world.git("add", "-A")
    world.git("commit", "-qm", "The next contract")
    world.run_id = ""


def _first_run(world: StageWorld) -> None:
    """The first world of a process gets there; the others go on from a copy, as those of tests/worlds/reached.py do."""
    account = world.sandbox.account
    place = place_of_copies() / "first run"
    if not _FIRST:
        world.take_to("3.2")
        with world.process() as engine:
            engine.abort("the next contract")
        shutil.copytree(world.root, place / "repo", symlinks=True)
        snapshot.save(place / "account", account.regions)
        _FIRST.append((list(world.sandbox.calls), world.clock.at))
        return
    calls, world.clock.at = _FIRST[0]
    world.sandbox.calls[:] = calls
    shutil.rmtree(world.root)
    shutil.copytree(place / "repo", world.root, symlinks=True)
    account.regions.update(snapshot.load(place / "account"))


def indexes(world: StageWorld) -> list[str]:
    found = world.client("dynamodb").describe_table(TableName="Notes")["Table"]["GlobalSecondaryIndexes"]
    return sorted(each["IndexName"] for each in found)


def findings(world: StageWorld) -> list[str]:
    (audited,) = audit_workspace(world.root, world.run_id)
    return [f"{each.code}: {each.message}" for each in audited.findings]
