"""`runs`: which runs are there, and where do they stand?"""

from __future__ import annotations

from pathlib import Path

import click

from workflow.cli.looking import print_found
from workflow.cli.next_line import Standing
from workflow.cli.options import JSON
from workflow.service.runs import runs as find_all


@click.command()
@click.option("--below", metavar="DIR", type=click.Path(path_type=Path), help="Of every repository in this directory.")
@JSON
@click.pass_obj
def runs(at: Standing, below: Path | None, as_json: bool) -> None:
    """List the runs of this repository, or of every repository below a directory."""
    found = find_all(at.path, below=below)
    print_found(at, found, as_json=as_json)
