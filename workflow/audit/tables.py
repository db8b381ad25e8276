"""How does an audit read as lines and as a table? Plain text for a terminal, CSV for a spreadsheet.

Rules:
- What git and the journal hold was written by anybody: control characters never reach a terminal, and no cell begins
  like a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from gates.approval import SHORT
from state.counted import counted
from state.printable import printable_line
from workflow.audit.report import RunAudit, TaskLine
from workflow.views.items import ItemLine
from workflow.views.status import of_them_skipped

COLUMNS = (
    "kind",
    "run",
    "task",
    "id",
    "title",
    "status",
    "attempt",
    "commit",
    "author",
    "committed_at",
    "approved_by",
    "approved_at",
    "via",
    "digest",
    "files",
    "code",
    "message",
    "signed",
    "skipped",
)

# the wide ones as well: a spreadsheet that reads East Asian text takes them for the plain ones
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


def text_lines(audit: RunAudit, typed: Callable[[str], str] = str) -> list[str]:
    """One line a task, then the findings, then what cannot be proved.

    `typed` gives a command as it works where the person stands.
    """
    commits = counted(audit.own_commits, "commit")
    done = f"{audit.done} of {len(audit.tasks)} done{of_them_skipped(audit.skipped)}"
    lines = [f"{audit.run}: {audit.stands}, {done}, {commits}, tip {audit.tip[:10]}"]
    for task in audit.tasks:
        lines += [_task_line(task), *(f"      {_item(item)}" for item in task.items)]
        lines += [f"      {'not passed':<14}  {each}" for each in task.not_passed]
    lines += ["", f"findings: {len(audit.findings) or 'none'}"]
    for finding in audit.findings:
        where = " ".join(filter(None, (audit.named(finding.task), finding.commit[:10])))
        lines.append(f"  {finding.code}: {where + ': ' if where else ''}{finding.message}")
    lines += ["", "cannot prove:"]
    for limit in audit.unprovable:
        lines.append("  " + ": ".join(filter(None, (limit.code, audit.named(limit.task), limit.message))))
        lines += [f"    - {each}" for each in limit.left_open]
        lines += [f"    what closes it: {typed(limit.closed_by)}"] * bool(limit.closed_by)
    return [printable_line(line) for line in lines]


def _task_line(task: TaskLine) -> str:
    skipped = f", skipped: {task.skipped}" if task.skipped else ""
    if not task.commit:
        return f"  {task.shown:<10}  {task.name}{skipped}"
    when = f"{task.committed_at:%Y-%m-%d %H:%M:%S}" if task.committed_at else ""
    approved = f"approved by {', '.join(task.approved_by)} ({task.how}) {task.digest[:SHORT]}"
    files = task.files_in_words
    return f"  {task.commit[:10]}  {when}  {task.author}, {approved}, {files}  {task.name}{skipped}"


def _item(item: ItemLine) -> str:
    """`pass          box 3: Table deployed: Table.TableStatus: "ACTIVE"`"""
    said = f"{item.seen}; {item.why}" if item.why and item.why not in item.seen else item.seen
    return f"{item.verdict:<14}  {item.name}: {said}"


def csv_text(audits: Iterable[RunAudit]) -> str:
    """A row for each task and each finding, under COLUMNS; `kind` says which it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for audit in audits:
        for task in audit.tasks:
            body = task.to_json() | {"kind": "task", "run": audit.run, "task": task.key}
            body["approved_by"] = ", ".join(task.approved_by)
            writer.writerow(_cells([body.get(column) for column in COLUMNS]))
        for finding in audit.findings:
            body = {"kind": "finding", "run": audit.run, "task": finding.task, "commit": finding.commit}
            body |= {"code": finding.code, "message": finding.message}
            writer.writerow(_cells([body.get(column) for column in COLUMNS]))
    return out.getvalue()


def _cells(values: Sequence[object]) -> list[str]:
    cells = ["" if value is None else printable_line(str(value)) for value in values]
    return [f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell for cell in cells]
