"""How does an audit look as one page? HTML that needs nothing else: no script, no font, no picture, no network.

Rules:
- Every text is escaped, and the page forbids itself to load or run anything: it may be mailed and opened anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from workflow.audit.drawing import duration, states_svg, timeline_svg, totals
from workflow.audit.findings import CODES
from workflow.audit.report import RunAudit, TaskLine
from workflow.audit.tables import printable

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d0d7de;--soft:#57606a;--working:#2f6fdb;
--waiting:#d9a400;--committing:#2a8a4a;--bad:#c1272d;--good:#2a8a4a;--taken:#d9ecdf;--here:#fbeec2}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--line:#30363d;--soft:#9aa4af;--working:#5a96f5;
--waiting:#d9b23a;--committing:#4cb56f;--bad:#ff7b72;--good:#4cb56f;--taken:#143d22;--here:#4a3c0c}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:64rem;
padding:1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.875rem}th,td{text-align:left;padding:.3rem .6rem;vertical-align:top;
border-bottom:1px solid var(--line)}code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
.soft{color:var(--soft)}.bad{color:var(--bad)}.good{color:var(--good)}li{margin:.3rem 0;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}.working{fill:var(--working)}
.waiting{fill:var(--waiting)}.committing{fill:var(--committing)}.state{fill:none;stroke:var(--line)}
.state.taken{fill:var(--taken);stroke:var(--good)}.state.here{fill:var(--here);stroke:var(--waiting)}
.edge{fill:none;stroke:var(--line);stroke-width:1.5}.edge.taken{stroke:var(--good)}
.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}.key.working{background:var(--working)}
.key.waiting{background:var(--waiting)}.key.committing{background:var(--committing)}
"""
_HEAD = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)


def html_page(audits: Sequence[RunAudit]) -> str:
    """The whole page, a section for each run."""
    title = f"Audit of {', '.join(audit.run for audit in audits)}"
    body = "".join(_run(audit) for audit in audits)
    return f"{_HEAD}<title>{_text(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"


def _text(text: str) -> str:
    return escape(printable(text))


def _run(audit: RunAudit) -> str:
    count = len(audit.findings)
    verdict = (
        f'<strong class="bad">{count} finding{"s" if count > 1 else ""}</strong>'
        if count
        else '<strong class="good">nothing found</strong>'
    )
    told = f"{audit.workflow} from {audit.runbook}: {audit.state}, {audit.done} of {len(audit.tasks)} tasks done"
    spent = totals(audit.spans)
    legend = "".join(f'<span class="key {phase}"></span>{phase} {duration(spent[phase])}' for phase in spent)
    return (
        f"<section><h1>{_text(audit.run)}</h1><p>{_text(told)}. {verdict}.</p>"
        f'<p class="soft">Audited at <code>{_text(audit.tip)}</code>, {audit.commits} commits looked at.</p>'
        f"{_findings(audit)}<h2>Tasks</h2>{_tasks(audit.tasks)}"
        f'<h2>Time</h2><p class="soft">{legend}</p><div class="wide">{timeline_svg(audit)}</div>'
        f'<h2>States</h2><div class="wide">{states_svg(audit)}</div>'
        f'<p class="soft">git tells: {_text(" → ".join(audit.git_sequence) or "nothing")}<br>'
        f"the journal tells: {_text(' → '.join(audit.journal_sequence) or 'nothing')}</p>{_limits(audit)}</section>"
    )


def _findings(audit: RunAudit) -> str:
    if not audit.findings:
        return ""
    items = "".join(
        f'<li><code class="bad">{finding.code}</code> {_text(CODES[finding.code])}.<br>'
        f"{_text(' '.join(filter(None, (finding.task, finding.commit[:10]))))} {_text(finding.message)}</li>"
        for finding in audit.findings
    )
    return f"<h2>Findings</h2><ul>{items}</ul>"


def _tasks(tasks: Sequence[TaskLine]) -> str:
    names = ("Task", "Status", "Commit", "When, UTC", "Author", "Approved by", "Digest", "Files")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(map(_task, tasks))}</table></div>'


def _task(task: TaskLine) -> str:
    when = f"{task.committed_at:%Y-%m-%d %H:%M:%S}" if task.committed_at else ""
    approved = f"{', '.join(task.approved_by)} ({task.via})" if task.approved_by else ""
    cells = [
        _text(f"{task.id} {task.title}".strip() or task.key),
        _text(task.status),
        f"<code>{_text(task.commit[:10])}</code>",
        when,
        _text(task.author),
        _text(approved),
        f'<code title="{_text(task.digest)}">{_text(task.digest[:12])}</code>',
        str(task.files or ""),
    ]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _limits(audit: RunAudit) -> str:
    items = "".join(f"<li><code>{limit.code}</code> {_text(limit.message)}</li>" for limit in audit.unprovable)
    return f"<h2>What this audit cannot prove</h2><ul>{items}</ul>" if items else ""
