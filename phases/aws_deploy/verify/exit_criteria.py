"""Do the phase's exit criteria hold? Each rests on checks of the phase; one that none answers is for a person.

Rules:
- A criterion that is known (by its words) rests on the checks of its items (`items.ANSWERED_BY`), and on the team's
  own checks that name it, or that it names.
- Any other criterion, of a runbook that says more or says it otherwise, is attested by a person, once nothing failed.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.aws_deploy.verify.items import ANSWERED_BY
from phases.checks.answered import answering, named_by, plain, resting
from phases.checks.exit_criteria import look_at_exit
from phases.step import Check, StepContext, any_failed


def with_exit_criteria(ctx: StepContext, checks: Sequence[Check]) -> list[Check]:
    """The checks by item, those of no item last, and one for each exit criterion of the task.

    Raises as `ctx.ask` for those that a person must say.
    """
    found = sorted(checks, key=lambda check: (check.answers or (check.name,))[0])
    unanswered = []
    for criterion in ctx.task.exit_criteria:
        items = ANSWERED_BY.get(plain(criterion), ())
        under = answering((*(item.id for item in items), *named_by(criterion)), checks)
        if under:
            found.append(resting(criterion, under))
        else:
            unanswered.append(criterion)
    if unanswered and not any_failed(found):
        found += look_at_exit(ctx.task, None, ctx, criteria=unanswered).checks
    return found
