"""How does a person at the terminal answer boxes? One key a box; the reason of a box that is not applicable is typed.

Rules:
- What was typed before a box was shown is thrown away: a held key, or a pasted line, answers one box at most.
- Enter answers nothing. Every answer can be changed: by going back here, or at the page that asks for approval.
- A box whose own command or check has not passed shows what came of it, and takes no yes from whoever did the work: no,
  not applicable, or left to whoever approves.
- One key for all boxes that are left is offered where nothing looks at any of them; the record says that it was one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from shutil import get_terminal_size
from typing import Any

from gates.boxes import is_in_vain
from state.evidence import CheckResult
from state.printable import printable_line
from workflow.doors.asking import answer_to
from workflow.doors.menu import fitted, forget_typed, to_stderr
from workflow.doors.page_lines import page_lines
from workflow.ports import ReviewView
from workflow.views.box_view import AllBoxes, BoxesView, BoxNumber, BoxSaid, BoxWord, LeftOpen
from workflow.views.boxes import box_lines, known_of, listed_boxes

YES, NO, NOT_APPLICABLE, WAIVE, ALL, BACK, LIST, PAUSE = "y", "n", "x", "w", "*", "b", "l", "p"
APPROVER = "a"
KEYS: Mapping[str, str] = {YES: "yes", NO: "no", NOT_APPLICABLE: "not applicable"}
KEYS_IN_VAIN = {key: meaning for key, meaning in KEYS.items() if key != YES}


def ask_box(view: BoxesView, *, first: bool) -> BoxSaid | None:
    """The answer to the box that is asked about, or the number of another one; None for a pause.

    `first` shows all boxes before it where some have an answer. Raises EOFError for Ctrl-D, KeyboardInterrupt for
    Ctrl-C.
    """
    box = view.boxes[view.number - 1]
    in_vain = view.in_vain.get(view.number, "")
    keys = _keys(view)
    if first and view.said:  # without an answer they stand as they are on the page above
        _print(listed_boxes(view.boxes, view.said))
    if in_vain:
        _print(f"box {box.number} has not passed: {in_vain}\nSo no word of whoever did the work ticks it.")
    said = known_of(box, view.said)
    while True:
        match _key(f"box {box.number} of {len(view.boxes)}: {printable_line(box.text)} ({printable_line(said)})", keys):
            case "*":
                return AllBoxes()
            case "b":
                return BoxNumber(_earlier(view)[-1])
            case "l":
                _print(listed_boxes(view.boxes, view.said))
            case "p":
                return None
            case "a":
                return LeftOpen(view.number)
            case key:
                return _word(view.number, key)


def _earlier(view: BoxesView) -> list[int]:
    """The numbers of the answered boxes above the one that is asked about."""
    return [number for number in view.answered if number < view.number]


def _keys(view: BoxesView) -> dict[str, str]:
    """The keys that answer the box that is asked about, and what each means."""
    in_vain = view.in_vain.get(view.number, "")
    return {
        **(KEYS_IN_VAIN if in_vain else KEYS),
        **({APPROVER: "leave it to whoever approves"} if in_vain and view.number not in view.answered else {}),
        **({ALL: f"yes to all {len(view.left)} that are left"} if view.all_at_once and len(view.left) > 1 else {}),
        **({BACK: "back"} if _earlier(view) else {}),
        LIST: "list all",
        PAUSE: "pause",
    }


def change_box(view: ReviewView) -> BoxWord | None:
    """Another answer to one of the boxes on the page, which are listed; who may approve can waive one.

    None for the way back to the page. Raises EOFError and KeyboardInterrupt as `ask_box`.
    """
    items = {check.answers.removeprefix("box "): check for check in view.worked.checks if check.answers}
    _print("\n".join(box_lines(view.worked.checks)[3:]))
    said = _line("Which box? (its number; Enter alone: back)", valid=lambda text: text.strip() in {"", *items})
    if not (number := said.strip()):
        return None
    check: CheckResult = items[number]
    keys = {**KEYS, WAIVE: "waive it"} if view.may_waive else KEYS
    if not view.may_waive and is_in_vain(check, view.worked.checks):
        keys = KEYS_IN_VAIN
    key = _key(f"{printable_line(check.name)} ({printable_line(check.seen)})", {**keys, BACK: "back"})
    return None if key == BACK else _word(int(number), key)


def _word(number: int, key: str) -> BoxWord:
    if key == YES:
        return BoxWord(number, "attested")
    if key == NO:
        return BoxWord(number, "fail")
    why = _line("Why? (goes into the working log)", valid=lambda text: bool(text.strip())).strip()
    return BoxWord(number, "waived" if key == WAIVE else "not-applicable", why)


def _key(question: str, keys: Mapping[str, str]) -> str:
    """The one key that is pressed, of these (key -> what it means)."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.keys import Keys

    bindings = KeyBindings()

    @bindings.add(Keys.Any)
    def _ignore(_event: KeyPressEvent) -> None:
        """Any other key does nothing."""

    def pressed(event: KeyPressEvent) -> None:
        event.app.exit(result=event.key_sequence[0].key)

    @bindings.add(Keys.ControlM)
    def _nothing_chosen(_event: KeyPressEvent) -> None:
        """Enter does nothing."""

    @bindings.add(Keys.ControlC)
    def _interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt())

    @bindings.add(Keys.ControlD)
    def _end(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    for key in keys:
        bindings.add(key)(pressed)
    offered = "\n".join(in_lines([f"[{key}] {meaning}" for key, meaning in keys.items()], get_terminal_size().columns))
    asked = f"? {fitted(question)}\n{offered} "
    session: PromptSession[str] = PromptSession(asked, key_bindings=bindings, **to_stderr())
    forget_typed()
    answer = answer_to(session.app)
    _print(f"  {keys[answer]}")
    return answer


def in_lines(offered: Sequence[str], width: int) -> list[str]:
    """The keys side by side, each with its meaning in one line, and room for the cursor behind the last one."""
    lines = [""]
    for each in offered:
        if lines[-1] and len(lines[-1]) + 2 + len(each) + 1 >= width:
            lines.append("")
        lines[-1] += f"  {each}"
    return lines


def _line(question: str, *, valid: Any) -> str:
    import questionary

    prompt = questionary.text(question, validate=lambda text: valid(text) or "not that; Ctrl-C pauses", **to_stderr())
    return str(answer_to(prompt.application))


def _print(text: str) -> None:
    for line in page_lines(text, get_terminal_size().columns):
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - a door to the terminal
