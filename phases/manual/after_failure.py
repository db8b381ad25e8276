"""What becomes of a command that failed or was interrupted? A person says: again, edited, left with a reason, or later.

Rules:
- Nothing is preset: Enter alone neither runs it again nor leaves it.
- To pause is an answer, too, and asked again when the run is resumed.
- A reason that is not given goes back to the question what to do.
- An edit begins with the text as it ran last, and what is typed is put behind it. The edited text is an answer, kept
  as it was typed; what it came to is one more run, beside the earlier ones.
"""

from __future__ import annotations

from enum import StrEnum

from phases.step import Question, StepContext
from state.errors import Waiting

TAIL = 20  # lines of output that are shown with the question


class Action(StrEnum):
    """What can be done; the values are answers."""

    AGAIN = "again"
    EDIT = "edit"
    FILL = "fill"
    SKIP = "skip"
    PAUSE = "pause"


def decide(
    ctx: StepContext, name: str, told: str, output: str, *, may_fill: bool, begun: bool, again: bool = False
) -> Action:
    """What to do about it; `name` is the question's, `told` how it ended, `begun` whether the next run was.

    `again`: whatever was said before.

    Raises Waiting when nobody can be asked, and for a pause.
    """
    question = _question(name, told, output, may_fill=may_fill, begun=begun)
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


def _question(name: str, told: str, output: str, *, may_fill: bool, begun: bool) -> Question:
    """Asks what to do about it; no answer makes a command run here that has begun already."""
    choices = [each for each in Action if may_fill or each is not Action.FILL]
    return Question(
        name,
        f"{told}. Run it again, edit it first{', fill it in anew' if may_fill else ''}, leave it as it is, or pause?",
        choices=tuple(choices),
        suggest=False,
        shown="\n".join(output.split("\n")[-TAIL:]),
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
        problem_with=lambda answer: None if answer.strip() else "expected a reason, seen nothing",
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
            problem_with=lambda answer: None if answer.strip() else "expected a command, seen nothing",
            lines="\n" in text,
            runs=() if begun else None,
            edits=True,
        ),
        again=again,
    )
