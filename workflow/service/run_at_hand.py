"""Which run has this process in hand, and by which answers? For commands that go on with it, wherever they are printed.

Light: read whenever something is printed.
"""

from __future__ import annotations

from contextvars import ContextVar

_AT_HAND: ContextVar[str] = ContextVar("run at hand", default="")
_ANSWERS: ContextVar[str] = ContextVar("answers at hand", default="")


def take_in_hand(run_id: str) -> None:
    """This run is the one from now on; "" for none."""
    _AT_HAND.set(run_id)
    if not run_id:
        _ANSWERS.set("")


def run_at_hand() -> str:
    """The id of the latest run that this process took in hand, "" before it did."""
    return _AT_HAND.get()


def take_answers_along(path: str) -> None:
    """What goes on with the run is answered by this file, too; the path is as the process sees it."""
    _ANSWERS.set(path)


def answers_at_hand() -> str:
    """The path of the answers file that this process was given, "" without one."""
    return _ANSWERS.get()
