"""The door to the person at the terminal, if there is one.

Rules:
- Nobody is asked unless standard input and standard error are both terminals: a piped "y" opens nothing.
- No answer is ever assumed: Ctrl-C raises, Ctrl-D pauses, Enter on the verdict picks nothing by itself.
- How a question is drawn, and what its keys do, is `prompts.py`'s business.
- Everything is written to standard error; standard output belongs to results.
- Pages and diffs are shown as they are written, wrapped, never rendered: rendered Markdown hides comments and links.
rich is imported on first use.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from phases.step import Question
from state.errors import Waiting
from state.late_pattern import late
from state.printable import printable, printable_line
from workflow.doors.busy import Busy
from workflow.doors.prompts import (
    PAUSE,
    PAUSE_KEY,
    Choice,
    ask_text,
    ask_words,
    forget_typed,
    keyed,
    load,
    pick,
    pick_several,
)
from workflow.doors.stops import modes_put_back, suspendable
from workflow.ports import Approve, Elsewhere, Finished, HandIn, HandView, Note, Pause, Reject, ReviewView, Verdict
from workflow.starting import again, over, waits_for
from workflow.views.box_view import BoxesView, BoxSaid
from workflow.views.wrapped import shown

if TYPE_CHECKING:
    from phases.step import Share

APPROVE, SHOW, NOTE, REJECT = "approve", "show", "note", "reject"
DONE, SKIP, BOXES = "done", "skip", "boxes"
CHANGE_BOX = "change the answer to a box, attest it or waive it"
DONE_NAMES = "done: name the files that belong to it"
DONE_RUNS = "done: run its commands, then name the files that belong to it"
DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}  # by the first character of a line
# what a verdict of a check is shown with: its sign, where the terminal's encoding has it, and its style
VERDICTS = {
    "pass": ("\N{CHECK MARK}", "green"),
    "**FAIL**": ("\N{BALLOT X}", "bold red"),
    "note": ("!", "yellow"),
    "not checked": ("?", "yellow"),
    "attested": ("\N{CHECK MARK}", "cyan"),
}
_VERDICT = late(r"- (?:\d+ )?(" + "|".join(map(re.escape, VERDICTS)) + r"):")
NEAR = 12  # lines below the one that says where in the run a question is asked, and it is said again
ABOVE = 40  # how many lines above a question are remembered, so that it does not show them again
GOES_ON = "looking at what comes next"  # what the moving line says once a line has told that something is so
KEPT = " (kept from before: Enter keeps it, typing replaces it)"
NOTED = "Note: (Enter alone: back)"


def is_interactive() -> bool:
    """Whether a person can be asked here."""
    streams = (sys.stdin, sys.stderr)  # None where the process was started without one
    open_ones = all(stream is not None and not stream.closed and stream.isatty() for stream in streams)
    return open_ones and os.environ.get("TERM") != "dumb"


def ring() -> None:
    """Ring the terminal's bell, where there is a terminal."""
    if is_interactive():
        print("\a", end="", file=sys.stderr, flush=True)  # noqa: T201 - the terminal is this door's business


