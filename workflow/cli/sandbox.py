"""`sandbox`: the AWS account on this machine that belongs to this workspace."""

from __future__ import annotations

import json

import click

from workflow.cli.next_line import Standing
from workflow.cli.say import put, say
from workflow.service import sandbox as desk


@click.group()
def sandbox() -> None:
    """Start, stop or look at this workspace's AWS sandbox."""


@sandbox.command()
@click.pass_obj
def start(at: Standing) -> None:
    """Start it in the background; it keeps its state over restarts."""
    found = desk.start(at.path)
    say(f"sandbox runs at {found.endpoint_url}, account {found.account}, process {found.pid}")
    say(f"use it from the AWS CLI: export AWS_ENDPOINT_URL={found.endpoint_url}", err=True)


@sandbox.command()
@click.option("--forget", is_flag=True, help="Throw its state away as well.")
@click.pass_obj
def stop(at: Standing, forget: bool) -> None:
    """Stop it; its state stays on disk unless --forget."""
    ran = desk.stop(at.path, forget=forget)
    say(
        ("sandbox stopped" if ran else "sandbox was not running")
        + (", its state is gone" if forget else ", its state is kept")
    )


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON: `running, endpoint_url, pid, account`.")
@click.pass_obj
def status(at: Standing, as_json: bool) -> int:
    """Say whether it runs, and where. Exits 1 when it does not."""
    found = desk.status(at.path)
    if as_json:
        put(json.dumps(found.to_json()))
    else:
        say(f"running at {found.endpoint_url}, process {found.pid}" if found.running else "not running")
    return 0 if found.running else 1
