"""`init` and `demo`: put a workflow into a repository, or make one to look at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click

from state.errors import BadInput
from state.files import Disk
from state.outside_file import read_outside
from workflow.cli.place import workspace_of
from workflow.cli.say import say
from workflow.doors.git.command import environment, writing
from workflow.policy.effective_policy import FILE, default_policy
from workflow.runs.workflow_catalog import find_workflow

UNSIGNED = (
    f"note: whoever can write here can make up an unsigned approval; {FILE} can ask for signatures (signed: true)"
)
WHAT_IT_IS = {FILE: "who may open which gate; as it stands, what holds without it"}


@click.command()
@click.argument("workflow")
@click.option("--runbook", metavar="FILE", help="Where to put it, if not at the workflow's own place.")
@click.pass_context
def init(ctx: click.Context, workflow: str, runbook: str | None) -> None:
    """Put a workflow's runbook and a policy into this repository. Nothing is overwritten, nothing is committed."""
    workspace = workspace_of(ctx)
    found = find_workflow(workflow)
    path = runbook or found.runbook
    target = workspace / path
    data = found.runbook_text()
    others = {FILE: default_policy(), **found.beside()}
    disk = Disk(workspace)
    for name in (path, *others):
        disk.require_no_link(workspace / name)
    if target.exists():
        if read_outside(target, "runbook", limit=None, name=path) != data:
            raise BadInput(
                f"{path} exists and is another document; it is left as it is",
                next_command=f"phasegate init {workflow} --runbook {workflow}.md",
            )
        say(f"{path} is there already")
    else:
        disk.write_atomic(target, data)
        say(f"{path}: the runbook of {workflow}")
    for name, content in others.items():
        if (workspace / name).exists():
            say(f"{name} is there already")
            continue
        disk.write_atomic(workspace / name, content)
        say(f"{name}: {WHAT_IT_IS.get(name, 'to be filled in; every setting is explained in it')}")
    names = " ".join([path, *others])
    say(f"next: git add {names} && git commit -m 'Add the {workflow} runbook'", err=True)
    say(f"      phasegate plan {workflow}", err=True)
    say(UNSIGNED, err=True)


@click.command()
@click.argument("directory", default="phasegate-demo", metavar="[DIR]")
@click.option("--workflow", default="stage-06", show_default=True, metavar="W", help="Which workflow to show.")
@click.option("--yes", is_flag=True, help="Open every gate by itself.")
@click.option("--keep-running", is_flag=True, help="Leave the sandbox running afterwards.")
@click.pass_context
def demo(ctx: click.Context, directory: str, workflow: str, yes: bool, keep_running: bool) -> None:
    """Run a workflow from end to end in a new sample repository, on the sandbox."""
    from workflow.cli.drive import run
    from workflow.cli.place import sandbox_directory
    from workflow.sandbox import control

    workspace = Path(str(ctx.obj)) / directory
    if workspace.exists() or workspace.is_symlink():  # a link that leads nowhere would be made outside
        raise BadInput(f"{workspace} exists; the demo makes a new directory", next_command="phasegate demo OTHER-DIR")
    found = find_workflow(workflow)
    disk = Disk()
    workspace.mkdir(parents=True)
    disk.write_atomic(workspace / found.runbook, found.runbook_text())
    for path, content in found.sample().items():
        disk.write_atomic(workspace / path, content)
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "Demo Operator"),
        ("config", "user.email", "demo@example.com"),
        ("add", "-A"),
        ("commit", "-q", "-m", f"The runbook of {workflow} and a sample"),
    ):
        subprocess.run(writing(*arguments), cwd=workspace, env=environment(), check=True)
    ctx.obj = str(workspace)
    try:
        ctx.invoke(run, target=workflow, sandbox=True, yes=yes, practice=yes, wait=True)
    finally:
        if not keep_running:
            control.stop(sandbox_directory(workspace_of(ctx)))
    say(f"next: git -C {workspace} -P log --oneline", err=True)
    say(f"      phasegate -C {workspace} status", err=True)
