"""How is a person at the terminal asked? For one of a list, several of it, or a text. All questions come through here.

Rules:
- One of a list: its key is pressed and that is the answer, no Enter; arrow keys and Enter do the same. Each line begins
  with its key. Only what approves needs its key and Enter, and says so.
- Enter alone takes what the cursor is at, and nothing where it is at nothing; it is never at what approves. A key that
  is nobody's puts it back, so that a word that is typed, and Enter, approve nothing.
- A text, and several of a list, need Enter.
- Ctrl-C ends the question and pauses the run; so does Ctrl-D. Ctrl-Z suspends.
- What was typed before the question was drawn is thrown away: it answered something else.
- A question stands only as long as it is open: a word from elsewhere takes it away within a second.
questionary is imported on first use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from state.cheap_classes import dataclass
from state.counted import counted
from state.printable import as_name, printable_line
from state.says_nothing import says_nothing
from workflow.doors.asking import answer_to
from workflow.doors.columns import columns

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from questionary import Question
    from questionary.prompts.common import InquirerControl

    from workflow.doors.shown_paths import ShownPaths

ELSEWHERE = "elsewhere"
KEYS = "(a key, or arrow keys and Enter)"
SPACE = "(space takes or leaves one, a all of them; Enter goes on)"
NOWHERE = -1  # the place of a cursor that is at none of a list's lines
TICK = 0.25  # how often a standing question looks for a word from elsewhere [s]
NO_REMARKS: Mapping[str, str] = {}
PAUSE, PAUSE_KEY = "pause", "p"
ROOM_TO_TYPE = "x" * 24  # of columns beside a question; else its answer begins in the next line


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a list.

    Attributes:
        value: what `pick` returns.
        key: one sign; another one for each line of a list. "" for a line that only arrow keys reach.
        text: the line.
        approves: Enter is needed behind the key.
    """

    value: str
    key: str
    text: str
    approves: bool = False


def load() -> None:
    """Load what every question needs, while the line at the bottom still moves."""
    import questionary  # noqa: F401


def keyed(values: Sequence[str], approves: str = "") -> list[Choice]:
    """These answers as lines of a list: by their first letters where these differ, else by numbers."""
    first = [each[:1].lower() for each in values]
    clear = all(each.isascii() and each.isalpha() for each in first) and len({*first}) == len(first)
    if not clear or (PAUSE_KEY in first and PAUSE not in values):
        first = numbers(len(values))
    return [Choice(value, key, value, value == approves) for value, key in zip(values, first, strict=True)]


def numbers(how_many: int, taken: str = PAUSE_KEY) -> list[str]:
    """Keys of so many lines: 1 to 9, then the letters that are not `taken`, then none."""
    keys = [key for key in "123456789abcdefghijklmnopqrstuvwxyz" if key not in taken]
    return [*keys[:how_many], *([""] * (how_many - len(keys)))]


def pick(
    question: str, choices: Sequence[Choice], *, cursor: str = "", decided: Callable[[], bool] | None = None
) -> str:
    """The value of what was chosen; ELSEWHERE as soon as `decided` says so.

    Args:
        cursor: the value of the line that the cursor begins at, which must not approve; "" for none of them.

    Raises EOFError at Ctrl-D, KeyboardInterrupt at Ctrl-C.
    """
    import questionary

    class Keyed(questionary.Choice):
        """A line with a key of any sign: questionary's own are letters and digits, and only move the cursor."""

        def __init__(self, each: Choice) -> None:
            super().__init__(fitted(printable_line(each.text), before=6), each.value, shortcut_key=False)
            self._key = each.key or "-"

        def get_shortcut_title(self) -> str:
            return f"{self._key}) "

    how = next((f"{KEYS[:-1]}; {each.key} needs Enter)" for each in choices if each.approves), KEYS)
    prompt = questionary.select(
        with_room(question, how, *(each.text for each in choices)),
        choices=list(map(Keyed, choices)),
        use_shortcuts=True,
        use_jk_keys=False,
        use_emacs_keys=False,
        instruction=how,
        **to_stderr(),
    )
    start = next((place for place, each in enumerate(choices) if each.value == cursor), NOWHERE)
    _bind_list(prompt, choices, start)
    forget_typed()
    return str(answer_to(prompt.application) if decided is None else _ask_until(prompt, decided))


def pick_several(question: str, paths: Sequence[str], remarks: Mapping[str, str] = NO_REMARKS) -> list[str]:
    """Those of these paths that were left checked, as all are at first; each with its remark. Raises as `pick`.

    Each is drawn whole, and none is taken that was not drawn: where the terminal is too low for all of them, Enter
    shows the next ones first (`shown_paths.py`).
    """
    import questionary

    from workflow.doors.shown_paths import ShownPaths

    titles = [fitted(f"{as_name(path)}{remarks.get(path, '')}", before=5) for path in paths]
    choices = [questionary.Choice(title, path, checked=True) for title, path in zip(titles, paths, strict=True)]
    asked = with_room(question, SPACE)
    prompt = questionary.checkbox(asked, choices=choices, use_jk_keys=False, instruction=SPACE, **to_stderr())
    shown = ShownPaths(prompt.application, _list_of(prompt), titles, above=asked.count("\n") + 1)
    _bind_several(prompt, paths, shown, room=_columns() - columns(asked.rpartition("\n")[2]) - 4)
    forget_typed()
    return list(answer_to(prompt.application))


def taken_in_words(taken: Sequence[str], of: int, room: int) -> str:
    """Which of so many paths were taken: by their names where these fit into the room [columns], else how many."""
    if not taken:
        return f"none of {counted(of, 'file')}"
    how_many = f"{len(taken)} of {of} files" if len(taken) < of else counted(of, "file")
    whole = f"{how_many}: {', '.join(map(as_name, taken))}"
    return whole if columns(whole) <= room else how_many


