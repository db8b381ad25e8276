"""Is every change to one property of a live table's schema reported by tasks 3.3 and 5.2? Enumerated, not sampled."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from phases.contract.reader import read_contract
from tests.worlds.deploying import CONTRACT
from tests.worlds.live_changes import Change, Live, Spec, schema_changes
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow

TABLES = read_contract(json.dumps(CONTRACT).encode(), path="contract").tables
SCHEMA_CHANGES = [change for table in TABLES for change in schema_changes(table)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Deployed once; tests put back what they change."""
    with Sandbox() as opened:
        answers = {"alarm-address": "ops@example.com"}
        deployed = Live(tmp_path_factory.mktemp("live"), opened, answers=answers)
        deployed.up_to("5.2")
        yield deployed


@pytest.mark.parametrize("change", SCHEMA_CHANGES, ids=str)
def test_a_changed_schema_is_reported_by_3_3_and_5_2(live: Live, change: Change) -> None:
    spec = next(Spec.of(table) for table in TABLES if table.name == change.table)
    live.make(spec)
    assert change.check not in live.failing("3.3") | live.failing("5.2")
    live.make(change.applied_to(spec))
    assert change.check in live.failing("3.3")
    assert change.check in live.failing("5.2")
    live.make(spec)


def test_the_enumeration_covers_every_field_that_is_compared(live: Live) -> None:
    """A check of 3.3 that no change makes fail would be one that nobody has seen fail."""
    checks = {check.name for check in live.run("3.3").checks}
    unseen = checks - {change.check for change in SCHEMA_CHANGES}
    outputs = {name for name in unseen if name.startswith("output ")}
    statuses = {name for name in unseen if name.endswith(": status")}
    listed = {name for name in unseen if name.endswith(": listed")}
    # DynamoDB has local indexes only beside a sort key; outputs and statuses have tests of their own.
    assert unseen - outputs - statuses - listed == {"audit-log: local indexes"}
    assert len(SCHEMA_CHANGES) == 39
