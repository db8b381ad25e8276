"""`audit`: does the history hold what it says? Reads git and the journal; writes nothing but the report asked for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from state.errors import BadInput
from state.files import Disk
from workflow.audit import audit_workspace
from workflow.audit.report import FORMAT
from workflow.audit.tables import csv_text, text_lines
from workflow.cli.place import workspace_of
from workflow.cli.say import say


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/audit.md).")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV: a row for each task and each finding.")
@click.option("--html", "page", metavar="FILE", help="Write a page with timeline and states that needs nothing else.")
@click.option("--anchor", metavar="SHA", help="A commit's id kept elsewhere: the history must still hold it.")
@click.pass_context
def audit(
    ctx: click.Context, run_id: str | None, as_json: bool, as_csv: bool, page: str | None, anchor: str | None
) -> int:
    """Verify a run, or every run, from git and the journal alone; a bare clone will do.

    Exits 1 when anything is found.
    """
    if as_json and as_csv:
        raise BadInput("--json and --csv cannot both be given", next_command="phasegate audit --json")
    workspace = workspace_of(ctx)
    disk, file = Disk(workspace), Path(os.path.normpath(Path.cwd() / (page or ".")))
    if page is not None:
        disk.require_no_link(file)
    found = audit_workspace(workspace, run_id, anchor=anchor)
    if as_json:
        body = {"format": FORMAT, "runs": [each.to_json() for each in found]}
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
    elif as_csv:
        click.echo(csv_text(found), nl=False)
    else:
        say("\n\n".join("\n".join(text_lines(each)) for each in found))
    if page is not None:
        from workflow.audit.html_report import html_page

        disk.write_atomic(file, html_page(found).encode(), sync=False)
        say(f"wrote {page}", err=True)
    return 1 if any(each.findings for each in found) else 0
