"""Which words of a runbook hold the work until a person says so? Sentences, labels and headings.

Rules:
- A sentence ("Request permission to ...", "STOP", "Stop and ask ...", "Do not go on until ...") holds what stands
  below it.
- A label ("Gate: ...", "**Hold point.** ...", "Approval: ...") holds the task's end. What is only a field, a box, or
  says that there is none, is no gate. A heading may be such a label; then what stands below it is what it says.
- Grammar 1 knows the sentences of `is_gate` only.
"""

from __future__ import annotations

import re

from state.cheap_classes import NamedTuple
from workflow.runbook.checkpoints import CHECKPOINT_ELSEWHERE
from workflow.runbook.lines import may_be_gate

_GATE = (
    r"(?i)request (?:\w+ )?permission to|do not proceed (?:until|to|without)|"
    r"wait for (?:\w+ ){0,3}approval|\[human\]|(?-i:^\W*STOP\b)"
)
_GOES_ON = r"(?i)do not (?:continue|go on|move on) (?:until|to|without)"
_WAITS = (
    r"(?i)\bwait for (?:[\w'’-]+ ){0,4}(?:approval|confirmation|sign-?off|go-ahead|(?-i:OK)\b)"  # "the user's approval"
)
_ASKS = "wait|ask|check in|confirm|consult|discuss|get|let|obtain|report|review|show|tell"
_BREAK = r"[*_]*\s*(?:[:：.!！,，。–—]|-(?=\s)|$)"  # behind a word that is a sentence by itself
_STOPS = (
    rf"[\W_]*(?:(?i:stop|pause|halt)(?:[*_]*\s?[!！]|\s+here\b|\s+until\b|\s+and\s+(?:{_ASKS})\b)"
    r"|(?i:pause|hold)\s+for\s+(?:\w+\s+){0,2}(?:approval|review|confirmation|sign-?off)\b"
    rf"|(?:PAUSE|HALT|HOLD|STOPP|PARE|PAREN|ALTO|ARRÊT|ARRÊTEZ|СТОП|停止|暂停|暫停|一時停止|정지){_BREAK})"
)
_NAMES = (
    r"(?:(?:exit|quality|phase|stage|manual|approval|release|final|go\s?/\s?no-?go)\s+)?gates?"
    r"|approvals?(?:\s+(?:required|needed))?|sign[- ]?offs?|hold[- ]?points?|decision\s+points?"
    r"|points?\s+of\s+no\s+return|check-?points?|go(?:\s?/\s?|\s+or\s+)no-?go(?:\s+decision)?|freigaben?|genehmigung(?:en)?|approbations?"
    r"|aprobaci(?:ón|ones)|aprovaç(?:ão|ões)|approvazion[ei]|согласование|одобрение|承認|审批|批准|승인"
    rf"|{CHECKPOINT_ELSEWHERE}"
)
_IN_FRONT = r"(?i)(?:[^\w|\[(<`#]|_)*+"  # emoji, quotes, marks
_NUMBER = r"(?:\s+(?:\d{1,3}(?:\.\d{1,3})*|[A-Z]))?"
_LABEL = rf"{_IN_FRONT}(?:{_NAMES}){_NUMBER}[*_ ]*[:：][*_ \t]*(?P<said>.*)$"
_BOLD_LABEL = rf"{_IN_FRONT}(?<=\*\*)(?:{_NAMES}){_NUMBER}(?:[.!]?\*\*\s*[—–-]|[.!]\*\*|\*\*[.!])\s+\S"
_HEADING = (
    rf"{_IN_FRONT}(?:\d{{1,3}}(?:\.\d{{1,3}})*[.)]*\s+)?(?:{_NAMES}){_NUMBER}[*_ ]*"
    r"(?:\W*$|\s*[:：—–-]+[*_ \t]*(?P<said>.*)$)"
)
_NO_WORDS = r"(?i)[\W_]*$|(?:none|n/?a|not (?:needed|required))\b|.*(?:_{3,}|\[.?\])"  # fields and boxes are their own
_NO_STOP = (
    r"(?i)\[human\]|request (?:\w+ )?permission to (?:complete|proceed to (?:the )?(?:next|phase|stage|step|part)\b)"
)
_LONGEST = 300  # signs of a heading that are looked at
_MAY_HOLD = (  # a quick look
    r"(?i)stop|pause|halt|hold|pare|alto|arrêt|стоп|停|暂|暫|정지|do not |proceed|permission|approv|\[human\]|gate|"
    r"sign|point|go|freigabe|genehmigung|approba|aproba|aprova|соглас|одобр|wait|检查|檢查|チェック|체크|punto|ponto|точка|punkt|承認|审批|批准|승인"
)


class GateHeading(NamedTuple):
    """A heading that is a gate's label: `name` is all that it says, `said` what stands behind the label, or ""."""

    name: str
    said: str


def is_gate(text: str) -> bool:
    """Whether these words hold the work until a person says so."""
    return may_be_gate(text) and re.search(_GATE, text) is not None


def begins_with_stop(text: str) -> bool:
    """Whether a line begins with a sentence that only grammar 2 knows."""
    words = text.lstrip("*_ ")
    if re.match(_GOES_ON, words) or re.match(_STOPS, text):
        return True
    return words.startswith("W") and re.match(_WAITS, words) is not None


def says_stop(text: str) -> bool:
    """Whether a text has such a sentence."""
    return begins_with_stop(text) or re.search(_WAITS, text) is not None


def may_hold_work(text: str) -> bool:
    """Whether lines could say to stop: a quick look before they are read."""
    return re.search(_MAY_HOLD, text) is not None


def holds_work(text: str) -> bool:
    """Whether these words hold what stands below them until a person says so."""
    return (is_gate(text) or says_stop(text)) and re.search(_NO_STOP, text) is None


def is_for_the_end(text: str) -> bool:
    """Whether a gate's words are about who does the task, or about its end: they hold nothing below them."""
    return re.search(_NO_STOP, text) is not None


def begins_with_gate(text: str) -> bool:
    """Whether a line is a sentence of its own, with a gate's words in front: `**Request permission to proceed**`."""
    words = text.lstrip("*_ ")
    return not words[:1].islower() and is_gate(words) and re.match(_GATE, words) is not None


def behind_label(text: str) -> str | None:
    """What a gate's label says, "" where that is the lines below; None for a line without one."""
    if match := re.match(_LABEL, text) if ":" in text or "：" in text else None:
        said = match["said"].strip(" *_")
    elif "**" in text and re.match(_BOLD_LABEL, text):
        said = text.replace("**", "").strip("> \t")
    else:
        return None
    return said if not said or re.match(_NO_WORDS, said) is None else None


def gate_heading(heading: str) -> GateHeading | None:
    """What a heading says that is a gate's label; None for others."""
    if len(heading) > _LONGEST or (match := re.match(_HEADING, heading)) is None:
        return None
    said = (match["said"] or "").strip(" *_")
    return GateHeading(heading.strip("*_ "), "" if re.match(_NO_WORDS, said) else said)


def says_nothing(text: str) -> bool:
    """Whether what stands behind a label, or below it, is a field or a box, or says that there is no gate."""
    return re.match(_NO_WORDS, text) is not None
