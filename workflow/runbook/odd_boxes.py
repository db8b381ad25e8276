"""What looks like a checkbox and is none? Malformed ones are warned of, those that show a status are listed.

Rules:
- Nothing here is ever flipped. What somebody may have meant as a step is a warning: `[]`, `[x ]`, `[ ]text`, `**[ ]**`,
  `• [ ]`, `□`, `［ ］`, and what `spelt_boxes.py` reads. What is read only is left out with its line: a table's cell, a
  heading, an emoji, `<input type="checkbox">`, a box behind words.
- A box in a code span is a legend, `[x](address)` is a link: neither is listed.
"""

from __future__ import annotations

import re

from workflow.runbook.comments import CODE_SPAN
from workflow.runbook.excerpt import quoted
from workflow.runbook.lines import BULLET, HEADING, PROSE, QUOTE, TABLE, Lines
from workflow.runbook.report import Report
from workflow.runbook.spelt_boxes import has_escaped_field, spelt_box

_MALFORMED = (
    r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]*+)+"
    r"(\[(?:\](?!\()|[ \t]++[xX~-]?[ \t]*+\]|[xX~-][ \t]++\]|[ xX~-]\](?!\(|\[|:)))"
)
_BARE = r"[ \t]*+\[[ xX~-]\][ \t]"
_EMOJI = "☐☑☒✅❌⬜✔🔲🔳✓✗"
_EMOJI_BOX = rf"[ \t]*+(?:[-*+]|\d{{1,9}}[.)])[ \t]++[{_EMOJI}]"
_BARE_EMOJI = rf"[ \t]*+[{_EMOJI}]"
_CELL_BOX = r"\|[ \t]*(?:\[[ xX~-]\]|[" + _EMOJI + r"])"
_BOX_IN_A_CELL = r"(?<!\w)\\?\[[ xX~-]\\?\](?![(\[:])"  # behind a bullet, a mark or words
_MARKED = r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)+([*_~]{1,3}\[[ xX~-]\])"
_FOREIGN_BULLET = r"[ \t]*+((?:[^\w\s\[|>]|[A-Za-z][.)]|\(?[0-9A-Za-z]{1,3}\))[ \t]*\[[ xX~-]\])(?=[ \t]|$)"
# a box drawn with other signs: geometric ones, and brackets of wide scripts
_DRAWN = (
    r"[ \t]*+(?:[-*+•]|\d{1,9}[.)])?[ \t]*+"
    r"((?:[□■▢▣◻◼◽◾⬛❏❐❑❒🗹🗷]|[［【〔「]\s{0,2}[xXｘＸ✓✔~-]?\s{0,2}[］】〕」])\s)"
)
_DRAWN_WITH = "□■▢▣◻◼◽◾⬛❏❐❑❒🗹🗷［【〔「"
_INPUT = r"(?i)<input\b[^>]*\btype\s*=\s*[\"']?checkbox"
_INNER_BOX = (  # "Approved: [ ]", "**Score:** [ ] 1 [ ] 2"; not "add a [x] mark"
    r"[:：/|–—-][*_]{0,3}[ \t]*\[[ xX]\](?![(\[:])|\[[ xX]\]$|\[ \](?![(\[:])[^\[\]]+\[[ xX]\](?![(\[:])"
)


def report_malformed_or_status(lines: Lines, index: int, report: Report) -> bool:
    """What grammar 1 says of a line that is no box and might look like one; whether it said anything."""
    kind, text = lines.kinds[index], lines.text[index]
    if kind == PROSE or (kind == BULLET and "[" in text):
        return _report_malformed(lines, index, text, report)
    return _report_status(lines, index, kind, text, report)


