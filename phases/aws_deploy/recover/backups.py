"""How is the data kept before it is overwritten, and does it come back? On-demand backups of DynamoDB tables.

Rules:
- A backup's name follows from the run alone: one that this run made already is found, in every attempt.
- A table that does not exist has nothing to be backed up: said, not failed.
- A rehearsal restores into a table of its own name, compares, and removes that one; the original is never written.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from phases.aws import AwsPort, NotFound
from phases.aws_deploy.live.answers import entries
from phases.aws_deploy.spec.recorded import BackedUp, Backup, Restored, TableBackedUp
from phases.checks.answered import Item
from phases.step import Check, StepContext
from state.errors import StepFailed

if TYPE_CHECKING:
    from phases.described_table import TableDescription


class KeptBackup(Backup):
    """A backup with what people are shown of it; `bytes` is None while AWS does not say."""

    name: str
    created: str
    bytes: int | None


class BackupDetails(TypedDict, total=False):
    """The `BackupDetails` of DescribeBackup, as far as they are read here."""

    BackupStatus: str
    BackupCreationDateTime: datetime
    BackupSizeBytes: int


class SourceTable(TypedDict):
    """The `SourceTableDetails` of DescribeBackup."""

    KeySchema: list[object]


class BackupDescription(TypedDict):
    """A backup, as DescribeBackup has it."""

    BackupDetails: BackupDetails
    SourceTableDetails: SourceTable


POLL = 5.0  # [s]
PATIENCE = 720  # polls: an hour
COUNTED = 64 * 1024 * 1024  # tables up to this size are counted [bytes]


def back_up(ctx: StepContext, aws: AwsPort, table: str, item: Item) -> tuple[Check, KeptBackup | None]:
    """Back the table up, once a run.

    Returns the check, and `{table, arn, name, items, created, bytes, key_schema}`, or None when there is no table.
    """
    name = f"backup of {table}"
    described = _table(aws, table)
    if described is None:
        return item.check(
            name, "a backup of what is there", "the table does not exist yet: nothing to keep", "note"
        ), None
    wanted = backup_name(ctx.run_id, table)

    def find() -> BackedUp | None:
        found = [
            entry
            for entry in entries(aws, "dynamodb", "list_backups", "BackupSummaries", TableName=table, BackupType="USER")
            if entry["BackupName"] == wanted and entry["BackupStatus"] != "DELETED"
        ]
        return {"arn": found[0]["BackupArn"], "items": _count(aws, described)} if found else None

    def act() -> BackedUp:
        made = find()  # an attempt before this one may have made it
        if made is not None:
            return made
        items = _count(aws, described)
        details = aws.call("dynamodb", "create_backup", TableName=table, BackupName=wanted)["BackupDetails"]
        return {"arn": details["BackupArn"], "items": items}

    made = ctx.effect(f"backup-{table}", {"table": table, "backup": wanted}, act, find, BackedUp)
    details = _settled(ctx, aws, made["arn"])
    status = details["BackupDetails"]["BackupStatus"]
    kept: KeptBackup = {
        "table": table,
        "arn": made["arn"],
        "name": wanted,
        "items": made["items"],
        "created": str(details["BackupDetails"]["BackupCreationDateTime"]),
        "bytes": details["BackupDetails"].get("BackupSizeBytes"),
        "key_schema": details["SourceTableDetails"]["KeySchema"],
    }
    items = "not counted" if kept["items"] is None else kept["items"]
    good = status == "AVAILABLE"
    return item.check(name, "AVAILABLE", f"{status}, items: {items}", "pass" if good else "fail", made["arn"]), kept


def backup_name(run_id: str, table: str) -> str:
    """At most 255 characters of `a-zA-Z0-9_.-`, which is what run ids and table names are made of."""
    return f"{run_id}-{table}"[:255]


def rehearse_restore(ctx: StepContext, aws: AwsPort, backup: Backup) -> tuple[list[Check], float]:
    """Restore into a table of its own, compare it with what was backed up, remove it. Returns checks and seconds."""
    copy = f"{backup['table'][:200]}-rehearsal-{ctx.run_id[-15:]}-{ctx.attempt}"

    def restore() -> Restored:
        began = time.monotonic()
        aws.call("dynamodb", "restore_table_from_backup", TargetTableName=copy, BackupArn=backup["arn"])
        described = _active(ctx, aws, copy)
        return {**_facts(aws, described), "seconds": round(time.monotonic() - began, 1)}

    def found() -> Restored | None:
        if _table(aws, copy) is None:
            return None
        return {**_facts(aws, _active(ctx, aws, copy)), "seconds": 0.0}

    def remove() -> dict[str, str]:
        if _table(aws, copy) is not None:
            aws.call("dynamodb", "delete_table", TableName=copy)
        return {"removed": copy}

    ctx.begins(f"  restoring {backup['table']} from its backup as {copy}")
    seen = ctx.effect(f"restore-{copy}", {"backup": backup["arn"], "table": copy}, restore, found, Restored)
    ctx.effect(f"remove-{copy}", {"table": copy}, remove, lambda: None)
    where, name = str(backup["arn"]), f"data of {backup['table']}"
    keys = bool(backup["key_schema"]) and seen["key_schema"] == backup["key_schema"]
    return [
        _items_check(f"{name}: items", backup["items"], seen["items"], where),
        Check(f"{name}: keys", str(backup["key_schema"]), str(seen["key_schema"]), "pass" if keys else "fail", where),
    ], float(seen["seconds"])


def restore_beside(ctx: StepContext, aws: AwsPort, backup: TableBackedUp) -> tuple[Check, str]:
    """Restore for good, into a table whose name says so. Returns the check and that name."""
    copy = f"{backup['table'][:200]}-restored-{ctx.run_id[-15:]}"

    def restore() -> Restored:
        if _table(aws, copy) is None:
            aws.call("dynamodb", "restore_table_from_backup", TargetTableName=copy, BackupArn=backup["arn"])
        return _facts(aws, _active(ctx, aws, copy))

    ctx.begins(f"  restoring {backup['table']} from its backup as {copy}")
    seen = ctx.effect(
        f"restore-{backup['table']}", {"backup": backup["arn"], "table": copy}, restore, lambda: None, Restored
    )
    check = _items_check(f"data of {backup['table']}", backup["items"], seen["items"], copy)
    return check, copy


def table_status(aws: AwsPort, table: str) -> str:
    """`ACTIVE` and the like, or that it is not there."""
    described = _table(aws, table)
    return str(described["TableStatus"]) if described else "not there"


def _items_check(name: str, kept: int | None, seen: int | None, where: str) -> Check:
    """A table in use may have been written between counting and backup: only a loss of everything is certain."""
    if kept is None or seen is None:
        return Check(name, "as many as backed up", "not checked: too large to be counted", "not-checked", where)
    if kept == seen == 0:
        return Check(name, "as many as backed up", "not checked: the table was empty", "not-checked", where)
    lost = kept > 0 and seen == 0
    return Check(name, str(kept), str(seen), "pass" if kept == seen else "fail" if lost else "note", where)


def _facts(aws: AwsPort, described: TableDescription) -> Restored:
    return {"items": _count(aws, described), "key_schema": [*described["KeySchema"]]}


def _count(aws: AwsPort, described: TableDescription) -> int | None:
    """Counted, because DescribeTable's own figure is up to six hours old; None for a table that is too large for it.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html (ItemCount)
    """
    if described.get("TableSizeBytes", 0) > COUNTED:
        return None
    name = described["TableName"]
    return sum(int(page["Count"]) for page in aws.pages("dynamodb", "scan", TableName=name, Select="COUNT"))


def _table(aws: AwsPort, table: str) -> TableDescription | None:
    try:
        described: TableDescription = aws.call("dynamodb", "describe_table", TableName=table)["Table"]
    except NotFound:
        return None
    return described


def _settled(ctx: StepContext, aws: AwsPort, arn: str) -> BackupDescription:
    for _ in range(PATIENCE):
        details: BackupDescription = aws.call("dynamodb", "describe_backup", BackupArn=arn)["BackupDescription"]
        if details["BackupDetails"]["BackupStatus"] != "CREATING":
            return details
        ctx.wait(POLL)
    raise StepFailed(
        f"backup {arn} is still being made after {PATIENCE * POLL / 60:.0f} minutes",
        next_command=f"phasegate resume {ctx.run_id}   # when it is made",
    )


def _active(ctx: StepContext, aws: AwsPort, table: str) -> TableDescription:
    for _ in range(PATIENCE):
        described = _table(aws, table)
        if described is not None and described["TableStatus"] == "ACTIVE":
            return described
        ctx.wait(POLL)
    raise StepFailed(
        f"table {table} is not restored after {PATIENCE * POLL / 60:.0f} minutes",
        next_command=f"aws dynamodb describe-table --table-name {table} && phasegate resume",
    )
