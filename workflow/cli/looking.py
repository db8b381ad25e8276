"""How are `status` and `log` printed? Without click, whose import takes as long as all that they do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from state.json_values import Json
from workflow.cli.next_line import Standing, say_next, typed_here
from workflow.cli.say import put, say
from workflow.service import status as desk
from workflow.views.log import LogEnd, LogEntry
from workflow.views.status import StatusView


def show_status(at: Standing, run_id: str | None, *, as_json: bool) -> int:
    """Print where a run stands and what it waits for."""
    found = desk.status(at.path, run_id)
    if as_json:
        put(json.dumps(status_body(at, found), ensure_ascii=False, indent=2))
    else:
        print_found(at, found)
    return 0


def status_body(at: Standing, found: StatusView) -> dict[str, Json]:
    """What `--json` prints: `next` as it works where the person stands."""
    return {**found.to_json(), "next": [typed_here(at, each) for each in found.following]}


class Found(Protocol):
    """What the desk found: as lines for people, with what is to be typed now."""

    @property
    def following(self) -> Sequence[str]: ...

    def lines(self) -> Sequence[str]: ...

    def to_json(self) -> dict[str, Json]: ...


def print_found(at: Standing, found: Found, *, as_json: bool = False) -> None:
    """Print it for people, with what is to be typed now; or as JSON."""
    if as_json:
        put(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        return
    say("\n".join(found.lines()))
    if found.following:
        say_next(at, *found.following, err=False)


def show_log(at: Standing, run_id: str | None, *, as_json: bool) -> int:
    """Print what happened in a run, event by event."""
    for entry in desk.log(at.path, run_id):
        print_entry(entry, as_json=as_json)
    return 0


def print_entry(entry: LogEntry | LogEnd, *, as_json: bool) -> None:
    """Print one event, or how the run has ended, for which the journal has no line."""
    if not as_json:
        say(entry.text())
    elif isinstance(entry, LogEntry):
        put(entry.to_line())
