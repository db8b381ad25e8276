"""`sandbox`: the AWS account on this machine that belongs to this workspace."""

from __future__ import annotations

import json

import click

from workflow.cli.place import sandbox_directory, workspace_of
from workflow.cli.say import say


@click.group()
def sandbox() -> None:
    """Start, stop or look at this workspace's AWS sandbox."""


@sandbox.command()
@click.pass_context
def start(ctx: click.Context) -> None:
    """Start it in the background; it keeps its state over restarts."""
    from workflow.sandbox import control

    info = control.start(sandbox_directory(workspace_of(ctx)))
    say(f"sandbox runs at {info.endpoint_url}, account {info.account}, process {info.pid}")
    say(f"use it from the AWS CLI: export AWS_ENDPOINT_URL={info.endpoint_url}", err=True)


@sandbox.command()
@click.option("--forget", is_flag=True, help="Throw its state away as well.")
@click.pass_context
def stop(ctx: click.Context, forget: bool) -> None:
    """Stop it; its state stays on disk unless --forget."""
    from workflow.sandbox import control

    control.stop(sandbox_directory(workspace_of(ctx)), forget=forget)
    say("sandbox stopped" + (", its state is gone" if forget else ", its state is kept"))


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON: `running, endpoint_url, pid, account`.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> int:
    """Say whether it runs, and where. Exits 1 when it does not."""
    from workflow.sandbox import control

    info = control.status(sandbox_directory(workspace_of(ctx)))
    body = {
        "running": info is not None,
        "endpoint_url": info.endpoint_url if info else None,
        "pid": info.pid if info else None,
        "account": info.account if info else None,
    }
    if as_json:
        click.echo(json.dumps(body))
    else:
        say(f"running at {info.endpoint_url}, process {info.pid}" if info else "not running")
    return 0 if info else 1
