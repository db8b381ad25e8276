"""`checks`: what a checks file would ask of AWS; with `--run`, what AWS answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click

from workflow.cli.next_line import Standing
from workflow.cli.options import JSON, NO_INPUT, files
from workflow.cli.say import put, say
from workflow.service import checks as desk
from workflow.service.this_process import terminal
from workflow.views.checks import ChecksView, OutcomeView


@click.command()
@click.argument("target", metavar="FILE.yaml|RUNBOOK|FILE.md", shell_complete=files)
@click.option("--suggest", is_flag=True, help="Propose checks for the items of any Markdown file; nothing is called.")
@click.option("--write", is_flag=True, help="With --suggest: put the proposals beside the file, if nothing is there.")
@click.option("--run", "ask", is_flag=True, help="Call AWS and judge its answers; exit 1 when a check failed.")
@click.option("--sandbox", is_flag=True, help="With --run: ask this workspace's sandbox.")
@click.option("--changes", is_flag=True, help="With --run: run commands that are not known to only read, too.")
@click.option("--var", "given", metavar="NAME=VALUE", multiple=True, help="What a {placeholder} becomes.")
@JSON
@NO_INPUT
@click.pass_obj
def checks(
    at: Standing,
    target: str,
    suggest: bool,
    write: bool,
    ask: bool,
    sandbox: bool,
    changes: bool,
    given: tuple[str, ...],
    as_json: bool,
) -> int:
    """List what a checks file asks of AWS and looks at here; with --run, do it; with --suggest, propose one."""
    if suggest:
        if ask or sandbox or changes:
            raise click.UsageError("--suggest only reads the file: nothing is called, so --run does not go with it")
        return _suggest(at, target, _variables(given), as_json=as_json, write=write)
    _require_company(write=write, ask=ask, sandbox=sandbox, changes=changes)
    found = desk.filled(at.path, desk.checks(at.path, target), _variables(given))
    if not ask:
        return _list(found, as_json=as_json)
    door = terminal(no_input=at.no_input)
    return _report(found, desk.ask(at.path, door, found, sandbox=sandbox, changes=changes), as_json=as_json)


def _require_company(*, write: bool, ask: bool, sandbox: bool, changes: bool) -> None:
    """Raises UsageError for an option without the one that it goes with."""
    if write:
        raise click.UsageError("--write goes with --suggest")
    if sandbox and not ask:
        raise click.UsageError("--sandbox goes with --run: without it nothing is called")
    if changes and not ask:
        raise click.UsageError("--changes goes with --run: without it nothing is run")


def _list(found: ChecksView, *, as_json: bool) -> int:
    if as_json:
        put(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        say("\n".join(found.lines()))
    return 0


def _report(found: ChecksView, outcomes: Iterable[OutcomeView], *, as_json: bool) -> int:
    """Each outcome as soon as it is there, as JSON all of them at the end, also before a refusal; 1 when one failed."""
    seen: list[OutcomeView] = []
    if found.left_out and not as_json:
        say("\n".join(found.lines_left_out()))
    try:
        for outcome in outcomes:
            seen.append(outcome)
            if not as_json:
                say("\n".join(outcome.lines()))
    finally:  # what ran is told, whatever comes behind it
        if as_json and (seen or not sys.exc_info()[0]):
            put(json.dumps(found.to_json(seen), ensure_ascii=False, indent=2))
    return 1 if any(each.failed for each in seen) else 0


def _suggest(at: Standing, target: str, known: dict[str, str], *, as_json: bool, write: bool) -> int:
    from workflow.service.suggest_checks import suggest_checks, write_beside

    view = suggest_checks(at.path, target, known)
    written = write_beside(at.path, view) if write else ""
    if as_json:
        put(json.dumps(view.to_json(), ensure_ascii=False, indent=2))
    elif written:
        say(f"{written}: {view.summary()}")
    else:
        say(view.text(), nl=False)
        say(view.summary(), err=True)
    return 0


def _variables(given: Iterable[str]) -> dict[str, str]:
    wrong = [each for each in given if not each.partition("=")[0] or "=" not in each]
    if wrong:
        raise click.UsageError(f"--var {wrong[0][:200]}: expected NAME=VALUE")
    return dict(each.split("=", 1) for each in given)
