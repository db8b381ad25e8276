"""Which options do several verbs have?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from workflow.cli.next_line import Standing

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _set_no_input(context: click.Context, _parameter: click.Parameter, given: bool) -> None:
    if given and isinstance(context.obj, Standing):
        context.obj.no_input = True


# before the verb, and behind those that may ask
NO_INPUT = click.option(
    "--no-input",
    is_flag=True,
    expose_value=False,
    callback=_set_no_input,
    help="Ask nobody, also in a terminal: go on as without one.",
)


def _runs(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Run ids for a shell to complete; `-C DIR` before the verb counts."""
    from pathlib import Path  # here, so that `--help` starts without it

    from workflow.service.runs import run_names

    directory = Path(context.find_root().params.get("directory") or "")
    return [name for name in run_names(directory) if name.startswith(incomplete)]


def files(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Any file, which the shell completes by itself."""
    from click.shell_completion import CompletionItem  # here: only a shell asks

    return [CompletionItem(incomplete, type="file")]


def targets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and workflows; the files come first, because bash takes what stands before them back.

    For the same reason Markdown files of this directory are named beside workflows: bash completes no file there.
    """
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from workflow.service.plan import workflow_names  # here, so that `--help` starts without it

    known = [name for name in workflow_names() if name.startswith(incomplete)]
    named = sorted(path.name for path in Path().glob("*.md") if path.name.startswith(incomplete)) if known else []
    return [*files(context, parameter, incomplete), *map(CompletionItem, [*named, *known])]


def _kept_where(context: click.Context, _parameter: click.Parameter, run_id: str | None) -> str | None:
    """Go on in the directory below that keeps the run that is meant, where the top of the repository does not."""
    if isinstance(context.obj, Standing) and not context.params.get("at_remote"):
        from workflow.service.below import below_with_run  # here, so that `--help` starts without it

        if home := below_with_run(context.obj.path, run_id):
            context.obj.below(home)
    return run_id


TARGET = click.argument("target", metavar="WORKFLOW|FILE.md", shell_complete=targets)
RUN_ID = click.argument("run_id", metavar="[RUN]", required=False, shell_complete=_runs, callback=_kept_where)
ANY_RUN = click.argument("run_id", metavar="[RUN]", required=False, shell_complete=_runs)  # wherever it is kept
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON (docs/json.md).")

# how a runbook is to be read: `plan`, `run`
RUNBOOK = click.option(
    "--runbook", metavar="FILE", shell_complete=files, help="The workflow's runbook in this repository."
)
AS = click.option(
    "--as",
    "shape",
    type=click.Choice(["tasks", "phases", "checklist"]),
    help="Read the runbook in this shape, whatever it looks like.",
)
STRICT = click.option("--strict", is_flag=True, help="Refuse a runbook with warnings.")

# a run where it is met with others, not here: `status`, `approve`, `reject`
AT_REMOTE = click.option(
    "--remote", "at_remote", is_flag=True, is_eager=True, help="Of a run at the remote (docs/remote.md)."
)

# how a run is driven: `run`, `resume`, `rollback`, `done`
ANSWERS = click.option(
    "--answers", metavar="FILE", shell_complete=files, help="YAML file that answers questions: `region: eu-west-1`."
)
UNTIL = click.option("--until", metavar="TASK", help="Stop after this task's commit.")
EVENTS = click.option("--json", "as_json", is_flag=True, help="Stream the run's events as JSON lines (docs/json.md).")
WAIT = click.option("--wait", is_flag=True, help="Wait here where a task waits for a time, instead of ending.")
YES = click.option("--yes", is_flag=True, help="Open the gates of steps, take their defaults; only in the sandbox.")
PRACTICE = click.option("--practice", is_flag=True, help="With --yes: a rehearsal, so work by hand is passed as well.")
