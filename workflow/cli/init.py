"""`init`: put a workflow into a repository."""

from __future__ import annotations

from shlex import quote

import click

from state.path_word import path_word
from workflow.cli.next_line import Standing, say_next
from workflow.cli.options import targets
from workflow.cli.say import say
from workflow.service.init import POLICY_FILE, init_own
from workflow.service.init import init as put_there

UNSIGNED = (
    f"note: whoever can write here can make up an unsigned approval; {POLICY_FILE} can ask for signatures "
    "(signed: true)"
)
WHAT_IT_IS = {POLICY_FILE: "who may open which gate; as it stands, what holds without it"}


@click.command()
@click.argument("workflow", metavar="WORKFLOW|FILE.md", shell_complete=targets)
@click.option("--runbook", metavar="FILE", help="Where to put it, if not at the workflow's own place.")
@click.option("--sample", is_flag=True, help="Put there, too, what the workflow's demo works on.")
@click.pass_obj
def init(at: Standing, workflow: str, runbook: str | None, sample: bool) -> None:
    """Put a workflow's runbook and a policy into this repository, or a policy beside FILE.md.

    Nothing is overwritten, nothing is committed.
    """
    if workflow.lower().endswith((".md", ".markdown")):
        if runbook or sample:
            option = "--runbook" if runbook else "--sample"
            raise click.UsageError(f"{option} goes with a workflow; FILE.md is the runbook")
        _own(at, workflow)
        return
    first, *others = found = put_there(at.path, workflow, runbook, sample=sample)
    say(f"{first.path}: the runbook of {workflow}" if first.written else f"{first.path} is there already")
    for each in others:
        filled_in = "of the sample" if sample else "to be filled in; every setting is explained in it"
        what = WHAT_IT_IS.get(each.path, filled_in)
        say(f"{each.path}: {what}" if each.written else f"{each.path} is there already")
    names = " ".join(path_word(each.path) for each in found)
    of = f" --runbook {path_word(runbook)}" if runbook else ""
    say_next(
        at,
        f"git add {names} && git commit -m 'Add the {workflow} runbook'",
        f"phasegate plan {workflow}{of}",
    )
    say(UNSIGNED, err=True)


def _own(at: Standing, file: str) -> None:
    """A policy and a checks file for somebody's own runbook."""
    runbook, *others = init_own(at.path, file)
    say(f"{runbook.path}: your runbook, left as it is")
    for each in others:
        what = WHAT_IT_IS.get(
            each.path, "what AWS and this machine are asked when a task is done; empty, with examples"
        )
        say(f"{each.path}: {what}" if each.written else f"{each.path} is there already")
    names = " ".join(path_word(each.path) for each in (runbook, *others))
    say_next(
        at,
        f"git add {names} && git commit -m {quote(f'Add a policy and checks for {runbook.path}')}",
        f"phasegate plan {path_word(runbook.path)}",
    )
    say(UNSIGNED, err=True)
