"""How does a program follow a run? The journal's lines as they are written, then why it stopped.

For `run --json` and `resume --json`; docs/json.md has the shapes.
"""

from __future__ import annotations

import json

import click

from state.event_types import Event
from workflow.views.stopped import Stopped


class JsonLines:
    """Implements workflow.service.drive.Follower on standard output."""

    def event(self, event: Event) -> None:
        click.echo(event.to_line().decode())

    def stopped(self, why: Stopped) -> None:
        click.echo(json.dumps(why.to_json(), ensure_ascii=False, separators=(",", ":")))
