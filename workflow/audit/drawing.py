"""How does a run look? The time each task took, as bars, and the states with the path taken, as a diagram.

Bars are stretched to the width of the page, so they hold no text; the diagram is narrow enough for a phone. Colours are
the classes of page.css, so that a dark page has dark drawings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import filterfalse
from operator import attrgetter

from state.machine import END_STATES
from state.position import READY, Outcome
from state.printable import printable_line
from workflow.audit.report import DONE, RunAudit, TaskLine
from workflow.audit.timeline import Phase, Span
from workflow.audit.words import duration

PHASES: Mapping[Phase, str] = {"working": "at work", "waiting": "waiting for approval", "committing": "committing"}
_WIDE, _THIN = 1000, 4  # of a bar, and of the shortest span in it that can be seen [SVG units]
_BOX, _GAP, _LEFT, _RIGHT, _ALL = 34, 20, 4, 300, 358  # of the diagram [SVG units, pixels as it is shown]


def timeline(audit: RunAudit) -> str:
    """A bar for each task that began, all to one scale, with its times in words; empty when nothing has begun."""
    if not audit.spans:
        return ""
    begin = audit.spans[0].start
    end = max(span.end or span.start for span in audit.spans)
    by_task: dict[str, list[Span]] = {}
    for span in audit.spans:
        by_task.setdefault(span.task, []).append(span)
    rows = [_row(task, by_task[task.key], begin, end) for task in audit.tasks if task.key in by_task]
    axis = f'<div class="axis small soft"><span>{begin:%Y-%m-%d %H:%M:%S}</span><span>{_when(end)}</span></div>'
    return f'<div class="rows">{"".join(rows)}<div class="gap"></div>{axis}</div>'


def _row(task: TaskLine, spans: Sequence[Span], begin: datetime, end: datetime) -> str:
    name, told = escape(printable_line(task.name)), _times(spans)
    scale = _WIDE / max((end - begin).total_seconds(), 0.001)
    rects = "".join(_rect(span, begin, end, scale) for span in sorted(spans, key=lambda span: span.phase != "waiting"))
    marks = "".join(_mark(span, begin, scale) for span in spans if span.sent_back)
    return (
        f'<div class="name">{name}</div><div><svg class="bar" viewBox="0 0 {_WIDE} 10" preserveAspectRatio="none" '
        f'role="img" aria-label="{name}: {told}">{rects}{marks}</svg><div class="told small soft">{told}</div></div>'
    )


def _times(spans: Sequence[Span]) -> str:
    """The times of a task in words, and what it is at now."""
    told = ", ".join(f"{PHASES[phase]} {duration(time)}" for phase, time in totals(spans).items() if time)
    if back := sum(span.sent_back for span in spans):
        told += f", sent back {'once' if back == 1 else f'{back} times'}"
    now = f"{PHASES[spans[-1].phase]} now" if spans[-1].end is None else ""
    return ", ".join(filter(None, (told, now)))


def _rect(span: Span, begin: datetime, end: datetime, scale: float) -> str:
    length = (span.end or end) - span.start
    wide = max(length.total_seconds() * scale, _THIN)
    x = min((span.start - begin).total_seconds() * scale, _WIDE - wide)
    told = f"attempt {span.attempt}: {PHASES[span.phase]} {duration(length)}, from {_when(span.start)}"
    return _bar(span.phase, x, wide, told)


def _mark(span: Span, begin: datetime, scale: float) -> str:
    """Where a task was sent back to work."""
    at = ((span.end or begin) - begin).total_seconds() * scale
    return _bar("back", min(at, _WIDE - _THIN), _THIN, f"attempt {span.attempt}: {span.ended_by}")


def _bar(kind: str, x: float, wide: float, told: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="0" width="{wide:.1f}" height="10"><title>{escape(told)}</title></rect>'


def shares(spans: Sequence[Span]) -> str:
    """One bar of the whole time of the run that was spent at something: at work against waiting."""
    spent = totals(spans)
    whole = sum((time for time in spent.values()), timedelta()).total_seconds()
    if not whole:
        return ""
    rects, x = "", 0.0
    for phase, time in spent.items():
        wide = time.total_seconds() / whole * _WIDE
        rects += _bar(phase, x, wide, f"{PHASES[phase]} {duration(time)}, {wide / 10:.0f} %") if wide else ""
        x += wide
    told = ", ".join(f"{PHASES[phase]} {time.total_seconds() / whole:.0%}" for phase, time in spent.items())
    return (
        f'<svg class="bar thick" viewBox="0 0 {_WIDE} 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{told}">{rects}</svg>'
    )


def totals(spans: Sequence[Span]) -> Mapping[Phase, timedelta]:
    """How long each phase took in all; what still lasts counts nothing."""
    found = {phase: timedelta() for phase in PHASES}
    for span in spans:
        found[span.phase] += (span.end or span.start) - span.start
    return found


def states_svg(audit: RunAudit) -> str:
    """The states in order, the path taken drawn full, a loop where attempts were sent back, the wrong ones in red."""
    boxes = list(_boxes(audit))
    height = (_BOX + _GAP) * len(boxes)
    parts = [
        f'<svg class="states" viewBox="0 0 {_ALL} {height}" width="{_ALL}" role="img" '
        'aria-label="The states of the run and the path taken">'
    ]
    middle = (_LEFT + _RIGHT) // 2
    for number, (kind, name, back) in enumerate(boxes):
        y = number * (_BOX + _GAP)
        parts.append(
            f'<rect class="state {kind}" x="{_LEFT}" y="{y + 1}" width="{_RIGHT - _LEFT}" height="{_BOX}" rx="6"/>'
            f'<text x="{middle}" y="{y + 23}" text-anchor="middle">{escape(_short(name, 36))}</text>'
        )
        if back:
            parts.append(
                f'<path class="edge back" d="M {_RIGHT} {y + 27} h 20 v -18 h -15 m 5 -4 l -5 4 l 5 4"/>'
                f'<text class="told" x="{_RIGHT + 25}" y="{y + 22}">{back} ×</text>'
            )
        if number + 1 < len(boxes):
            on = "ahead" if "ahead" in (kind, boxes[number + 1][0]) else "taken"
            parts.append(f'<path class="edge {on}" d="M {middle} {y + _BOX + 2} v {_GAP - 4} m -4 -5 l 4 5 l 4 -5"/>')
    return "".join([*parts, "</svg>"])


def _boxes(audit: RunAudit) -> Iterator[tuple[str, str, int]]:
    """Kind, name and number of attempts sent back of each state; another end than `complete` stands where it came."""
    there, back = (list(which(attrgetter("back"), audit.tasks)) for which in (filterfalse, filter))
    turned = bool(back) or (audit.state in END_STATES and audit.state != Outcome.COMPLETE)
    yield "taken" if _has_begun(audit) else "here", "ready", 0
    reached = [_is_reached(audit, task, turned=turned) for task in there]
    states = [_box(audit, task, "here" if was else "ahead") for task, was in zip(there, reached, strict=True)]
    if turned:
        at = [*reached, False].index(False)  # before the first state that it did not come to
        states[at:at] = _turn(audit, back)
    yield from states
    yield "taken" if audit.state == Outcome.COMPLETE else "ahead", Outcome.COMPLETE.words, 0


def _has_begun(audit: RunAudit) -> bool:
    return audit.state != READY or any(task.attempt for task in audit.tasks)


def _is_reached(audit: RunAudit, task: TaskLine, *, turned: bool) -> bool:
    """Whether the run came to this task; `turned`: it has another end than `complete`, or is on its way there."""
    return task.status in DONE or task.key == audit.state or (turned and task.attempt > 0)


def _turn(audit: RunAudit, back: Sequence[TaskLine]) -> Iterator[tuple[str, str, int]]:
    """The other end: `aborted`, or the way back with its states."""
    if not back:
        yield "here", audit.state.replace("_", " "), 0
        return
    yield "taken", "rolling back", 0
    for task in back:
        yield _box(audit, task, "here" if task.attempt else "ahead")
    yield "here" if audit.state == Outcome.ROLLED_BACK else "ahead", Outcome.ROLLED_BACK.words, 0


def _box(audit: RunAudit, task: TaskLine, otherwise: str) -> tuple[str, str, int]:
    wrong = any(finding.task == task.key for finding in audit.findings)
    kind = "wrong" if wrong else "taken" if task.status in DONE else otherwise
    return kind, printable_line(task.name), len(task.refusals)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
