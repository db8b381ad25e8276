"""What does DescribeTable say about a live table that neither contract nor template asks for? Each such thing by name.

Rules:
- Pure: the `Table` structure in, checks out.
- Not a list of what is wanted: every field of the answer, however deep, must be judged elsewhere (`JUDGED`), say
  nothing about a setting (`FACTS`), or have the value of a table on which nobody set it (`UNSET`). Anything else is
  named, so a field that AWS brings later is, too; tests/phases/stage_06/live/test_other_settings.py walks botocore's
  shape of the answer, where such a field is a red test first.
- Absence is no fact by itself: without the ARN, which every described table has, nothing is said to be unset.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from phases.step import Check
from state.evidence import Verdict

if TYPE_CHECKING:
    from phases.described_table import TableDescription

_INDEX = "GlobalSecondaryIndexes[]"
# compared with the contract by `live_schema.py`, with the template by `live_features.py`
JUDGED = frozenset(
    {
        "TableName",
        "TableStatus",
        "KeySchema[].AttributeName",
        "KeySchema[].KeyType",
        "AttributeDefinitions[].AttributeName",
        "AttributeDefinitions[].AttributeType",
        "BillingModeSummary.BillingMode",
        "SSEDescription.Status",
        "SSEDescription.SSEType",
        "SSEDescription.KMSMasterKeyArn",
        "StreamSpecification.StreamViewType",
        "DeletionProtectionEnabled",
        f"{_INDEX}.IndexName",
        f"{_INDEX}.IndexStatus",
        f"{_INDEX}.Backfilling",
        f"{_INDEX}.KeySchema[].AttributeName",
        f"{_INDEX}.KeySchema[].KeyType",
        f"{_INDEX}.Projection.ProjectionType",
        f"{_INDEX}.Projection.NonKeyAttributes[]",
    }
)
# identity, sizes and history
_CHANGES = (
    "ProvisionedThroughput.LastIncreaseDateTime",
    "ProvisionedThroughput.LastDecreaseDateTime",
    "ProvisionedThroughput.NumberOfDecreasesToday",
)
FACTS = frozenset(
    {
        "CreationDateTime",
        "TableSizeBytes",
        "ItemCount",
        "TableArn",
        "TableId",
        "LatestStreamLabel",
        "LatestStreamArn",
        "BillingModeSummary.LastUpdateToPayPerRequestDateTime",
        "TableClassSummary.LastUpdateDateTime",
        f"{_INDEX}.IndexSizeBytes",
        f"{_INDEX}.ItemCount",
        f"{_INDEX}.IndexArn",
        *_CHANGES,
        *(f"{_INDEX}.{field}" for field in _CHANGES),
    }
)
# What a table on demand has that is ready at once. It grows by itself with the load, so more of it is a note.
# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
WARM = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}
# -1 takes a cap on demand away. Source: API_OnDemandThroughput.html
_CAPACITY: Mapping[str, object] = {
    "ProvisionedThroughput.ReadCapacityUnits": 0,
    "ProvisionedThroughput.WriteCapacityUnits": 0,
    "OnDemandThroughput.MaxReadRequestUnits": -1,
    "OnDemandThroughput.MaxWriteRequestUnits": -1,
    "WarmThroughput.Status": "ACTIVE",
    **{f"WarmThroughput.{field}": value for field, value in WARM.items()},
}
UNSET: Mapping[str, object] = {
    **_CAPACITY,
    **{f"{_INDEX}.{field}": value for field, value in _CAPACITY.items()},
    "StreamSpecification.StreamEnabled": True,  # the template gives every table one
    "TableClassSummary.TableClass": "STANDARD",
    "DisassociationProtectionEnabled": False,
    "MultiRegionConsistency": "EVENTUAL",
    "GlobalTableSettingsReplicationMode": "DISABLED",
}
NAMED_BY = ("IndexName", "RegionName")  # what an entry of a list is called by
JUDGED_AS_A_WHOLE = frozenset({"LocalSecondaryIndexes"})  # `live_schema.py` fails any

Leaf = tuple[str, str, object]  # its path without names (`GlobalSecondaryIndexes[].KeySchema`), with them, its value


def described_settings(name: str, live: TableDescription) -> list[Check]:
    """A check for each thing that is set beyond what is asked for; where nothing is, one that says so."""
    what = f"{name}: other settings"
    if not live.get("TableArn"):
        return [Check(what, "none", "DescribeTable answered no ARN: its answer is not whole", "not-checked", name)]
    found: dict[str, list[Leaf]] = {}
    leaves = list(_leaves(live))
    for leaf in leaves:
        pattern, _place, value = leaf
        if pattern in JUDGED or pattern in FACTS or (pattern in UNSET and UNSET[pattern] == value):
            continue
        found.setdefault(_setting(leaf), []).append(leaf)
    if not found:
        return [Check(what, "none", f"none in the {len(leaves)} values that AWS gives for it", "pass", name)]
    return [
        Check(f"{name}: {setting}", "not set", _said(setting, each), _verdict(each), name)
        for setting, each in found.items()
    ]


def _leaves(value: object, pattern: str = "", place: str = "") -> Iterator[Leaf]:
    """Every value in the answer; empty lists and structures have none."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if pattern or key not in JUDGED_AS_A_WHOLE:
                yield from _leaves(inner, f"{pattern}.{key}".lstrip("."), f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _leaves(entry, f"{pattern}[]", f"{place}[{_name(entry, number)}]")
    elif value is not None:
        yield pattern, place, value


def _name(entry: object, number: int) -> object:
    """What tells an entry of a list from the others: its own name, or its number."""
    names = [entry[key] for key in NAMED_BY if key in entry] if isinstance(entry, Mapping) else []
    return names[0] if names else number


def _setting(leaf: Leaf) -> str:
    """The setting that a value belongs to: the answer's own field, an index's where it is one of an index."""
    pattern, place, _value = leaf
    if pattern.startswith(f"{_INDEX}."):
        index, _, field = place.partition("].")
        return f"{index}].{field.split('.')[0].split('[')[0]}"
    return place.split(".")[0].split("[")[0]


def _said(setting: str, leaves: list[Leaf]) -> str:
    said = [f"{place.removeprefix(setting).lstrip('.')} {value}".strip() for _pattern, place, value in leaves]
    return ", ".join(said)


def _verdict(leaves: list[Leaf]) -> Verdict:
    """Throughput that is warm already may have grown by itself; everything else was set by somebody."""
    grown = all(
        field in WARM and isinstance(value, int) and value > WARM[field] and "WarmThroughput." in pattern
        for pattern, field, value in ((pattern, pattern.rpartition(".")[2], value) for pattern, _, value in leaves)
    )
    return "note" if grown else "fail"
