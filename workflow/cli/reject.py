"""`reject`: send the task that waits back to work."""

from __future__ import annotations

from pathlib import Path

import click

from state.errors import BadInput
from workflow.cli.approve import decide_there
from workflow.cli.next_line import Standing, say_goes_on
from workflow.cli.options import AT_REMOTE, NO_INPUT, RUN_ID
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service.reject import reject as give_rejection


@click.command()
@RUN_ID
@AT_REMOTE
@click.option("--digest", metavar="DIGEST", help="What is rejected, as it was shown, where the rejection is signed.")
@click.option("--sign", is_flag=True, help="Sign it: a rejection is not signed by itself.")
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="SSH key, if not git's user.signingkey.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the working log.")
@NO_INPUT
@click.pass_obj
def reject(
    at: Standing, run_id: str | None, at_remote: bool, digest: str | None, sign: bool, key: Path | None, reason: str
) -> None:
    """Send the task that waits back to work."""
    if at_remote:
        if digest is None:
            raise BadInput(
                "--digest is missing: expected the digest that was shown, seen none",
                next_command="phasegate inbox   # shows the digest of what waits",
            )
        decide_there(at, run_id, digest, "reject", reason, key)
        return
    if digest is not None and not sign and key is None:
        raise click.UsageError("--digest is for a rejection that is signed: give --sign, --key or --remote as well.")
    given = give_rejection(*order(at), run_id, reason, digest=digest or "", sign=sign, key=key, ask=not at.no_input)
    say(f"{given.run}: {given.state} rejected")
    say_goes_on(at, given.run, is_asked=given.is_asked)
