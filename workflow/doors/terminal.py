"""The door to the person at the terminal, if there is one.

Rules:
- Nobody is asked unless standard input and standard error are both terminals: a piped "y" opens nothing.
- No answer is ever assumed: Ctrl-C raises, Ctrl-D pauses, Enter on the verdict picks nothing by itself.
- A question stands only as long as it is open: a verdict that comes from elsewhere takes it away within a second.
- Everything is written to standard error; standard output belongs to results.
- Pages and diffs are shown as they are written, wrapped, never rendered: rendered Markdown hides comments and links.
questionary and rich are imported on first use.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from phases.step import Question
from state.printable import printable, printable_line
from workflow.doors.page_lines import diff_lines, page_lines
from workflow.ports import Approve, Elsewhere, HandIn, HandView, Note, Pause, Reject, ReviewView, Verdict
from workflow.views.review_page import all_checks, review_page
from workflow.views.task import work_page

CHOOSE = "(nothing chosen yet)"
APPROVE, SHOW, NOTE, REJECT, PAUSE, ELSEWHERE = "approve", "show", "note", "reject", "pause", "elsewhere"
DONE, SKIP = "done", "skip"
DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}  # by the first character of a line
TICK = 0.25  # how often a standing question looks for a verdict from elsewhere [s]


def is_interactive() -> bool:
    """Whether a person can be asked here."""
    streams = (sys.stdin, sys.stderr)  # None where the process was started without one
    open_ones = all(stream is not None and not stream.closed and stream.isatty() for stream in streams)
    return open_ones and os.environ.get("TERM") != "dumb"


class Terminal:
    """Implements workflow.ports.Person on this process's terminal; without one it asks nobody."""

    def __init__(self, *, interactive: bool | None = None, quiet: bool = False) -> None:
        self._interactive = is_interactive() if interactive is None else interactive
        self._quiet = quiet

    @property
    def at_terminal(self) -> bool:
        return self._interactive

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        if not self._interactive:
            return None
        import questionary

        def valid(answer: str) -> bool | str:
            return question.problem_with(answer) or True

        if question.choices:
            default = suggestion if suggestion in question.choices else None
            offered = [*([] if question.suggest else [CHOOSE]), *question.choices]
            choices = [questionary.Choice(printable_line(each), each) for each in offered]
            answer = CHOOSE
            while answer == CHOOSE:  # the first one stands under the cursor: Enter alone must not choose it
                prompt = questionary.select(printable(question.text), choices=choices, default=default, **_output())
                answer = str(prompt.unsafe_ask())
            return answer, "prompt"
        seen = suggestion if suggestion and printable_line(suggestion) == suggestion else ""  # no Enter for the unseen
        prompt = questionary.text(printable(question.text), default=seen, validate=valid, **_output())
        return str(prompt.unsafe_ask()), "prompt"

    def review(self, view: ReviewView) -> Verdict | None:
        if not self._interactive:
            return None
        self._page(review_page(view))
        approve = f"approve exactly this ({view.request.digest[:7]}) and commit"
        choices = {
            **({} if view.refusal else {APPROVE: approve}),
            SHOW: "show every check, and the files it leaves as a diff",
            NOTE: "add a note to the working log",
            REJECT: "reject: send the task back to work",
            PAUSE: "pause: decide later",
        }
        while True:
            try:
                match _menu(f"{view.task.label}: may this state be left?", choices, view.decided):
                    case "approve":
                        return Approve("prompt")
                    case "elsewhere":
                        return Elsewhere()
                    case "show":
                        self._page(all_checks(view))
                        self._diff(view.diff())
                    case "note":
                        return Note(str(_text("Note:").unsafe_ask()))
                    case "reject":
                        return Reject(str(_text("Why? (goes into the working log)").unsafe_ask()))
                    case _:
                        return Pause()
            except EOFError:
                return Pause()

    def work(self, view: HandView) -> HandIn | Note | Pause | Elsewhere | None:
        if not self._interactive:
            return None
        self._page(work_page(view))
        choices = {
            SHOW: "show what changed since it began, as a diff",
            DONE: "it is done: name the files that belong to it",
            **({SKIP: "skip it: it is optional"} if view.task.optional else {}),
            NOTE: "add a note to the working log",
            PAUSE: "pause: go on later",
        }
        while True:
            try:
                match _menu(f"{view.task.label}: do the work, then say so", choices, view.decided):
                    case "done":
                        return HandIn(self._pick(view.changed()), "prompt")
                    case "skip":
                        return HandIn((), "prompt", str(_text("Why? (goes into the working log)").unsafe_ask()))
                    case "elsewhere":
                        return Elsewhere()
                    case "show":
                        self._diff(view.diff(view.changed()))
                    case "note":
                        return Note(str(_text("Note:").unsafe_ask()))
                    case _:
                        return Pause()
            except EOFError:
                return Pause()

    def _pick(self, changed: Sequence[str]) -> list[str]:
        """Those of the changed files that belong to the task."""
        if not changed:
            return []
        import questionary

        choices = [questionary.Choice(printable_line(path), path, checked=True) for path in changed]
        asked = "Which of these belong to it, and go into its commit?"
        return list(questionary.checkbox(asked, choices=choices, **_output()).unsafe_ask())

    def progress(self, text: str) -> None:
        if not self._quiet:
            print(printable(text), file=sys.stderr, flush=True)  # noqa: T201 - the terminal is this door's business

    def _page(self, markdown: str) -> None:
        _show(lambda width: ((line, "bold" if line.startswith("#") else "") for line in page_lines(markdown, width)))

    def _diff(self, diff: str) -> None:
        said = (diff or "(no file changes)").removesuffix("\n").split("\n")
        _show(lambda width: ((line, DIFF_STYLES.get(of[:1], "")) for of in said for line in diff_lines(of, width)))


def _show(lines: Callable[[int], Iterable[tuple[str, str]]]) -> None:
    """Write lines that fit a width, each with its style, as they are: rich neither wraps nor reads them."""
    from rich.console import Console
    from rich.segment import Segment, Segments
    from rich.style import Style

    console = Console(stderr=True)
    segments = [Segment(f"{line}\n", Style.parse(style)) for line, style in lines(console.width)]
    console.print(Segments(segments), soft_wrap=True, end="")


def _menu(question: str, choices: Mapping[str, str], decided: Callable[[], bool]) -> Any:
    """Which of the choices (value -> what it says) was picked; ELSEWHERE as `_ask_until`.

    SHOW, which must be among them, stands under the cursor: Enter alone decides nothing.
    """
    import questionary

    question = printable_line(question)
    listed = [questionary.Choice(text, value) for value, text in choices.items()]
    return _ask_until(questionary.select(question, choices=listed, default=SHOW, **_output()), decided)


def _ask_until(prompt: Any, decided: Callable[[], bool]) -> Any:
    """The answer, or ELSEWHERE as soon as somebody has said something in another process."""
    import asyncio

    async def watch() -> None:
        while not decided():
            await asyncio.sleep(TICK)
        if not prompt.application.is_done:
            prompt.application.exit(result=ELSEWHERE)

    return prompt.application.run(pre_run=lambda: prompt.application.create_background_task(watch()))


def _text(question: str) -> Any:
    import questionary

    def said_something(answer: str) -> bool | str:
        return bool(answer.strip()) or "say something, or Ctrl-C to pause"

    return questionary.text(question, validate=said_something, **_output())


def _output() -> dict[str, Any]:
    from prompt_toolkit.output import create_output

    return {"output": create_output(stdout=sys.stderr)}
