"""What becomes of a command that failed or was interrupted? A person says: again, edited, left with a reason, or later.

Rules:
- Nothing is preset: Enter alone neither runs it again nor leaves it.
- The text that is run again, or edited, stands above the question, whole; with what it printed, where that is known.
- To pause is an answer, too, and asked again when the run is resumed.
- A reason that is not given goes back to the question what to do.
- An edit begins with the text as it ran last, and what is typed is put behind it. The edited text is an answer, kept
  as it was typed; what it came to is one more run, beside the earlier ones. Blank lines around the text are no edit.
"""

from __future__ import annotations

from enum import StrEnum

from phases.step import Question, StepContext
from state.errors import Waiting
from state.says_nothing import says_nothing

TAIL = 20  # lines of output that are shown with the question


class Action(StrEnum):
    """What can be done; the values are answers."""

    AGAIN = "again"
    EDIT = "edit"
    FILL = "fill"
    SKIP = "skip"
    PAUSE = "pause"


def decide(
    ctx: StepContext, name: str, told: str, shown: str, *, may_fill: bool, begun: bool, again: bool = False
) -> Action:
    """What to do about it; `name` is the question's, `told` how it ended, `begun` whether the next run was.

    `shown`: what ran, and what it printed: `what_ran`. `again`: whatever was said before.

    Raises Waiting when nobody can be asked, and for a pause.
    """
    question = _question(name, told, shown, may_fill=may_fill, begun=begun)
    recorded = ctx.given_by(name) != "" and (begun or not ctx.is_brought(name))
    answer = ctx.ask(question, again=again)
    if answer == Action.PAUSE and recorded and not again:  # of an earlier time
        answer = ctx.ask(question, again=True)
    if answer == Action.PAUSE:
        raise Waiting(
            f"paused: {told[0].lower()}{told[1:]}",
            next_command=f"phasegate resume {ctx.run_id}   # asks again what to do about it",
        )
    return Action(answer)


def what_ran(script: str, output: str) -> str:
    """What stands above the question: the end of what it printed, below the script where that has not all of it.

    A shell shows each line when it runs; one that was not reached, another language and what was interrupted do not.
    """
    printed = output.split("\n")[-TAIL:]
    seen = {line.strip().removeprefix("$ ").removeprefix("> ") for line in printed}
    if all(line.strip() in seen for line in script.split("\n") if line.strip()):
        return "\n".join(printed)
    told = "\n".join(["It printed:", *printed]) if output else "What it printed is not known, or nothing."
    return f"{script}\n\n{told}"


def is_same_text(one: str, other: str) -> bool:
    """Whether two scripts are the same but for blank lines around them, and blanks at their end."""
    return _without_blanks(one) == _without_blanks(other)


def _without_blanks(text: str) -> str:
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        del lines[0]
    if lines and not (ends := lines[-1].rstrip()).endswith("\\"):  # a blank behind a backslash is a part of it
        lines[-1] = ends
    return "\n".join(lines)


def _question(name: str, told: str, shown: str, *, may_fill: bool, begun: bool) -> Question:
    """Asks what to do about it; no answer makes a command run here that has begun already."""
    choices = [each for each in Action if may_fill or each is not Action.FILL]
    return Question(
        name,
        f"{told}. Run it again, edit it first{', fill it in anew' if may_fill else ''}, skip it as it is, or pause?",
        choices=tuple(choices),
        suggest=False,
        shown=shown,
        runs=() if begun else tuple(each for each in Action if each is not Action.SKIP),
        beside=_beside(name),
    )


def _beside(name: str) -> str:
    """What an answers file has beside a `skip` and an `edit`; `name` is the question's, of a run with its number."""
    of_command, _, run = name.rpartition("-failed-")
    return f"beside skip: {of_command}-left: REASON; beside edit: {of_command}-edited-{int(run) + 1}: TEXT"


def reason_to_leave(ctx: StepContext, name: str, number: int, *, again: bool = False) -> str:
    """Why a failed command is left as it is, and who says so; `again`: whatever was said before. Raises WentBack."""
    question = Question(
        name,
        f"Why is command {number} left as it is? The approver reads it.",
        problem_with=lambda answer: "expected a reason, seen nothing" if says_nothing(answer) else None,
        may_go_back=True,
    )
    return f"{ctx.ask(question, again=again)} ({ctx.given_by(name)})"


def edited(ctx: StepContext, name: str, text: str, *, begun: bool, again: bool = False) -> str:
    """The command as a person edited it; `begun`: whether it is run, or was, already.

    `again`: whatever was typed before.
    """
    return ctx.ask(
        Question(
            name,
            "The command, edited (as it is: no edit, and you are asked again what to do):",
            default=text,
            problem_with=lambda answer: "expected a command, seen nothing" if says_nothing(answer) else None,
            lines="\n" in text,
            runs=() if begun else None,
            edits=True,
        ),
        again=again,
    )
