"""Is everything that can be set on a live table, and that nobody asked for, named by task 4.1? One property at a time.

What moto keeps is changed in the account. What it drops (replicas, vector indexes, ...) is put into what AWS describes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest

from phases.contract.reader import read_contract
from phases.stage_06.live.described_settings import (
    FACTS,
    JUDGED,
    JUDGED_AS_A_WHOLE,
    UNSET,
    described_settings,
)
from phases.stage_06.live.other_settings import KEEP, other_settings
from state.errors import StepFailed
from tests.worlds.deploying import CONTRACT, REGION, STEPS, failed_names
from tests.worlds.live_changes import Live
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow

TABLES = [table.name for table in read_contract(json.dumps(CONTRACT).encode(), path="contract").tables]
USERS = TABLES[0]
OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "dynamodb:*", "Resource": "*"}],
    }
)
KINESIS = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs"


class Described(AwsDoor):
    """Changes what DescribeTable answers about one table."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(region=REGION, sandbox=True, session=sandbox.session(REGION))
        self.change: Callable[[dict[str, Any]], object] = lambda _table: None

    def at(self, region: str) -> AwsDoor:
        return self

    def call(self, service: str, operation: str, **params: object) -> dict[str, Any]:
        answer = super().call(service, operation, **params)
        if operation == "describe_table" and params["TableName"] == USERS:
            answer = copy.deepcopy(answer)
            self.change(answer["Table"])
        return answer


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, Described]]:
    with Sandbox() as opened:
        live = Live(tmp_path_factory.mktemp("other"), opened)
        live.up_to("3.3")
        yield live, Described(opened)


@pytest.fixture
def live(deployed: tuple[Live, Described]) -> Iterator[Live]:
    """Deployed once; a change puts itself back."""
    yield deployed[0]


Change = tuple[str, Callable[[Any, str], object], Callable[[Any, str], object]]  # the check; the change; back again


def of_table(operation: str, there: dict[str, Any], back: dict[str, Any], **always: Any) -> Any:
    def act(given: dict[str, Any]) -> Callable[[Any, str], object]:
        return lambda client, name: getattr(client, operation)(TableName=name, **always, **given)

    return act(there), act(back)


def ttl(on: bool) -> dict[str, Any]:
    return {"TimeToLiveSpecification": {"Enabled": on, "AttributeName": "Expires"}}


def window(days: int) -> dict[str, Any]:
    return {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}}


def caps(**units: int) -> dict[str, Any]:
    return {"OnDemandThroughput": units}


def warm(reads: int, writes: int) -> dict[str, Any]:
    return {"WarmThroughput": {"ReadUnitsPerSecond": reads, "WriteUnitsPerSecond": writes}}


def policy(resource: str) -> Any:
    def arn(client: Any, name: str) -> str:
        return str(client.describe_table(TableName=name)["Table"][resource])

    return (
        lambda client, name: client.put_resource_policy(ResourceArn=arn(client, name), Policy=OPEN),
        lambda client, name: client.delete_resource_policy(ResourceArn=arn(client, name)),
    )


def own_key(client: Any, name: str) -> None:
    client.update_table(TableName=name, SSESpecification={"Enabled": True, "KMSMasterKeyId": "arn:aws:kms:theirs"})


def insights(**index: str) -> Any:
    on, off = ({"ContributorInsightsAction": f"{word}ABLE"} for word in ("EN", "DIS"))
    return of_table("update_contributor_insights", on, off, **index)


IN_THE_ACCOUNT: dict[str, Change] = {
    "items expire": ("time to live", *of_table("update_time_to_live", ttl(True), ttl(False))),
    "restores one day back": ("recovery window", *of_table("update_continuous_backups", window(1), window(35))),
    "restores 34 days back": ("recovery window", *of_table("update_continuous_backups", window(34), window(35))),
    "open to everybody": ("resource policy", *policy("TableArn")),
    "its stream open to everybody": ("resource policy of the stream", *policy("LatestStreamArn")),
    "reads capped": (
        "OnDemandThroughput",
        *of_table("update_table", caps(MaxReadRequestUnits=1), caps(MaxReadRequestUnits=-1)),
    ),
    "writes capped": (
        "OnDemandThroughput",
        *of_table("update_table", caps(MaxWriteRequestUnits=1), caps(MaxWriteRequestUnits=-1)),
    ),
    "another class": (
        "TableClassSummary",
        *of_table("update_table", {"TableClass": "STANDARD_INFREQUENT_ACCESS"}, {"TableClass": "STANDARD"}),
    ),
    "kept less warm": ("WarmThroughput", *of_table("update_table", warm(100, 100), warm(12_000, 4_000))),
    "counts contributors": ("contributor insights", *insights()),
    "streams to Kinesis": (
        "streaming to Kinesis",
        *(
            of_table(f"{word}able_kinesis_streaming_destination", {}, {}, StreamArn=KINESIS)[0]
            for word in ("en", "dis")
        ),
    ),
    "encrypted with a key of somebody's": (
        "encryption key",
        own_key,
        lambda client, name: client.update_table(TableName=name, SSESpecification={"Enabled": True}),
    ),
}

