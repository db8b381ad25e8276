"""`doctor`: would a run start here, and what would it meet? Nothing is changed."""

from __future__ import annotations

import json

import click

from workflow.cli.next_line import Standing, typed_here
from workflow.cli.options import JSON
from workflow.cli.say import put, say
from workflow.service.doctor import doctor as look_at_everything
from workflow.service.doctor import remote as look_at_remote
from workflow.service.this_process import who_runs_this


@click.command()
@JSON
@click.option("--online", is_flag=True, help="Ask AWS who you are, and each remote for its branch, as well.")
@click.option("--remote", metavar="NAME", help="Probe whether runs can be met at this remote, and nothing else.")
@click.pass_obj
def doctor(at: Standing, as_json: bool, online: bool, remote: str | None) -> int:
    """Look whether a run would start here, and what it would meet; each finding with its fix.

    Nothing is changed, and nothing leaves this machine without --online. Exits 1 when something would stop a run.
    With --remote, refs of the probe's own are made there and deleted again.
    """
    seen = (
        look_at_remote(at.path, remote)
        if remote
        else look_at_everything(at.path, who_runs_this(at.path), online=online)
    )
    found = seen.typed(lambda line: typed_here(at, line))
    if as_json:
        put(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        say("\n".join(found.lines()))
    return 0 if found.is_fit else 1
