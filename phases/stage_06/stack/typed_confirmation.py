"""How does a person say that they mean exactly this one? By typing its name.

There is no default and `--yes` does not answer: what is confirmed here cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from phases.stage_06.stack.change_set import ChangeSet, Loss
from phases.step import Question, StepContext
from state.errors import StepFailed
from state.files import sha256


def confirm_by_name(ctx: StepContext, question: str, thing: str, text: str) -> None:
    """Return when a person typed `thing`.

    Args:
        question: its name; where there may be several, by `question_name`.
        text: what happens, and to what; the request to type the name is added.

    Raises Waiting when nobody can be asked, BadInput for another answer, StepFailed when another one was recorded.
    """
    answer = ctx.ask(
        Question(
            question,
            f"{text} Type {thing} to confirm.",
            problem_with=lambda said: None if said == thing else f"expected exactly {thing}",
        )
    )
    if answer != thing:
        raise StepFailed(
            f"{question} is not confirmed: expected {thing}, the answer is {answer!r}",
            next_command=f"phasegate resume {ctx.run_id}",
        )


def confirm_losses(ctx: StepContext, losses: Sequence[Loss]) -> None:
    """Ask for the name of each table that a change set would remove or replace. Raises as `confirm_by_name`."""
    for loss in losses:
        question = question_name("confirm-replace", loss.table, [each.table for each in losses])
        confirm_by_name(ctx, question, loss.table, f"Table {loss.table} {loss.how}.")


def confirm_digest(ctx: StepContext, question: str, made: ChangeSet, text: str) -> None:
    """Return when a person typed the digest of what a change set does; `text` shows it.

    Raises as `confirm_by_name`.
    """
    expected = made.digest[:7]
    answer = ctx.ask(
        Question(
            question,
            f"{text}\n\nType {expected} to execute it.",
            problem_with=lambda said: None if said == expected else f"expected {expected}",
        )
    )
    if answer != expected:
        raise StepFailed(
            f"change set {made.name} is not consented to: expected {expected}, the answer is {answer!r}",
            next_command=f"phasegate resume {ctx.run_id}",
        )


def question_name(kind: str, thing: str, among: Collection[str]) -> str:
    """`confirm-replace-users` for Users; four hex digits are added when another of them would have the same name."""
    slug = _slug(thing)
    if any(_slug(other) == slug for other in among if other != thing) or not slug:
        slug = f"{slug}-{sha256(thing.encode())[:4]}".lstrip("-")
    return f"{kind}-{slug}"


def _slug(thing: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", thing.lower()).strip("-")
