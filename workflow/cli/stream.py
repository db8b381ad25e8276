"""How does a program follow a run? The journal's lines as they are written, then why it stopped.

For `run --json` and `resume --json`; docs/json.md has the shapes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from gates.approval import SHORT
from state.errors import PhasegateError
from state.events import Event, format_time
from workflow.cli.main import INTERRUPTED
from workflow.engine.engine import Engine


@contextmanager
def event_stream(engine: Engine, wanted: bool, already: Iterable[Event] = ()) -> Iterator[None]:
    """Print each event of the run on standard output, those `already` written first; at last, why it ends."""
    if not wanted:
        yield
        return
    for event in already:
        _print_event(event)
    engine.journal.listener = _print_event
    try:
        yield
    except PhasegateError as error:
        _print(_stopped(engine, error.exit_code, error.message, error.next_command))
        raise
    except KeyboardInterrupt:
        _print(_stopped(engine, INTERRUPTED, "interrupted", f"phasegate resume {engine.run.run_id}"))
        raise
    _print(_stopped(engine, 0, "complete" if engine.complete else "as asked", ""))


def _print_event(event: Event) -> None:
    click.echo(event.to_line().decode())


def _print(body: dict[str, Any]) -> None:
    click.echo(json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def _stopped(engine: Engine, exit_code: int, message: str, next_command: str) -> dict[str, Any]:
    """The last line; `task` is what the run stands at, with all that somebody needs to do it or to decide on it."""
    here = engine.run.current_task
    state = engine.machine.state
    body: dict[str, Any] = {
        "type": "stopped",
        "run": engine.run.run_id,
        "exit_code": exit_code,
        "state": state,
        "message": message,
        "next": next_command,
        "waits_for": None,
        "task": None,
    }
    if here is None or here.key != state:
        return body
    task = engine.plan.task(here.key)
    body["task"] = {
        "key": task.key,
        "id": task.id,
        "title": task.title,
        "kind": task.kind,
        "optional": task.optional,
        "status": here.status,
        "attempt": here.attempt,
        "text": task.text,
        "refusals": here.refusals,
        "requirements": list(task.requirements),
        "exit_criteria": list(task.exit_criteria),
        "commands": [{"text": each.text, "placeholders": list(each.placeholders)} for each in task.commands],
        "by_hand": engine.workflow.step_for(task) is None,
    }
    if here.status == "in-review" and here.request is not None:
        body["waits_for"] = "approval"
        body["digest"] = here.request.digest
        body["approve"] = f"phasegate approve {engine.run.run_id} --digest {here.request.digest[:SHORT]}"
        body["expires_at"] = format_time(here.request.expires_at)
    elif here.status == "working" and body["task"]["by_hand"] and here.handed_in is None:
        body["waits_for"] = "work"
    elif exit_code == 3:
        body["waits_for"] = "answer"
    return body
