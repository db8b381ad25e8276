"""What does one request cost in request units, given the contract's item sizes?

Units: bytes are bytes, 1 KB = 1,024 bytes as DynamoDB counts; a request unit is what on-demand tables are billed by.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

from math import ceil

from phases.contract.model import Index, Table

READ_UNIT_BYTES = 4 * 1024
WRITE_UNIT_BYTES = 1024

# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_ITEM_BYTES = 400 * 1024
LARGE_ITEM_BYTES = MAX_ITEM_BYTES // 4  # our own line: an average this near the limit has single items beyond it

# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
PARTITION_READ_UNITS = 3_000  # a second
PARTITION_WRITE_UNITS = 1_000  # a second

# Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
NEW_TABLE_READ_UNITS = 12_000  # a second
NEW_TABLE_WRITE_UNITS = 4_000  # a second
DEFAULT_TABLE_QUOTA = 40_000  # read units and write units a second, each


def read_units(item_bytes: int, *, consistent: bool = False) -> float:
    """Read request units to get one item: one for each 4 KB begun, half of it when eventually consistent."""
    units = max(1, ceil(item_bytes / READ_UNIT_BYTES))
    return float(units) if consistent else units / 2


def items_per_read_unit(item_bytes: int) -> float:
    """Items that a query returns for one eventually consistent read unit: it rounds the sum, not each item."""
    return 2 * READ_UNIT_BYTES / max(1, item_bytes)


def write_units(item_bytes: int) -> int:
    """Write request units to put one item without indexes: one for each 1 KB begun."""
    return max(1, ceil(item_bytes / WRITE_UNIT_BYTES))


def index_write_units(index: Index, item_bytes: int) -> int:
    """Write units that the index adds when an item enters it; for a partial projection the least there can be."""
    return write_units(item_bytes) if index.projection == "ALL" else 1


def put_units(table: Table) -> int:
    """Write units to put one item of the contract's size that enters every index."""
    return write_units(table.item_bytes) + sum(index_write_units(index, table.item_bytes) for index in table.indexes)


def size_remark(item_bytes: int) -> str:
    """How the contract's item size stands to the limit of 400 KB, in words."""
    share = 100 * item_bytes / MAX_ITEM_BYTES
    if item_bytes > MAX_ITEM_BYTES:
        return f"**{share:.0f} % of the limit: such an item is refused**"
    if item_bytes >= LARGE_ITEM_BYTES:
        return f"**{share:.0f} % of the limit: keep large values in S3 and their key here**"
    return f"{share:.1f} % of the limit"
