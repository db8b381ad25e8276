"""How does a question at the terminal end when a signal comes? As with Ctrl-C: it goes, and the terminal is whole.

Rules:
- While it stands, SIGINT, SIGTERM and SIGHUP end the question itself. A handler that raises inside the event loop is
  taken by prompt_toolkit (3.0.53) for a fault of a task in the background: it asks for Enter, in a question of its own
  that nobody ends, and the terminal stays raw.
- What fails while the question stands is raised by `answer_to`; nothing asks for Enter.
- Only the main thread hears signals: elsewhere nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from workflow.doors.deferred_signals import Heard, heard_by

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from prompt_toolkit.application import Application

T = TypeVar("T")


def answer_to(application: Application[T], pre_run: Callable[[], None] | None = None) -> T:
    """Ask, and return the answer.

    Args:
        pre_run: called once the question stands.

    Raises KeyboardInterrupt at Ctrl-C and for a signal that ends the process; EOFError where a key of the question
    means that; what failed in a task that belongs to the question.
    """
    from asyncio import get_running_loop

    def begin() -> None:
        get_running_loop().set_exception_handler(lambda loop, found: _failed(application, loop, found))
        if pre_run is not None:
            pre_run()

    def ends(number: int, frame: FrameType | None, before: Heard) -> None:
        loop = application.loop
        if loop is not None and application.is_running and not loop.is_closed():
            loop.call_soon_threadsafe(_end, application, KeyboardInterrupt("terminated"))
        else:
            before(number, frame)

    with heard_by(ends):
        return application.run(pre_run=begin, set_exception_handler=False, handle_sigint=False)


def _failed(application: Application[T], loop: AbstractEventLoop, found: dict[str, Any]) -> None:
    """What the event loop does with an exception that nobody awaits."""
    error = found.get("exception")
    if error is None:
        loop.default_exception_handler(found)
    else:
        _end(application, error)


def _end(application: Application[T], error: BaseException) -> None:
    if application.is_running and not application.is_done:
        application.exit(exception=error)
