"""What does click make of a command line? The group of all verbs, which are imported when they are used.

Everything that knows click's own exceptions is here: most of `status` and `log` starts without it (`quickly.py`).
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import cast

import click

from state.nearest import nearest
from workflow import starting
from workflow.cli.next_line import Standing, say_next, verb_given
from workflow.cli.options import NO_INPUT
from workflow.cli.say import say
from workflow.cli.verbs import VERBS

HELP = frozenset({"-h", "--help"})
# which load the whole engine: half a second and more
DRIVES = frozenset({"demo", "done", "fleet", "resume", "rollback", "run", "worker"})
LOOKS = frozenset({"audit", "checks", "doctor", "plan", "questions", "serve"})  # which ask git, AWS, or load much


class UnknownVerb(click.UsageError):
    """A word where a verb stands, and that is none; `near` is the verb that is most like it, or ""."""

    def __init__(self, word: str, ctx: click.Context) -> None:
        self.near = nearest(word, VERBS)
        hint = f" Did you mean {self.near}?" if self.near else ""
        super().__init__(f"No such command {word!r}.{hint}", ctx)


class Verbs(click.Group):
    """A group whose commands live in `workflow/cli/<verb>.py` and are imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        return cast(click.Command, getattr(import_module(f"workflow.cli.{cmd_name}"), cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in (DRIVES | LOOKS) and HELP.isdisjoint(args):
            starting.begin(after=0.0 if args[0] in DRIVES else starting.LATER)
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise UnknownVerb(args[0], ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": sorted(HELP, key=len)})
@click.option("-C", "directory", metavar="DIR", default="", help="Work in DIR, as in git.")
@NO_INPUT
@click.version_option(package_name="phasegate")
@click.pass_obj
def cli(at: Standing, directory: str) -> None:
    """Your runbook as a state machine: no gate skipped, nothing lost by a kill, one verifiable commit per task."""
    at.directory = directory


def by_click(arguments: list[str], at: Standing) -> int:
    """Run one command line, and return its exit code. Raises KeyboardInterrupt, and whatever the verb raises."""
    try:
        result = cli.main(args=arguments, prog_name="phasegate", standalone_mode=False, obj=at)
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.ClickException as error:
        shown_by_click = io.StringIO()
        error.show(shown_by_click)
        say(shown_by_click.getvalue(), err=True, nl=False)
        say_next(Standing(), _help_for(error, arguments))
        return 2
    except click.Abort as error:
        raise KeyboardInterrupt("aborted") from error
    return result if isinstance(result, int) else 0


def _help_for(error: click.ClickException, arguments: list[str]) -> str:
    """The command that shows what can be typed instead."""
    if isinstance(error, UnknownVerb) and error.near:
        return f"phasegate {error.near} --help"
    within = error.ctx if isinstance(error, click.UsageError) else None
    # an option without its value is refused before there is a context of the verb
    verb = within.info_name if within is not None and within.info_name in VERBS else verb_given(arguments)
    return f"phasegate {verb} --help" if verb in VERBS else "phasegate --help"