class Terminal:
    """Implements workflow.ports.Person on this process's terminal; without one it asks nobody."""

    def __init__(
        self, *, interactive: bool | None = None, quiet: bool = False, here: Callable[[str], str] | None = None
    ) -> None:
        self._interactive = is_interactive() if interactive is None else interactive
        self._quiet = quiet
        self._here = here or str  # commands in what is told, as they work where the person stands
        self._printed: list[str] = []  # the last lines since the last question, without blanks around
        self._boxes_of = ""  # the task whose boxes were listed last
        self._place = ""  # where in the run the last question was asked
        self._below = 0  # about how many lines were shown since that was said
        self._busy = Busy()
        self._working = False

    @property
    def at_terminal(self) -> bool:
        return self._interactive

    @contextmanager
    def working(self) -> Iterator[None]:
        if not self._interactive or self._quiet or self._working:
            yield
            return
        self._working = True
        self._busy.begin()
        try:
            yield
        finally:
            self._working = False
            self._busy.forget()

    @contextmanager
    def lent(self) -> Iterator[None]:
        self._busy.end()
        was_starting = over()
        try:
            with modes_put_back(), suspendable():
                yield
        finally:
            if self._working:
                self._busy.begin()
            elif was_starting:
                again()

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        if not self._interactive:
            return None
        load()
        if suggestion and not question.choices:
            question.problem_with(suggestion)  # what looks an answer up is loaded while the line still moves
        with self.lent():
            try:
                return self._answer(question, suggestion)
            except EOFError:
                if not question.place:  # nothing is under way yet that could be resumed
                    raise KeyboardInterrupt from None
                asked = question.text.partition("\n")[0]
                raise Waiting(f"paused at: {asked}", next_command="phasegate resume   # asks again") from None

    def _answer(self, question: Question, suggestion: str | None) -> tuple[str, str]:
        """What is chosen or typed. Raises EOFError for Ctrl-D, and where a pause is chosen that is no answer."""
        forget_typed()
        self._header(question.place, question.text, *question.choices)
        if question.shown and not self._just_printed(question.shown):
            self._page(_indented(question.shown))
        self._printed.clear()
        return (_chosen(question, suggestion) if question.choices else _typed(question, suggestion)), "prompt"

    def _header(self, place: str, *asked: str) -> None:
        """Say where in the run it is asked, unless that stands a few lines above; `asked` is drawn below it."""
        if place and (place != self._place or self._below > NEAR):
            self._page(place)
            self._place, self._below = place, 0
        self._below += sum(text.count("\n") + 1 for text in asked)

    def _just_printed(self, shown: str) -> bool:
        """Whether it stands right above already, as a command wrote it while it ran."""
        lines = [line.strip() for line in printable(shown).split("\n") if line.strip()]
        return bool(lines) and [line for line in self._printed if line][-len(lines) :] == lines

    def review(self, view: ReviewView) -> Verdict | None:
        if not self._interactive:
            return None
        load()
        with self.lent():
            return self._verdict(view)

    def _verdict(self, view: ReviewView) -> Verdict:
        from workflow.doors.box_keys import WHY, change_box  # here, as below: where somebody is at the terminal
        from workflow.views.review_page import all_checks, review_page

        self._page(review_page(view))
        choices = _verdicts(view)
        asked = _asked(view)
        while True:
            try:
                match pick(asked, choices, cursor=SHOW, decided=view.decided):
                    case "approve":
                        return Approve("prompt")
                    case "elsewhere":
                        return Elsewhere()
                    case "show":
                        self._diff(view.diff(), below=all_checks(view))
                    case "boxes":
                        if said := change_box(view):
                            return said
                    case "note":
                        if note := ask_words(NOTED):
                            return Note(note)
                    case "reject":
                        if why := ask_words(WHY):
                            return Reject(why)
                    case _:
                        return Pause()
            except EOFError:
                return Pause()

    def work(self, view: HandView) -> HandIn | Finished | Note | Pause | Elsewhere | None:
        if not self._interactive:
            return None
        load()
        with self.lent():
            try:
                if not view.names_files:
                    return self._work(view)
                changed = view.changed()
                self._header(view.place.line() if changed else "", *changed)
                return HandIn(self._pick(view, changed), "prompt")
            except EOFError:
                return Pause()

    def _work(self, view: HandView) -> HandIn | Finished | Note | Pause | Elsewhere:
        """What is chosen at the page of the task. Raises EOFError for Ctrl-D."""
        from workflow.doors.box_keys import WHY
        from workflow.views.review_page import task_name
        from workflow.views.task import work_page

        self._page(work_page(view))
        choices = [
            Choice(SHOW, "s", "show the changes since it began"),
            Choice(DONE, "d", DONE_RUNS if view.commands_first else DONE_NAMES),
            *([Choice(SKIP, "k", "skip it, with a reason: it is optional")] if view.task.optional else []),
            Choice(NOTE, "n", "add a note to the working log"),
            Choice(PAUSE, PAUSE_KEY, "pause: go on later"),
        ]
        while True:
            match pick(f"Is {task_name(view.task)} done?", choices, cursor=SHOW, decided=view.decided):
                case "done" if view.commands_first:
                    return Finished()
                case "done":
                    return HandIn(self._pick(view, view.changed()), "prompt")
                case "skip":
                    if why := ask_words(WHY):
                        return HandIn((), "prompt", why)
                case "elsewhere":
                    return Elsewhere()
                case "show":
                    self._diff(view.diff(view.changed()))
                case "note":
                    if note := ask_words(NOTED):
                        return Note(note)
                case _:
                    return Pause()

    def boxes(self, view: BoxesView) -> BoxSaid | None:
        if not self._interactive:
            return None
        load()
        from workflow.doors.box_keys import ask_box

        first, self._boxes_of = self._boxes_of != view.task.key, view.task.key
        with self.lent():
            self._header(view.place, view.boxes[view.number - 1].text, "keys", "the answer")
            try:
                return ask_box(view, first=first)
            except EOFError:
                return None

    def _pick(self, view: HandView, changed: Sequence[str]) -> list[str]:
        """Those of the changed files that belong to the task."""
        if not changed:
            return []
        removed = {path: " (removed)" for path in changed if not view.is_there(path)}
        return pick_several("Which of these belong to it, and go into its commit?", changed, removed)

    def progress(self, text: str) -> None:
        self._line(shown(printable(self._here(text)), sys.stderr))
        if self._working:  # what begins something says so by `waiting`
            self._busy.begin(GOES_ON)

    def output(self, text: str) -> None:
        self._line(text)
        if self._working:
            self._busy.begin()

    def waiting(self, text: str, share: Share | None = None) -> None:
        if self._working:
            self._busy.begin(printable_line(text), share)
        else:
            waits_for(printable_line(text))

    def _line(self, text: str) -> None:
        if self._quiet:
            return
        self._busy.end()
        was_starting = over()
        self._below += printable(text).count("\n") + 1
        self._printed = [*self._printed[-ABOVE:], *(line.strip() for line in printable(text).split("\n"))]
        print(printable(text), file=sys.stderr, flush=True)  # noqa: T201 - the terminal is this door's business
        if was_starting:
            again()

    def _page(self, markdown: str) -> None:
        from workflow.doors.page_lines import page_lines

        self._below += markdown.count("\n") + 1
        _show(lambda width: map(_styled, page_lines(markdown, width)))

    def _diff(self, diff: str, *, below: str = "") -> None:
        """Show a diff, behind the page that it stands below: one text, so that a pager loses none of it."""
        from workflow.doors.page_lines import diff_lines, page_lines

        self._below += diff.count("\n") + below.count("\n") + 1
        said = (diff or "(no file changes)").removesuffix("\n").split("\n")

        def lines(width: int) -> Iterator[tuple[str, str]]:
            if below:
                yield from map(_styled, page_lines(below, width))
                yield "", ""
            yield from ((line, DIFF_STYLES.get(of[:1], "")) for of in said for line in diff_lines(of, width))

        _show(lines)


