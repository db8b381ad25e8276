"""`approve`, `reject`, `note`, `abort`: what a person says to a run that nobody is driving right now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from gates.decision import Admitted
from state.errors import BadInput
from workflow.cli.drive import open_run
from workflow.cli.place import workspace_of
from workflow.engine import Engine
from workflow.find_run import choose

RUN = click.argument("run_id", metavar="[RUN]", required=False)


@click.command()
@RUN
@click.option(
    "--digest", required=True, metavar="DIGEST", help="What is approved, as it was shown (7 characters or more)."
)
@click.pass_context
def approve(ctx: click.Context, run_id: str | None, digest: str) -> None:
    """Approve exactly the evidence with this digest."""
    with _held(ctx, run_id) as engine:
        engine.settle()
        if engine.void_if_changed():
            raise BadInput(
                "what was shown has changed since, so it cannot be approved any more",
                next_command=f"phasegate resume {engine.run.run_id}",
            )
        decision = engine.approve(digest, "command")
        state = "approved" if isinstance(decision, Admitted) else "approved, more approvals are needed"
        click.echo(f"{engine.run.run_id}: {engine.machine.state} {state}")
        click.echo(f"next: phasegate resume {engine.run.run_id}", err=True)


@click.command()
@RUN
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the working log.")
@click.pass_context
def reject(ctx: click.Context, run_id: str | None, reason: str) -> None:
    """Send the task that waits back to work."""
    with _held(ctx, run_id) as engine:
        engine.settle()
        engine.reject(reason)
        click.echo(f"{engine.run.run_id}: {engine.machine.state} rejected")
        click.echo(f"next: phasegate resume {engine.run.run_id}", err=True)


@click.command()
@click.argument("words", metavar="[RUN] TEXT", nargs=-1, required=True)
@click.pass_context
def note(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Add a remark to the working log."""
    if len(words) > 2:
        raise click.UsageError("expected [RUN] TEXT: put the text in quotes")
    with _held(ctx, words[0] if len(words) == 2 else None) as engine:
        engine.note(words[-1])
        click.echo(f"{engine.run.run_id}: noted")


@click.command()
@RUN
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the journal.")
@click.pass_context
def abort(ctx: click.Context, run_id: str | None, reason: str) -> None:
    """End a run for good; what was committed stays, what AWS has stays."""
    with _held(ctx, run_id) as engine:
        sha = engine.abort(reason)
        click.echo(f"{engine.run.run_id}: aborted, recorded in commit {sha[:10]}")
        for name, effect in engine.outside_effects():
            click.echo(f"left outside: {name}: {effect}", err=True)


@contextmanager
def _held(ctx: click.Context, run_id: str | None) -> Iterator[Engine]:
    workspace = workspace_of(ctx)
    engine = open_run(workspace, choose(workspace, run_id))
    with engine.journal:
        yield engine
