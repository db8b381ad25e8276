"""Which words stand behind a carriage return inside of a line? Markdown begins a line there, and this reader does not.

Source: CommonMark 0.31.2, section 2.1: a line ends with LF, CR LF, or a CR that no LF follows. A runbook is ticked,
filled in and compared by lines that end with LF; whoever looks at it rendered sees more of them, so that they are told.
"""

from __future__ import annotations

from collections.abc import Sequence

from state.late_pattern import late
from workflow.runbook.excerpt import quoted
from workflow.runbook.report import Report

_BOX = late(r"\[.?\][ \t]")


def report_lone_returns(text: Sequence[str], report: Report) -> None:
    """Warn of each line with a CR before words, lines being without their ends: of its first box behind one, if any."""
    for index, line in enumerate(text):
        parts = line.split("\r")
        if behind := [number for number, part in enumerate(parts) if number and part.strip()]:
            _report(index + 1, parts, behind, report)


def _report(line: int, parts: Sequence[str], behind: Sequence[int], report: Report) -> None:
    """Warn of the first box among the parts of a line that stand behind a CR, or of the first text."""
    boxes = [number for number in behind if _BOX.search(parts[number])]
    shown = (boxes or behind)[0]
    column = len("\r".join(parts[:shown]).encode("utf-8", "surrogateescape")) + 2
    code, what = ("malformed-box", "a box") if boxes else ("lone-return", "text")
    more = f", and {len(boxes) - 1} more" if len(boxes) > 1 else ""
    report.warn(
        code,
        line,
        f"{what} behind a carriage return begins no line here, as it does in Markdown: end the line before it with "
        f"a line feed: `{quoted(parts[shown])}`{more}",
        column=column,
    )
