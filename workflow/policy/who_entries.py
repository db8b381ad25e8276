"""Whom does an entry under `who` name? An address or a pattern for addresses; what can be nobody's is found.

Rules:
- People are known by the address of their git identity, so `Ada <ada@example.com>` names `ada@example.com`.
- An entry that can match no address is a gate that nobody, or not the one who was meant, can open: it is refused when
  the policy is read, and not first at the gate.
- git takes spaces, angle brackets and some marks at the ends out of an address (`strbuf_addstr_without_crud` in its
  ident.c), so no address has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from gates.policy import address_of
from phases.documents.yaml_scalars import shortened

_NAMED = re.compile(r"[^<>]*<[^<>]*>\s*")
_TOKEN = re.compile(r"\*|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)  # as fnmatch reads a pattern
_CRUD = frozenset(".,:;\"\\'")
_OF_AN_ADDRESS = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in "<>,;"] + ["é"]


def entry_named(entry: str) -> str:
    """The address or pattern that the entry gives: that of `Name <address>`, else the entry."""
    return address_of(entry) if _NAMED.fullmatch(entry) else entry.strip()


def why_nobody(pattern: str) -> str:
    """Why no address of a git identity can match the pattern, which `entry_named` gave; "" where one can."""
    if not pattern:
        return "an empty entry is nobody"
    if pattern.lower().startswith("mailto:"):
        return f"did you mean {shortened(pattern[7:])}"
    if pattern.startswith("@"):
        return "a team is nobody here, since git identities have no teams; did you mean the people's addresses"
    tokens = _TOKEN.findall(pattern.lower())
    if why := _why_no_address(tokens):
        return why
    if "*" in tokens or any(token == "@" or _matches("@", token) for token in tokens[1:-1]):
        return ""
    named = shortened(pattern)
    return f'an address has an @; did you mean the address of {named}, or "{named}@*"'


def _why_no_address(tokens: Sequence[str]) -> str:
    """Why these parts of a pattern can be in no address, with an @ or without; "" where they can."""
    literal = [token for token in tokens if len(token) == 1 and token not in "*?"]
    if wrong := sorted(filter(_is_in_no_address, literal)):
        return f"no address has {wrong[0]!r} in it; did you mean several entries"
    if literal.count("@") > 1 or tokens[-1] == "@":
        return "expected one address, name@host"
    if any(token in _CRUD for token in (tokens[0], tokens[-1])):
        return "no address begins or ends with such a mark"
    if any(map(_matches_nothing, tokens)):
        return "its brackets match no character"
    return ""


def _is_in_no_address(char: str) -> bool:
    return char in "<>,;" or char.isspace() or not char.isprintable()


def _matches_nothing(token: str) -> bool:
    return len(token) > 1 and not any(_matches(char, token) for char in _OF_AN_ADDRESS)


def _matches(char: str, token: str) -> bool:
    return token != char and token[0] in "?[" and fnmatchcase(char, token)
