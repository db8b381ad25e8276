"""Do the probes of task 5.2 find what does not work, and do they always go away again, touching nobody's item?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phases.aws import AwsError, Denied
from phases.contract.model import Key
from phases.stage_06.live.pattern_files import DATA_MODEL
from phases.stage_06.live.probe import INDEX_POLLS, POLL, Probe
from phases.stage_06.live.probe_items import MARK, key_value
from state.errors import StepFailed
from tests.worlds.deploying import REGION, STEPS, Deploying, failed_names
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow

PATTERNS = b"""| Pattern | Index | Key condition |
|---|---|---|
| AP1 | ByMail | Mail = :mail and Seen > :seen |
| AP2 | ByHash | Hash = :hash |
"""
OWNER = "stage-06-20260102-030405/5.2"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with Sandbox() as opened:
        found = Deploying(tmp_path_factory.mktemp("probed"), opened)
        found.write(DATA_MODEL, PATTERNS)
        found.up_to("3.2")
        yield found


@pytest.fixture
def probed(deployed: Deploying) -> Iterator[Deploying]:
    """Deployed once; every test must leave the tables empty, and waits count from its own beginning."""
    deployed.world.clock.waited.clear()
    yield deployed
    deployed.sandbox.faults.clear()
    deployed.world.aws = deployed.aws
    assert items(deployed) == []


def items(deploying: Deploying) -> list[dict[str, Any]]:
    client = deploying.client("dynamodb")
    return [item for table in ("Users", "audit-log") for item in client.scan(TableName=table)["Items"]]


class KilledAfter:
    """An AwsDoor hook: after the nth `operation` the process is dead, so that not even a `finally` reaches AWS."""

    def __init__(self, operation: str) -> None:
        self.operation, self.dead = operation, False

    def __call__(self, when: str, _service: str, operation: str) -> None:
        if self.dead or (when == "after" and operation == self.operation):
            self.dead = True
            raise KeyboardInterrupt


class Lagging(AwsDoor):
    """Indexes that know of an item only after some queries."""

    def __init__(self, sandbox: Sandbox, lag: int) -> None:
        super().__init__(region=REGION, sandbox=True, session=sandbox.session(REGION))
        self.lag = lag

    def at(self, region: str) -> Lagging:
        return self

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "query" and "IndexName" in params and self.lag:
            self.lag -= 1
            return {"Items": []}
        return super().call(service, operation, **params)


def test_every_operation_and_index_is_tried_and_nothing_is_left(probed: Deploying) -> None:
    work = probed.run("5.2")
    assert {check.name for check in work.checks if check.name.startswith("Users: ")} >= {
        "Users: put and get",
        "Users: update",
        "Users: query",
        "Users: query ByMail",
        "Users: query ByHash",
        "Users: delete",
        "Users: AP1",
        "Users: AP2",
    }
    assert not failed_names(work)


@pytest.mark.parametrize("operation", ["put_item", "get_item", "update_item", "query"])
def test_a_probe_that_a_kill_left_is_removed_by_the_next_try(probed: Deploying, operation: str) -> None:
    session = probed.sandbox.session(REGION)
    probed.world.aws = AwsDoor(region=REGION, sandbox=True, session=session, on_call=KilledAfter(operation))
    with pytest.raises(KeyboardInterrupt):
        probed.run("5.2")
    left = items(probed)
    assert [item[MARK] for item in left] == ([] if operation == "get_item" else [{"S": OWNER}])
    probed.world.aws = probed.aws
    assert not failed_names(probed.run("5.2", attempt=2))


@pytest.mark.parametrize("action", ["UpdateItem", "Query"])
def test_a_denied_operation_leaves_no_probe(probed: Deploying, action: str) -> None:
    probed.sandbox.faults.deny(action)
    with pytest.raises(Denied, match=f"dynamodb:{action}"):
        probed.run("5.2")


@pytest.mark.parametrize("action", ["PutItem", "UpdateItem", "DeleteItem"])
def test_a_lost_reply_is_not_taken_for_somebody_elses_item(probed: Deploying, action: str) -> None:
    probed.sandbox.faults.lose_reply(action)
    assert not failed_names(probed.run("5.2"))


def test_an_item_of_somebody_else_is_left_alone(probed: Deploying) -> None:
    table = probed.contract.tables[0]
    probed.world.run(STEPS["5.2"])
    theirs = {**Probe(probed.world.ctx(), probed.aws, table).items[0].key, "Name": {"S": "theirs"}}
    client = probed.client("dynamodb")
    client.put_item(TableName="Users", Item=theirs)
    with pytest.raises(StepFailed, match="did not make; it stays"):
        probed.run("5.2")
    assert items(probed) == [theirs]
    client.delete_item(TableName="Users", Key={name: theirs[name] for name in ("PK", "SK")})


def test_an_item_that_comes_in_the_very_moment_is_not_overwritten(
    probed: Deploying, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = probed.contract.tables[1]
    probe = Probe(probed.world.ctx(), probed.aws, table)
    theirs = {**probe.items[0].key, "Name": {"S": "theirs"}}
    client = probed.client("dynamodb")
    client.put_item(TableName=table.name, Item=theirs)
    monkeypatch.setattr(Probe, "_remove", lambda _self, _each: None)  # it looked a moment ago, and nothing was there
    with pytest.raises(AwsError, match="ConditionalCheckFailedException"):
        probe.run()
    assert items(probed) == [theirs]
    client.delete_item(TableName=table.name, Key=probe.items[0].key)


def test_an_index_that_lags_is_waited_for(probed: Deploying) -> None:
    probed.world.aws = Lagging(probed.sandbox, lag=3)
    assert not failed_names(probed.run("5.2"))
    assert probed.world.clock.waited == [POLL] * 3


def test_an_index_that_never_shows_the_item_fails_its_access_patterns(probed: Deploying) -> None:
    probed.world.aws = Lagging(probed.sandbox, lag=10**6)
    assert failed_names(probed.run("5.2")) == {
        "Users: query ByMail",
        "Users: query ByHash",
        "Users: AP1",
        "Users: AP2",
    }
    assert len(probed.world.clock.waited) == 4 * INDEX_POLLS  # two queries by the whole keys, two patterns


def test_a_table_with_another_schema_is_not_written_to(probed: Deploying, tmp_path: Path) -> None:
    puts = probed.sandbox.calls.count(("dynamodb", "PutItem"))
    probed.client("dynamodb").update_table(
        TableName="Users",
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    work = probed.run("5.2")
    assert failed_names(work) == {"Users: billing mode", "Users: AP1", "Users: AP2"}
    assert probed.sandbox.calls.count(("dynamodb", "PutItem")) == puts + 1  # the other table's
    probed.client("dynamodb").update_table(TableName="Users", BillingMode="PAY_PER_REQUEST")


@pytest.mark.parametrize("kind", ["S", "N", "B"])
def test_key_values_have_the_keys_type_and_differ_by_run_and_attribute(kind: Any) -> None:
    values = [key_value(Key(name, kind), run) for name in ("PK", "SK") for run in ("run-1/5.2", "run-2/5.2")]
    assert {next(iter(value)) for value in values} == {kind}
    assert len({str(value) for value in values}) == 4