def report_odd_box(lines: Lines, index: int, report: Report) -> bool:
    """As `report_malformed_or_status`, and whatever else on the line looks like a box."""
    if report_malformed_or_status(lines, index, report):
        return True
    kind, text = lines.kinds[index], lines.text[index]
    if kind == TABLE and re.search(_BOX_IN_A_CELL, CODE_SPAN.sub("", text)):
        report.leave_out("table-box", index + 1, f"a box in a table is a status to read: {quoted(text)}")
    elif lines.may_have_inputs and re.search(_INPUT, text):
        report.leave_out("html-box", index + 1, f"an HTML box is a status to read: {quoted(text)}")
    elif kind in (BULLET, PROSE) and _is_drawn(lines, index, text, report):
        return True
    elif kind in (BULLET, PROSE, QUOTE) and (spelt := spelt_box(text)):
        _warn(lines, index, text.find(spelt), spelt, report)
    elif kind in (BULLET, PROSE, QUOTE, TABLE) and has_escaped_field(text):
        report.leave_out("no-field", index + 1, f"escaped underscores are no field: {quoted(text)}")
    elif kind in (BULLET, PROSE, QUOTE) and "[" in text:
        return _report_inner(lines, index, text, report)
    elif _begins_with_emoji(kind, text):
        report.leave_out("emoji-box", index + 1, f"an emoji is a status to read, it is never flipped: {quoted(text)}")
    else:
        return False
    return True


def _begins_with_emoji(kind: int, text: str) -> bool:
    """Whether an emoji stands where the box of a list, or of a line without a bullet, would."""
    pattern = {BULLET: _EMOJI_BOX, PROSE: _BARE_EMOJI}.get(kind)
    return pattern is not None and re.match(pattern, text) is not None


def _is_drawn(lines: Lines, index: int, text: str, report: Report) -> bool:
    """Whether the line begins with a box of other signs than a list's, of which is warned then."""
    if not any(sign in _DRAWN_WITH for sign in text.lstrip(" \t-*+•0123456789.)")[:1]):
        return False
    match = re.match(_DRAWN, text)
    if match is None or (lines.kinds[index] == PROSE and match[1][0] in "「【〔"):
        return False
    _warn(lines, index, match.start(1), match[1].strip(), report)
    return True


def _report_inner(lines: Lines, index: int, text: str, report: Report) -> bool:
    match = re.match(_MARKED, text) or re.match(_FOREIGN_BULLET, text)
    if match:
        _warn(lines, index, match.start(1), match[1], report)
        return True
    if re.search(_INNER_BOX, CODE_SPAN.sub("", text).rstrip()):
        report.leave_out("inner-box", index + 1, f"a box behind words is a field, it is never flipped: {quoted(text)}")
        return True
    return False


def _quoted(lines: Lines, text: str) -> str:
    return quoted(text, whole=lines.grammar.all_odd_boxes)


def _report_malformed(lines: Lines, index: int, text: str, report: Report) -> bool:
    match = re.match(_MALFORMED, text)
    if match:
        _warn(lines, index, match.start(1), match[1], report)
    elif re.match(_BARE, text):
        report.warn("malformed-box", index + 1, f"a box without a bullet is no task: `{_quoted(lines, text)}`")
    else:
        return False
    return True


def _warn(lines: Lines, index: int, column: int, seen: str, report: Report) -> None:
    report.warn(
        "malformed-box",
        index + 1,
        f"{seen} is no checkbox: expected `- [ ] text`, seen `{_quoted(lines, lines.written[index])}`",
        column=lines.bytes_before(index, column) + 1,
    )


def _report_status(lines: Lines, index: int, kind: int, text: str, report: Report) -> bool:
    if kind == BULLET and re.match(_EMOJI_BOX, text):
        said = _quoted(lines, text)
        report.leave_out("emoji-box", index + 1, f"an emoji is a status to read, it is never flipped: {said}")
    elif kind == TABLE and re.search(_CELL_BOX, text):
        report.leave_out("table-box", index + 1, f"a box in a table is a status to read: {_quoted(lines, text)}")
    elif kind == HEADING and any(sign in text for sign in ("[ ]", "[x]", "[X]", *_EMOJI)):
        report.leave_out("heading-box", index + 1, f"a box in a heading is a status to read: {_quoted(lines, text)}")
    else:
        return False
    return True
