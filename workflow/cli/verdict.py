"""`approve`, `reject`, `note`, `abort`: what a person says to a run that is paused, or that waits at its question.

Rules:
- An approval is signed before the run is held: a passphrase or a touch takes its time, and nobody else need wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

import click

from gates.approval import SHORT
from gates.decision import Admitted
from gates.decision import Waiting as StillMissing
from state.printable import printable_line
from state.run_state import fold
from workflow.cli.drive import open_run
from workflow.cli.place import governed_workspace_of, workspace_of
from workflow.cli.say import say
from workflow.engine.engine import Engine
from workflow.engine.gatekeeper import policy_of, text_to_sign
from workflow.runs.find_run import choose, events_of
from workflow.trailers import ATTRIBUTES, END
from workflow.trailers import RUN as RUN_TRAILER

PATIENCE = 1.0  # for a run whose process is just writing something down [s]
RUN = click.argument("run_id", metavar="[RUN]", required=False)


@click.command()
@RUN
@click.option(
    "--digest", required=True, metavar="DIGEST", help="What is approved, as it was shown (7 characters or more)."
)
@click.option("--sign", is_flag=True, help="Sign it, even where the policy does not ask for that.")
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="SSH key, if not git's user.signingkey.")
@click.option("--comment", default="", metavar="TEXT", help="Goes into the journal and the working log.")
@click.pass_context
def approve(ctx: click.Context, run_id: str | None, digest: str, sign: bool, key: Path | None, comment: str) -> None:
    """Approve exactly the evidence with this digest."""
    workspace = governed_workspace_of(ctx)
    chosen = choose(workspace, run_id)
    signature = _signature(workspace, chosen, sign or key is not None, key)
    with _held(ctx, chosen, key=key) as engine:
        engine.settle()
        decision = engine.approve(digest, "command", by=engine.doors.me, signature=signature, comment=comment)
        missing = f": {decision.what}" if isinstance(decision, StillMissing) else ""
        state = "approved" if isinstance(decision, Admitted) else f"approved, more approvals are needed{missing}"
        say(f"{engine.run.run_id}: {engine.machine.state} {state}")
        say(f"next: phasegate resume {engine.run.run_id}", err=True)


@click.command()
@RUN
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the working log.")
@click.pass_context
def reject(ctx: click.Context, run_id: str | None, reason: str) -> None:
    """Send the task that waits back to work."""
    with _held(ctx, run_id) as engine:
        engine.settle()
        engine.reject(reason)
        say(f"{engine.run.run_id}: {engine.machine.state} rejected")
        say(f"next: phasegate resume {engine.run.run_id}", err=True)


@click.command()
@click.argument("words", metavar="[RUN] TEXT", nargs=-1, required=True)
@click.pass_context
def note(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Add a remark to the working log."""
    if len(words) > 2:
        raise click.UsageError("expected [RUN] TEXT: put the text in quotes")
    with _held(ctx, words[0] if len(words) == 2 else None) as engine:
        engine.note(words[-1])
        say(f"{engine.run.run_id}: noted")


@click.command()
@RUN
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the journal.")
@click.pass_context
def abort(ctx: click.Context, run_id: str | None, reason: str) -> None:
    """End a run for good; what was committed stays, what AWS has stays."""
    with _held(ctx, run_id) as engine:
        sha = engine.abort(reason)
        where = f"recorded in commit {sha[:10]}" if sha else "its journal is not committed yet"
        say(f"{engine.run.run_id}: aborted, {where}")
        for name, effect in engine.outside_effects():
            say(printable_line(f"left outside: {name}: {effect}"), err=True)
        if not sha:
            say(f"next: {_commit_the_end(engine)}   # with a message that the hook takes", err=True)


def _commit_the_end(engine: Engine) -> str:
    """The command by which a person commits the record of an abort, as phasegate would have."""
    run_id = engine.run.run_id
    places = f".phasegate/{quote(run_id)} {ATTRIBUTES}"
    return (
        f"git add {places} && git commit -m {quote(engine.abort_subject)} "
        f"--trailer {quote(f'{RUN_TRAILER}: {run_id}')} --trailer {quote(f'{END}: aborted')} -- {places}"
    )


def _signature(workspace: Path, run_id: str, asked: bool, key: Path | None) -> str:
    """This person's signature for what waits, where it is asked for here or by the policy; else ""."""
    run = fold(events_of(workspace, run_id))
    here = run.here
    if here is None or here.request is None or here.status != "in-review":
        return ""  # nothing waits: the engine says so
    if not asked and not policy_of(here).signed:
        return ""
    from workflow.doors.ssh_signature import SshSignatures

    say(f"signing {here.request.digest[:SHORT]}; ssh-keygen may ask for a passphrase or a touch", err=True)
    return SshSignatures(workspace, key).sign(text_to_sign(run))


@contextmanager
def _held(ctx: click.Context, run_id: str | None, *, key: Path | None = None) -> Iterator[Engine]:
    workspace = workspace_of(ctx)
    engine = open_run(workspace, choose(workspace, run_id), key=key, patience=PATIENCE)
    with engine.journal:
        yield engine
