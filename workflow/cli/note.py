"""`note`: add a remark to the working log."""

from __future__ import annotations

import click

from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import NO_INPUT
from workflow.cli.order import order
from workflow.cli.say import say
from workflow.service.verdict import note as take_note


@click.command()
@click.argument("words", metavar="[RUN] TEXT", nargs=-1, required=True)
@click.option("--in-document", is_flag=True, help="Also below the fence of the runbook's section Notes.")
@NO_INPUT
@click.pass_obj
def note(at: Standing, words: tuple[str, ...], in_document: bool) -> None:
    """Add a remark to the working log."""
    if len(words) > 2:
        raise click.UsageError("expected [RUN] TEXT: put the text in quotes")
    noted = take_note(*order(at), words[0] if len(words) == 2 else None, words[-1], in_document=in_document)
    if noted.shown_again:
        void = f"task {noted.shown_again} waited for approval, and is shown again with it"
        say(f"{noted.run}: noted, also in the runbook: {void}")
        say_next(at, f"phasegate resume {noted.run}")
        return
    shown = ", also in the runbook: it is shown with the task that goes on" if in_document else ""
    say(f"{noted.run}: noted{shown}")
