"""Which boxes has no other rule said anything of? Each is a warning, or listed; nothing here changes what is a state.

Rules:
- In a comment on one line, before or behind anything else, a box is hidden as one over several lines is.
- Behind the end of a comment, behind an HTML tag, behind a number of ten digits or more, and in a quote within a list
  a reader of Markdown may show a box: it is no step here, which is a warning.
- The second box of a line is never ticked, which is said of every shape.
- `\\<!--` begins no comment in Markdown, `<!-->` and `<!--->` are empty ones (CommonMark 0.31, sections 2.4 and 6.6).
  Here all three hide what follows up to `-->`: runs that have begun were read so.
"""

from __future__ import annotations

from collections.abc import Container

from state.counted import counted
from state.late_pattern import late
from workflow.runbook.comments import CODE_SPAN
from workflow.runbook.excerpt import quoted
from workflow.runbook.lines import BULLET, CODE, COMMENT, FENCE, FRONT, HEADING, PROSE, QUOTE, TABLE, Lines
from workflow.runbook.report import Report

_STATE = r"\[[ xX~-]\]"
_ENDS = r"(?=[ \t]|$)"
_BULLETS = r"(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)"
_IN_A_COMMENT = late(rf"(?:^[ \t]*|[ \t]){_BULLETS}+{_STATE}{_ENDS}|^[ \t]*{_STATE}{_ENDS}")
_TAIL = late(rf"(?:^|[ \t])(?:{_BULLETS}*)({_STATE}){_ENDS}")
_SECOND = late(rf"[ \t]({_STATE}){_ENDS}")
_BEHIND_A_TAG = late(rf"[ \t>]*{_BULLETS}*(?:<[A-Za-z][^<>]*>[ \t]*)+({_STATE}){_ENDS}")
_LONG_NUMBER = late(rf"[ \t>]*{_BULLETS}*\d{{10,}}[.)][ \t]+({_STATE}){_ENDS}")
_QUOTE_IN_A_LIST = late(rf"[ \t]*{_BULLETS}+>[ \t>]*{_BULLETS}+({_STATE}){_ENDS}")
_NOT_READ = frozenset({FENCE, CODE, FRONT, HEADING, TABLE})  # headings and tables have rules of their own


def report_overlooked_boxes(lines: Lines, boxes: Container[int], report: Report) -> None:
    """Report what is left once all else was read.

    Args:
        boxes: the lines that have a live box, from 0.
    """
    told = [each for each in (*report.findings, *report.not_tasks) if each.code.endswith("-box")]
    said, listed = {each.line for each in told}, {each.line for each in told if each.code == "hidden-box"}
    for index, text in enumerate(lines.text):
        if "<!" in text:
            _report_odd_opening(lines, index, report)
        if "[" not in text or lines.kinds[index] in _NOT_READ:
            continue
        bare = CODE_SPAN.sub(lambda span: " " * len(span[0]), text) if "`" in text else text
        if lines.kinds[index] == COMMENT:
            hidden, tail = _of_a_comment(bare)
        else:
            hidden, tail = _parted(bare)
        if index + 1 not in listed and any(map(_IN_A_COMMENT.search, hidden)):
            report.leave_out("hidden-box", index + 1, f"box in a comment: {quoted(text)}")
        if lines.kinds[index] == COMMENT:
            _warn(lines, index, _TAIL.search(tail), "behind the end of a comment no box is read", report)
        elif index in boxes:
            if index + 1 not in said and _SECOND.search(tail, tail.index("]") + 1):
                report.warn("second-box", index + 1, f"only the first box of the line is ever flipped: {quoted(text)}")
        elif lines.kinds[index] in (BULLET, PROSE, QUOTE):
            _report_shown(lines, index, tail, report, told=index + 1 in said)


def _report_shown(lines: Lines, index: int, text: str, report: Report, *, told: bool) -> None:
    if found := _QUOTE_IN_A_LIST.match(text):
        _warn(lines, index, found, "in a quote within a list no box is read", report)
    elif not told:
        found = _BEHIND_A_TAG.match(text) or _LONG_NUMBER.match(text)
        _warn(lines, index, found, "a box behind a tag, or behind ten digits and more, is no task", report)


def _warn(lines: Lines, index: int, found: object, why: str, report: Report) -> None:
    if found is not None:
        report.warn("malformed-box", index + 1, f"{why}: `{quoted(lines.written[index])}`")


def _of_a_comment(text: str) -> tuple[list[str], str]:
    """What a line of a comment hides, and what stands behind the comment's end."""
    before, end, behind = text.partition("-->")
    if not end:
        return [text.replace("<!--", " ")], ""
    hidden, tail = _parted(behind)
    return [before.replace("<!--", " "), *hidden], tail


def _parted(text: str) -> tuple[list[str], str]:
    """What the comments of a line hide, and the line with blanks in their place."""
    hidden, shown, at = [], "", 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        stop = len(text) if end < 0 else end + 3
        hidden.append(text[start + 4 : stop].removesuffix("-->"))
        shown += text[at:start] + " " * (stop - start)
        at = stop
    return hidden, shown + text[at:]


def _report_odd_opening(lines: Lines, index: int, report: Report) -> None:
    """Warn of what opens a comment here and none in Markdown, where it hides something."""
    kinds, text = lines.kinds, lines.text[index].lstrip(" \t")
    opens = kinds[index + 1 : index + 2] == [COMMENT]
    if kinds[index] == COMMENT and text.startswith(("<!-->", "<!--->")):
        code, what = "empty-comment", "in Markdown this comment is empty and ends here"
    elif kinds[index] != COMMENT and _last_opening_is_escaped(text):
        code, what = "escaped-comment", "the opening of this comment is escaped, so that in Markdown none begins here"
    else:
        return
    if not opens:
        return
    end = next((at for at in range(index + 1, len(kinds)) if kinds[at] != COMMENT), len(kinds))
    report.warn(code, index + 1, f"{what}; here it hides {counted(end - index - 1, 'line')}, up to line {end}")


def _last_opening_is_escaped(text: str) -> bool:
    bare = CODE_SPAN.sub("", text)
    opening = bare.rfind("<!--")
    backslashes = len(bare[:opening]) - len(bare[:opening].rstrip("\\")) if opening > 0 else 0
    return backslashes % 2 == 1
