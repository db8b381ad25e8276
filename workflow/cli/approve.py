"""`approve`: exactly the evidence with this digest."""

from __future__ import annotations

from pathlib import Path

import click

from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import RUN_ID
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service.verdict import approve as give_approval


@click.command()
@RUN_ID
@click.option(
    "--digest", required=True, metavar="DIGEST", help="What is approved, as it was shown (7 characters or more)."
)
@click.option("--sign", is_flag=True, help="Sign it, even where the policy does not ask for that.")
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="SSH key, if not git's user.signingkey.")
@click.option("--comment", default="", metavar="TEXT", help="Goes into the journal and the working log.")
@click.pass_obj
def approve(at: Standing, run_id: str | None, digest: str, sign: bool, key: Path | None, comment: str) -> None:
    """Approve exactly the evidence with this digest."""
    given = give_approval(*order(at), run_id, digest, sign=sign, key=key, comment=comment)
    missing = f": {given.missing}" if given.missing else ""
    state = "approved" if given.admits else f"approved, more approvals are needed{missing}"
    say(f"{given.run}: {given.state} {state}")
    say_next(at, f"phasegate resume {given.run}")
