"""What does a person have to say, because nothing else can know it? A question whose answer becomes a check."""

from __future__ import annotations

from phases.step import Check, Question, StepContext
from state.says_nothing import says_nothing


def attested(ctx: StepContext, check: str, expected: str, question: Question) -> Check:
    """Ask, and give the answer as an attested check. Raises as `ctx.ask`."""
    answer = ctx.ask(question)
    return Check(check, expected, f"{answer}, says {ctx.given_by(question.name)}", "attested")


def attestation(name: str, text: str, default: str | None = None) -> Question:
    """A question that takes any text but nothing."""
    return Question(
        name, text, default=default, problem_with=lambda answer: "say something" if says_nothing(answer) else None
    )
