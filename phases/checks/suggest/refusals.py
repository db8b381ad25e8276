"""Which items get no proposal, whatever stands in them? In this order; each reason with examples, which are tests.

The commonest right answer is "no proposal": what only a person can say is left to a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.clause import plain_text, without_code


@dataclass(frozen=True)
class Refusal:
    """A reason; `pattern` is found in the item's plain text. `spares` are items that look like it and are not."""

    why: str
    pattern: str
    examples: tuple[str, ...]
    spares: tuple[str, ...]
    but_for: str = ""  # where this is found as well, the item is not refused


DERIVED = "it follows from other items"
REFUSALS = (
    Refusal(
        "an input to fill in",
        r"_{3,}|\.{4,}|^(?:deployed|approved|signed|reviewed|verified|tested|prepared|completed|authorized) (?:by"
        r"|on|off)\b"
        r"|^(?:sign(?:ed)?[- ]?off|name|date|time|signature|approver|reviewer|version|owner|notes?|status)\b[^a-z]*$"
        r"|\b(?:by|date|time|name|signature):\s*$",
        ("Deployed by: ________", "Date:", "Approved by", "Owner: ____"),
        ("Version tag pushed", "Date column indexed", "Status page shows `200`"),
    ),
    Refusal(
        DERIVED,
        r"^(?:all|every) (?!CI\b|health )(?:of the )?(?:\w+ )?"
        r"(?:steps?|items?|phases?|tasks?(?! (?:are )?(?:running|healthy|stable))|checks|sections?|boxes|criteria"
        r"|above|verification steps)"
        r"(?: above| below)?\b(?! fail)|^(?:deployment|release|migration|testing|setup|configuration) (?:is )?"
        r"(?:complete[d]?|done|successful|completed successfully|finished)$|\bconfiguration applied$",
        ("All verification steps passed", "Deployment completed successfully", "Testing completed"),
        ("All pods running", "All tests pass", "All nodes ready"),
    ),
    Refusal(
        "a condition that nobody has judged",
        r"^(?:if|when|once|after|before|unless|until|in case|where|should|as needed|for each)\b"
        r"|\b(?:if|when|as) (?:needed|necessary|required|appropriate|possible|relevant|any|not|you|the|there|using"
        r"|it|we|desired)\b"
        r"|\bif\b|\bonce\b|\bunless\b|\bas needed\b|\bor (?:equivalent|similar)\b|\bwhen\b"
        r"|\bdepending\b",
        ("If the deploy fails, roll back", "Once merged, delete the branch", "Run `make test` if needed"),
        ("Notification topic created", "Ifconfig shows `eth0`"),
        but_for=r"\((?:if|where|for) (?:applicable|used|production|prod)\)\W*$",
    ),
    Refusal(
        "a person's to do or to say",
        r"^(?:re-?)?(?:review|decide|determine|discuss|understand|document|plan|notify|inform|announce|communicate"
        r"|monitor"
        r"|watch|observe|click|open|read(?!-)|consider|evaluate|assess|identify|investigate|analy[sz]e|schedule"
        r"|coordinate"
        r"|agree|ask|assign|brainstorm|collect|compare|choose|select|define|design|draft|estimate|explain"
        r"|follow"
        r"|gather|(?-i:[Gg]et)|go(?! v?\d)|have|help|hold|inspect|interview|learn|let(?!'s encrypt)|list|look|meet|note"
        r"|obtain|prepare|present"
        r"|prioriti[sz]e"
        r"|propose|refactor|remember|remind|report|request|research|share|sign|talk|tell|think|train|translate|use|wait"
        r"|write|explore|familiari[sz]e|keep|consult|contact|reach|send|email (?:the|all|team|users|customers"
        r"|everyone)|post|tweet|celebrate|record|capture|log in"
        r"|log into|login|navigate|visit|browse|measure|profile|simulate|try|walk|spot[- ]check|sanity|manually|manual"
        r"|visually|double)\b"
        r"|\b(?:tested|reviewed|shared|scheduled|acceptable|correctly|as expected|properly|appropriate(?:ly)?"
        r"|documented"
        r"|approved|agreed|notified|informed|communicated|understood"
        r"|identified|announced|assigned|trained"
        r"|planned"
        r"|signed[- ]off|sign[- ]off|discussed|decided|considered|evaluated|assessed|prepared|briefed|acknowledged"
        r"|audited|backups?\b[^.]* verified|well|successfully tested|looks? (?:good|right|ok|correct)|makes? sense"
        r"|aware|available to"
        r"|on[- ]call|stakeholders?|manual(?:ly)?|sensible|reasonable|meaningful|sufficient|adequate|robust|clear"
        r"|clean code"
        r"|least[- ]privilege|best practices?|up[- ]to[- ]date documentation|rotated?|regularly|periodically"
        r"|verified in"
        r"|walkthrough|rehears\w+|dry[- ]run completed|training|runbook|playbook|noted|followed|considerations?)\b",
        (
            "Review the logs",
            "Heartbeat tested",
            "Notify stakeholders",
            "Rollback works as expected",
            "Document the API",
        ),
        (
            "`make test` passes",
            "Go 1.24+ installed",
            "GET `/health` = 200",
            "Node.js 18+ installed",
            "Sessions table deployed",
            "Elastic IP assigned",
        ),
        but_for=r"(?i)^elastic ip assigned|\bexternal (?:ip|address)(?: address)? (?:is )?assigned$",
    ),
    Refusal(
        "knowledge, compliance or satisfaction",
        r"\b(?:compliance|compliant|gdpr|hipaa|soc ?2|pci|legal|license terms|policy (?:is )?(?:met|followed)|satisf\w+"
        r"|happy|comfortable|confident|experience|intuitive|user[- ]friendly|looks|feels?|accessibility|readab\w+"
        r"|quality"
        r"|performance targets?|load test\w*|stress test\w*|user acceptance|uat|penetration|knowledge|brand\w*"
        r"|copy(?:writing)?)\b",
        ("Performance targets met", "GDPR compliance checked", "Load testing completed"),
        ("Copied files: `a.txt` exists", "`make lint` passes"),
        but_for=r"(?i)\bcopied\b|^copy `x` (?:to|as) `x`",
    ),
)
# an act that changes: it is never run, and no state is read into it
ACTS = (
    r"^(?:re-?)?(?:deploy|publish|apply|delete|rotate|push|merge|release|install|upgrade|update|create|add|set|enable"
    r"|configure|remove|restart|start|stop|run|execute|migrate|move|copy|build|make|switch|cut|promote|tag|bump|clone"
    r"|commit|initiali[sz]e|provision|scale|seed|import|export|restore|back up|backup|drop|flush|clear|clean|turn"
    r"|change|replace|rename|generate|register|download|upload|grant|revoke|attach|detach|point|implement|fix|setup"
    r"|set up|disable|fill|put|place|take|increase|decrease|reduce|test|perform|complete|finish|do|ensure you)\b"
)
_COMPILED = [
    (each, re.compile(each.pattern, re.IGNORECASE), re.compile(each.but_for, re.IGNORECASE)) for each in REFUSALS
]
_ONLY_A_LINK = re.compile(r"(?:\*\*)?(?:(?i:see|read|follow):? )?!?\[[^\]]*\]\([^)]*\)(?:\*\*)?\.?")
_BOXES = re.compile(r"[☐☑✅❌]|\[[ xX]\]")
_PLACEHOLDER = re.compile(r"(?<![\w`\]$])\[(?![ xX]\])[A-Za-z][^\]]*\](?!\(|\[|:)")


