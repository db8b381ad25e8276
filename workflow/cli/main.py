"""How does a command line begin and end? The command's front door: refusals become exit codes.

Rules:
- Results go to standard output, progress and refusals to standard error.
- No traceback reaches a user; PHASEGATE_DEBUG=1 shows it.
"""

from __future__ import annotations

import errno
import gc
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from state.errors import INTERRUPTED, BadInput, PhasegateError, StepFailed
from state.longest_text import LONGEST
from state.path_word import path_word
from state.printable import as_name, printable_line
from state.utf8 import is_utf8
from workflow import starting
from workflow.cli.next_line import Standing, directory_given, say_next, say_refusal, verb_given
from workflow.cli.quickly import COMPLETES, quickly
from workflow.cli.say import say
from workflow.cli.streams import drop_output, prepare_streams, reader_is_gone
from workflow.service.changed_while_read import as_refusal
from workflow.service.run_at_hand import run_at_hand, take_in_hand

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
    gc.freeze()  # or Python, at its end, looks through every module for garbage: a sixth of the time of `status`
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
            if show := quickly(arguments):
                return show(at)
            from workflow.cli.group import by_click  # here: what can be shown quickly is shown without it

            return by_click(arguments, at)
    except KeyboardInterrupt:
        with _ended_by_another():
            _debug()
            say("\npaused: everything so far is safe", err=True)
            say_next(at, _goes_on(arguments))
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


def _goes_on(arguments: list[str]) -> str:
    """What goes on after an interruption: with the run in hand, else the same command again."""
    if run_at_hand():
        return "phasegate resume"
    from workflow.cli.verbs import VERBS

    verb = verb_given(arguments)
    return f"phasegate {shlex.join(arguments[arguments.index(verb) :])}" if verb in VERBS else "phasegate --help"


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
    pairs = zip(["", *arguments], arguments, strict=False)
    if long := [(before, each) for before, each in pairs if len(each) > LONGEST]:
        (before, text), *_ = long
        what = before if before.startswith("--") else "an argument"
        raise BadInput(
            f"{what} is too long: expected at most {LONGEST:,} characters, seen {len(text):,} ({shown(text)})",
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
