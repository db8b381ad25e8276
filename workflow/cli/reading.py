"""How is a runbook to be read? The options that `plan` and `run` share."""

from __future__ import annotations

import click

RUNBOOK = click.option("--runbook", metavar="FILE", help="The workflow's runbook in this repository.")
AS = click.option(
    "--as",
    "shape",
    type=click.Choice(["tasks", "phases", "checklist"]),
    help="Read the runbook in this shape, whatever it looks like.",
)
STRICT = click.option("--strict", is_flag=True, help="Refuse a runbook with warnings.")
