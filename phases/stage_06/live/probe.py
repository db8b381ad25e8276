"""Can items be written, read, found and removed? An item for each entity of a table, always taken away again.

Rules:
- No item of anybody is touched: a probe is put only where nothing is (a condition), changed and deleted only while it
  carries this run's mark.
- The probe's keys come from run, task and key templates alone (`probe_items.py`): whatever kills the process, the next
  try finds the items and removes them before it begins. Removing is in a `finally`, and is verified by a consistent
  read.
- Every index is queried for every entity that fills its keys, and every access pattern that names a key condition is
  executed (`pattern_checks.py`). Indexes follow their table with a delay, so a query is repeated for a while before it
  counts as failed.
  Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (eventual consistency)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from phases.aws import Answer, AwsError, AwsPort
from phases.contract.model import Index, Table
from phases.stage_06.live.live_schema import table_id
from phases.stage_06.live.probe_items import MARK, Item, NotPut, ProbeItem, probe_items, whole_item
from phases.step import Check, StepContext, compare
from state.counted import counted
from state.errors import StepFailed

CHANGED = "phasegate_probe_changed"
REFUSED = "ConditionalCheckFailedException"
POLL = 5  # [s]
INDEX_POLLS = 12  # one minute; a new item is in an index within a fraction of a second as a rule


class Probe:
    """The probes of one run in one table.

    Attributes:
        items: what is put; `not_put`: entities that are not probed.
        owner: `RUN/TASK`, the mark's value.
    """

    def __init__(self, ctx: StepContext, aws: AwsPort, table: Table) -> None:
        self._ctx = ctx
        self._aws = aws
        self.table = table
        self.owner = f"{ctx.run_id}/{ctx.task.id}"
        found = list(probe_items(table, self.owner))
        self.items = [each for each in found if isinstance(each, ProbeItem)]
        # 0.1 put one item a table, with keys of its own making; a try of it that was killed may have left it
        of_0_1 = [whole_item(table, self.owner)] if ctx.is_of_0_1 and any(each.entity for each in self.items) else []
        self._to_remove = [*of_0_1, *self.items]
        self.not_put = [each for each in found if isinstance(each, NotPut)]

    def run(self, meanwhile: Callable[[Probe], object] = lambda _probe: None) -> list[Check]:
        """Put, get, update, query the table and each index, delete; and see that nothing is left.

        `meanwhile` is called while all items are there.

        Raises StepFailed when an item that is not ours has a probe's key, AwsError as the calls do.
        """
        for each in self._to_remove:
            self._remove(each)  # what a killed try left
        try:
            checks = [check for each in self.items for check in self._write_and_read(each)]
            checks += self._queries()
            meanwhile(self)
        finally:
            for each in self.items:
                self._remove(each)
        for each in self.items:
            seen = "nothing is left" if self._get(each) is None else "the probe is still there"
            checks.append(self._check(f"delete{each.label}", "nothing is left", seen))
        for skipped in self.not_put:
            name = f"{self.table.name}: put and get {skipped.entity.name}"
            checks.append(Check(name, "an item", f"not put: {skipped.why}", "not-checked", self.table.name))
        return checks

    def query(self, condition: str, names: Item | dict[str, str], values: Item, index: Index | None) -> list[Item]:
        """The items that a key condition finds, ours only; an index is asked again until it has any.

        Args:
            condition, names, values: as Query takes them.
            index: None for the table, which is read consistently.
        """
        where: dict[str, object] = {"IndexName": index.name} if index else {"ConsistentRead": True}
        for _ in range(INDEX_POLLS if index else 1):
            items: list[Item] = []
            start: dict[str, object] = {}
            while True:
                answer = self._call(
                    "query",
                    KeyConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                    **where,
                    **start,
                )
                items += [item for item in answer.get("Items", []) if self.of(item) is not None]
                if not (last := answer.get("LastEvaluatedKey")):
                    break
                start = {"ExclusiveStartKey": last}
            if items:
                return items
            if index:
                self._ctx.wait(POLL)
        return []

    def of(self, item: Item) -> ProbeItem | None:
        """Which of the probes an item is that was found, by its key."""
        return next((each for each in self.items if each.key.items() <= item.items()), None)

    def _write_and_read(self, each: ProbeItem) -> Iterator[Check]:
        self._put(each)
        seen = "the item as put" if self._get(each) == each.item else "another"
        yield self._check(f"put and get{each.label}", "the item as put", seen)
        self._call(
            "update_item",
            Key=each.key,
            UpdateExpression="SET #changed = :yes",
            ConditionExpression="#mark = :owner",
            ExpressionAttributeNames={"#changed": CHANGED, "#mark": MARK},
            ExpressionAttributeValues={":yes": {"S": "yes"}, ":owner": {"S": self.owner}},
        )
        changed = (self._get(each) or {}).get(CHANGED, {}).get("S")
        yield self._check(f"update{each.label}", "yes", str(changed))

    def _queries(self) -> Iterator[Check]:
        for each in self.items:
            yield self._check(f"query{each.label}", "1 item", self._through(each, None))
        for index in self.table.indexes:
            inside = [each for each in self.items if each.is_in(index)]
            for each in inside:
                what = f"query {index.name}{' for' if each.label else ''}{each.label}"
                yield self._check(what, "1 item", self._through(each, index))
            if not inside and not self.not_put:
                yield self._check(f"query {index.name}", "1 item", "0 items: no entity has all of its keys")

    def _through(self, each: ProbeItem, index: Index | None) -> str:
        """How often the probe's own keys find it: each attribute of the partition key, and of the sort key.

        A sort key of several attributes is read from the left, so each beginning of it is tried.
        """
        of = index or self.table
        for length in range(min(1, len(of.sks)), len(of.sks) + 1):
            keys = (*of.pks, *of.sks[:length])
            names = {f"#k{number}": key.name for number, key in enumerate(keys)}
            values = {f":k{number}": each.item[key.name] for number, key in enumerate(keys)}
            condition = " AND ".join(f"#k{number} = :k{number}" for number in range(len(keys)))
            found = sum(self.of(item) is each for item in self.query(condition, names, values, index))
            if found != 1:
                return f"{counted(found, 'item')} by {', '.join(key.name for key in keys)}"
        return "1 item"

    def _get(self, each: ProbeItem) -> Item | None:
        item: Item | None = self._call("get_item", Key=each.key, ConsistentRead=True).get("Item")
        return item

    def _put(self, each: ProbeItem) -> None:
        """Put the probe where nothing is: an item that came here in this very moment is not overwritten."""
        try:
            self._call(
                "put_item",
                Item=each.item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": self.table.pk.name},
            )
        except AwsError as error:
            # A put whose answer was lost is sent again, and the second one finds the first one's item.
            if error.code != REFUSED or self._get(each) != each.item:
                raise

    def _remove(self, each: ProbeItem) -> None:
        """Delete the item under the probe's key when it is ours. Raises StepFailed when it is somebody else's."""
        there = self._get(each)
        if there is None:
            return
        if there.get(MARK, {}).get("S") != self.owner:
            raise StepFailed(
                f"table {self.table.name} has an item under the probe's key that this run did not make; it stays",
                next_command=f"phasegate resume {self._ctx.run_id}   # when that item is gone",
            )
        try:
            self._call(
                "delete_item",
                Key=each.key,
                ConditionExpression="#mark = :owner",
                ExpressionAttributeNames={"#mark": MARK},
                ExpressionAttributeValues={":owner": {"S": self.owner}},
            )
        except AwsError as error:
            if error.code != REFUSED or self._get(each) is not None:  # sent again, as above
                raise

    def _call(self, operation: str, **params: object) -> Answer:
        return self._aws.call("dynamodb", operation, TableName=self.table.name, **params)

    def _check(self, what: str, expected: str, seen: str) -> Check:
        name = self.table.name
        return compare(f"{name}: {what}", expected, seen, where=name, answers=(table_id(name),))
