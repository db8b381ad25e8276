"""What is the clause of an item, without what is set around it? Its head, and its remark in brackets.

**1.2** Verify that `orders` has TTL enabled (see runbook).  ->  head "orders has TTL enabled", remark "see runbook"
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|~~")
_ID = re.compile(
    r"^(?:(?:Task|Step)\s+)?(?:[A-Z]{1,4}-?)?\d+[A-Za-z]?(?:\.\d+)*[.):]\s+|^[^\w$`/.]+(?=[\w$`/.])", re.IGNORECASE
)
_ASSURES = re.compile(
    r"^(?:(?:please |double[- ])?(?:verify|confirm|ensure|check|validate|make sure|assert|test)(?: that| if| whether)?"
    r"(?::| -)?) +(?:the |all of the |your |you have |we have )?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|a|an|your|our) +", re.IGNORECASE)
_REMARK = re.compile(r"\(([^()]*)\)")
_IN_CODE = re.compile(r"`[^`]+`")
_KEPT_IN_CODE, _AS_WRITTEN = str.maketrans("()", "\ue000\ue001"), str.maketrans("\ue000\ue001", "()")
_SIGN = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]+ *")


_ACT = re.compile(
    r"(?P<act>create|configure|enable|set ?up|provision|deploy)\s+(?:the |an? |all |up )?(?P<what>.+?)"
    r"(?P<more> (?:for|in|on|to|with|across) .+)?",
    re.IGNORECASE,
)
_LEAVES = {"create": "created", "configure": "configured", "enable": "enabled", "provision": "provisioned"}
_KEPT = re.compile(r"(?i), (?:[\w]+(?:,? (?:and )?\w+){0,5}) (?:saved|noted|copied|recorded)\W*$")  # ", ARN saved"
_CODE_BEHIND = re.compile(r"\s*(?::|-|–|—|via|with|using)\s*`[^`]+`\s*\.?$")


def state_left_by(head: str) -> list[str]:
    """The states that an act leaves, as an item would say them: "Enable CloudTrail" leaves "CloudTrail enabled"."""
    found = _ACT.fullmatch(head)
    if found is None:
        return []
    done = _LEAVES.get(found["act"].lower(), "deployed" if found["act"].lower() == "deploy" else "set up")
    return [f"{found['what']} {done}{found['more'] or ''}", f"{found['what']} {done}"]


def without_remarks(text: str) -> str:
    """A text without what stands in brackets, those of its code apart."""
    kept = _IN_CODE.sub(lambda code: code[0].translate(_KEPT_IN_CODE), text)
    return _REMARK.sub(" ", kept).translate(_AS_WRITTEN)


class Clause(NamedTuple):
    head: str
    remark: str
    asserted: bool  # "Verify that" stood in front


def plain_text(text: str) -> str:
    """A text without links' addresses, emphasis and signs of state."""
    parts = re.split(r"(`[^`]*`)", _LINK.sub(r"\1", text))
    return _SIGN.sub("", "".join(each if each[:1] == "`" else _EMPHASIS.sub("", each) for each in parts)).strip()


def clause_of(text: str) -> Clause:
    """The clause of an item's text."""
    bare = _KEPT.sub("", text)
    bare = _CODE_BEHIND.sub("", _ID.sub("", plain_text(bare)))
    bare = _IN_CODE.sub(lambda code: code[0].translate(_KEPT_IN_CODE), bare)
    remark = " ".join(each.strip() for each in _REMARK.findall(bare))
    bare = " ".join(_REMARK.sub(" ", bare).replace("`", "").split()).rstrip(" .;:!").translate(_AS_WRITTEN)
    head = _ASSURES.sub("", bare)
    asserted = head != bare
    head = _ARTICLE.sub("", head)
    return Clause(head.strip(), remark.replace("`", "").translate(_AS_WRITTEN), asserted)
