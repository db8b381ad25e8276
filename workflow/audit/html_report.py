"""How does an audit look as one page? HTML that needs nothing else: no script, no font, no picture, no network.

Rules:
- Every text is escaped, and the page forbids itself to load or run anything: it may be mailed and opened anywhere.
- What was found stands before what is merely so.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from state.counted import counted
from state.printable import as_name, printable_line
from workflow.audit.drawing import PHASES, shares, states_svg, timeline, totals
from workflow.audit.findings import CODES, Unprovable
from workflow.audit.report import RunAudit, TaskLine
from workflow.audit.words import asked_for, duration
from workflow.views.status import of_them_skipped

_HEAD = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)


def html_page(audits: Sequence[RunAudit]) -> str:
    """The whole page, a section for each run."""
    title = f"Audit of {', '.join(audit.run for audit in audits)}"
    body = "".join(_run(audit) for audit in audits)
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    return f"{_HEAD}<title>{_text(title)}</title><style>{style}</style></head><body>{body}</body></html>\n"


def _text(text: str) -> str:
    return escape(printable_line(text))


def _run(audit: RunAudit) -> str:
    return (
        f"<section><h1>Audit of {_text(audit.run)}</h1>{_verdict(audit)}{_facts(audit)}{_findings(audit)}"
        f"<h2>Tasks</h2>{_tasks(audit.tasks)}{_time(audit)}"
        f"<h2>States</h2>{_sequence(audit)}{states_svg(audit)}{_limits(audit)}</section>"
    )


def _verdict(audit: RunAudit) -> str:
    limits = counted(len(audit.unprovable), "thing")
    open_ = f" {limits} that no audit of this clone can prove: see the end." if audit.unprovable else ""
    if audit.findings:
        return (
            f'<p class="verdict bad"><strong>{counted(len(audit.findings), "finding")}</strong><br>'
            f"git, the journal and the runbook contradict each other.{open_}</p>"
        )
    return (
        '<p class="verdict"><strong>Nothing found</strong><br>'
        f"git, the journal and the runbook tell the same.{open_}</p>"
    )


def _facts(audit: RunAudit) -> str:
    signed = sum(task.signed for task in audit.tasks)
    people = dict.fromkeys(person for task in audit.tasks for person in task.approved_by)
    done = f"{audit.done} of {counted(len(audit.tasks), 'task')} done{of_them_skipped(audit.skipped)}"
    facts = {
        "Workflow": f"{_text(audit.workflow)} from <code>{_text(as_name(audit.runbook))}</code>",
        "State": f"{_text(audit.stands)}, {done} in {counted(audit.own_commits, 'commit')}",
        "Approved by": _text(", ".join(people)) or "nobody yet",
        "Signed": f"{signed} of {counted(sum(bool(task.approved_by) for task in audit.tasks), 'approved task')}",
        "Audited at": f"<code>{_text(audit.tip)}</code>, {counted(audit.commits, 'commit')} looked at",
    }
    return '<dl class="facts">' + "".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in facts.items()) + "</dl>"


def _findings(audit: RunAudit) -> str:
    if not audit.findings:
        return ""
    items = "".join(
        f'<li><code class="code">{finding.code}</code> {_text(CODES[finding.code])}<br>{_text(finding.message)}'
        f'<br><span class="small soft">{_where(audit.named(finding.task), finding.commit)}</span></li>'
        for finding in audit.findings
    )
    return f'<h2>Findings</h2><ul class="list findings">{items}</ul>'


def _where(task: str, commit: str) -> str:
    told = [_text(task)] if task else []
    told += [f"commit <code>{_text(commit[:10])}</code>"] if commit else []
    return " · ".join(told) or "the run as a whole"


def _tasks(tasks: Sequence[TaskLine]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("Task", "Committed", "Approved", "The gate asked for"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_task, tasks))}</tbody></table>"


def _task(task: TaskLine) -> str:
    below = [*task.refusals, *([f"skipped: {task.skipped}"] if task.skipped else [])]
    back = "".join(f'<span class="small soft">{_text(line)}</span>' for line in below)
    back += _items(task)
    status = f'<span class="mark {_text(task.shown)}">{_text(task.shown)}</span>'
    committed = approved = ""
    if task.commit and task.committed_at:
        committed = (
            f"<code>{_text(task.commit[:10])}</code>, {task.files_in_words}"
            f'<span class="small soft">{_text(task.author)}<br>'
            f'<span class="no-wrap">{task.committed_at:%Y-%m-%d %H:%M:%S} UTC</span></span>'
        )
    if task.approved_by and task.approved_at:
        approved = (
            f'{"<br>".join(map(_text, task.approved_by))} <span class="no-wrap">({_text(task.how)})</span>'
            f'<span class="small soft"><span class="no-wrap">{task.approved_at:%Y-%m-%d %H:%M:%S} UTC</span><br>'
            f"digest <code>{_text(task.digest[:12])}</code></span>"
        )
    cells = {"Committed": committed, "Approved": approved, "The gate asked for": _text(asked_for(task.policy))}
    labelled = "".join(
        f'<td data-label="{label}">{told}</td>' if told else "<td></td>" for label, told in cells.items()
    )
    return f"<tr><td>{_text(task.name)} {status}{back}</td>{labelled}</tr>"


def _items(task: TaskLine) -> str:
    """The task's items, folded under how many there are: each with its verdict and what that rests on."""
    if not task.items:
        return ""
    listed = "".join(
        f"<li>{_text(item.name)}: <strong>{_text(item.verdict)}</strong>"
        f'<span class="small soft">{_text(item.seen)}{_text(f" ({item.why})" if item.why else "")}</span></li>'
        for item in task.items
    )
    return f'<details><summary class="small">{counted(len(task.items), "item")}</summary><ul>{listed}</ul></details>'


def _time(audit: RunAudit) -> str:
    if not audit.spans:
        return ""
    spent = totals(audit.spans)
    keys = [
        f'<span class="key"><i class="{phase}"></i>{PHASES[phase]} {duration(spent[phase])}</span>' for phase in spent
    ]
    if any(span.sent_back for span in audit.spans):
        keys.append('<span class="key"><i class="back"></i>sent back</span>')
    return f"<h2>Time</h2>{shares(audit.spans)}<p>{' '.join(keys)}</p>{timeline(audit)}"


def _sequence(audit: RunAudit) -> str:
    told = [_text(" → ".join(sequence) or "nothing") for sequence in (audit.git_sequence, audit.journal_sequence)]
    if told[0] == told[1]:
        return f'<p class="small soft">git alone and the journal tell the same: {told[0]}</p>'
    return f'<p class="small">git alone tells: {told[0]}<br>the journal tells: {told[1]}</p>'


def _points(limit: Unprovable) -> str:
    """What is left open, point by point, and the command that closes it."""
    points = "".join(f"<li>{_text(each)}</li>" for each in limit.left_open)
    command = f"<p>What closes it: <code>{_text(limit.closed_by)}</code></p>" if limit.closed_by else ""
    return (f"<ul>{points}</ul>" if points else "") + command


def _limits(audit: RunAudit) -> str:
    items = "".join(
        f"<li><code>{limit.code}</code> {_text(': '.join(filter(None, (audit.named(limit.task), limit.message))))}"
        f"{_points(limit)}</li>"
        for limit in audit.unprovable
    )
    return f'<h2>What this audit cannot prove</h2><ul class="list">{items}</ul>' if items else ""
