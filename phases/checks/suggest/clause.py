"""What is the clause of an item, without what is set around it? Its head, and its remark in brackets.

**1.2** Verify that `orders` has TTL enabled (see runbook).  ->  head "orders has TTL enabled", remark "see runbook"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|~~")
_ID = re.compile(
    r"^(?:(?:Task|Step)\s+)?(?:[A-Z]{1,4}-?)?\d+[A-Za-z]?(?:\.\d+)*[.):]\s+"
    r"|\d{1,2}(?:\.\d{1,2})+\s+(?=(?:verify|check|create|configure|set|add|connect|test|confirm|install|enable|deploy|run"
    r"|update|review|execute|attach|build|push)\b)|^[^\w$`/.(]+(?=[\w$`/.(])",
    re.IGNORECASE,
)
_ASSURES = re.compile(
    r"^(?:(?:please |double[- ])?(?:verify|confirm|ensure|check|validate|make sure|assert"
    r"|test(?! (?:migrations?|data|deployments?|runs?|orders?|transactions?|users?"
    r"|accounts?|e?-?mails?|images?|suites?|coverage|environment|plans?|cases?|results?|resources?)\b))"
    r"(?: that| if| whether)?"
    r"(?::| -)?) +(?:the |all of the |your |you have |we have )?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|a|an|your|our) +", re.IGNORECASE)
_REMARK = re.compile(r"\(([^()]*)\)")
_IN_CODE = re.compile(r"`[^`]+`")
_CODE = re.compile(r"`[^`]*`")
_KEPT_IN_CODE, _AS_WRITTEN = str.maketrans("()", "\ue000\ue001"), str.maketrans("\ue000\ue001", "()")
_SIGN = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]+ *")


class Clause(NamedTuple):
    head: str
    remark: str
    asserted: bool  # "Verify that" stood in front


_ACT = re.compile(
    r"(?P<act>created?|configured?|enabled?|set ?up|provision(?:ed)?|deploy(?:ed)?|launch(?:ed)?|appl(?:y|ied)"
    r"|install(?:ed)?|attach(?:ed)?|allocated?|push(?:ed)?|tag(?:ged)?|buil[dt]|publish(?:ed)?|register(?:ed)?"
    r"|commit(?:ted)?)\s+(?:the |an? "
    r"|all |up )?(?P<what>.+?)"
    r"(?P<more> (?:for|in|on|to|with|across) .+)?",
    re.IGNORECASE,
)
_BEFORE_ANOTHER = re.compile(
    r" (?:for|on|in front of) (?:the |our |an? )?(?:AWS )?(?:API Gateway|ALB|NLB"
    r"|(?:application )?load balancer|CloudFront|VPC)\b",
    re.IGNORECASE,
)
_LEAVES = {
    "create": "created",
    "configure": "configured",
    "enable": "enabled",
    "provision": "provisioned",
    "deploy": "deployed",
    "launch": "launched",
    "apply": "applied",
    "install": "installed",
    "attach": "attached",
    "allocate": "allocated",
    "push": "pushed",
    "tag": "tagged",
    "build": "built",
    "publish": "published",
    "register": "registered",
    "commit": "committed",
}
_OF_A_REPOSITORY = re.compile(r"(?i)\b(?:branch|tag|release|pull request|PR)$")
_BY_COMMAND = ("push", "tag", "build", "publish", "register", "commit")
_KEPT = re.compile(r"(?i), (?:[\w]+(?:,? (?:and )?\w+){0,5}) (?:saved|noted|copied|recorded)\W*$")  # ", ARN saved"
_CODE_BEHIND = re.compile(r"\s*(?:(?::|-|–|—|via|using)\s*`[^`]+`|with\s*`[^`]* [^`]*`)\s*\.?$")


def state_left_by(head: str, code: Sequence[str]) -> list[str]:
    """The states that an act leaves, as an item would say them: "Enable CloudTrail" leaves "CloudTrail enabled".

    `code`: what the item has in backticks. A command among it says by itself what pushing, tagging, building leaves.
    """
    found = _ACT.fullmatch(head)
    act = found["act"].lower() if found else ""
    act = next((each for each, left in _LEAVES.items() if act == left), act)  # "Created ..." is said of the same
    if found is None or (act in _BY_COMMAND and any(" " in each for each in code)):
        return []
    done = _LEAVES.get(act, "set up")
    more = found["more"] or ""
    if act in _BY_COMMAND or _OF_A_REPOSITORY.search(found["what"]):
        return [f"{found['what']} {done}{more}"]  # where it goes is what the act is about
    whole = f"{found['what']} {done}"
    if _BEFORE_ANOTHER.match(more):
        return [f"{whole}{more}"]  # whose it is tells it from others
    if more.startswith(" to ") or (more and act in ("configure", "enable", "apply")):
        return [f"{whole}{more}"]  # what follows is what the act is about
    return [f"{whole}{more}"] if " with " in more else [f"{whole}{more}", whole]


_VALUE = re.compile(r"(?P<what>[^:]+): (?P<value>.+)")
_YES = re.compile(r"(?:yes|enabled|on|true|active)\b.*", re.IGNORECASE)
_NO = re.compile(r"(?:no|disabled|off|false|blocked)\b.*", re.IGNORECASE)


_STATUS = re.compile(
    r"(?P<what>.+?)(?: status)?(?: (?:is|shows|=))? ?(?:status:? )?[\"\u201c](?P<state>[A-Za-z_]+)[\"\u201d]|"
    r"(?P<what2>.+?) status(?: is|:| =) (?P<state2>\w+)"
)
_SHORT = re.compile(
    r"(?:successful(?:ly)?|passing|passed|enabled|configured|active|complete[d]?|clean|0 errors|no errors|zero errors)",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"(?P<said>.+ (?:created|deployed|provisioned|attached|installed|in place)) for (?:the |our |all )?[\w/ -]+",
    re.IGNORECASE,
)


def said_otherwise(head: str, remark: str) -> list[str]:
    """Other wordings of a clause that say no more than it: without "successfully" and without what it is for, with a
    state in brackets or in quotes as a word."""
    found = [re.sub(r" successfully$", "", head)]
    if short := _SHORT.fullmatch(remark):
        found.append(f"{head} {short[0]}")
    if status := _STATUS.fullmatch(head):
        found.append(f"{status['what'] or status['what2']} is {status['state'] or status['state2']}")
    if purpose := _PURPOSE.fullmatch(head.replace(": ", " ", 1)):
        found.append(purpose["said"])
    return [each for each in dict.fromkeys(found) if each != head]


_TICKED = re.compile("[\u2713\u2714\u2705]\ufe0f?\\s*$")
_BARE_THING = re.compile(r"(?!.*\b(?:if|no|not|that|all (?:data|features))\b)[\w/.-]+(?: [\w/.-]+){0,4}", re.IGNORECASE)
_ASPECT = re.compile(r"(?i)\b(?:counts?|status|numbers?|sizes?|lists?|details?|output|results?|logs?|version)$")
_LOOKS = re.compile(r"^(?:\*\*)?(?:verify|confirm)\b", re.IGNORECASE)


def said_as_there(text: str, clause: Clause) -> list[str]:
    """What "Verify subnets", and "S3 bucket: \u2713", say of a thing that they only name: it is there, or it runs."""
    if not (_LOOKS.match(text) or _TICKED.search(text)) or not _BARE_THING.fullmatch(clause.head):
        return []
    if _ASPECT.search(clause.head):
        return []
    return [f"{clause.head} exists", f"{clause.head} running"]


def value_forms(heads: list[str]) -> list[str]:
    """Wordings, and those of settings as sentences: "Versioning: yes" says "Versioning enabled"."""
    found = list(heads)
    for each in heads:
        if setting := _VALUE.fullmatch(each):
            what, value = setting["what"], setting["value"]
            said = "enabled" if _YES.fullmatch(value) else "disabled" if _NO.fullmatch(value) else value
            found.append(f"{what} {said}")
    return found


def without_remarks(text: str) -> str:
    """A text without what stands in brackets, those of its code apart."""
    kept = _IN_CODE.sub(lambda code: code[0].translate(_KEPT_IN_CODE), text)
    return _REMARK.sub(" ", kept).translate(_AS_WRITTEN)


@lru_cache(1024)  # of an item, and of what stands above many
def without_code(text: str, word: str = " ") -> str:
    """A text with this in the place of each piece of inline code."""
    return _CODE.sub(lambda _: word, text)


def plain_text(text: str) -> str:
    """A text without links' addresses, emphasis and signs of state."""
    parts = re.split(r"(`[^`]*`)", _LINK.sub(r"\1", text))
    return _SIGN.sub("", "".join(each if each[:1] == "`" else _EMPHASIS.sub("", each) for each in parts)).strip()


@lru_cache(1024)  # every rule asks for the same few
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
