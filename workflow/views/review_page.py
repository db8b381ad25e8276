"""What does an approver read? One Markdown page with everything that the digest covers. Pure.

Rules:
- A line that begins with `#` is a heading of this page, and of nothing else: what a runbook, a step, a check, a person
  or AWS says stands in a block quote, a code span or a line of its own, and cannot be taken for a section of ours.
- Nothing is cut: digests, names, every path of the commit, with its mode where it is no ordinary file. What is not seen
  as itself is escaped (state/printable.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.documents.markdown import code, inline, quote
from state.evidence import Artifact, CheckResult
from state.printable import printable, printable_line
from state.tree_entry import TreeEntry
from workflow.ports import ReviewView

IN_HEAD = ", in HEAD already as it is: this commit does not change it"
FEW = 12  # checks that are shown one by one
SIGNS = {"pass": "pass", "fail": "FAIL", "note": "note", "not-checked": "not checked", "attested": "attested"}


def review_page(view: ReviewView) -> str:
    """The page: what was done, the step's own sections, checks, files, answers, the commit, and what is asked."""
    worked = view.worked
    lines = [f"## {inline_name(view.task.id, view.task.title)}", ""]
    lines += [f"Run `{view.run_id}`, attempt {view.attempt}."]
    if worked.data.get("skipped"):
        lines += ["", "It is left out: approving says that it may be."]
    elif not worked.checks and not worked.artifacts:
        lines += ["", "Nothing checked this task by itself: approving says that it is done."]
    if not worked.checks and not worked.artifacts and not worked.review:
        lines += ["", "The task, as the runbook has it:", "", quote(view.task.text)]
    lines += refusal_lines(view.refusals)
    for section in worked.review:
        lines += ["", f"### {inline(section.title)}", "", quote(section.body)]
    if worked.checks:
        lines += ["", f"### Checks ({len(worked.checks)})", "", *_check_lines(worked.checks)]
    odd = {entry.path: entry for entry in worked.entries or () if not entry.is_ordinary}
    committed = {entry.path for entry in worked.entries or () if entry.committed}
    if worked.artifacts:
        lines += ["", f"### Files ({len(worked.artifacts)})", "", *(_file_line(each, odd) for each in worked.artifacts)]
    if view.answers:
        lines += ["", f"### Answers ({len(view.answers)})", ""]
        for name, value in view.answers.items():
            lines += _said(f"- {inline(name)}:", value)
    if asked := _policy_lines(view):
        lines += ["", *asked]
    lines += ["", f"### Commit ({len(view.paths)} {'file' if len(view.paths) == 1 else 'files'})", ""]
    lines += [
        f"Message: {code(printable_line(view.message))}",
        "",
        *(f"- {_named(path, odd)}{IN_HEAD if path in committed else ''}" for path in view.paths),
        "",
    ]
    lines += [f"Digest {view.request.digest}, good once, until {view.request.expires_at:%Y-%m-%d %H:%M} UTC"]
    return printable("\n".join(lines)) + "\n"


def all_checks(view: ReviewView) -> str:
    """Every check in full, as Markdown."""
    lines = [line for check in view.worked.checks for line in _check(check)]
    return printable("\n".join(lines)) + "\n"


def inline_name(number: str, title: str) -> str:
    """A task's number and title in a heading; a title alone may be both."""
    return " ".join(filter(None, map(inline, (number, title))))


def refusal_lines(refusals: Sequence[str]) -> list[str]:
    """Why earlier attempts ended, each in a quote of its own."""
    lines = ["", "Earlier attempts ended because:"] if refusals else []
    for refusal in refusals:
        lines += ["", *quote(refusal).split("\n")]
        lines += [] if refusal is refusals[-1] else ["", "and"]
    return lines


def _file_line(file: Artifact, odd: Mapping[str, TreeEntry]) -> str:
    if file.path in odd and odd[file.path].type == "missing":
        return f"- {_named(file.path, odd)}"
    return f"- {_named(file.path, odd)}{',' if file.path in odd else ''} {file.size:,} bytes, SHA-256 {file.sha256}"


def _named(path: str, odd: Mapping[str, TreeEntry]) -> str:
    """A path of the commit; with what it is, where that is no ordinary file (mode 100644)."""
    name = code(printable_line(path))
    if path not in odd:
        return name
    return f"{name} {'removed' if odd[path].type == 'missing' else odd[path].words}"


def _policy_lines(view: ReviewView) -> list[str]:
    """What the gate asks for, where that is more than one approval by anybody, and who has approved."""
    policy = view.policy
    asked = [f"{policy.approvers} approvals"] if policy.approvers > 1 else []
    asked += [f"by {', '.join(map(inline, policy.who))}"] if policy.who else []
    asked += [] if policy.operator_may_approve else ["not by the person who ran it"]
    asked += ["signed"] if policy.signed else []
    lines = [f"Approval: {', '.join(asked)}."] if asked else []
    lines += [f"- approved by {inline(person)}" for person in view.approved_by]
    return [*lines, *([f"You cannot approve this: {inline(view.refusal)}."] if view.refusal else [])]


def _check_lines(checks: Sequence[CheckResult]) -> list[str]:
    """All of a few checks; of many, those that did not pass and the names of the others."""
    if len(checks) <= FEW:
        return [line for check in checks for line in _check(check)]
    passed = [inline(check.name) for check in checks if check.verdict == "pass"]
    rest = [line for check in checks if check.verdict != "pass" for line in _check(check)]
    return [*rest, f"- {len(passed)} passed (*show* lists what was seen): {'; '.join(passed)}"]


def _check(check: CheckResult) -> list[str]:
    begin = f"- {SIGNS[check.verdict]}: {inline(check.name)}:"
    if check.verdict != "fail":
        return _said(begin, check.seen)
    begin = begin.replace("FAIL", "**FAIL**", 1)
    if "\n" in check.expected or "\n" in check.seen:
        return [begin, *_said("  - expected:", check.expected, "    "), *_said("  - seen:", check.seen, "    ")]
    return [f"{begin} expected {inline(check.expected)}, seen {inline(check.seen)}"]


def _said(begin: str, text: str, indent: str = "  ") -> list[str]:
    """What somebody said behind `begin`; several lines of it as a quote below."""
    if "\n" not in text:
        return [f"{begin} {inline(text)}".rstrip()]
    return [begin, "", *(f"{indent}{line}" for line in quote(text).split("\n")), ""]
