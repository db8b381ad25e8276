"""What are a table's resources called inside the template? Names derived from the table's name alone.

Rules:
- The id depends on no other table: adding or reordering tables must never rename one, because a renamed logical id
  is a new resource to CloudFormation.
- `Users` becomes `UsersTable`. Any other spelling is brought to CamelCase and, since that loses information
  (`users`, `Users` and `us_ers` look alike), carries four hex digits of the name's SHA-256: `users` is
  `UsersTable9df8`-like, always the same.

Source: AWS CloudFormation User Guide, "Resources": logical ids are alphanumeric and unique within the template.
"""

from __future__ import annotations

import re

from state.files import sha256

_LONGEST = 80  # [characters] leaves room for a stack's name (128) and a suffix in an alarm's name (255)
_AS_IT_IS = re.compile(rf"[A-Z][A-Za-z0-9]{{0,{_LONGEST - 1}}}")


def logical_id(table_name: str) -> str:
    """The logical id of the table's resource: alphanumeric, at most 89 characters."""
    if _AS_IT_IS.fullmatch(table_name):
        return f"{table_name}Table"
    words = [word for word in re.split(r"[^A-Za-z0-9]+", table_name) if word]
    camel = "".join(word[0].upper() + word[1:] for word in words)[:_LONGEST]
    return f"{camel}Table{sha256(table_name.encode())[:4]}"
