"""`checks`: what a checks file would ask of AWS; with `--run`, what AWS answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from state.errors import BadInput
from state.model import Plan
from state.outside_file import CHECKS, read_outside
from state.printable import printable_line
from workflow.cli.place import directory_of, workspace_of
from workflow.cli.say import say
from workflow.doors.git.plumbing import find_workspace

if TYPE_CHECKING:
    from phases.checks.definition import Checks, DeclaredCheck
    from phases.checks.evaluate import Outcome


@click.command()
@click.argument("target", metavar="FILE.yaml|RUNBOOK")
@click.option("--run", "ask", is_flag=True, help="Call AWS and judge its answers; exit 1 when a check failed.")
@click.option("--sandbox", is_flag=True, help="With --run: ask this workspace's sandbox.")
@click.option("--var", "given", metavar="NAME=VALUE", multiple=True, help="What a {placeholder} becomes.")
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/json.md).")
@click.pass_context
def checks(ctx: click.Context, target: str, ask: bool, sandbox: bool, given: tuple[str, ...], as_json: bool) -> int:
    """List what a checks file asks of AWS; with --run, ask it."""
    if sandbox and not ask:
        raise click.UsageError("--sandbox goes with --run: without it nothing is called")
    declared, plan = _read(directory_of(ctx), target)
    declared = declared.filled(_variables(given))
    outcomes = _outcomes(ctx, declared, sandbox=sandbox) if ask else ()
    if as_json:
        from phases.checks.evidence import check_json, outcome_json

        listed = [outcome_json(each) for each in outcomes] if ask else [check_json(each) for each in declared.checks]
        body = {"file": declared.path, "sha256": declared.sha256, "checks": listed}
        click.echo(json.dumps(body | _links(declared, plan), ensure_ascii=False, indent=2))
        failed = any(entry.get("verdict") == "fail" for entry in listed)
    elif ask:
        failed = _report(outcomes)
    else:
        failed = False
        say("\n".join(map(printable_line, _lines(declared, plan))))
    return 1 if failed else 0


def _read(start: Path, target: str) -> tuple[Checks, Plan | None]:
    """The checks, and the plan of the runbook that they stand beside where one was named."""
    from phases.checks.exit_criteria import checks_beside
    from phases.checks.reader import read_checks
    from workflow.doors.aws.models import BotocoreModels

    if target.endswith((".yaml", ".yml")):
        try:
            data = read_outside(start / target, "checks file", limit=CHECKS, name=target)
        except FileNotFoundError as error:
            raise BadInput(f"checks file {target} is not there", next_command="ls *.yaml") from error
        return read_checks(data, target, BotocoreModels()), None
    from workflow.runs.checks_beside import checks_in
    from workflow.runs.load_plan import read_target

    workspace = find_workspace(start) or start
    plan = read_target(workspace, target, None, or_own=True).plan

    found = checks_in(workspace, plan.runbook)
    if found is None:
        raise BadInput(
            f"{plan.runbook} has no checks: neither {' nor '.join(checks_beside(plan.runbook))} is there",
            next_command=f"$EDITOR {checks_beside(plan.runbook)[0]}   # docs/checks.md has an example",
        )
    found.require_fits(plan)
    return found, plan


def _variables(given: Iterable[str]) -> dict[str, str]:
    wrong = [each for each in given if not each.partition("=")[0] or "=" not in each]
    if wrong:
        raise click.UsageError(f"--var {wrong[0][:200]}: expected NAME=VALUE")
    return dict(each.split("=", 1) for each in given)


def _outcomes(ctx: click.Context, declared: Checks, *, sandbox: bool) -> Iterator[Outcome]:
    from phases.checks.evaluate import evaluate
    from workflow.cli.wiring import real_aws, sandbox_aws
    from workflow.doors.aws.retry import PatientAws
    from workflow.doors.clock import SystemClock
    from workflow.doors.masking import mask, secret_values
    from workflow.doors.terminal import Terminal

    secrets = secret_values(os.environ)
    person, clock = Terminal(), SystemClock(patient=not sandbox)
    connect = sandbox_aws(workspace_of(ctx)) if sandbox else real_aws(person)
    aws = PatientAws(connect(), clock, person)
    for check in declared.checks:
        yield evaluate(
            check, aws, wait=clock.wait, progress=person.progress, mask_text=lambda text: mask(text, secrets)
        )


def _report(outcomes: Iterable[Outcome]) -> bool:
    """A line or two for each, as it comes in; whether one failed."""
    failed = False
    for outcome in outcomes:
        check = outcome.as_check()
        failed = failed or check.verdict == "fail"
        lines = [f"{check.verdict:<12} {outcome.check.id}  {check.name}"]
        if check.verdict != "pass":
            said = (f"expected {check.expected}", f"seen {check.seen}", f"at {check.where}")
            lines += [f"{'':<13}{each}" for each in said]
        say("\n".join(map(printable_line, lines)))
    return failed


def _links(declared: Checks, plan: Plan | None) -> dict[str, Any]:
    """For a runbook: which check belongs to which task, and what a person attests."""
    if plan is None:
        return {}
    from phases.checks.answered import answering, named_by

    return {
        "runbook": plan.runbook,
        "tasks": {task.key: [check.id for check in declared.of(task)] for task in plan.tasks},
        "attested_by_a_person": [
            {"task": task.key, "criterion": criterion}
            for task in plan.tasks
            for criterion in task.exit_criteria
            if not answering(named_by(criterion), declared.of(task))
        ],
    }


def _lines(declared: Checks, plan: Plan | None) -> Iterator[str]:
    count = len(declared.checks)
    yield f"{declared.path}: {count} {'check' if count == 1 else 'checks'}; nothing is called without --run"
    for check in declared.checks:
        yield from ("", f"{check.id}  {check.name}", *(f"    {line}" for line in _about(check, plan)))
    words = _links(declared, plan).get("attested_by_a_person", [])
    if plan and words:
        yield from ("", "a person attests")
        yield from (f"    {plan.task(each['task']).label}: {each['criterion']}" for each in words)


def _about(check: DeclaredCheck, plan: Plan | None) -> Iterator[str]:
    from phases.checks.evidence import check_json

    parameters = json.dumps(check_json(check)["parameters"], ensure_ascii=False)
    yield f"calls    {check.call} {parameters}{f' in {check.region}' if check.region else ''}"
    yield f"looks    {check.expression.text}"
    yield f"expects  {check.expect}"
    if check.within:
        yield f"waits    at most {check.within:g} s, a look every {check.every:g} s"
    if check.severity == "note":
        yield "failing  is only noted"
    if check.criterion:
        yield f"answers  {check.criterion}"
    if plan is not None:
        labels = [task.label for task in plan.tasks if check.belongs_to(task)]
        yield f"tasks    {', '.join(labels) or 'none: it is not looked at in a run'}"
