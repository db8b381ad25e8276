"""Does an item say what a command prints? "`git branch --show-current` prints `main`": compared, not ended with 0."""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.clause import clause_of
from phases.checks.suggest.proposal import Entry
from phases.manual.reading_commands import only_reads

_SAYS = re.compile(
    r"`(?P<command>[^`]+)` (?:(?P<whole>prints|returns|outputs|gives|is|says)|(?P<part>shows|contains|includes|lists"
    r"|reports|mentions|displays))(?: the)? (?:`(?P<value>[^`]+)`|(?P<version>(?:new|released?|right|correct) version))"
)
_BRACKETED = re.compile(r"[^`()]+ \((`[^`]+` [^()]*`[^`]+`)\)")  # "Redis answers (`redis-cli ping` returns `PONG`)"
_OPEN = re.compile(r"[<>{}$|;&]|\.\.\.")  # blanks, pipes: what it prints is not this command's alone
# programs that are asked something, and are not known to only read
_ASKS = re.compile(
    r"(?:npm|pip|gem|cargo) (?:view|show|info|search) [\w@/. -]+|kubectl config current-context|git branch"
    r" --show-current|[a-z]+ --version|redis-cli(?: -[hpn] [\w.-]+)* ping"
)
PrintedCheck = tuple[Entry, Mapping[str, str], str]  # the check, what it asks, what it does not prove


def printed_of(item: ListedItem) -> PrintedCheck | None:
    """The check of what a command that only reads prints; None where the item says something else."""
    bracketed = _BRACKETED.fullmatch(item.text.strip().rstrip("."))
    _head, remark, _asserted = clause_of(item.text)
    said = bracketed[1] if bracketed else "" if remark else item.text.strip().rstrip(".")
    found = _SAYS.fullmatch(said)
    if found is None or _OPEN.search(found["command"]) or _OPEN.search(found["value"] or ""):
        return None
    reads = only_reads(found["command"])
    if not reads and not _ASKS.fullmatch(found["command"]):
        return None
    command: dict[str, str | bool] = {"run": found["command"]} if reads else {"run": found["command"], "changes": True}
    value = found["value"] or "{version}"
    asks = {} if found["value"] else {"version": "Which version is released?"}
    entry: Entry = {"command": {**command}, "expect": {"equals" if found["whole"] else "contains": value}}
    return entry, asks, "what it prints here and now, not: more"
