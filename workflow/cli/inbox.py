"""`inbox`: what waits for people at the remote, and what became of one's own verdicts."""

from __future__ import annotations

import click

from workflow.cli.looking import print_found
from workflow.cli.next_line import Standing
from workflow.cli.options import JSON
from workflow.service.remote_inbox import inbox as look
from workflow.service.this_process import who_runs_this


@click.command()
@JSON
@click.option("--remote", metavar="NAME", help="Which remote, if not that of phasegate.yaml, or origin.")
@click.pass_obj
def inbox(at: Standing, as_json: bool, remote: str | None) -> None:
    """List what waits for people at the remote: run, task, digest, until when, and whether you may decide."""
    found = look(at.path, who_runs_this(at.path), remote)
    print_found(at, found, as_json=as_json)
