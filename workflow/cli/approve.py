"""`approve`: exactly the evidence with this digest, or with `--policy` a policy that became weaker."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Literal

import click

from state.errors import BadInput
from workflow.cli.acting import give_approval
from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import AT_REMOTE, NO_INPUT, RUN_ID
from workflow.cli.order import order
from workflow.cli.say import say


@click.command()
@RUN_ID
@click.option("--digest", metavar="DIGEST", help="What is approved, as shown (7 characters or more; all 64 to sign).")
@click.option(
    "--policy", is_flag=True, help="Approve that a weaker phasegate.yaml counts for this run; shows it first."
)
@AT_REMOTE
@click.option("--sign", is_flag=True, help="Sign it, even where the policy does not ask for that.")
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="SSH key, if not git's user.signingkey.")
@click.option("--comment", default="", metavar="TEXT", help="Goes into the journal and the working log.")
@click.option("--attest", multiple=True, metavar="N", help="The box with this number holds: I looked. Recorded first.")
@click.option("--waive", multiple=True, metavar="N:REASON", help="The box with this number is waived. Recorded first.")
@NO_INPUT
@click.pass_obj
def approve(
    at: Standing,
    run_id: str | None,
    digest: str | None,
    policy: bool,
    at_remote: bool,
    sign: bool,
    key: Path | None,
    comment: str,
    attest: tuple[str, ...],
    waive: tuple[str, ...],
) -> None:
    """Approve exactly the evidence with this digest."""
    if policy:
        _approve_policy(at, run_id, digest, sign=sign, key=key, comment=comment)
        return
    if digest is None:
        raise BadInput(
            "--digest is missing: expected the digest that was shown, seen none",
            next_command=f"phasegate status{f' {quote(run_id)}' if run_id else ''}{' --remote' if at_remote else ''}   "
            "# shows the digest of what waits",
        )
    if at_remote:
        if attest or waive:
            raise click.UsageError("--attest and --waive are given where the run is held, not at the remote.")
        decide_there(at, run_id, digest, "approve", comment, key)
        return
    give_approval(at, run_id, digest, sign=sign, key=key, comment=comment, attest=attest, waive=waive)


def decide_there(
    at: Standing, run_id: str | None, digest: str, verdict: Literal["approve", "reject"], text: str, key: Path | None
) -> None:
    """Push a signed verdict on what waits at the remote, and say what comes next."""
    from workflow.service.remote_verdict import decide

    given = decide(*order(at), run_id, digest, verdict, text, key=key, ask=not at.no_input)
    say(f"{given.run}: {given.task}: {verdict} pushed to remote {given.remote}, signed; its holder takes it in")
    say_next(at, "phasegate inbox   # what becomes of it")


def _approve_policy(
    at: Standing, run_id: str | None, digest: str | None, *, sign: bool, key: Path | None, comment: str
) -> None:
    from workflow.service.approve_policy import approve_policy, policy_change
    from workflow.views.policy_change import policy_page

    if comment:
        raise click.UsageError("--comment is for approvals of evidence: --policy has no place for it.")
    directory, who, person = order(at)
    seen = policy_change(directory, who, person, run_id)
    say(policy_page(seen), nl=False)
    given = approve_policy(directory, who, person, seen, digest, sign=sign, key=key, ask=not at.no_input)
    say(f"{given.run}: the policy at HEAD counts from now on for {', '.join(given.counts)}")
    for each in given.left:
        say(f"  not for {each}")
    say_next(at, f"phasegate resume {given.run}")
