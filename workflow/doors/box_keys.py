"""How does a person at the terminal answer boxes? One key a box; the reason of a box that is not applicable is typed.

Rules:
- Enter alone answers nothing. Every answer can be changed: by going back here, or at the page that asks for approval.
- A box whose own command or check has not passed shows what came of it, and takes no yes from whoever did the work: no,
  not applicable, or left to whoever approves.
- One key for all boxes that are left is offered where nothing looks at any of them; the record says that it was one.
"""

from __future__ import annotations

import sys
from shutil import get_terminal_size

from gates.boxes import is_in_vain
from state.printable import printable_line
from workflow.doors.page_lines import page_lines
from workflow.doors.prompts import PAUSE, PAUSE_KEY, Choice, ask_words, numbers, pick
from workflow.ports import ReviewView
from workflow.views.box_view import AllBoxes, BoxesView, BoxNumber, BoxSaid, BoxWord, LeftOpen
from workflow.views.boxes import answer_in_words, known_of, listed_boxes

YES, NO, NOT_APPLICABLE, WAIVE, ALL, BACK, LIST = "yes", "no", "not applicable", "waive", "all", "back", "list"
APPROVER = "approver"
_YES, _BACK = Choice(YES, "y", YES), Choice(BACK, "b", "back")
_NO, _NOT_APPLICABLE = Choice(NO, "n", NO), Choice(NOT_APPLICABLE, "x", "not applicable, with a reason")
WHY = "Why? (goes into the working log; Enter alone: back)"


def ask_box(view: BoxesView, *, first: bool) -> BoxSaid | None:
    """The answer to the box that is asked about, or the number of another one; None for a pause.

    `first` shows all boxes before it where some have an answer. Raises EOFError for Ctrl-D, KeyboardInterrupt for
    Ctrl-C.
    """
    box = view.boxes[view.number - 1]
    in_vain = view.in_vain.get(view.number, "")
    if first and view.said:  # without an answer they stand as they are on the page above
        _print(listed_boxes(view.boxes, view.said))
    if in_vain:
        _print(f"box {box.number} has not passed: {in_vain}\nSo no word of whoever did the work ticks it.")
    known, before = known_of(box, view.said), _before(view)
    asked = f"box {box.number} of {len(view.boxes)}: {box.text} ({known}{before and f'; before: {before}'})"
    while True:
        match pick(printable_line(asked), _choices(view), cursor=_as_before(view)):
            case "all":
                return AllBoxes()
            case "back":
                return BoxNumber(_earlier(view)[-1])
            case "list":
                _print(listed_boxes(view.boxes, view.said))
            case "pause":
                return None
            case "approver":
                return LeftOpen(view.number)
            case answer:
                if word := _word(view.number, answer, view.former.get(view.number)):
                    return word


def _before(view: BoxesView) -> str:
    """What was said of the box in an attempt before, and that Enter says it again; "" where nothing was."""
    word = view.former.get(view.number)
    if word is None or _as_before(view) == "":
        return ""
    return (YES if word.verdict == "attested" else f"{NOT_APPLICABLE}, {word.why}") + ", Enter says it again"


def _as_before(view: BoxesView) -> str:
    """The choice at which the cursor begins: what this person said before; "" for none."""
    word = view.former.get(view.number)
    if word is None or view.number in view.in_vain or view.number in view.answered:
        return ""
    return YES if word.verdict == "attested" else NOT_APPLICABLE


def _earlier(view: BoxesView) -> list[int]:
    """The numbers of the answered boxes above the one that is asked about."""
    return [number for number in view.answered if number < view.number]


def _choices(view: BoxesView) -> list[Choice]:
    """What can be said of the box that is asked about."""
    in_vain = view.in_vain.get(view.number, "")
    to_approver = Choice(APPROVER, "a", "leave it to whoever approves")
    return [
        *([] if in_vain else [_YES]),
        *(_NO, _NOT_APPLICABLE),
        *([to_approver] if in_vain else []),
        *([Choice(ALL, "*", f"yes to all {len(view.left)} that are left")] if _all_at_once(view) else []),
        *([Choice(BACK, "b", "back to the box before")] if _earlier(view) else []),
        Choice(LIST, "l", "list all boxes"),
        Choice(PAUSE, PAUSE_KEY, "pause: go on later"),
    ]


def _all_at_once(view: BoxesView) -> bool:
    return view.all_at_once and len(view.left) > 1


def change_box(view: ReviewView) -> BoxWord | None:
    """Another answer to one of the boxes on the page, which are listed; who may approve can waive one.

    None for the way back to the page. Raises EOFError and KeyboardInterrupt as `ask_box`.
    """
    items = [check for check in view.worked.checks if check.answers]
    lines = [printable_line(f"{check.name}: {answer_in_words(check)}") for check in items]
    keys = numbers(len(items), taken=_BACK.key)
    listed = [Choice(str(place), *each) for place, each in enumerate(zip(keys, lines, strict=True))]
    if (chosen := pick("Which box?", [*listed, _BACK])) == BACK:
        return None
    check = items[int(chosen)]
    in_vain = not view.may_waive and is_in_vain(check, view.worked.checks)
    answers = [
        *([] if in_vain else [_YES]),
        *(_NO, _NOT_APPLICABLE),
        *([Choice(WAIVE, "w", "waive it, with a reason")] if view.may_waive else []),
        _BACK,
    ]
    answer = pick(printable_line(f"{check.name} ({check.seen})"), answers)
    return None if answer == BACK else _word(int(check.answers.removeprefix("box ")), answer)


def _word(number: int, answer: str, before: BoxWord | None = None) -> BoxWord | None:
    """The word that this answer is, with the reason of before to begin with; None where one is needed and not given."""
    if answer == YES:
        return BoxWord(number, "attested")
    if answer == NO:
        return BoxWord(number, "fail")
    why = ask_words(WHY, default=before.why if before is not None else "")
    return BoxWord(number, "waived" if answer == WAIVE else "not-applicable", why) if why else None


def _print(text: str) -> None:
    for line in page_lines(text, get_terminal_size().columns):
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - a door to the terminal