def ask_words(asked: str, *, default: str = "") -> str:
    """What somebody writes in answer to this; "" where nothing of it is seen. Raises as `ask_text`."""
    said = ask_text(asked, default=default).strip()
    return "" if says_nothing(said) else said


def ask_text(
    question: str,
    *,
    problem_with: Callable[[str], str | None] = lambda _answer: None,
    default: str = "",
    typed_first_replaces: bool = False,
    lines: bool = False,
) -> str:
    """What a person types, and Enter.

    Args:
        problem_with: says what is wrong with it, which is shown; None takes it.
        default: stands there already.
        typed_first_replaces: what is typed first takes the place of what stands there.
        lines: whether it may have several lines; it ends by Esc and Enter then.

    Raises EOFError at Ctrl-D in an empty line, KeyboardInterrupt at Ctrl-C.
    """
    import questionary

    from workflow.doors.typed_over import typed_over

    def valid(answer: str) -> bool | str:
        problem = problem_with(answer)
        return fitted(problem, before=0) if problem else True

    prompt = questionary.text(
        with_room(question, default or ROOM_TO_TYPE),
        default=default,
        validate=valid,
        validate_while_typing=False,
        multiline=lines,
        enable_suspend=True,
        **to_stderr(),
    )
    _show_whole_what_is_wrong(prompt)
    if typed_first_replaces:
        typed_over(prompt.application)
    forget_typed()
    return str(answer_to(prompt.application))


def _show_whole_what_is_wrong(prompt: Question) -> None:
    """Give the line below the question, in which prompt_toolkit says what is wrong, as many lines as that takes."""
    from prompt_toolkit.filters import to_filter
    from prompt_toolkit.layout import FormattedTextControl, Window, walk

    for each in walk(prompt.application.layout.container):
        if isinstance(each, Window) and isinstance(each.content, FormattedTextControl) and each.height == 1:
            each.height = None
            each.dont_extend_height = to_filter(True)


def fitted(text: str, *, before: int) -> str:
    """The text in lines that fit the terminal, broken at blanks; so many columns stand before each of them.

    The terminal itself would break anywhere, and draws nothing of what is too long in a list.
    """
    from workflow.doors.page_lines import page_lines

    return f"\n{' ' * before}".join(page_lines(text, _columns() - before - 1))


def with_room(question: str, *behind: str) -> str:
    """The question in lines that fit the terminal; what comes behind it gets a line of its own where it is too long.

    Args:
        behind: how to choose, and each answer: the terminal would break these anywhere.
    """
    from workflow.doors.page_lines import page_lines

    room = _columns() - 3  # behind `? `
    lines = list(page_lines(question, room))
    return "\n".join(lines if columns(lines[-1]) + 1 + max(map(columns, behind)) <= room else [*lines, " "])


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


def _bind_list(prompt: Question, choices: Sequence[Choice], start: int) -> None:
    """What each key does at a list of which the cursor begins at `start`."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.keys import Keys

    bindings, listed = _ends(), _list_of(prompt)
    listed.pointed_at = start
    nowhere = Condition(lambda: listed.pointed_at == NOWHERE)

    def at_its_key(place: int) -> Callable[[KeyPressEvent], None]:
        def pressed(event: KeyPressEvent) -> None:
            listed.pointed_at = place
            if not choices[place].approves:
                listed.is_answered = True
                event.app.exit(result=choices[place].value)

        return pressed

    for place, each in enumerate(choices):
        if each.key:
            bindings.add(each.key, eager=True)(at_its_key(place))

    @bindings.add(Keys.Any)
    def _meaningless(_event: KeyPressEvent) -> None:
        listed.pointed_at = start

    @bindings.add(Keys.ControlM, eager=True, filter=nowhere)
    def _nothing_chosen(_event: KeyPressEvent) -> None:
        """Enter at no line takes none."""

    @bindings.add(Keys.Up, eager=True, filter=nowhere)
    def _last(_event: KeyPressEvent) -> None:
        listed.pointed_at = len(choices) - 1

    _bind(prompt, bindings)


def _bind_several(prompt: Question, paths: Sequence[str], shown: ShownPaths, room: int) -> None:
    """Enter ends the question, once all were shown, and says what was taken; questionary says `2 selections`."""
    import questionary
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.keys import Keys

    bindings, listed = _ends(), _list_of(prompt)

    @bindings.add(Keys.ControlM, eager=True)
    def _take(event: KeyPressEvent) -> None:
        if shown.shows_next():
            return
        taken = [path for path in paths if path in listed.selected_options]
        # of a single line that is taken its title is shown
        listed.choices = [questionary.Choice([("", taken_in_words(taken, len(paths), room))], "", checked=True)]
        listed.selected_options, listed.is_answered = [""], True
        event.app.exit(result=taken)

    _bind(prompt, bindings)


def _list_of(prompt: Question) -> InquirerControl:
    from questionary.prompts.common import InquirerControl

    return next(each for each in prompt.application.layout.find_all_controls() if isinstance(each, InquirerControl))


def _ends() -> KeyBindings:
    """Ctrl-D ends the question, Ctrl-Z suspends it."""
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.keys import Keys

    bindings = KeyBindings()

    @bindings.add(Keys.ControlD, eager=True)
    def _end(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    @bindings.add(Keys.ControlZ, eager=True)
    def _suspend(event: KeyPressEvent) -> None:
        event.app.suspend_to_background()

    return bindings


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


def _columns() -> int:
    """How wide the terminal is."""
    from shutil import get_terminal_size  # here: where somebody is asked

    return get_terminal_size().columns
