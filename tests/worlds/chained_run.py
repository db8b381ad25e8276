"""A second run on a stack, whose contract is several updates away from what is deployed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.worlds.stage_world import SOURCE, StageWorld, contract
from workflow.audit import audit_workspace


class Killed(BaseException):
    """The process dies here."""


def second_run(world: StageWorld, indexes: Sequence[str] = ("author", "place"), tables: int = 2) -> None:
    """End the first run behind its deployment, and begin another with indexes more on one table, of so many tables."""
    world.take_to("3.2")
    with world.process() as engine:
        engine.abort("the next contract")
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


def indexes(world: StageWorld) -> list[str]:
    found = world.client("dynamodb").describe_table(TableName="Notes")["Table"]["GlobalSecondaryIndexes"]
    return sorted(each["IndexName"] for each in found)


def findings(world: StageWorld) -> list[str]:
    (audited,) = audit_workspace(world.root, world.run_id)
    return [f"{each.code}: {each.message}" for each in audited.findings]
