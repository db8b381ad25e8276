"""Do the phase's exit criteria hold? Each rests on checks of the phase; one that none covers is for a person to say.

Rules:
- A criterion that is known (by its words) rests on the checks whose names begin with its items' numbers.
- Checks of the team's checks file that name a criterion, or that it names, count for it as well.
- A failed check fails it; one that was left out leaves it not checked; where nothing but a person's word stands for
  it, it is attested.
- Any other criterion, of a runbook that says more or says it otherwise, is attested by a person, once nothing failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.aws_deploy.verify.team_checks import declared_checks
from phases.checks.definition import plain
from phases.checks.exit_criteria import look_at_exit
from phases.step import Check, StepContext, Verdict

PREFIX = "exit: "

# the criterion's words -> how the names of the checks begin that it rests on
RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "deployment scope clearly defined": ("1.1", "1.3"),
    "infrastructure state verified": ("1.2",),
    "credentials confirmed working": ("1.4 credentials", "1.4 account"),
    "all tests passing": ("2.2",),
    "environment configs prepared": ("2.3",),
    "backups created (if applicable)": ("2.4",),
    "user confirms all infrastructure changes applied": ("3.1",),
    "agent verified all resources via cli": ("3.2",),
    "no discrepancies between console and cli": ("3.2", "3.3"),
    "all components deployed": ("4.1", "4.2", "4.3"),
    "smoke tests passing": ("4.4",),
    "no critical errors in logs": ("4.5",),
    "all validations passing": ("5.1", "5.4"),
    "performance acceptable": ("5.2",),
    "security checks complete": ("5.3",),
    "monitoring fully configured": ("6.1", "6.2"),
    "alerts tested and working": ("6.4",),
    "runbooks documented": ("6.3",),
    "rollback procedures documented": ("7.1",),
    "rollback tested successfully": ("7.2",),
    "team aware of procedures": ("7.1 team",),
    "documentation updated": ("8.1",),
    "stakeholders notified": ("8.2",),
    "monitoring shows stability": ("8.3",),
}
WORDS: Mapping[Verdict, str] = {
    "pass": "passed",
    "fail": "failed",
    "attested": "attested",
    "note": "noted",
    "not-checked": "not checked",
}


def with_exit_criteria(ctx: StepContext, checks: Sequence[Check]) -> list[Check]:
    """The checks by item, and one for each exit criterion of the task.

    Raises as `ctx.ask` for those that a person must say.
    """
    found = sorted(checks, key=lambda check: check.name.split(" ")[0])
    file = declared_checks(ctx)
    uncovered = []
    for criterion in ctx.task.exit_criteria:
        prefixes = RESTS_ON.get(plain(criterion), ())
        named = {check.name for check in (file.checks if file else ()) if check.answers(criterion)}
        under = [
            check
            for check in checks
            if (prefixes and check.name.startswith(prefixes)) or check.name.partition(" ")[2] in named
        ]
        if under:
            found.append(resting(criterion, under))
        else:
            uncovered.append(criterion)
    if uncovered and not any(check.verdict == "fail" for check in found):
        found += look_at_exit(ctx.task, None, ctx, criteria=uncovered).checks
    return found


def resting(criterion: str, under: Sequence[Check]) -> Check:
    """The check of a criterion that rests on these."""
    counts = {verdict: sum(check.verdict == verdict for check in under) for verdict in WORDS}
    verdict: Verdict = "pass"
    if counts["fail"]:
        verdict = "fail"
    elif counts["not-checked"]:
        verdict = "not-checked"
    elif not counts["pass"] and not counts["note"]:
        verdict = "attested"
    seen = ", ".join(f"{counts[each]} {word}" for each, word in WORDS.items() if counts[each])
    items = sorted({check.name.split(" ")[0] for check in under})
    return Check(PREFIX + criterion, f"what {', '.join(items)} looked at", seen, verdict)
