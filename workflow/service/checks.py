"""What would a checks file ask of AWS, and what does AWS answer?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from state.errors import BadInput
from state.outside_file import CHECKS, read_outside
from workflow.ports import Person
from workflow.service.workspace import directory_at, workspace_of, workspace_or_directory
from workflow.views.checks import ChecksView, OutcomeView


def checks(directory: Path, target: str) -> ChecksView:
    """The checks of a file as seen from the directory, or those beside a runbook of its repository.

    Raises BadInput when there are none, and with every problem of the file.
    """
    from phases.checks.exit_criteria import checks_beside
    from phases.checks.reader import read_checks
    from workflow.doors.aws.models import BotocoreModels

    if target.endswith((".yaml", ".yml")):
        start = directory_at(directory)
        try:
            data = read_outside(start / target, "checks file", limit=CHECKS, name=target)
        except FileNotFoundError as error:
            raise BadInput(f"checks file {target} is not there", next_command="ls *.yaml") from error
        return ChecksView(read_checks(data, target, BotocoreModels()), None)
    from workflow.runs.checks_beside import checks_in
    from workflow.runs.load_plan import load_plan

    workspace = workspace_or_directory(directory)
    plan = load_plan(workspace, target, None, or_own=True).plan
    found = checks_in(workspace, plan.runbook)
    if found is None:
        raise BadInput(
            f"{plan.runbook} has no checks: neither {' nor '.join(checks_beside(plan.runbook))} is there",
            next_command=f"$EDITOR {checks_beside(plan.runbook)[0]}   # docs/checks.md has an example",
        )
    found.require_fits(plan)
    return ChecksView(found, plan)


def filled(view: ChecksView, variables: Mapping[str, str]) -> ChecksView:
    """With what each {placeholder} becomes. Raises BadInput as `Checks.filled`."""
    return replace(view, declared=view.declared.filled(variables))


def ask(directory: Path, person: Person, view: ChecksView, *, sandbox: bool) -> Iterator[OutcomeView]:
    """Call AWS, or this workspace's sandbox, and judge its answers one by one."""
    from phases.checks.evaluate import evaluate
    from workflow.doors.aws.retry import PatientAws
    from workflow.doors.clock import SystemClock
    from workflow.doors.masking import mask, secret_values
    from workflow.service.doors import real_aws, sandbox_aws

    secrets, clock = secret_values(os.environ), SystemClock(patient=not sandbox)

    def masked(text: str) -> str:
        return mask(text, secrets)

    connect = sandbox_aws(workspace_of(directory)) if sandbox else real_aws(person)
    aws = PatientAws(connect(), clock, person)
    for check in view.declared.checks:
        outcome = evaluate(
            check, aws, wait=clock.wait, progress=person.progress, mask_text=lambda text: mask(text, secrets)
        )
        yield OutcomeView(outcome)
