"""`checks`: what a checks file would ask of AWS; with `--run`, what AWS answers."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from workflow.cli.next_line import Standing
from workflow.cli.options import JSON
from workflow.cli.say import say
from workflow.service import checks as desk
from workflow.service.this_process import terminal


@click.command()
@click.argument("target", metavar="FILE.yaml|RUNBOOK")
@click.option("--run", "ask", is_flag=True, help="Call AWS and judge its answers; exit 1 when a check failed.")
@click.option("--sandbox", is_flag=True, help="With --run: ask this workspace's sandbox.")
@click.option("--var", "given", metavar="NAME=VALUE", multiple=True, help="What a {placeholder} becomes.")
@JSON
@click.pass_obj
def checks(at: Standing, target: str, ask: bool, sandbox: bool, given: tuple[str, ...], as_json: bool) -> int:
    """List what a checks file asks of AWS; with --run, ask it."""
    if sandbox and not ask:
        raise click.UsageError("--sandbox goes with --run: without it nothing is called")
    found = desk.checks(at.path, target)
    found = desk.filled(found, _variables(given))
    if not ask:
        if as_json:
            click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        else:
            say("\n".join(found.lines()))
        return 0
    failed, outcomes = False, []
    for outcome in desk.ask(at.path, terminal(), found, sandbox=sandbox):
        failed = failed or outcome.failed
        if as_json:
            outcomes.append(outcome)
        else:
            say("\n".join(outcome.lines()))
    if as_json:
        click.echo(json.dumps(found.to_json(outcomes), ensure_ascii=False, indent=2))
    return 1 if failed else 0


def _variables(given: Iterable[str]) -> dict[str, str]:
    wrong = [each for each in given if not each.partition("=")[0] or "=" not in each]
    if wrong:
        raise click.UsageError(f"--var {wrong[0][:200]}: expected NAME=VALUE")
    return dict(each.split("=", 1) for each in given)