def _chosen(question: Question, suggestion: str | None) -> str:
    """One of the question's choices, as a person picks it. Raises EOFError where they pause a run instead."""
    pauses = question.place and PAUSE not in question.choices  # without a place nothing is under way yet
    choices = keyed(question.choices, question.approves)
    if pauses:
        choices.append(Choice(PAUSE, PAUSE_KEY, "pause: go on later"))
    suggested = suggestion if question.suggest and suggestion in question.choices else None
    answer = pick(printable(question.text), choices, cursor=suggested or "")
    if pauses and answer == PAUSE:
        raise EOFError
    return answer


def _typed(question: Question, suggestion: str | None) -> str:
    """What a person types; the suggestion stands there already. One of before is said to be kept, and typed over."""
    whole = printable if question.lines else printable_line
    seen = suggestion if suggestion and whole(suggestion) == suggestion else ""  # no Enter for the unseen
    kept = bool(seen) and question.kept and not question.lines
    return ask_text(
        printable(question.text) + (KEPT if kept else ""),
        problem_with=question.problem_with,
        default=seen,
        typed_first_replaces=kept,
        lines=question.lines,
    )


def _asked(view: ReviewView) -> str:
    """The question at the gate; where the key that approves is missing, why it is."""
    from workflow.views.boxes import SERVE
    from workflow.views.review_page import task_name, what_approving_does
    from workflow.views.who_may import how_in_words

    if view.refusal:
        return f"You cannot approve {task_name(view.task)}: {view.refusal}. What instead?"
    if view.policy.passkeys_alone:
        signed = how_in_words(view.policy)
        return f"{task_name(view.task)} opens by an approval {signed}, on the page of `{SERVE}`. What instead?"
    return f"{what_approving_does(view.worked)} Approve {task_name(view.task)}?".lstrip()


def _verdicts(view: ReviewView) -> list[Choice]:
    """What can be said of what is shown."""
    approve = f"approve exactly this ({view.request.digest[:7]}) and commit it"
    return [
        *([] if view.refusal or view.policy.passkeys_alone else [Choice(APPROVE, "a", approve, approves=True)]),
        Choice(SHOW, "s", "show every check, and the changes to its files"),
        *([Choice(BOXES, "b", CHANGE_BOX)] if any(check.answers for check in view.worked.checks) else []),
        Choice(NOTE, "n", "add a note to the working log"),
        Choice(REJECT, "r", "reject, with a reason: send the task back to work"),
        Choice(PAUSE, PAUSE_KEY, "pause: decide later"),
    ]


def _indented(text: str) -> str:
    """Text that is none of our own pages, set apart from them."""
    return "\n".join(f"    {line}" for line in printable(text).split("\n"))


def _styled(line: str) -> tuple[str, str]:
    """A line of a page and its style: headings stand out, a verdict has its sign and colour."""
    if line.startswith("#"):
        return line, "bold"
    verdict = _VERDICT.match(line)
    if verdict is None:
        return line, ""
    sign, style = VERDICTS[verdict.group(1)]
    return f"{sign if _can_show(sign) else '-'}{line[1:]}", style


def _can_show(sign: str) -> bool:
    try:
        sign.encode(sys.stderr.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _show(lines: Callable[[int], Iterable[tuple[str, str]]]) -> None:
    """Show lines that fit a width, each with its style, as they are: rich neither wraps nor reads them."""
    from rich.console import Console
    from rich.segment import Segment, Segments
    from rich.style import Style

    from workflow.doors.pager import show

    console = Console(stderr=True)
    segments = [Segment(f"{line}\n", Style.parse(style)) for line, style in lines(console.width)]
    with console.capture() as text:
        console.print(Segments(segments), soft_wrap=True, end="")
    show(text.get(), lines=len(segments), height=console.height)
