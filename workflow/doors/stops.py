"""What becomes of the terminal when this process is stopped, or ended, while a question or a pager stands there?

Rules:
- SIGTSTP may come from outside (`kill -TSTP`), when no key has been read that would put the terminal back: its modes
  are put back as they were before the question, and are as they were in it when the process goes on.
- A pager is stopped with us, and goes on with us; one that cannot be stopped (less with LESSSECURE) costs a second.
- What is drawn is drawn again. Where the process goes on in the background, nothing is touched until it is in front.
- Only the main thread hears signals; elsewhere, and without a terminal, nothing is changed.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from subprocess import Popen
from types import FrameType

from workflow.doors.deferred_signals import signals_wait

STOPS_WITHIN = 1.0  # [s] that a pager has to put the terminal back and stop
_LOOK_EVERY = 0.02  # [s]
_ASK_EVERY = 5  # looks; less 590 hears nothing between its prompt and its waiting for a key
_AS_EVER = "\x1b[?2004l\x1b[?25h"  # no paste brackets, a cursor that is seen (xterm's control sequences)


@contextmanager
def suspendable() -> Iterator[Callable[[Popen[bytes]], None]]:
    """In the block, a stop leaves the terminal as it was before it; what it yields is told of a pager that was started.

    The block begins before the pager does: less sets the terminal's modes before it has read anything.
    """
    pagers: list[Popen[bytes]] = []
    modes = _modes() if threading.current_thread() is threading.main_thread() else None
    former = signal.getsignal(signal.SIGTSTP) if modes is not None else signal.SIG_IGN
    if modes is None or former == signal.SIG_IGN:
        yield pagers.append
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        _stop(modes, pagers[-1] if pagers else None)
        signal.signal(signal.SIGTSTP, stop)

    signal.signal(signal.SIGTSTP, stop)
    try:
        yield pagers.append
    finally:
        signal.signal(signal.SIGTSTP, former)


def _stop(before: list[object], pager: Popen[bytes] | None) -> None:
    """Put the terminal back, stop, and take it again when somebody has us go on."""
    in_question = _modes()
    _reset_drawn()
    if pager is not None and pager.poll() is None:
        _stop_pager(pager)
    _set_modes(before)
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)  # here it stands until SIGCONT
    if pager is not None and pager.poll() is None:
        pager.send_signal(signal.SIGCONT)
    elif in_question is not None:
        _set_modes(in_question)
    _reset_drawn(again=True)


def _stop_pager(pager: Popen[bytes]) -> None:
    """Have it stop, and wait until it has, or for as long as it has; it is told again, as it may not have listened."""
    end, looks = time.monotonic() + STOPS_WITHIN, itertools.count()
    with suppress(ChildProcessError):
        while os.waitid(os.P_PID, pager.pid, os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if next(looks) % _ASK_EVERY == 0:
                pager.send_signal(signal.SIGTSTP)
            if time.monotonic() >= end:
                return
            time.sleep(_LOOK_EVERY)


@contextmanager
def modes_put_back() -> Iterator[None]:
    """Behind the block the terminal is as it was before it, whatever a question or a child that was ended left.

    prompt_toolkit 3.0.53 does so itself, but for a signal that strikes in certain moments of a question.
    """
    before = _modes()
    try:
        yield
    finally:
        with signals_wait():
            if before is not None and _modes() != before:
                _set_modes(before)
                sys.stderr.write(_AS_EVER)
                sys.stderr.flush()


def _modes() -> list[object] | None:
    """The modes of the terminal that is standard input; None where there is none."""
    try:
        return termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, ValueError, OSError, AttributeError):
        return None


def _set_modes(modes: list[object]) -> None:
    """Set them where this process has the terminal; to set them from the background would stop it for good."""
    with suppress(termios.error, OSError, ValueError):
        fd = sys.stdin.fileno()
        if os.tcgetpgrp(fd) == os.getpgrp():
            termios.tcsetattr(fd, termios.TCSADRAIN, modes)  # type: ignore[arg-type]


def _reset_drawn(*, again: bool = False) -> None:
    """Leave what prompt_toolkit set beside the modes (paste brackets, a hidden cursor); `again`: draw the question."""
    if "prompt_toolkit" not in sys.modules:
        return
    from prompt_toolkit.application import get_app_or_none

    application = get_app_or_none()
    if application is not None and application.is_running:
        application.renderer.reset()
        if again:
            application.invalidate()
