"""How does somebody who overlooks nothing make what was shown fit a rewritten journal? The line before, digests.

A request names the journal's line before it, and its digest covers that. Where either the forged or the real event had
the digest that follows from it, the forged one gets the digest that follows with the new line before; where neither
had, its digest stays as it is, and is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from state.errors import JournalDamaged
from state.event_types import Event, ReviewOpened, RunStarted, Worked
from state.events import from_line
from state.fold import fold
from state.model import Plan
from workflow.audit.approval_checks import Shown
from workflow.engine.rollback_tasks import with_rollback
from workflow.runbook.kept_runbook import read_kept

Events = list[dict[str, Any]]
Chained = Callable[[Events], bytes]


class FittedRequests:
    """`fit` is called with each event of the forged journal in order, and with those before it."""

    def __init__(self, real: Events, forged: Events, runbook: Path, chained: Chained) -> None:
        self._stories = (forged, real)
        self._runbook = runbook
        self._chained = chained
        self.new: dict[str, str] = {}  # digests and blobs, by those that stood there

    def fit(self, event: dict[str, Any], before: Events) -> dict[str, Any]:
        """The event as it follows from those before it."""
        if event["type"] != "worked" or "prev" not in event["request"]:
            return self._with_new_digests(event)
        stated = event["request"]
        last = self._chained(before).splitlines()[-1]
        prev = hashlib.sha256(last).hexdigest()
        digest = self._digest(stated, prev) or stated["digest"]
        event = self._with_new_digests(event)
        if digest != stated["digest"]:
            self.new[stated["digest"]] = digest
        return {**event, "request": {**stated, "prev": prev, "digest": digest}}

    def _with_new_digests(self, event: dict[str, Any]) -> dict[str, Any]:
        fitted: dict[str, Any] = json.loads(self.in_text(json.dumps(event)))
        return fitted

    def in_text(self, text: str) -> str:
        """The text with what is new in the place of what stood there, also where it is cut (the working log does)."""
        for old, new in self.new.items():
            text = text.replace(old, new).replace(f"`{old[:12]}`", f"`{new[:12]}`")
        return text

    def _digest(self, stated: dict[str, Any], prev: str) -> str:
        """What the evidence of this request hashes to behind that line; "" where it never hashed to what is stated."""
        for story in self._stories:
            found = [each for each in story if each.get("request", {}).get("nonce") == stated["nonce"]]
            if not found or self._hash(story, found[0]) != stated["digest"]:
                continue
            new = self._with_new_digests(found[0])
            new["request"]["prev"] = prev
            return self._hash([new if each is found[0] else each for each in story], new)
        return ""

    def _hash(self, story: Events, event: dict[str, Any]) -> str:
        """What this event of the story shows hashes to; "" where nobody can tell."""
        try:
            read = list(self._read(story))
            start, seen = read[0], read[story.index(event)]
            assert isinstance(start, RunStarted)
            assert isinstance(seen, Worked | ReviewOpened)
            shown = Shown(start, start.plan, start.commit)
            for each in read[: seen.seq + 1]:
                shown.take(each)
            return shown.digest(seen, self._plan(start, read))
        except (ValueError, KeyError, JournalDamaged):
            return ""

    def _read(self, story: Events) -> Iterator[Event]:
        for line in self._chained(story).splitlines():
            yield from_line(line)

    def _plan(self, start: RunStarted, events: list[Event]) -> Plan:
        plan = read_kept(self._runbook.read_bytes(), start)
        return with_rollback(plan, fold(events)) if any(each.type == "rollback-started" for each in events) else plan