REPLICA = {"RegionName": "us-east-1", "ReplicaStatus": "ACTIVE"}
VECTORS = {"IndexName": "ByMeaning", "Dimensions": 3, "DistanceFunction": "COSINE"}


def put(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda table: table.update(fields)


def index(**fields: Any) -> Callable[[dict[str, Any]], object]:
    """A change of the first index's description."""
    return lambda table: table["GlobalSecondaryIndexes"][0].update(fields)


def first_index(table: dict[str, Any]) -> str:
    return str(table["GlobalSecondaryIndexes"][0]["IndexName"])


IN_THE_DESCRIPTION: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "a replica": ("Replicas", put(Replicas=[REPLICA])),
    "a replica of another class": (
        "Replicas",
        put(Replicas=[{**REPLICA, "ReplicaTableClassSummary": {"TableClass": "STANDARD"}}]),
    ),
    "a witness": ("GlobalTableWitnesses", put(GlobalTableWitnesses=[{"RegionName": "us-east-2"}])),
    "an old global table": ("GlobalTableVersion", put(GlobalTableVersion="2017.11.29")),
    "a global table": ("GlobalTableVersion", put(GlobalTableVersion="2019.11.21")),
    "settings replicated": (
        "GlobalTableSettingsReplicationMode",
        put(GlobalTableSettingsReplicationMode="ENABLED"),
    ),
    "strong in many regions": ("MultiRegionConsistency", put(MultiRegionConsistency="STRONG")),
    "protected from leaving": ("DisassociationProtectionEnabled", put(DisassociationProtectionEnabled=True)),
    "restored": ("RestoreSummary", put(RestoreSummary={"RestoreInProgress": False})),
    "archived": ("ArchivalSummary", put(ArchivalSummary={"ArchivalReason": "key gone"})),
    "a vector index": ("VectorIndexes", put(VectorIndexes=[VECTORS])),
    "its key out of reach": (
        "SSEDescription",
        lambda table: table["SSEDescription"].update(InaccessibleEncryptionDateTime="2026-01-01"),
    ),
    "reads provisioned": (
        "ProvisionedThroughput",
        lambda table: table["ProvisionedThroughput"].update(ReadCapacityUnits=5),
    ),
    "writes provisioned": (
        "ProvisionedThroughput",
        lambda table: table["ProvisionedThroughput"].update(WriteCapacityUnits=5),
    ),
    "a stream that is off": (
        "StreamSpecification",
        lambda table: table["StreamSpecification"].update(StreamEnabled=False),
    ),
    "kept warm, still on its way": (
        "WarmThroughput",
        put(WarmThroughput={"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "UPDATING"}),
    ),
    "a field of the future": ("SelfDestruct", put(SelfDestruct={"After": "P1D"})),
    "a field of the future, false": ("Durable", put(Durable=False)),
    "a future field of a known structure": (
        "BillingModeSummary",
        lambda table: table["BillingModeSummary"].update(Cap=3),
    ),
    "an index's reads capped": ("[].OnDemandThroughput", index(OnDemandThroughput={"MaxReadRequestUnits": 1})),
    "an index's writes capped": ("[].OnDemandThroughput", index(OnDemandThroughput={"MaxWriteRequestUnits": 1})),
    "an index kept less warm": ("[].WarmThroughput", index(WarmThroughput={"ReadUnitsPerSecond": 1})),
    "an index's reads provisioned": (
        "[].ProvisionedThroughput",
        index(ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 0}),
    ),
    "an index's writes provisioned": (
        "[].ProvisionedThroughput",
        index(ProvisionedThroughput={"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}),
    ),
    "an index's field of the future": ("[].Shards", index(Shards=4)),
}


@pytest.mark.parametrize("change", [each for each in IN_THE_ACCOUNT if each != "kept less warm"])
@pytest.mark.parametrize("name", TABLES)
def test_what_was_set_in_the_account_is_unset_by_3_2_as_it_was_approved(live: Live, name: str, change: str) -> None:
    what, act, _back = IN_THE_ACCOUNT[change]
    client = live.client("dynamodb")
    act(client, name)
    live.bring_back(f"{name}: {what}")


def test_what_nobody_can_bring_back_is_offered_to_nobody(live: Live) -> None:
    what, act, back = IN_THE_ACCOUNT["kept less warm"]
    act(live.client("dynamodb"), USERS)
    with pytest.raises(StepFailed, match=f"{USERS}: {what}"):
        live.next_run().run(STEPS["3.1"])
    back(live.client("dynamodb"), USERS)


def test_35_properties_and_more_are_changed() -> None:
    assert len({*IN_THE_ACCOUNT, *IN_THE_DESCRIPTION}) >= 35


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("change", IN_THE_ACCOUNT)
def test_a_setting_that_nobody_asked_for_is_named(live: Live, change: str, name: str) -> None:
    check, there, back = IN_THE_ACCOUNT[change]
    client = live.client("dynamodb")
    assert failing(live, name) == set()
    there(client, name)
    assert failing(live, name) == {f"{name}: {check}"}
    back(client, name)


@pytest.mark.parametrize("change", IN_THE_DESCRIPTION)
def test_whatever_a_table_is_described_with_is_named(deployed: tuple[Live, Described], change: str) -> None:
    live, door = deployed
    setting, door.change = IN_THE_DESCRIPTION[change]
    table = live.client("dynamodb").describe_table(TableName=USERS)["Table"]
    named = setting.replace("[]", f"GlobalSecondaryIndexes[{first_index(table)}]")
    try:
        live.world.aws = door
        assert failing(live, USERS) == {f"{USERS}: {named}"}
    finally:
        live.world.aws = live.aws


def failing(live: Live, name: str) -> set[str]:
    """The names of what is not well with one table beyond contract and template."""
    aws = live.world.aws
    described = aws.call("dynamodb", "describe_table", TableName=name)["Table"]
    backups = aws.call("dynamodb", "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    checks = other_settings(aws, name, described, backups)
    assert {check.verdict for check in checks} <= {"pass", "fail"}
    return {check.name for check in checks if check.verdict == "fail"}


def test_an_index_that_counts_contributors_is_named(live: Live) -> None:
    there, back = insights(IndexName="ByMail")
    there(live.client("dynamodb"), USERS)
    assert failing(live, USERS) == {f"{USERS}: contributor insights of ByMail"}
    back(live.client("dynamodb"), USERS)


def test_throughput_that_has_grown_is_a_note() -> None:
    table: dict[str, Any] = {"TableArn": "arn", "WarmThroughput": {"ReadUnitsPerSecond": 24_000, "Status": "ACTIVE"}}
    (check,) = described_settings(USERS, table)  # type: ignore[arg-type]
    assert (check.verdict, check.seen) == ("note", "ReadUnitsPerSecond 24000")


def test_an_answer_without_an_arn_vouches_for_nothing() -> None:
    (check,) = described_settings(USERS, {})
    assert check.verdict == "not-checked"


def test_a_setting_fails_4_1_until_a_person_says_that_it_stays(live: Live) -> None:
    client = live.client("dynamodb")
    client.update_time_to_live(TableName=USERS, **ttl(True))
    check = f"{USERS}: time to live"
    try:
        world = live.world.fork()
        assert failed_names(world.run(STEPS["4.1"])) == {check}
        world.given = {KEEP: check}
        work = world.run(STEPS["4.1"])
        (found,) = [each for each in work.checks if each.name == check]
        assert found.verdict == "note"
        assert "it shall stay, by Ada" in found.seen
    finally:
        client.update_time_to_live(TableName=USERS, **ttl(False))


def test_a_denied_look_is_not_a_passed_one(live: Live) -> None:
    live.sandbox.faults.deny("GetResourcePolicy")
    try:
        checks = {check.name: check for check in live.run("4.1").checks}
    finally:
        live.sandbox.faults.clear()
    assert checks[f"{USERS}: resource policy"].verdict == "not-checked"
    assert "dynamodb:GetResourcePolicy" in checks[f"{USERS}: resource policy"].seen


def test_every_field_of_botocores_description_is_judged_or_would_be_named() -> None:
    """A member that is new in botocore stands in none of the tables, so it is decided about before it comes."""
    model = botocore.session.get_session().get_service_model("dynamodb")
    paths = set(_paths(model.shape_for("TableDescription")))
    known = JUDGED | FACTS | set(UNSET)
    assert known <= paths
    named = {path.split(".")[0].split("[")[0] for path in paths - known} - JUDGED_AS_A_WHOLE
    assert named == {
        "ArchivalSummary",
        "GlobalTableVersion",
        "GlobalTableWitnesses",
        "Replicas",
        "RestoreSummary",
        "SSEDescription",  # InaccessibleEncryptionDateTime
        "VectorIndexes",
    }


def _paths(shape: Any, pattern: str = "") -> Iterator[str]:
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _paths(member, f"{pattern}.{name}".lstrip("."))
    elif shape.type_name == "list":
        yield from _paths(shape.member, f"{pattern}[]")
    else:
        yield pattern
