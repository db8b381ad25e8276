"""Every single property of a live table, changed: what tasks 3.3, 4.1 and 5.2 must report.

A table is described by a `Spec`, derived from the contract, and made from it through DynamoDB's API; a change is a
function that spoils one property of a copy. `schema_changes` enumerates them from the spec itself, so that a key or an
index added to the contract brings its own changes along.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from phases.contract.model import Table
from phases.step import Work
from tests.worlds.deploying import STACK, STEPS, Deploying, failed_names
from tests.worlds.step_world import StepWorld

Keys = list[str]  # partition key, then the sort key where there is one
TYPES = ("S", "N", "B")
RUNS = count(1)
OTHER = "Other"  # a key attribute that the contract does not have


@dataclass
class Spec:
    """A table as DynamoDB is asked for it; `indexes`: name -> {"keys": [...], "projection": {...}}."""

    name: str
    keys: Keys
    types: dict[str, str]
    indexes: dict[str, dict[str, Any]]
    local_indexes: list[str] = field(default_factory=list)
    billing: str = "PAY_PER_REQUEST"
    exists: bool = True

    @classmethod
    def of(cls, table: Table) -> Spec:
        types = {key.name: str(key.type) for key in table.key_attributes()}
        indexes = {
            index.name: {
                "keys": [key.name for key in (*index.pks, *index.sks)],
                "projection": {"ProjectionType": index.projection}
                | ({"NonKeyAttributes": list(index.projected)} if index.projected else {}),
            }
            for index in table.indexes
        }
        return cls(table.name, [key.name for key in (table.pk, table.sk) if key], types, indexes)

    def request(self) -> dict[str, Any]:
        """The CreateTable request."""
        used = [*self.keys, *(name for index in self.indexes.values() for name in index["keys"])]
        used += [OTHER] if self.local_indexes else []
        provisioned = {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
        extra = provisioned if self.billing == "PROVISIONED" else {}
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeySchema": schema(self.keys),
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": self.types.get(name, "S")} for name in dict.fromkeys(used)
            ],
            "BillingMode": self.billing,
            "SSESpecification": {"Enabled": True},
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            "DeletionProtectionEnabled": True,
            **extra,
        }
        if self.indexes:
            request["GlobalSecondaryIndexes"] = [
                {"IndexName": name, "KeySchema": schema(each["keys"]), "Projection": each["projection"], **extra}
                for name, each in self.indexes.items()
            ]
        if self.local_indexes:
            request["LocalSecondaryIndexes"] = [
                {"IndexName": name, "KeySchema": schema([self.keys[0], OTHER]), "Projection": {"ProjectionType": "ALL"}}
                for name in self.local_indexes
            ]
        return request


@dataclass(frozen=True)
class Change:
    """One property changed: `check` is the name of the check that must fail for it."""

    what: str
    table: str
    check: str
    spoil: Callable[[Spec], None]

    def __str__(self) -> str:
        return f"{self.table}: {self.what}"

    def applied_to(self, spec: Spec) -> Spec:
        changed = copy.deepcopy(spec)
        self.spoil(changed)
        assert changed != spec, f"{self} changes nothing"
        return changed


class Live(Deploying):
    """A deployment whose tables can be made anew with one property changed, and looked at again and again."""

    def run(self, task: str, *, attempt: int | None = None) -> Work:
        """A task behind 3.2 goes on from where that one left the run, whatever was looked at before."""
        return super().run(task, attempt=attempt) if task <= "3.2" else self.world.fork().run(STEPS[task])

    def make(self, spec: Spec) -> None:
        client = self.client("dynamodb")
        if spec.name in client.list_tables()["TableNames"]:
            client.update_table(TableName=spec.name, DeletionProtectionEnabled=False)
            client.delete_table(TableName=spec.name)
        if spec.exists:
            client.create_table(**spec.request())

    def failing(self, task: str) -> set[str]:
        return failed_names(self.run(task))

    def next_run(self, **given: str) -> StepWorld:
        """Another run on the same stack, before its task 3.1."""
        world = self.world.fork()
        world.new_run(f"stage-06-20260203-{next(RUNS):06}")
        kept = {name: answer for name, answer in self.world.given.items() if name == "alarm-address"}
        world.given = {**kept, "stack-name": STACK, **given}
        return world

    def bring_back(self, check: str) -> None:
        """What was changed is named by 3.1, approved to be brought back, and is back behind 3.2, and not before."""
        world = self.next_run(**{"bring-back-drift": check})
        work = world.run(STEPS["3.1"])
        assert check in next(each.body for each in work.review if each.title == "Brought back in the account")
        assert self.failing("4.1") == {check}
        done = world.run(STEPS["3.2"])
        assert {each.name: each.verdict for each in done.checks}["settings brought back"] == "pass"
        assert failed_names(done) == set()
        assert self.failing("4.1") == set()


def schema(keys: Keys) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def schema_changes(table: Table) -> Iterator[Change]:
    """Every change to one property of this table's schema."""
    spec, name = Spec.of(table), table.name

    def change(what: str, check: str, spoil: Callable[[Spec], None]) -> Change:
        return Change(what, name, f"{name}{check}", spoil)

    yield change("table missing", ": table", lambda s: setattr(s, "exists", False))
    yield change("billing", ": billing mode", lambda s: setattr(s, "billing", "PROVISIONED"))
    for what, keys in _other_keys(spec.keys):
        yield change(f"key schema, {what}", ": key schema", lambda s, keys=keys: setattr(s, "keys", keys))  # type: ignore[misc]
    for attribute, kind in spec.types.items():
        for other in TYPES:
            if other != kind:
                pair = {attribute: other}
                yield change(
                    f"{attribute} {kind} to {other}",
                    ": attribute types",
                    lambda s, pair=pair: s.types.update(pair),  # type: ignore[misc]
                )
    extra = {"keys": [spec.keys[0]], "projection": {"ProjectionType": "ALL"}}
    yield change("extra index", ": global indexes", lambda s: s.indexes.update(Extra=extra))
    if len(spec.keys) == 2:  # DynamoDB has local indexes only there
        yield change("local index", ": local indexes", lambda s: s.local_indexes.append("Local"))
    for index, each in spec.indexes.items():
        yield change(f"{index} missing", ": global indexes", lambda s, index=index: s.indexes.pop(index))  # type: ignore[misc]
        for what, keys in _other_keys(each["keys"]):
            yield change(
                f"{index} key schema, {what}",
                f".{index}: key schema",
                lambda s, index=index, keys=keys: s.indexes[index].update(keys=keys),  # type: ignore[misc]
            )
        for what, projection in _other_projections(each["projection"]):
            yield change(
                f"{index} projection {what}",
                f".{index}: projection",
                lambda s, index=index, projection=projection: s.indexes[index].update(projection=projection),  # type: ignore[misc]
            )


def _other_keys(keys: Keys) -> Iterator[tuple[str, Keys]]:
    yield "another partition key", [OTHER, *keys[1:]]
    if len(keys) == 1:
        yield "a sort key added", [*keys, OTHER]
    else:
        yield "another sort key", [keys[0], OTHER]
        yield "no sort key", keys[:1]
        yield "keys swapped", keys[::-1]


def _other_projections(projection: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    kind, names = projection["ProjectionType"], projection.get("NonKeyAttributes", [])
    for other in ("ALL", "KEYS_ONLY"):
        if other != kind:
            yield other, {"ProjectionType": other}
    yield "another attribute", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["Foreign"]}
    if kind == "INCLUDE":
        yield "an attribute more", {"ProjectionType": "INCLUDE", "NonKeyAttributes": [*names, "Foreign"]}
        if len(names) > 1:
            yield "an attribute less", {"ProjectionType": "INCLUDE", "NonKeyAttributes": names[1:]}
