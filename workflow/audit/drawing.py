"""How does a run look? Two inline SVG drawings: the time each task took, and the states with the path taken.

Sizes are SVG user units; colours are the classes of `html_report.STYLE`, so that a dark page has dark drawings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from workflow.audit.report import RunAudit, TaskLine
from workflow.audit.tables import printable
from workflow.audit.timeline import Phase, Span

_PHASES: Sequence[Phase] = ("working", "waiting", "committing")
_ROW, _LEFT, _WIDTH = 24, 190, 900
_BOX, _GAP = 34, 18


def timeline_svg(audit: RunAudit) -> str:
    """A row for each task, its spans drawn to one scale; empty when nothing has begun."""
    if not audit.spans:
        return ""
    begin = audit.spans[0].start
    end = max(span.end or span.start for span in audit.spans)
    scale = (_WIDTH - _LEFT - 10) / max((end - begin).total_seconds(), 0.001)
    rows = [task for task in audit.tasks if any(span.task == task.key for span in audit.spans)]
    by_task: dict[str, list[Span]] = {}
    for span in audit.spans:
        by_task.setdefault(span.task, []).append(span)
    height = _ROW * len(rows) + 26
    parts = [_open(_WIDTH, height, "Time at work, waiting for approval, and committing, for each task")]
    for number, task in enumerate(rows):
        y = number * _ROW + 4
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(_short(_name(task), 26))}</text>')
        for span in by_task[task.key]:
            x = _LEFT + (span.start - begin).total_seconds() * scale
            wide = max(((span.end or end) - span.start).total_seconds() * scale, 1.5)
            told = f"{_name(task)}: {span.phase}, attempt {span.attempt}, {duration((span.end or end) - span.start)}"
            parts.append(
                f'<rect class="{span.phase}" x="{x:.1f}" y="{y}" width="{wide:.1f}" height="16">'
                f"<title>{escape(told)}</title></rect>"
            )
    y = height - 6
    parts.append(f'<text x="{_LEFT}" y="{y}">{_when(begin)}</text>')
    parts.append(f'<text x="{_WIDTH - 10}" y="{y}" text-anchor="end">{_when(end)}</text>')
    return "".join([*parts, "</svg>"])


def totals(spans: Sequence[Span]) -> Mapping[Phase, timedelta]:
    """How long each phase took in all; what still lasts counts nothing."""
    found = dict.fromkeys(_PHASES, timedelta())
    for span in spans:
        found[span.phase] += (span.end or span.start) - span.start
    return found


def states_svg(audit: RunAudit) -> str:
    """The states in order, the path taken drawn full, a loop for each attempt that was sent back."""
    there, back = ([task for task in audit.tasks if task.back is which] for which in (False, True))
    chains = [_chain("ready", there, "complete")]
    chains += [_chain("rolling_back", back, "rolled_back")] if back else []
    taken = {"ready", *(each.replace("-", "_") for each in audit.git_sequence), *(["rolling_back"] if back else [])}
    taken |= {"complete"} if all(task.status == "done" for task in there) else set()
    step = _BOX + _GAP
    height = step * (sum(map(len, chains)) + (audit.state == "aborted"))
    parts = [_open(_WIDTH, height, "The states of the run and the path taken")]
    y = 0
    for chain in chains:
        for number, (key, name) in enumerate(chain):
            kind = "taken" if key in taken else "here" if key == audit.state else "ahead"
            parts.append(_box(y, kind, name))
            if number + 1 < len(chain):
                after = chain[number + 1][0]
                on = "taken" if key in taken and after in (*taken, audit.state) else "ahead"
                parts.append(f'<path class="edge {on}" d="M 200 {y + _BOX} v {_GAP - 5} m -4 -5 l 4 5 l 4 -5"/>')
            parts += _sent_back(y, next((task.attempt for task in audit.tasks if task.key == key), 0))
            y += step
    if audit.state == "aborted":
        parts.append(_box(y, "here", "aborted"))
    return "".join([*parts, "</svg>"])


def _chain(before: str, tasks: Sequence[TaskLine], after: str) -> list[tuple[str, str]]:
    """(key, name) of the states in a row."""
    return [
        (before, before.replace("_", " ")),
        *((task.key, _name(task)) for task in tasks),
        (after, after.replace("_", " ")),
    ]


def _sent_back(y: int, attempt: int) -> list[str]:
    """A loop at a state that was tried more than once."""
    if attempt < 2:
        return []
    told = "1 attempt sent back" if attempt == 2 else f"{attempt - 1} attempts sent back"
    return [
        f'<path class="edge taken" d="M 390 {y + 24} h 22 v -14 h -18 m 5 -4 l -5 4 l 5 4"/>',
        f'<text x="420" y="{y + 21}">{told}</text>',
    ]


def duration(length: timedelta) -> str:
    """`2 d 3 h`, `4 min 5 s`, `0.3 s`: the two largest units."""
    seconds = length.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    left, parts = int(seconds), list[str]()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if left >= size or parts:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2])


def _open(width: int, height: int, told: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(told)}">'


def _box(y: int, kind: str, name: str) -> str:
    return (
        f'<rect class="state {kind}" x="10" y="{y + 1}" width="380" height="{_BOX - 2}" rx="6"/>'
        f'<text x="200" y="{y + 22}" text-anchor="middle">{escape(_short(name, 50))}</text>'
    )


def _name(task: TaskLine) -> str:
    return printable(f"{task.id} {task.title}".strip() or task.key)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
