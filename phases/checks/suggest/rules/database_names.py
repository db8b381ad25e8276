"""Rules for databases of any engine: a user, a database by its name, as a command that is asked lists them."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule

_MADE = r"(?: (?:is|has been|was))? (?:created|exists?|present|there|set ?up|added|provisioned)"
_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_NO_PART = r"(?!(?:user|role|name|schema|table|instance|server)s?\b)"
_ENGINE = r"(?:(?:PostgreSQL|Postgres|MySQL|MariaDB|MongoDB|SQL Server|SQL|application|app|production|new|the) )*"


def _listed(name: str, command: str) -> Entry:
    """The name stands on a line of its own in what the command that is asked for lists."""
    pattern = rf"(?:[\s\S]*\n)?\s*(?:\w+\.)?{{{name}}}\s*(?:\n[\s\S]*)?"
    return {"command": {"run": f"sh -c {{{command}}}", "changes": True}, "expect": {"matches": pattern}}


RULES = (
    Rule(
        "user of a database of any engine",
        rf"{_ENGINE}(?:(?:database|DB|MySQL|MariaDB|MongoDB) )(?:user|role)(?: (?P<role>{_NAME}))?{_MADE}",
        _listed("user-of-database", "database-users-command"),
        "there by its name, not: what it may do",
        ("MySQL user created: `shop_app`", "MongoDB user `reader` exists"),
        ("Database user created", "User of the database informed", "DB users `a` and `b` removed"),
        context="operations",
        names={
            "user-of-database": Name(
                "What is the user of the database called?", group="role", code=True, pattern=_NAME
            ),
            "database-users-command": Name(
                "Which command lists the names of the database's users, one a line, without a password in it?"
            ),
        },
        named=True,
    ),
    Rule(
        "database of any engine",
        rf"{_ENGINE}database(?: name)?(?: (?P<database>{_NO_PART}{_NAME}))?{_MADE}",
        _listed("name-of-database", "databases-command"),
        "there by its name, not: what is in it",
        ("SQL Server database `shop` created",),
        ("Database created", "Database of knowledge created", "Database `shop` designed"),
        context="operations",
        names={
            "name-of-database": Name("Which database is it?", group="database", code=True, pattern=_NAME),
            "databases-command": Name(
                "Which command lists the names of the databases, one a line, without a password in it?"
            ),
        },
        named=True,
    ),
)
