"""Which run has this process in hand? For commands that go on with it, wherever they are printed.

Light: read whenever something is printed.
"""

from __future__ import annotations

from contextvars import ContextVar

_AT_HAND: ContextVar[str] = ContextVar("run at hand", default="")


def take_in_hand(run_id: str) -> None:
    """This run is the one from now on; "" for none."""
    _AT_HAND.set(run_id)


def run_at_hand() -> str:
    """The id of the latest run that this process took in hand, "" before it did."""
    return _AT_HAND.get()
