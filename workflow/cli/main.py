"""What can be typed? The command's front door: verbs are imported when they are used, refusals become exit codes.

Rules:
- Results go to standard output, progress and refusals to standard error.
- No traceback reaches a user; PHASEGATE_DEBUG=1 shows it.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import cast

import click

from state.errors import INTERRUPTED, BadInput, PhasegateError, StepFailed
from state.nearest import nearest
from state.path_word import path_word
from state.printable import as_name, printable_line
from state.utf8 import is_utf8
from workflow import starting
from workflow.cli.next_line import Standing, directory_given, say_next, say_refusal, verb_given
from workflow.cli.options import NO_INPUT
from workflow.cli.say import say
from workflow.cli.streams import drop_output, prepare_streams, reader_is_gone
from workflow.cli.verbs import VERBS
from workflow.service.changed_while_read import as_refusal
from workflow.service.run_at_hand import take_in_hand

HELP = frozenset({"-h", "--help"})
DRIVES = frozenset({"demo", "done", "resume", "rollback", "run"})  # which load the whole engine: half a second and more
LOOKS = frozenset({"audit", "checks", "doctor", "plan", "questions", "serve"})  # which ask git, AWS, or load much

# what the system answers when a write is refused, and what to do about it
DISK_SAYS_NO = {
    errno.ENOSPC: "df -h .   # make room",
    errno.EDQUOT: "quota -s   # make room in your quota",
    errno.EFBIG: "ulimit -f   # lift the limit on file sizes",
    errno.EROFS: "mount   # make the file system writable",
    errno.EACCES: "id   # make it yours to write (ls -l)",
    errno.EPERM: "id   # make it yours to write (ls -l, lsattr)",
    errno.EIO: "dmesg   # look at the disk",
}

# what the system answers when a path that was given cannot be one
PATH_IS_WRONG = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.EILSEQ)

COMPLETES = "_PHASEGATE_COMPLETE"  # set by the lines of `phasegate completion`
LONGEST_ARGUMENT = 4096  # characters


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


def main() -> None:
    """The `phasegate` command. Exit codes: docs/exit-codes.md."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # under nohup it is ignored, and stays so
        signal.signal(signal.SIGHUP, _on_sigterm)  # the terminal was closed: a command that runs must not live on
    prepare_streams()
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        if not (isinstance(error, BrokenPipeError) or _is_of_closed_terminal(error)):
            raise
        drop_output()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; that of an interruption where its terminal was closed."""
    try:
        return _run(arguments)
    except OSError as error:
        if not _is_of_closed_terminal(error):
            raise
        drop_output()
        return INTERRUPTED


def _is_of_closed_terminal(error: OSError) -> bool:
    """Whether what was to be shown found no terminal any more."""
    return error.errno == errno.EIO and error.filename is None and reader_is_gone()


def _run(arguments: list[str]) -> int:
    at = Standing(directory_given(arguments))
    take_in_hand("")
    try:
        _require_sound(arguments)
        with starting.started():
            result = cli.main(args=arguments, prog_name="phasegate", standalone_mode=False, obj=at)
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.ClickException as error:
        shown_by_click = io.StringIO()
        error.show(shown_by_click)
        say(shown_by_click.getvalue(), err=True, nl=False)
        say_next(Standing(), _help_for(error, arguments))
        return 2
    except (KeyboardInterrupt, click.Abort):
        with _ended_by_another():
            _debug()
            say("\npaused: everything so far is safe", err=True)
            say_next(at, "phasegate resume")
        return INTERRUPTED
    except PhasegateError as error:
        _debug()
        say_refusal(at, error)
        return error.exit_code
    except SystemExit as ended:
        return _ended_by_click(ended, at)
    except OSError as error:
        return _system_says_no(error, at)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a fault of ours, said as one
        return _fault(error)
    return result if isinstance(result, int) else 0


@contextmanager
def _ended_by_another() -> Iterator[None]:
    """In the block, one more Ctrl-C ends the process at once, and leaves no traceback: everything is safe already."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _ended_by_click(ended: SystemExit, at: Standing) -> int:
    """The exit code where click ends the process itself."""
    if COMPLETES in os.environ:  # a shell has asked what may be typed, and was told
        return ended.code if isinstance(ended.code, int) else 0
    # click makes one of a broken pipe, whosever pipe it was
    return _system_says_no(BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)), at)


