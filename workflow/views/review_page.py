"""What does an approver read? One Markdown page with everything that the digest covers. Pure.

Rules:
- A line that begins with `#` is a heading of this page, and of nothing else: what a runbook, a step, a check, a person
  or AWS says stands in a block quote, a code span or a line of its own, and cannot be taken for a section of ours.
- What decides comes first: what happens outside once it is approved, what failed, what only a person can judge, what
  the step says; then files, answers, commit.
- Nothing is cut: digests, names, every path of the commit, with its mode where it is no ordinary file. What is not seen
  as itself is escaped (state/printable.py). Checks that passed are folded: counted and named; `all_checks` has more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gates.fields import DATA as FIELDS
from phases.documents.markdown import code, inline, quote
from phases.work import APPROVING
from state.counted import counted
from state.evidence import Artifact, CheckResult, Evidence, Verdict
from state.model import PlannedTask
from state.printable import as_name, printable, printable_line
from state.task_name import number_and_title
from state.task_state import BEFOREHAND, BY_MCP, BY_NAME
from state.tree_entry import TreeEntry
from workflow.ports import ReviewView
from workflow.views.answer_names import answer_name
from workflow.views.as_written import as_written
from workflow.views.boxes import box_lines
from workflow.views.stale_answers import stale_answers
from workflow.views.who_may import how_in_words

_NO_PROMPT = (*(f"({via})" for via in BEFOREHAND), f"({BY_MCP}, {BY_NAME})")  # at the end of who gave an answer
_BY_AN_ORDER = ("(command)", f"({BY_MCP})")  # which names the commands that are to be run, and no others
NOT_ASKED_FOR = "not run, nobody asked for it"
IN_HEAD = ", in HEAD already as it is: this commit does not change it"
CAME_SINCE = "Commits of others since this was shown: the digest is not about them"
NOT_OF_IT = "Approved with it, and unchanged:"
SIGNS: Mapping[Verdict, str] = {
    "pass": "pass",
    "fail": "FAIL",
    "note": "note",
    "not-checked": "not checked",
    "attested": "attested",
    "not-applicable": "not applicable",
    "waived": "waived",
    "derived": "derived",
    "said-by-agent": "said by an agent",
}


def review_page(view: ReviewView) -> str:
    """The page: what was done, the step's own sections, checks, files, answers, the commit, and what is asked."""
    worked = view.worked
    lines = [f"## {inline_name(view.task.id, view.task.title)}", ""]
    if does := what_approving_does(view.worked):
        lines += [f"**{inline(does)}**", ""]
    lines += [view.place.line()]
    lines += _nothing_looked_lines(view)
    lines += refusal_lines(view.refusals)
    lines += box_lines(worked.checks, view.task, view.policy)
    if checks := [check for check in worked.checks if not check.answers]:
        lines += ["", f"### Checks ({_counted(checks)})", "", *_check_lines(checks)]
    if view.came_since:
        lines += ["", f"### {CAME_SINCE}", "", quote(view.came_since)]
    lines += _section_lines(worked)
    odd = _odd(worked.entries or ())
    if worked.artifacts:
        lines += ["", f"### Files ({len(worked.artifacts)})", "", *(_file_line(each, odd) for each in worked.artifacts)]
    lines += _words_lines(_said_nowhere_else(view), view.notes)
    if asked := _policy_lines(view):
        lines += ["", *asked]
    lines += _commit_lines(view, odd)
    lines += [f"Digest {view.request.digest}, good once, until {view.request.expires_at:%Y-%m-%d %H:%M} UTC"]
    return printable("\n".join(lines)) + "\n"


def _section_lines(worked: Evidence) -> list[str]:
    """The step's own sections, but for what the page begins with."""
    sections = [section for section in worked.review if section.title != APPROVING]
    return [line for each in sections for line in ("", f"### {inline(each.title)}", "", quote(each.body))]


def what_approving_does(worked: Evidence) -> str:
    """What happens outside as soon as this is approved, in one line of plain text; "" where nothing does."""
    return next((printable_line(each.body) for each in worked.review if each.title == APPROVING), "")


def _odd(entries: Sequence[TreeEntry]) -> dict[str, TreeEntry]:
    """By path, what is no ordinary file."""
    return {entry.path: entry for entry in entries if not entry.is_ordinary}


def _nothing_looked_lines(view: ReviewView) -> list[str]:
    """That approving says more than usual, and the task's own text, where nothing else is shown of the work."""
    worked, lines = view.worked, list[str]()
    shows_nothing = not worked.checks and not worked.artifacts
    if worked.data.get("skipped"):
        lines += ["", "It is left out: approving says that it may be."]
    elif shows_nothing:
        lines += ["", "Nothing checked this task by itself: approving says that it is done."]
    if shows_nothing and not worked.review:
        lines += ["", "The task, as the runbook has it:", "", quote(as_written(view.task))]
    return lines


