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
from fnmatch import fnmatchcase

from gates.policy import address_of
from phases.documents.yaml_scalars import shortened

_NAMED = re.compile(r"[^<>]*<[^<>]*>\s*")
_TOKEN = re.compile(r"\*|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)  # as fnmatch reads a pattern
_CRUD = ".,:;\"\\'"
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
    tokens = _TOKEN.findall(pattern.lower())
    literal = [token for token in tokens if len(token) == 1 and token not in "*?"]
    if pattern.startswith("@"):
        return "a team is nobody here, since git identities have no teams; did you mean the people's addresses"
    if wrong := sorted({char for char in literal if char in "<>,;" or char.isspace() or not char.isprintable()}):
        return f"no address has {wrong[0]!r} in it; did you mean several entries"
    if literal.count("@") > 1 or tokens[-1] == "@":
        return "expected one address, name@host"
    if (tokens[0] in _CRUD and len(tokens[0]) == 1) or (tokens[-1] in _CRUD and len(tokens[-1]) == 1):
        return "no address begins or ends with such a mark"
    if any(len(token) > 1 and not any(_matches(char, token) for char in _OF_AN_ADDRESS) for token in tokens):
        return "its brackets match no character"
    if "*" in tokens or "@" in tokens[1:-1] or any(_matches("@", token) for token in tokens[1:-1]):
        return ""
    named = shortened(pattern)
    return f'an address has an @; did you mean the address of {named}, or "{named}@*"'


def _matches(char: str, token: str) -> bool:
    return token != char and token[0] in "?[" and fnmatchcase(char, token)
