"""How does a program follow a run? The journal's lines as they are written, then why it stopped.

For `run --json` and `resume --json`; docs/json.md has the shapes.
"""

from __future__ import annotations

import json

from state.event_types import Event
from workflow.cli.next_line import LOOK, Standing, all_typed_here, typed_here
from workflow.cli.say import put
from workflow.views.stopped import Stopped


class JsonLines:
    """Implements workflow.service.drive.Follower on standard output; commands are as `next:` prints them."""

    def __init__(self, at: Standing) -> None:
        self._at = at

    def event(self, event: Event) -> None:
        put(event.to_line().decode())

    def stopped(self, why: Stopped) -> None:
        following = why.next_command or (LOOK if why.exit_code else "")
        body = dict(why.to_json()) | {"next": all_typed_here(self._at, following)}
        if isinstance(approve := body.get("approve"), str):
            body["approve"] = typed_here(self._at, approve)
        put(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
