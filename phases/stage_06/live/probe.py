"""Can items be written, read, found and removed? One probe item a table, always taken away again.

Rules:
- No item of anybody is touched: the probe is put only where nothing is (a condition), changed and deleted only while it
  carries this run's mark.
- The probe's keys come from run and task alone: whatever kills the process, the next try finds the item and removes it
  before it begins. Removing is in a `finally`, and is verified by a consistent read.
- Every index is queried with the probe's own keys. Indexes follow their table with a delay, so a query is repeated for
  a while before it counts as failed.
  Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (eventual consistency)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from phases.aws import AwsError, AwsPort
from phases.contract.model import Index, Key, Table
from phases.stage_06.live.live_schema import table_id
from phases.step import Check, StepContext, compare
from state.errors import StepFailed
from state.files import sha256

MARK = "phasegate_probe"  # the attribute that says whose item it is
CHANGED = "phasegate_probe_changed"
REFUSED = "ConditionalCheckFailedException"
POLL = 5  # [s]
INDEX_POLLS = 12  # one minute; a new item is in an index within a fraction of a second as a rule

Item = dict[str, dict[str, Any]]


def query_id(table: str, index: str = "") -> str:
    """The id that the query of a table, or through one of its indexes, answers."""
    return f"query {table}: {index}"  # a colon is in no name of a table


class Probe:
    """The probe of one run in one table.

    Attributes:
        key: its primary key, as DynamoDB wants it: `{"PK": {"S": "phasegate-probe ..."}}`.
        item: the key, every index's key attributes, and the mark.
    """

    def __init__(self, ctx: StepContext, aws: AwsPort, table: Table) -> None:
        self._ctx = ctx
        self._aws = aws
        self._table = table
        self._owner = f"{ctx.run_id}/{ctx.task.id}"
        self.item: Item = {key.name: key_value(key, self._owner) for key in table.key_attributes()}
        self.item[MARK] = {"S": self._owner}
        self.key: Item = {key.name: self.item[key.name] for key in (table.pk, table.sk) if key}

    def run(self) -> list[Check]:
        """Put, get, update, query the table and each index, delete; and see that nothing is left.

        Raises StepFailed when an item that is not ours has the probe's key, AwsError as the calls do.
        """
        self._remove()  # what a killed try left
        try:
            checks = [*self._write_and_read(), *self._queries()]
        finally:
            self._remove()
        left = self._get()
        seen = "nothing is left" if left is None else "the probe is still there"
        return [*checks, self._check("delete", "nothing is left", seen)]

    def _write_and_read(self) -> Iterator[Check]:
        self._put()
        yield self._check(
            "put and get", "the item as put", "the item as put" if self._get() == self.item else "another"
        )
        self._call(
            "update_item",
            Key=self.key,
            UpdateExpression="SET #changed = :yes",
            ConditionExpression="#mark = :owner",
            ExpressionAttributeNames={"#changed": CHANGED, "#mark": MARK},
            ExpressionAttributeValues={":yes": {"S": "yes"}, ":owner": {"S": self._owner}},
        )
        changed = (self._get() or {}).get(CHANGED, {}).get("S")
        yield self._check("update", "yes", str(changed))

    def _queries(self) -> Iterator[Check]:
        found = self._query(self._table.pk, self._table.sk, ConsistentRead=True)
        seen = f"{found} item" if found == 1 else f"{found} items"
        yield self._check("query", "1 item", seen, query_id(self._table.name))
        for index in self._table.indexes:
            answers = query_id(self._table.name, index.name)
            yield self._check(f"query {index.name}", "1 item", self._through(index), answers)

    def _through(self, index: Index) -> str:
        for _ in range(INDEX_POLLS):
            found = self._query(index.pk, index.sk, IndexName=index.name)
            if found:
                break
            self._ctx.wait(POLL)
        return f"{found} item" if found == 1 else f"{found} items"

    def _query(self, pk: Key, sk: Key | None, **where: Any) -> int:
        """How many items the probe's keys find; the probe's own marked one only."""
        names, values, condition = {"#pk": pk.name}, {":pk": self.item[pk.name]}, "#pk = :pk"
        if sk:
            names["#sk"], values[":sk"], condition = sk.name, self.item[sk.name], f"{condition} AND #sk = :sk"
        answer = self._call(
            "query",
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            **where,
        )
        return sum(all(item.get(name) == value for name, value in self.key.items()) for item in answer["Items"])

    def _get(self) -> Item | None:
        item: Item | None = self._call("get_item", Key=self.key, ConsistentRead=True).get("Item")
        return item

    def _put(self) -> None:
        """Put the probe where nothing is: an item that came here in this very moment is not overwritten."""
        try:
            self._call(
                "put_item",
                Item=self.item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": self._table.pk.name},
            )
        except AwsError as error:
            # A put whose answer was lost is sent again, and the second one finds the first one's item.
            if error.code != REFUSED or self._get() != self.item:
                raise

    def _remove(self) -> None:
        """Delete the item under the probe's key when it is ours. Raises StepFailed when it is somebody else's."""
        there = self._get()
        if there is None:
            return
        if there.get(MARK, {}).get("S") != self._owner:
            raise StepFailed(
                f"table {self._table.name} has an item under the probe's key that this run did not make; it stays",
                next_command=f"phasegate resume {self._ctx.run_id}   # when that item is gone",
            )
        try:
            self._call(
                "delete_item",
                Key=self.key,
                ConditionExpression="#mark = :owner",
                ExpressionAttributeNames={"#mark": MARK},
                ExpressionAttributeValues={":owner": {"S": self._owner}},
            )
        except AwsError as error:
            if error.code != REFUSED or self._get() is not None:  # sent again, as above
                raise

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self._aws.call("dynamodb", operation, TableName=self._table.name, **params)

    def _check(self, what: str, expected: str, seen: str, *answers: str) -> Check:
        name = self._table.name
        return compare(f"{name}: {what}", expected, seen, where=name, answers=(table_id(name), *answers))


def key_value(key: Key, owner: str) -> dict[str, object]:
    """A value of the key's type that nothing else has: `{"S": ...}`, `{"N": ...}` or `{"B": ...}`.

    Numbers are negative and of 15 digits: no counter comes there.
    """
    text = f"phasegate-probe {owner} {key.name}"
    match key.type:
        case "S":
            return {"S": text}
        case "B":
            return {"B": text.encode()}
        case "N":
            return {"N": str(-(10**14 + int(sha256(text.encode())[:11], 16)))}