def _said_nowhere_else(view: ReviewView) -> Mapping[str, tuple[str, str]]:
    """The answers by their names, each with who gave it where that was at no prompt.

    What another section has is left out: fields, confirmed stops, that the work is done.
    """
    begins = view.task.asked_as
    fields = {f"{begins}-field-{entry.get('number')}" for entry in _entries(view.worked)}
    stops = {f"{begins}-stop-{number}" for number, _stop in enumerate(view.task.stops, 1)}
    stale = stale_answers(begins, view.answers, view.worked)
    checks = {check.name for check in view.worked.checks}
    told = {name for name in view.answers if f"answer to {name}" in checks}
    if view.task.kind == "rollback" and checks:
        told |= {name for name in view.answers if name.startswith("rollback-")}  # its plan attests each in a check
    others = fields | stale | told | (stops if view.worked.checks else set()) | {f"{begins}-is-done"}
    by = {name: who for name, who in view.given_by.items() if who.endswith(_NO_PROMPT)}
    answers = ((name, value) for name, value in view.answers.items() if name not in others)
    found = {}
    commands = {f"{begins}-command-{number}" for number in range(1, len(view.task.commands) + 1)}
    for name, value in answers:
        unnamed = value == "skip" and name in commands and by.get(name, "").endswith(_BY_AN_ORDER)
        found[answer_name(view.task, name)] = (NOT_ASKED_FOR, "") if unnamed else (value, by.get(name, ""))
    return found


def _entries(worked: Evidence) -> Sequence[Mapping[str, object]]:
    found = worked.data.get(FIELDS)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list | tuple) else []


def _words_lines(answers: Mapping[str, tuple[str, str]], notes: Sequence[str]) -> list[str]:
    """What people answered and noted."""
    lines = ["", f"### Answers ({len(answers)})", ""] if answers else []
    for name, (value, who) in answers.items():
        lines += _said(f"- {inline(name)}{f', says {inline(who)}' if who else ''}:", value)
    lines += ["", f"### Notes ({len(notes)})", ""] if notes else []
    for note in notes:
        lines += _said("-", note)
    return lines


def _commit_lines(view: ReviewView, odd: Mapping[str, TreeEntry]) -> list[str]:
    """The message and every path of the commit, those of the files above folded; `odd`: what is no ordinary file."""
    committed = view.unchanged
    above = {file.path for file in view.worked.artifacts} - committed
    listed = [path for path in view.paths if path not in above and path not in committed]
    unchanged = [path for path in view.paths if path in committed]
    changed = len(view.paths) - len(unchanged)
    folded = changed - len(listed)
    return [
        "",
        f"### Commit ({counted(changed, 'file')})",
        "",
        f"Message: {code(printable_line(view.message))}",
        "",
        *([f"- {counted(folded, 'file')} of the list above"] if folded else []),
        *(f"- {_named(path, odd)}" for path in listed),
        *(["", NOT_OF_IT, "", *(f"- {_named(path, odd)}{IN_HEAD}" for path in unchanged)] if unchanged else []),
        "",
    ]


def all_checks(view: ReviewView) -> str:
    """Every check in full, as Markdown."""
    lines = [line for check in view.worked.checks for line in _check(check)]
    return printable("\n".join(lines)) + "\n"


def inline_name(number: str, title: str) -> str:
    """A task's number and title in a heading; a title alone may be both."""
    parts = (number, title) if number_and_title(number, title) != title else (title,)
    return " ".join(filter(None, map(inline, parts)))


def task_name(task: PlannedTask) -> str:
    """How a question names it."""
    return task.in_words


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
    name = code(as_name(path))
    if path not in odd:
        return name
    return f"{name} {'removed' if odd[path].type == 'missing' else odd[path].words}"


def _policy_lines(view: ReviewView) -> list[str]:
    """What the gate asks for, where that is more than one approval by anybody, and who has approved."""
    policy = view.policy
    asked = [counted(policy.approvers, "approval")] if policy.approvers > 1 else []
    asked += [f"by {', '.join(map(inline, policy.who))}"] if policy.who else []
    asked += [] if policy.operator_may_approve else ["not by the person who ran it"]
    asked += [] if policy.orderer_may_approve else ["not by the person who ordered the run"]
    asked += filter(None, [how_in_words(policy)])
    lines = [f"Approval: {', '.join(asked)}."] if asked else []
    lines += [f"- approved by {inline(person)}" for person in view.approved_by]
    return [*lines, *([f"You cannot approve this: {inline(view.refusal)}."] if view.refusal else [])]


def _counted(checks: Sequence[CheckResult]) -> str:
    """`1 failed, 2 notes, 3 attested, 12 passed`: how many of which verdict, what decides first."""
    counts = Counter(str(check.verdict) for check in checks)
    words = {
        "fail": "failed",
        "note": "note" if counts["note"] == 1 else "notes",
        "not-checked": "not checked",
        "said-by-agent": "said by an agent",
        "attested": "attested",
        "derived": "derived",
        "pass": "passed",
    }
    return ", ".join(f"{counts[verdict]} {word}" for verdict, word in words.items() if counts[verdict])


def _check_lines(checks: Sequence[CheckResult]) -> list[str]:
    """Those that did not pass, what decides first; then the names of those that did."""
    order = ("fail", "note", "not-checked", "said-by-agent", "attested", "derived")
    lines = [line for verdict in order for check in checks if check.verdict == verdict for line in _check(check)]
    passed = [inline(check.name) for check in checks if check.verdict == "pass"]
    return [*lines, *([f"- {len(passed)} pass: {'; '.join(passed)} (*show* has what was seen)"] if passed else [])]


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