def _help_for(error: click.ClickException, arguments: list[str]) -> str:
    """The command that shows what can be typed instead."""
    if isinstance(error, UnknownVerb) and error.near:
        return f"phasegate {error.near} --help"
    within = error.ctx if isinstance(error, click.UsageError) else None
    # an option without its value is refused before there is a context of the verb
    verb = within.info_name if within is not None and within.info_name in VERBS else verb_given(arguments)
    return f"phasegate {verb} --help" if verb in VERBS else "phasegate --help"


def _system_says_no(error: OSError, at: Standing) -> int:
    """Say it, as far as somebody reads it, and return the exit code."""
    if isinstance(error, BrokenPipeError) and reader_is_gone():
        drop_output()  # say no more
        return 0
    if _is_of_closed_terminal(error):
        raise error
    if refusal := as_refusal(error):
        _debug()
        say_refusal(at, refusal)
        return refusal.exit_code
    if error.errno in PATH_IS_WRONG and error.filename is not None:
        return _wrong_path(error)
    if error.errno not in DISK_SAYS_NO:
        return _fault(error)
    _debug()
    file = error.filename2 or error.filename
    where = as_name(os.fsdecode(file)) if isinstance(file, str | bytes) else "what is printed, or a temporary file"
    say(printable_line(f"phasegate: the disk refused a write: {where}: {error.strerror}"), err=True)
    say_next(at, DISK_SAYS_NO[error.errno], "phasegate resume   # then; everything recorded so far is safe")
    return StepFailed.exit_code


def _require_sound(arguments: list[str]) -> None:
    """Raise BadInput for an argument that no journal could hold. A directory is opened, and never written down."""
    if long := [each for each in arguments if len(each) > LONGEST_ARGUMENT]:
        raise BadInput(
            f"an argument is too long: expected at most {LONGEST_ARGUMENT:,} characters, seen {shown(long[0])}",
            next_command="phasegate --help   # long texts belong into a file of the repository",
        )
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if not is_utf8(argument) and before != "-C" and not argument.startswith("-C"):
            raise BadInput(
                f"an argument is not UTF-8: {shown(argument)}; what is kept in journals and logs is",
                next_command="locale   # texts are given as UTF-8, and files have such names",
            )


def _wrong_path(error: OSError) -> int:
    _debug()
    where = shown(os.fsdecode(error.filename))
    say(f"phasegate: {where}: {error.strerror}", err=True)
    say_next(Standing(), f"ls -ld {path_word(os.fsdecode(error.filename))}" if len(where) < 200 else "ls -l")
    return BadInput.exit_code


def shown(text: str) -> str:
    """A text of whoever called us, for a message: quoted, and no longer than a line."""
    return ascii(text) if len(text) <= 200 else f"{text[:190]!a}... ({len(text):,} characters)"


def _fault(error: Exception) -> int:
    _debug()
    say(printable_line(f"phasegate: a fault of phasegate itself: {type(error).__name__}: {error}"), err=True)
    say_next(Standing(), "PHASEGATE_DEBUG=1 phasegate ...   # shows where; the run's journal is intact")
    return StepFailed.exit_code


def _on_sigterm(_number: int, _frame: FrameType | None) -> None:
    # Not an Exception: boto3 takes any that strikes during a request for a network failure, and tries again.
    raise KeyboardInterrupt("terminated")


def _debug() -> None:
    if os.environ.get("PHASEGATE_DEBUG") == "1":
        import traceback

        traceback.print_exc()
