"""What does an approver read? One Markdown page with everything that the digest covers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from state.evidence import CheckResult
from workflow.ports import ReviewView

FEW = 12  # checks that are shown one by one
SIGNS = {"pass": "pass", "fail": "FAIL", "note": "note", "not-checked": "not checked", "attested": "attested"}


def review_page(view: ReviewView) -> str:
    """The page: what was done, the step's own sections, checks, files, answers, the commit, and what is asked."""
    task, worked = view.task, view.worked
    lines = [f"## {task.id} {task.title}".replace("  ", " "), ""]
    lines += [f"Run `{view.run_id}`, attempt {view.attempt}."]
    if worked.data.get("skipped"):
        lines += ["", "It is left out: approving says that it may be."]
    elif not worked.checks and not worked.artifacts:
        lines += ["", "Nothing checked this task by itself: approving says that it is done."]
    if not worked.checks and not worked.artifacts and not worked.review:
        lines += ["", task.text, ""]
    for refusal in view.refusals:
        lines += ["", f"*{refusal}*"]
    for section in worked.review:
        lines += ["", f"### {section.title}", "", section.body]
    if worked.checks:
        lines += ["", f"### Checks ({len(worked.checks)})", "", *_check_lines(worked.checks)]
    if worked.artifacts:
        lines += ["", "### Files", ""]
        lines += [f"- `{file.path}` {file.size:,} bytes, {file.sha256[:12]}" for file in worked.artifacts]
    if view.answers:
        lines += ["", "### Answers", ""]
        lines += [f"- {name}: {value}" for name, value in view.answers.items()]
    if asked := _policy_lines(view):
        lines += ["", *asked]
    lines += ["", f"Commit: **{view.message}** with {len(view.paths)} files", ""]
    lines += [f"Digest `{view.request.digest}`, good once, until {view.request.expires_at:%Y-%m-%d %H:%M} UTC"]
    return "\n".join(lines) + "\n"


def all_checks(view: ReviewView) -> str:
    """Every check in full, as Markdown."""
    return "\n".join(_check_line(check) for check in view.worked.checks) + "\n"


def _policy_lines(view: ReviewView) -> list[str]:
    """What the gate asks for, where that is more than one approval by anybody, and who has approved."""
    policy = view.policy
    asked = [f"{policy.approvers} approvals"] if policy.approvers > 1 else []
    asked += [f"by {', '.join(policy.who)}"] if policy.who else []
    asked += [] if policy.operator_may_approve else ["not by the person who ran it"]
    asked += ["signed"] if policy.signed else []
    lines = [f"Approval: {', '.join(asked)}."] if asked else []
    lines += [f"- approved by {person}" for person in view.approved_by]
    return [*lines, *([f"You cannot approve this: {view.refusal}."] if view.refusal else [])]


def _check_lines(checks: Sequence[CheckResult]) -> list[str]:
    """All of a few checks; of many, those that did not pass and the names of the others."""
    if len(checks) <= FEW:
        return [_check_line(check) for check in checks]
    passed = [check.name for check in checks if check.verdict == "pass"]
    rest = [_check_line(check) for check in checks if check.verdict != "pass"]
    return [*rest, f"- {len(passed)} passed (*show* lists what was seen): {'; '.join(passed)}"]


def _check_line(check: CheckResult) -> str:
    sign = SIGNS[check.verdict]
    if check.verdict == "fail":
        return f"- **{sign}**: {check.name}: expected {check.expected}, seen {check.seen}"
    return f"- {sign}: {check.name}: {check.seen}"
