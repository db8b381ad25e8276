"""What do the phases of a deployment leave in the journal that later ones read back? See `phases/recorded.py`."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict  # pydantic reads typing's own from Python 3.12 on only

from phases.recorded import Account, Arn, Hex, Line, Region, Seconds, Time


class Analysed(TypedDict):
    """Left by phase 1: where and what is deployed."""

    name: Line
    environment: Line
    region: Region
    account: Account
    caller_arn: Arn
    components: list[Line]


class Backup(TypedDict):
    """A backup of one table; `items` is None where the table was too large to be counted."""

    table: Line
    arn: Arn
    items: int | None
    key_schema: list[object]


class Prepared(TypedDict):
    """Left by phase 2."""

    backups: list[Backup]


class Round(TypedDict):
    """One round of phase 3, with what did not agree."""

    round: int
    discrepancies: list[str]


class Infrastructure(TypedDict):
    """Left by phase 3; `cost` has rows of a table."""

    rounds: list[Round]
    cost: list[list[str]]


class Application(TypedDict):
    """Left by phase 4; `seconds` by what was run; runs of 0.1 have no `deployed_at`."""

    deployed_commit: Hex
    cost: list[list[str]]
    seconds: dict[str, Seconds]
    deployed_at: NotRequired[Time]


class Validated(TypedDict):
    """Left by phase 5: rows of a table."""

    performance: list[list[str]]


class Rehearsed(TypedDict):
    """Left by phase 7; `seconds` of what was walked: `back`, `data`."""

    rehearsed_in: str
    seconds: dict[str, Seconds]


class Ran(TypedDict):
    """How a command ended; `exit_code` is None where a person said that it was done."""

    command: str
    exit_code: int | None
    seconds: Seconds
    output: str


class TakenBack(TypedDict):
    """Left by a step of the way back."""

    reason: NotRequired[str]
    outputs: NotRequired[dict[str, Ran]]
    restored: NotRequired[dict[str, str]]


class BackedUp(TypedDict):
    """What came of making a backup."""

    arn: Arn
    items: int | None


class TableBackedUp(BackedUp):
    """The same, with the table."""

    table: Line


class OfTable(TypedDict):
    """The table that something is about to be done to."""

    table: Line


class Restored(TypedDict):
    """What stands in a restored table."""

    items: int | None
    key_schema: list[object]
    seconds: NotRequired[Seconds]


class Sent(TypedDict):
    """A notice that was sent: its id, the status of the answer, or a person's word."""

    message: str | int
    missing: NotRequired[bool]
    attested: NotRequired[bool]


class SetOff(TypedDict):
    """An alarm that was set off: its state before, and when."""

    before: Line
    at: Time


class Discrepancies(TypedDict):
    """What a look at the infrastructure found."""

    discrepancies: list[str]


class Until(TypedDict):
    """When a watch ends."""

    until: Time


class OfCommit(TypedDict):
    """What is about to be deployed."""

    commit: Line
