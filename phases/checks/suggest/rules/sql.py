"""Rules for PostgreSQL: what its catalogue says of tables, indexes, extensions, settings."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Rule
from phases.checks.suggest.rules.entries import SQL

_POSTGRES = r"(?i)postgres|psql"
_WHERE = r"(?: (?:in|on) (?:the )?(?:new |target |production |staging )*(?:database|server|DB|target|production))?"
_NAME = r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?"


def _query(query: str, expected: str) -> Entry:
    words = query.replace("'", "'\\''")
    run = f"sh -c '$1 \"{words}\"' _ {{sql-command}}"
    return {"command": {"run": run, "changes": True}, "expect": {"equals": expected}}


RULES = (
    Rule(
        "SQL table",
        rf"(?:database )?table (?P<relation>{_NAME})(?: has been| is)? (?:exists?|created|present|there){_WHERE}",
        _query("select to_regclass('$relation') is not null", "t"),
        "there, not: its columns and rows",
        ("Table `orders` exists on target", "Table `customers` created"),
        ("Table of contents created", "Table `orders` archived"),
        context="operations",
        names=SQL,
        around=_POSTGRES,
        named=True,
    ),
    Rule(
        "SQL index",
        rf"(?:database )?index (?P<relation>{_NAME})(?: has been| is)? (?:exists?|created|present|there|valid){_WHERE}",
        _query(
            "select coalesce((select indisvalid from pg_index where indexrelid = to_regclass('$relation')), false)", "t"
        ),
        "there and valid, not: that queries use it",
        ("Index `orders_customer_idx` exists", "Index `orders_date` created"),
        ("Index of the book created", "Index `orders_date` rebuilt"),
        context="operations",
        names=SQL,
        around=_POSTGRES,
        named=True,
    ),
    Rule(
        "two extensions",
        rf"(?:PostgreSQL |database )?extensions? (?P<first>{_NAME}) and (?P<second>{_NAME})(?: (?:is|are))?"
        rf" (?:installed|enabled|created|available){_WHERE}",
        _query("select count(*) from pg_extension where extname in ('$first', '$second')", "2"),
        "both are installed in this database, not: in which version",
        ("Extensions `pgcrypto` and `pg_trgm` installed", "Extensions `postgis` and `hstore` are enabled"),
        ("Extensions and plugins installed", "Extensions `pgcrypto` and `pg_trgm` reviewed"),
        context="operations",
        names=SQL,
        around=_POSTGRES,
        named=True,
    ),
    Rule(
        "extension",
        rf"(?:PostgreSQL |database )?extension (?P<first>{_NAME})(?: is)? (?:installed|enabled|created"
        rf"|available){_WHERE}",
        _query("select count(*) from pg_extension where extname = '$first'", "1"),
        "installed in this database, not: in which version",
        ("Extension `pgcrypto` installed", "Extension `postgis` is enabled"),
        ("Browser extension installed", "Extension of the deadline created"),
        context="operations",
        names=SQL,
        around=_POSTGRES,
        named=True,
    ),
    Rule(
        "database setting",
        rf"(?P<setting>(?-i:[a-z]+(?:_[a-z]+)+))(?: is)? (?:set to|=) ?(?P<value>\d+|on|off|[a-z]+){_WHERE}",
        _query("select setting from pg_settings where name = '$setting'", "$value"),
        "in force for new connections, in the server's own unit, not: in its file",
        ("max_connections set to 400 on the target", "`wal_level` = logical"),
        ("JWT_SECRET set to x", "due date set to 4"),
        context="operations",
        names=SQL,
        around=_POSTGRES,
    ),
)