_NO_GO = re.compile(r"(?<!go/)(?<!go / )(?<!go or )\bno[- ]?go\b", re.IGNORECASE)
_LATER = re.compile(
    r"^\W*(?:next steps?|ongoing|day[- ]2 op\w*)\b|\b(?:daily|weekly|monthly|quarterly|annual(?:ly)?|yearly)\b"
    r"|\b(?:emergency|incident|outage|troubleshooting|maintenance (?:tasks|schedule))\b"
    r"|\b(?:roadmap|future|backlog|nice[- ]to[- ]haves?|planned|ideas?|out of scope|non-goals|wish ?list"
    r"|stretch goals?|post[- ]?mortem|retrospective|lessons learned|what went well|code implementation)\b"
    r"|\broll(?:ing)?[- ]?back (?:procedures?|backend|frontend)\b",
    re.IGNORECASE,
)


# a heading, or an item above, for a case that may not be: what stands below it counts in that case only
_IF = re.compile(
    r"^\W*(?:\d+(?:\.\d+)*[.):]?\s*)?(?:If|In case|When)\b(?! you| your| using)|\b(?:if|only if|as) (?:needed|necessary"
    r"|required|something|anything|things|issues|problems|it fails|deployment fails)\b",
    re.IGNORECASE,
)
_ONE_OF_SEVERAL = re.compile(r"\b(?:at least one|one of|any of|either|choose)\b", re.IGNORECASE)


def place_refusal(item: ListedItem) -> str:
    """Why nothing is proposed where this item stands, whatever it says; "" where something may be."""
    above = [words.text for words in (*item.headings, *item.parents)]
    if any(_NO_GO.search(each) for each in above):
        return "a tick here means failure"
    if any(_ONE_OF_SEVERAL.search(words.text) for words in item.parents):
        return "one of several will do"
    if any(_IF.search(each) for each in above):
        return "a condition that nobody has judged"
    return "it is for later" if any(_LATER.search(each) for each in above) else ""


def refusal_of(item: ListedItem) -> str:
    """Why this item gets no proposal; "" where something may answer it."""
    return _refused_by_form(item) or _refused_by_words(item)


def _refused_by_form(item: ListedItem) -> str:
    """Why nothing can answer an item that is written so: empty, a blank, a title of others, several boxes."""
    text = plain_text(item.text)
    if not text or text in ("...", "…", "TBD", "TODO"):
        return "nothing is stated"
    if _PLACEHOLDER.search(without_code(item.text, "`x`")):
        return "an input to fill in"
    if item.below and (item.text.rstrip().endswith((":", ":**")) or item.text.startswith("**")):
        return "it follows from the items below it"
    if text.endswith("?"):
        return "a question: what answers it is a person's to say"
    if _ONLY_A_LINK.fullmatch(item.text.strip()):
        return "it leads to a document, and states nothing"
    return "it has more than one box" if _BOXES.search(without_code(text, "`x`")) else ""


def _refused_by_words(item: ListedItem) -> str:
    """The reason of the first of REFUSALS whose words the item has."""
    bare = re.sub(
        r"^(?i:check|verify|confirm|ensure|see) (?:if|whether)\b", "", without_code(plain_text(item.text), "`x`")
    )
    for each, pattern, but_for in _COMPILED:
        if item.own and each.why == DERIVED:
            continue  # a block of its own says how it is looked at
        if pattern.search(bare) and not (each.but_for and but_for.search(bare)):
            return each.why
    return ""
