"""`audit`: does the history hold what it says? Reads git and the journal; writes nothing but the report asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from state.errors import BadInput
from state.printable import as_name
from workflow.audit.report import FORMAT, RunAudit
from workflow.audit.tables import csv_text, text_lines
from workflow.cli.next_line import Standing, typed_here
from workflow.cli.options import ANY_RUN
from workflow.cli.say import put, say
from workflow.service import audit as desk


@click.command()
@ANY_RUN
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/audit.md).")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV: a row for each task and each finding.")
@click.option("--html", "page", metavar="FILE", help="Write a page with timeline and states that needs nothing else.")
@click.option("--anchor", metavar="SHA", help="A commit's id kept elsewhere: the history must still hold it.")
@click.pass_obj
def audit(at: Standing, run_id: str | None, as_json: bool, as_csv: bool, page: str | None, anchor: str | None) -> int:
    """Verify a run, or every run, from git and the journal alone; a bare clone will do.

    Exits 1 when anything is found.
    """
    if as_json and as_csv:
        raise BadInput("--json and --csv cannot both be given", next_command="phasegate audit --json")
    file = Path(os.path.normpath(Path.cwd() / page)) if page is not None else None
    found = desk.audit(at.path, run_id, anchor=anchor, page=file)
    _print(at, found, as_json=as_json, as_csv=as_csv)
    if file is not None and page is not None:
        desk.write_page(at.path, found, file)
        say(f"wrote {as_name(page)}", err=True)
    return 1 if any(each.findings for each in found) else 0


def _print(at: Standing, found: Sequence[RunAudit], *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        body = {"format": FORMAT, "runs": [each.to_json() for each in found]}
        put(json.dumps(body, ensure_ascii=False, indent=2))
    elif as_csv:
        put(csv_text(found), nl=False)
    else:
        say("\n\n".join("\n".join(text_lines(each, lambda command: typed_here(at, command))) for each in found))
