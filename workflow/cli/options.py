"""Which options do several verbs have?"""

from __future__ import annotations

import click

RUN_ID = click.argument("run_id", metavar="[RUN]", required=False)
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON (docs/json.md).")

# how a runbook is to be read: `plan`, `run`
RUNBOOK = click.option("--runbook", metavar="FILE", help="The workflow's runbook in this repository.")
AS = click.option(
    "--as",
    "shape",
    type=click.Choice(["tasks", "phases", "checklist"]),
    help="Read the runbook in this shape, whatever it looks like.",
)
STRICT = click.option("--strict", is_flag=True, help="Refuse a runbook with warnings.")

# how a run is driven: `run`, `resume`, `rollback`, `done`
ANSWERS = click.option("--answers", metavar="FILE", help="YAML file that answers questions: `region: eu-west-1`.")
UNTIL = click.option("--until", metavar="TASK", help="Stop after this task's commit.")
EVENTS = click.option("--json", "as_json", is_flag=True, help="Stream the run's events as JSON lines (docs/json.md).")
WAIT = click.option("--wait", is_flag=True, help="Wait here where a task waits for a time, instead of ending.")
YES = click.option("--yes", is_flag=True, help="Open the gates of steps, take their defaults; only in the sandbox.")
PRACTICE = click.option("--practice", is_flag=True, help="With --yes: a rehearsal, so work by hand is passed as well.")
