"""`share`: push a run to a remote, where others see what waits and decide; `--stop` takes it off again."""

from __future__ import annotations

from pathlib import Path

import click

from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import NO_INPUT, RUN_ID
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service import share as desk


@click.command()
@RUN_ID
@click.option("--remote", metavar="NAME", help="Which remote, if not that of phasegate.yaml, or origin.")
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="SSH key, if not git's user.signingkey.")
@click.option("--stop", is_flag=True, help="Take the run off the remote; its branch stays there.")
@NO_INPUT
@click.pass_obj
def share(at: Standing, run_id: str | None, remote: str | None, key: Path | None, stop: bool) -> None:
    """Push this run's branch and what waits in it to a remote, signed; from now on at each gate by itself."""
    if stop:
        gone = desk.stop_sharing(*order(at), run_id)
        say(f"{gone.run}: not on remote {gone.remote} any more; its branch is")
        return
    found = desk.share(*order(at), run_id, remote=remote, key=key)
    say(f"{found.run}: {found.state or 'over'} on remote {found.remote}")
    say_next(at, "phasegate inbox   # what others see", f"phasegate resume {found.run}   # takes their verdicts in")
