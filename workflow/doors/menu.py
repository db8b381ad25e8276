"""How is one of a few things chosen at the terminal? A list with a key a line.

Rules:
- What was typed before the list was drawn is thrown away: it answered something else.
- A verdict needs its key and Enter; what decides nothing (show, note, pause) happens at its key.
- Enter alone decides nothing: the cursor begins at something that does not, and goes back there at a letter that is
  nobody's, so that a word that is typed, and Enter, decide nothing.
- The question stands only as long as it is open: a word from elsewhere takes it away within a second.
questionary is imported on first use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from state.printable import printable_line
from workflow.doors.asking import answer_to

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from questionary import Question
    from questionary.prompts.common import Choice as ListedChoice

ELSEWHERE = "elsewhere"
KEYS = "(a letter, or arrow keys and Enter)"
ARROWS = "(Use arrow keys)"  # what questionary itself says behind a question with choices
TICK = 0.25  # how often a standing question looks for a word from elsewhere [s]


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a menu.

    Attributes:
        value: what `menu` returns.
        key: a small letter; one of a menu each.
        text: the line.
        decides: Enter is needed behind the key.
    """

    value: str
    key: str
    text: str
    decides: bool = False


def menu(question: str, choices: Sequence[Choice], decided: Callable[[], bool], *, cursor: str) -> str:
    """The value of what was chosen; ELSEWHERE as soon as `decided` says so.

    Args:
        cursor: the value of the choice that the cursor begins at; it must be one that decides nothing.

    Raises EOFError at Ctrl-D, KeyboardInterrupt at Ctrl-C.
    """
    import questionary

    listed: list[ListedChoice] = [
        questionary.Choice(fitted(printable_line(each.text), beside=6), each.value, shortcut_key=each.key)
        for each in choices
    ]
    prompt = questionary.select(
        with_room(printable_line(question), KEYS, *(each.text for each in choices)),
        choices=listed,
        default=cursor,
        use_shortcuts=True,
        use_jk_keys=False,
        instruction=KEYS,
        **to_stderr(),
    )
    for each in choices:
        if not each.decides:
            _at_its_key(prompt, each)
    neutral = next(place for place, each in enumerate(choices) if each.value == cursor)
    _at_other_keys(prompt, neutral)
    forget_typed()
    return str(_ask_until(prompt, decided))


def fitted(question: str, *, beside: int = 0) -> str:
    """The question in lines that fit the terminal, broken at blanks, with room for so many columns behind it."""
    from workflow.doors.page_lines import page_lines

    room = get_terminal_size().columns - 3  # behind `? `
    lines = list(page_lines(question, room))
    return "\n".join(lines if len(lines[-1]) + 1 + beside <= room else page_lines(question, room - 1 - beside))


def with_room(question: str, *behind: str) -> str:
    """The question in lines that fit the terminal; what comes behind it gets a line of its own where it is too long.

    Args:
        behind: how to choose, and each answer: the terminal would break these anywhere.
    """
    from workflow.doors.page_lines import page_lines

    room = get_terminal_size().columns - 3  # behind `? `
    lines = list(page_lines(question, room))
    return "\n".join(lines if len(lines[-1]) + 1 + max(map(len, behind)) <= room else [*lines, " "])


def forget_typed() -> None:
    """Throw away what was typed before now and not read."""
    import termios

    from prompt_toolkit.input import create_input
    from prompt_toolkit.input.typeahead import clear_typeahead

    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    clear_typeahead(create_input())


def to_stderr() -> dict[str, Any]:
    """The argument that makes a prompt of questionary write to standard error."""
    from prompt_toolkit.output import create_output

    return {"output": create_output(stdout=sys.stderr)}


def _at_its_key(prompt: Question, choice: Choice) -> None:
    """Choose it as soon as its key is pressed."""
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    bindings = KeyBindings()

    @bindings.add(choice.key, eager=True)
    def _chosen(event: KeyPressEvent) -> None:
        event.app.exit(result=choice.value)

    _bind(prompt, bindings)


def _at_other_keys(prompt: Question, neutral: int) -> None:
    """Ctrl-Z suspends; any key that means nothing puts the cursor back."""
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.keys import Keys
    from questionary.prompts.common import InquirerControl

    bindings = KeyBindings()
    listed = [each for each in prompt.application.layout.find_all_controls() if isinstance(each, InquirerControl)]

    @bindings.add(Keys.Any)
    def _meaningless(_event: KeyPressEvent) -> None:
        for control in listed:
            control.pointed_at = neutral

    @bindings.add(Keys.ControlZ, eager=True)
    def _suspend(event: KeyPressEvent) -> None:
        event.app.suspend_to_background()

    _bind(prompt, bindings)


def _bind(prompt: Question, bindings: KeyBindings) -> None:
    from prompt_toolkit.key_binding import merge_key_bindings

    application = prompt.application
    assert application.key_bindings is not None
    application.key_bindings = merge_key_bindings([application.key_bindings, bindings])


def _ask_until(prompt: Question, decided: Callable[[], bool]) -> object:
    """The answer, or ELSEWHERE as soon as somebody has said something in another process."""
    import asyncio

    async def watch() -> None:
        while not decided():
            await asyncio.sleep(TICK)
        if not prompt.application.is_done:
            prompt.application.exit(result=ELSEWHERE)

    def begin() -> None:
        prompt.application.create_background_task(watch())

    return answer_to(prompt.application, begin)
